package session

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
	"tokenconsole/internal/genesys"
)

var (
	noon   = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	keyOne = []byte("0123456789abcdef0123456789abcdef")
	keyTwo = []byte("fedcba9876543210fedcba9876543210")
)

// clock is a time that tests move.
type clock struct{ at time.Time }

func (c *clock) now() time.Time       { return c.at }
func (c *clock) pass(d time.Duration) { c.at = c.at.Add(d) }

func newStore(tb testing.TB, c *clock, change ...func(*Options)) *Store {
	tb.Helper()
	o := Options{Keys: [][]byte{keyOne}, Secure: true, Idle: 30 * time.Minute, Total: 12 * time.Hour, Now: c.now}
	for _, f := range change {
		f(&o)
	}
	if o.DB == nil {
		o.DB = databasetest.Open(tb, databasetest.SQLite(tb))
	}
	st, err := NewStore(o)
	if err != nil {
		tb.Fatal(err)
	}
	return st
}

// browser keeps cookies as browsers do, but forgets none by itself: what ends a
// session must be the server.
type browser struct {
	testing.TB
	cookies []*http.Cookie
}

func (b *browser) request() *http.Request {
	r := httptest.NewRequest(http.MethodGet, "https://console.example/", nil)
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	return r
}

// visit has handle answer a request and keeps the cookies that it sets.
func (b *browser) visit(handle func(w http.ResponseWriter, r *http.Request)) *http.Response {
	b.Helper()
	w := httptest.NewRecorder()
	handle(w, b.request())
	set := map[string]bool{}
	for _, c := range w.Result().Cookies() {
		if set[c.Name] {
			b.Errorf("cookie %s is set twice", c.Name)
		}
		set[c.Name] = true
		b.keep(c)
	}
	return w.Result()
}

func (b *browser) keep(c *http.Cookie) {
	kept := b.cookies[:0:0]
	for _, old := range b.cookies {
		if old.Name != c.Name {
			kept = append(kept, old)
		}
	}
	if c.MaxAge >= 0 {
		kept = append(kept, &http.Cookie{Name: c.Name, Value: c.Value})
	}
	b.cookies = kept
}

func (b *browser) cookie(name string) *http.Cookie {
	b.Helper()
	for _, c := range b.cookies {
		if c.Name == name {
			return c
		}
	}
	b.Fatalf("no cookie %s among %v", name, b.cookies)
	return nil
}

// size is the length of the Cookie header.
func (b *browser) size() int { return len(b.request().Header.Get("Cookie")) }

func (b *browser) start(st *Store, s Session) Session {
	b.Helper()
	b.visit(func(w http.ResponseWriter, r *http.Request) {
		var err error
		if s, err = st.Start(w, r, s); err != nil {
			b.Fatal(err)
		}
	})
	return s
}

func (b *browser) load(st *Store) (Session, error) { return st.Load(b.request()) }

func userID(tb testing.TB, text string) genesys.UserID {
	tb.Helper()
	id, err := genesys.ParseUserID(text)
	if err != nil {
		tb.Fatal(err)
	}
	return id
}

// typical is a session as the platform's sign-in makes it: an opaque access
// token of 86 characters, and no refresh token.
func typical(tb testing.TB) Session {
	return Session{
		AccessToken:  genesys.NewSecret(strings.Repeat("aZ9_-", 17) + "x"),
		TokenExpiry:  noon.Add(24 * time.Hour),
		Region:       "mypurecloud.de",
		Person:       Person{ID: userID(tb, "6e61b501-d95a-56be-b87a-009ea80487d7"), Name: "Ada Park", Email: "ada.park@acme.example", Permissions: []string{"oauth:token:delete", "directory:user:view"}},
		Organization: genesys.Named{ID: "0f8fad5b-d9cb-469f-a165-70867728950e", Name: "Acme Contact Centre"},
	}
}

// everything is a session with every field in use.
func everything(tb testing.TB) Session {
	s := typical(tb)
	s.RefreshToken = genesys.NewSecret("refresh-" + strings.Repeat("b", 80))
	s.Person.Name = `Zoë "Z" <Öz> & 名前`
	s.Home = genesys.Named{ID: "7c9e6679-7425-40de-944b-e07fc1f90ae7", Name: "Home Organization"}
	s.Skew = -3 * time.Minute
	s.Notice = Notice{Tone: Good, Title: "Revoked", Text: "All of their tokens have ended.", CorrelationID: "5a8f3c1e-1111-4222-8333-944455556666", At: noon.Add(-time.Minute)}
	return s
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	c := &clock{noon}
	st := newStore(t, c)
	for name, s := range map[string]Session{"typical": typical(t), "everything": everything(t)} {
		b := &browser{TB: t}
		want := b.start(st, s)
		if want.ID == "" || !want.Created.Equal(noon) || !want.Seen.Equal(noon) {
			t.Errorf("%s: started as %+v", name, want)
		}
		got, err := b.load(st)
		if d := cmp.Diff(want, got, cmp.Comparer(func(a, b genesys.Secret) bool { return a == b }), cmp.Comparer(func(a, b genesys.UserID) bool { return a == b })); d != "" || err != nil {
			t.Errorf("%s: %v, -want +got:\n%s", name, err, d)
		}
		if got.Away() != (name == "everything") {
			t.Errorf("%s: away from home: %t", name, got.Away())
		}
		t.Logf("%s: a cookie of %d bytes", name, len(b.cookie(st.CookieName()).String()))
	}
}

