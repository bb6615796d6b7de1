package session

import (
	"context"
	"net/http"
	"time"

	"tokenconsole/internal/genesys"
)

// farewellLife is how long a browser remembers that its last act was to sign
// out, so that the next sign-in asks for credentials.
const farewellLife = 30 * 24 * time.Hour

// Ending says how a session came to its end.
type Ending string

// The ways to sign out.
const (
	Confirmed      Ending = "confirmed"   // the platform deleted the token
	AlreadyDead    Ending = "dead"        // the platform no longer knew the token
	Unconfirmed    Ending = "unconfirmed" // the platform gave no usable answer
	SelfRevoked    Ending = "self"        // the person revoked all of their own tokens
	ClientDisabled Ending = "client"      // the person disabled the console's own OAuth client
)

// Farewell is what a browser keeps after a sign-out: what came of it, and, only
// if the platform did not confirm it, the token, so that it can be tried again.
type Farewell struct {
	Ending        Ending
	At            time.Time
	Region        string
	CorrelationID string
	Unrecorded    bool  // the act is not on the record at all
	OpenEntry     int64 // the entry of the act, if its outcome could not be recorded; else 0
	Unwritten     bool  // the end of the session: other replicas may not know of it yet

	// Only when Unconfirmed, for another try and its place on the record: see Session.
	SessionID    string
	SessionBegan time.Time
	Token        genesys.Secret
	RefreshToken genesys.Secret
	TokenExpiry  time.Time
	Person       Person
	Organization genesys.Named
}

func (f *Farewell) fields(c *codec) {
	c.text((*string)(&f.Ending))
	c.time(&f.At)
	c.text(&f.Region)
	c.text(&f.CorrelationID)
	c.flag(&f.Unrecorded)
	c.number(&f.OpenEntry)
	c.flag(&f.Unwritten)
	c.text(&f.SessionID)
	c.time(&f.SessionBegan)
	c.secret(&f.Token)
	c.secret(&f.RefreshToken)
	c.time(&f.TokenExpiry)
	f.Person.fields(c)
	c.named(&f.Organization)
}

// Session is the session of an unconfirmed farewell, to end it again.
func (f Farewell) Session() Session {
	return Session{
		ID: f.SessionID, Created: f.SessionBegan, AccessToken: f.Token, RefreshToken: f.RefreshToken, TokenExpiry: f.TokenExpiry,
		Region: f.Region, Person: f.Person, Organization: f.Organization,
	}
}

// CloseFarewell remembers that the sign-out of f was confirmed at another try: no copy of f is of use any more.
func (st *Store) CloseFarewell(ctx context.Context, f Farewell) error {
	_, err := st.ledger.add(ctx, farewellName(f), st.options.Now().Add(farewellLife))
	return err
}

// FarewellClosed reports whether the sign-out of f was confirmed at another try, in whichever browser.
func (st *Store) FarewellClosed(ctx context.Context, f Farewell) (bool, error) {
	return st.ledger.has(ctx, farewellName(f))
}

func farewellName(f Farewell) string { return hashed("farewell", f.SessionID) }

func (st *Store) farewellCookie() string { return st.prefix + "console-farewell" }

// SayFarewell keeps f in the browser until the next sign-in.
func (st *Store) SayFarewell(w http.ResponseWriter, r *http.Request, f Farewell) error {
	return st.farewells.save(w, r, st.farewellCookie(), f)
}

// Farewell returns what the browser keeps of its last sign-out, and whether
// there was one since it last signed in.
func (st *Store) Farewell(r *http.Request) (Farewell, bool) {
	f, err := st.farewells.load(r, st.farewellCookie())
	return f, err == nil
}
