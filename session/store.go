package session

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"time"

	"tokenconsole/internal/database"
	"tokenconsole/internal/genesys"
)

// Why there is no session, for errors.Is. None is a fault of the server.
var (
	ErrNone       = errors.New("no session")
	ErrUnreadable = errors.New("the session cookie is not one of ours")
	ErrExpired    = errors.New("the session has expired")
	ErrEnded      = errors.New("the session was ended")
	ErrUsed       = errors.New("the sign-in was used before")
)

// clockTolerance is how far the clocks of replicas may be apart.
const clockTolerance = time.Minute

// How says in which way a session ended before its cookie did.
type How string

// The ways.
const (
	Ended   How = "ended"   // signed out, or its token was found dead
	Retired How = "retired" // idle, too old, or replaced by another
	Revoked How = "revoked" // with all others of its person: told once, however many there were
)

// Options of a Store.
type Options struct {
	// Keys of 32 bytes each, newest first: the first seals, all of them open.
	Keys [][]byte
	// Secure marks the cookies for https, and prefixes them with __Host-.
	Secure bool
	// Idle ends a session after its last use, Total after its beginning.
	Idle, Total time.Duration
	// DB remembers which sessions were ended, for all replicas.
	DB *database.DB
	// Now is the clock; time.Now if nil.
	Now func() time.Time
	// Ended is told of each session that ends before its cookie does, and how; nil for nobody.
	Ended func(How)
}

// Store keeps sessions in the cookies of their browsers. The database holds only
// which of them were ended before their time. It is safe for concurrent use.
type Store struct {
	options   Options
	sessions  jar[Session, *Session]
	pendings  jar[pending, *pending]
	farewells jar[Farewell, *Farewell]
	drafts    jar[draft, *draft]
	founds    jar[Found, *Found] // sealed into forms, not cookies
	prefix    string
	ledger    ledger
	opened    opened
	lives     lives
}

