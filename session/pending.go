package session

import (
	"net/http"
	"slices"
	"strings"

	"tokenconsole/internal/genesys"
	"tokenconsole/internal/login"
)

const (
	pendingLife = login.PendingLife
	// maxPending bounds the sign-ins that one browser can have begun, so that
	// its cookies stay small: the oldest gives way.
	maxPending = 5
)

// pending is a login.Pending in its cookie. Each has a cookie of its own, named
// by its state, so that two tabs do not overwrite each other's.
type pending login.Pending

func (p *pending) fields(c *codec) {
	c.text(&p.State)
	c.secret(&p.Verifier)
	c.text(&p.Region)
	c.text(&p.ReturnTo)
	c.time(&p.Begun)
}

func (st *Store) pendingPrefix() string { return st.prefix + "console-signin-" }

// pendingCookie names the cookie of a sign-in by its state, of which it tells
// a fingerprint.
func (st *Store) pendingCookie(state string) string {
	return st.pendingPrefix() + genesys.NewSecret(state).Fingerprint()
}

// AddPending keeps a sign-in that was begun. What browsers hold beyond
// maxPending, and what cannot be opened, is cleared.
func (st *Store) AddPending(w http.ResponseWriter, r *http.Request, p login.Pending) error {
	type held struct {
		cookie string
		begun  int64
	}
	var others []held
	for _, c := range r.Cookies() {
		if !strings.HasPrefix(c.Name, st.pendingPrefix()) {
			continue
		}
		if other, err := st.pendings.load(r, c.Name); err == nil {
			others = append(others, held{c.Name, other.Begun.Unix()})
		} else {
			st.pendings.clear(w, c.Name)
		}
	}
	slices.SortFunc(others, func(a, b held) int { return int(b.begun - a.begun) })
	for len(others) >= maxPending {
		st.pendings.clear(w, others[len(others)-1].cookie)
		others = others[:len(others)-1]
	}
	return st.pendings.save(w, r, st.pendingCookie(p.State), pending(p))
}

// TakePending returns the sign-in that state names and uses it up: it is given
// out once. ErrNone means that this browser began none such, ErrUsed that it was
// used before.
func (st *Store) TakePending(w http.ResponseWriter, r *http.Request, state string) (login.Pending, error) {
	used, err := st.ledger.has(r.Context(), signInName(state))
	switch {
	case err != nil:
		return login.Pending{}, err
	case used:
		return login.Pending{}, ErrUsed
	}
	name := st.pendingCookie(state)
	p, err := st.pendings.load(r, name)
	if err != nil {
		return login.Pending{}, err
	}
	st.pendings.clear(w, name)
	first, err := st.ledger.add(r.Context(), signInName(p.State), p.Begun.Add(pendingLife))
	switch {
	case err != nil:
		return login.Pending{}, err
	case !first:
		return login.Pending{}, ErrUsed
	}
	return login.Pending(p), nil
}
