package revocation

import (
	"errors"
	"strings"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
)

// ErrProtected says that an order is about a protected person, and does not name them in Order.Typed.
var ErrProtected = errors.New("the person is protected")

// PersonProtected is the problem on the record of a protected person who was left alone in a batch.
const PersonProtected = "person-protected"

// Protected are the ids and emails of people who are never revoked in a batch, and singly by somebody only who types
// their email: break-glass accounts and integrations.
type Protected map[string]bool

// NewProtected returns the people with these ids and emails, in whatever case.
func NewProtected(people []string) Protected {
	set := Protected{}
	for _, p := range people {
		set[folded(p)] = true
	}
	return set
}

// Has reports whether a person is protected.
func (p Protected) Has(id genesys.UserID, email string) bool {
	return p[id.String()] || email != "" && p[folded(email)]
}

// Asks is what has to be typed for a person to be revoked singly: their email if they are protected, "" if they are
// not. Where the platform did not tell the email, so that nobody knows whether they are, it is their id.
func (p Protected) Asks(s Subject) string {
	switch {
	case s.Email != "" && p.Has(s.ID, s.Email):
		return s.Email
	case s.Email == "" && (p[s.ID.String()] || s.Unknown != nil && len(p) > 0):
		return s.ID.String()
	}
	return ""
}

// Spares reports whether o is about a protected person and does not say so, as it should. That is checked at every
// revocation: the setting may have changed since a batch was prepared, or the batch in the database.
func (p Protected) Spares(o Order, s Subject) bool {
	asks := p.Asks(s)
	return asks != "" && (o.Batch != "" || folded(o.Typed) != folded(asks))
}

// spared is the outcome of a protected person in a batch: on the record, and without a call.
func spared() audit.Result {
	return audit.Result{Outcome: audit.Refused, Problem: PersonProtected, Err: ErrProtected}
}

func folded(text string) string { return strings.ToLower(strings.TrimSpace(text)) }