// NewStore returns a store; it fails if there is no usable key.
func NewStore(o Options) (*Store, error) {
	if len(o.Keys) == 0 || o.DB == nil {
		return nil, errors.New("a session store needs a key and a database")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Ended == nil {
		o.Ended = func(How) {}
	}
	ledger, err := newLedger(o.DB, o.Now)
	if err != nil {
		return nil, err
	}
	st := &Store{options: o, ledger: ledger}
	if o.Secure {
		st.prefix = "__Host-"
	}
	var err1, err2, err3, err4, err5 error
	st.sessions, err1 = newJar[Session](o.Keys, "cookie", o.Secure, o.Total)
	st.pendings, err2 = newJar[pending](o.Keys, "cookie", o.Secure, pendingLife)
	st.farewells, err3 = newJar[Farewell](o.Keys, "cookie", o.Secure, farewellLife)
	st.drafts, err5 = newJar[draft](o.Keys, "draft", o.Secure, DraftLife)
	st.founds, err4 = newJar[Found](o.Keys, "cookie", o.Secure, FoundLife)
	return st, errors.Join(err1, err2, err3, err4, err5)
}

// CookieName is the name of the cookie that holds a session.
func (st *Store) CookieName() string { return st.prefix + "console-session" }

// Load returns the session of r, or an error that says why there is none. With
// ErrExpired and ErrUnavailable comes the session that must not be used, so that its
// token can still be deleted.
func (st *Store) Load(r *http.Request) (Session, error) {
	now := st.options.Now()
	s, err := st.open(r, now)
	if err != nil {
		return Session{}, err
	}
	switch {
	case s.ID == "" || s.AccessToken.IsZero() || s.Person.ID.IsZero(), s.Seen.After(now.Add(clockTolerance)):
		return Session{}, ErrUnreadable
	case st.tooOld(s, now):
		return s, ErrExpired
	}
	err = st.CheckEnd(r.Context(), s)
	if err != nil && !errors.Is(err, ErrUnavailable) {
		return Session{}, err
	}
	return s, err
}

// CheckEnd returns ErrEnded if s was ended, here or at another replica.
func (st *Store) CheckEnd(ctx context.Context, s Session) error {
	ended, err := st.ledger.ended(ctx, s)
	if err == nil && ended {
		return ErrEnded
	}
	return err
}

// open opens the session cookie of r, if it was not opened a moment ago.
func (st *Store) open(r *http.Request, now time.Time) (Session, error) {
	cookies := r.CookiesNamed(st.CookieName())
	if len(cookies) != 1 {
		return st.sessions.load(r, st.CookieName()) // says what is wrong
	}
	if s, ok := st.opened.find(cookies[0].Value, now); ok {
		return s, nil
	}
	s, err := st.sessions.load(r, st.CookieName())
	if err == nil {
		st.opened.keep(cookies[0].Value, s, now)
	}
	return s, err
}

// tooOld reports whether s has idled out, or has gone on for too long.
func (st *Store) tooOld(s Session, now time.Time) bool {
	return now.Sub(s.Created) >= st.options.Total || now.Sub(s.Seen) >= st.options.Idle
}

// Start makes s a new session, with an id of its own, in the browser.
func (st *Store) Start(w http.ResponseWriter, r *http.Request, s Session) (Session, error) {
	s.ID = rand.Text()
	s.Created = st.options.Now()
	s.Seen = s.Created
	if err := st.Save(w, r, s); err != nil {
		return Session{}, err
	}
	st.farewells.clear(w, st.farewellCookie())
	return s, nil
}

// Save seals s into the browser's cookie; ErrTooLarge if it does not fit.
func (st *Store) Save(w http.ResponseWriter, r *http.Request, s Session) error {
	return st.sessions.save(w, r, st.CookieName(), s)
}

// Touch notes that the person used s, so that its idle time starts again. It
// writes a cookie only when that moves the end noticeably.
func (st *Store) Touch(w http.ResponseWriter, r *http.Request, s *Session) error {
	now := st.options.Now()
	if now.Sub(s.Seen) < min(st.options.Idle/20, time.Minute) {
		return nil
	}
	s.Seen = now
	return st.Save(w, r, *s)
}

// End ends s: its cookie is cleared, and a copy of it opens nothing any more, at
// no replica. While the database cannot take that, this process alone holds to it: ErrUnavailable. See Settle.
func (st *Store) End(w http.ResponseWriter, r *http.Request, s Session) error {
	st.Clear(w)
	if s.ID == "" {
		return nil
	}
	_, err := st.end(r, s, Ended)
	return err
}

// Retire is End for a session that is not the browser's any more: its cookie is
// left alone. It reports whether this was the first to end it.
func (st *Store) Retire(r *http.Request, s Session) (first bool, err error) {
	return st.end(r, s, Retired)
}

func (st *Store) end(r *http.Request, s Session, how How) (first bool, err error) {
	st.opened.forget(s.ID)
	st.lives.end(func(other Session) bool { return other.ID == s.ID })
	// A cookie written at the last moment of the session can be opened for as long again.
	first, err = st.ledger.end(r.Context(), sessionName(s.ID), s.Created.Add(2*st.options.Total))
	if first {
		st.options.Ended(how)
	}
	return first, err
}

// EndPerson ends all sessions that a person has now, in every browser. Its errors are those of End.
func (st *Store) EndPerson(ctx context.Context, id genesys.UserID) error {
	st.lives.end(func(s Session) bool { return s.Person.ID == id })
	st.options.Ended(Revoked)
	return st.ledger.endAll(ctx, personName(id.String()), st.options.Now().Add(st.options.Total))
}

// Settle writes the ends that the database could not take when they came about, if it takes them now.
func (st *Store) Settle(ctx context.Context) error { return st.ledger.settle(ctx) }

// Forget removes from the database what nobody can use any more anyway.
func (st *Store) Forget(ctx context.Context) error { return st.ledger.forget(ctx) }

// Clear removes the session cookie from the browser.
func (st *Store) Clear(w http.ResponseWriter) { st.sessions.clear(w, st.CookieName()) }
