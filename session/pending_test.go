package session

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"tokenconsole/internal/genesys"
	"tokenconsole/internal/login"
)

// flow begins sign-ins as the console does.
func flow(c *clock) *login.Flow {
	return login.New("id", genesys.NewSecret("secret"), "https://console.example/oauth/callback",
		[]genesys.Region{{Domain: "mypurecloud.de", LoginURL: "https://login.mypurecloud.de"}}, nil, c.now)
}

// begin begins a sign-in in b.
func (b *browser) begin(st *Store, f *login.Flow, returnTo string) login.Pending {
	b.Helper()
	_, p, err := f.Begin(login.Request{Region: "mypurecloud.de", ReturnTo: returnTo})
	if err != nil {
		b.Fatal(err)
	}
	b.visit(func(w http.ResponseWriter, r *http.Request) {
		if err := st.AddPending(w, r, p); err != nil {
			b.Fatal(err)
		}
	})
	return p
}

func (b *browser) take(st *Store, state string) (p login.Pending, err error) {
	b.Helper()
	b.visit(func(w http.ResponseWriter, r *http.Request) { p, err = st.TakePending(w, r, state) })
	return p, err
}

// TestTwoTabs holds that several sign-ins can be pending and are finished in
// any order (L9), each with all that it was begun with.
func TestTwoTabs(t *testing.T) {
	t.Parallel()
	c := &clock{noon}
	st, f, b := newStore(t, c), flow(c), &browser{TB: t}
	first, second := b.begin(st, f, "/users?q=a%26b"), b.begin(st, f, "/token")
	for _, want := range []login.Pending{second, first} {
		got, err := b.take(st, want.State)
		if err != nil || got != want {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
	}
	if len(b.cookies) != 0 {
		t.Errorf("cookies left: %v", b.cookies)
	}
}

// TestGoodOnce holds that a callback replayed with the old cookie finds nothing
// (L5), and somebody else's state neither (L4).
func TestGoodOnce(t *testing.T) {
	t.Parallel()
	c := &clock{noon}
	st, f, b := newStore(t, c), flow(c), &browser{TB: t}
	mine := b.begin(st, f, "")
	old := &browser{TB: t, cookies: b.cookies}
	for _, state := range []string{"", "made-up", (&browser{TB: t}).begin(st, f, "").State} {
		if p, err := b.take(st, state); !errors.Is(err, ErrNone) {
			t.Errorf("state %q gives %+v, %v", state, p, err)
		}
	}
	if _, err := b.take(st, mine.State); err != nil {
		t.Fatal(err)
	}
	if _, err := b.take(st, mine.State); !errors.Is(err, ErrUsed) {
		t.Errorf("once more: %v", err)
	}
	c.pass(login.PendingLife)
	if p, err := old.take(st, mine.State); !errors.Is(err, ErrUsed) {
		t.Errorf("replayed with the old cookie: %+v, %v", p, err)
	}
}

// TestManyBegun holds that the cookies of 200 sign-ins begun stay small (L9),
// and that the newest of them can be finished.
func TestManyBegun(t *testing.T) {
	t.Parallel()
	c := &clock{noon}
	st, f, b := newStore(t, c), flow(c), &browser{TB: t}
	b.start(st, everything(t))
	var begun []login.Pending
	largest := 0
	for range 200 {
		begun = append(begun, b.begin(st, f, "/users?q="+strings.Repeat("x", 200)))
		largest = max(largest, b.size())
		c.pass(time.Second)
	}
	if largest >= 8<<10 {
		t.Errorf("%d bytes of cookies", largest)
	}
	t.Logf("at most %d bytes of cookies, session included", largest)
	for i, p := range begun {
		_, err := b.take(st, p.State)
		if kept := i >= len(begun)-maxPending; kept != (err == nil) {
			t.Errorf("sign-in %d of %d: %v", i+1, len(begun), err)
		}
	}
}

// TestPendingIsForgotten holds that what cannot be opened is cleared by the
// next sign-in, so that it does not pile up.
func TestPendingIsForgotten(t *testing.T) {
	t.Parallel()
	c := &clock{noon}
	st, f, b := newStore(t, c), flow(c), &browser{TB: t}
	b.keep(&http.Cookie{Name: st.pendingPrefix() + "0badcafe", Value: "garbage"})
	b.keep(&http.Cookie{Name: "another", Value: "application's"})
	b.begin(st, f, "")
	var names []string
	for _, kept := range b.cookies {
		names = append(names, kept.Name)
	}
	if got := strings.Join(names, " "); strings.Contains(got, "0badcafe") || !strings.Contains(got, "another") || len(names) != 2 {
		t.Errorf("cookies left: %s", got)
	}
}

// TestPendingExpires holds that the sign-in's own date ends it, whatever the
// browser keeps (L8).
func TestPendingExpires(t *testing.T) {
	t.Parallel()
	c := &clock{noon}
	st, f, b := newStore(t, c), flow(c), &browser{TB: t}
	p := b.begin(st, f, "")
	c.pass(login.PendingLife + time.Second)
	got, err := b.take(st, p.State)
	if err == nil {
		err = f.Check(got, p.State)
	}
	if !errors.Is(err, login.ErrExpired) {
		t.Errorf("after its life: %v", err)
	}
}

func TestPendingOfTamperedCookie(t *testing.T) {
	t.Parallel()
	c := &clock{noon}
	st, f, b := newStore(t, c), flow(c), &browser{TB: t}
	p, other := b.begin(st, f, ""), b.begin(st, f, "")
	mine, theirs := b.cookie(st.pendingCookie(p.State)), b.cookie(st.pendingCookie(other.State))
	mine.Value = theirs.Value // one sign-in's verifier under another's name
	if got, err := b.take(st, p.State); !errors.Is(err, ErrUnreadable) {
		t.Errorf("swapped cookies give %+v, %v", got, err)
	}
}