func TestPerson(t *testing.T) {
	t.Parallel()
	p := typical(t).Person
	for permission, want := range map[string]bool{"oauth:token:delete": true, "directory:user:view": true, "directory:organization:admin": false, "": false, "oauth:token": false} {
		if p.May(permission) != want {
			t.Errorf("may %q: %t, want %t", permission, !want, want)
		}
	}
}

// TestSessionIsFresh holds that a sign-in adopts nothing from an earlier cookie
// (L13), and that the session of before can be retired, once.
func TestSessionIsFresh(t *testing.T) {
	t.Parallel()
	st := newStore(t, &clock{noon})
	b := &browser{TB: t}
	first := b.start(st, typical(t))
	copied := &browser{TB: t, cookies: b.cookies}
	planted := typical(t)
	planted.ID, planted.Created = first.ID, noon.Add(-time.Hour)
	second := b.start(st, planted)
	if second.ID == first.ID || !second.Created.Equal(noon) {
		t.Errorf("the new session took over %+v", second)
	}
	for n, want := range []bool{true, false} {
		if retired, err := st.Retire(b.request(), first); retired != want || err != nil {
			t.Errorf("retired for time %d: %t, %v", n+1, retired, err)
		}
	}
	if s, err := copied.load(st); err != ErrEnded {
		t.Errorf("the earlier session: %v, %v", s.ID, err)
	}
	if got, err := b.load(st); err != nil || got.ID != second.ID {
		t.Errorf("the new session: %v, %v", got.ID, err)
	}
}

// TestEnd holds that what ended stays ended: at a replica on the same database, and
// after a restart (S14).
func TestEnd(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) { ended(t, db) })
}

func ended(t *testing.T, db *database.DB) {
	c := &clock{noon}
	shared := func(o *Options) { o.DB = db }
	st, replica := newStore(t, c, shared), newStore(t, c, shared)
	b := &browser{TB: t}
	s := b.start(st, typical(t))
	copied := &browser{TB: t, cookies: b.cookies}
	if _, err := copied.load(replica); err != nil {
		t.Errorf("a replica with the same keys: %v", err)
	}
	b.visit(func(w http.ResponseWriter, r *http.Request) {
		if err := st.End(w, r, s); err != nil {
			t.Error(err)
		}
	})
	if len(b.cookies) != 0 {
		t.Errorf("cookies after the end: %v", b.cookies)
	}
	if _, err := b.load(st); err != ErrNone {
		t.Errorf("the browser: %v", err)
	}
	for name, other := range map[string]*Store{"here": st, "at a replica": replica, "after a restart": newStore(t, c, shared)} {
		if s, err := copied.load(other); err != ErrEnded {
			t.Errorf("a copied cookie %s opens %q, %v", name, s.ID, err)
		}
	}
	for range 24 {
		c.pass(29 * time.Minute)
		if err := st.Forget(t.Context()); err != nil {
			t.Fatal(err)
		}
		if s, err := copied.load(st); err == nil {
			t.Fatalf("%v after the end a copied cookie opens %v", c.at.Sub(noon), s.ID)
		}
	}
}

// TestEndPerson holds that all sessions of a person end, and that later ones do
// not.
func TestEndPerson(t *testing.T) {
	t.Parallel()
	c := &clock{noon}
	st := newStore(t, c)
	phone, laptop, other := &browser{TB: t}, &browser{TB: t}, &browser{TB: t}
	person := phone.start(st, typical(t)).Person.ID
	laptop.start(st, typical(t))
	somebody := typical(t)
	somebody.Person.ID = userID(t, "7c9e6679-7425-40de-944b-e07fc1f90ae7")
	other.start(st, somebody)
	for range 2 { // what was revoked once can be revoked again
		c.pass(time.Millisecond)
		if err := st.EndPerson(t.Context(), person); err != nil {
			t.Fatal(err)
		}
		for _, b := range []*browser{phone, laptop} {
			if _, err := b.load(st); err != ErrEnded {
				t.Errorf("a session from before: %v", err)
			}
		}
		c.pass(time.Millisecond)
		phone.start(st, typical(t))
		if _, err := phone.load(st); err != nil {
			t.Errorf("a session begun after: %v", err)
		}
		if _, err := other.load(st); err != nil {
			t.Errorf("somebody else: %v", err)
		}
	}
}

// TestLedgerAway holds that nobody is let in while the database cannot tell.
func TestLedgerAway(t *testing.T) {
	t.Parallel()
	db := databasetest.Open(t, databasetest.SQLite(t))
	st := newStore(t, &clock{noon}, func(o *Options) { o.DB = db })
	b := &browser{TB: t}
	b.start(st, typical(t))
	if _, err := db.ExecContext(t.Context(), "ALTER TABLE ended RENAME TO away"); err != nil {
		t.Fatal(err)
	}
	if s, err := b.load(st); !errors.Is(err, ErrUnavailable) || s.ID == "" {
		t.Errorf("loaded %q, %v", s.ID, err)
	}
}

func TestNoKey(t *testing.T) {
	t.Parallel()
	if _, err := NewStore(Options{Idle: time.Minute, Total: time.Hour}); err == nil {
		t.Error("a store without a key")
	}
}
