package comeback

import (
	"context"
	"errors"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
)

// Why a return cannot be cleared.
var (
	ErrNotWatched = errors.New("the person is not watched")
	ErrOwnReturn  = errors.New("nobody clears their own return")
	ErrNoReturn   = errors.New("the person has not come back")
	ErrCleared    = errors.New("the return is cleared already")
	ErrChanged    = errors.New("the return is not the one that was shown")
)

// Return names one return of a person: of which revocation, and with which token.
type Return struct {
	Revoked int64     // the revocation's place on the record
	Issued  time.Time // whole milliseconds
}

// Return is the last one of p.
func (p Person) Return() Return { return Return{p.Revoked.Seq, p.Token.Issued} }

// is reports whether r and o are the same return.
func (r Return) is(o Return) bool {
	return r.Revoked == o.Revoked && r.Issued.Sub(o.Issued).Abs() <= sameToken
}

// Clearable returns nil if the person with the id actor may say that the return of p
// is dealt with, else why not.
func (p Person) Clearable(actor string) error {
	switch {
	case actor == p.Revoked.Subject.ID:
		return ErrOwnReturn
	case !p.IsBack(), p.Oneself():
		return ErrNoReturn
	case p.IsCleared():
		return ErrCleared
	}
	return nil
}

// Clear puts on the record that a return of e's subject is dealt with, by e's actor;
// its reason says how. Shown is the return that they saw: if it is not the last one,
// nothing is cleared. Nobody else writes to the record between the look and the entry.
func (s *Service) Clear(ctx context.Context, e audit.Entry, shown Return) error {
	id, err := genesys.ParseUserID(e.Subject.ID)
	if err != nil {
		return err
	}
	e.Action, e.Outcome = audit.ClearWatch, audit.Done
	e.Evidence = audit.Evidence{TokenIssuedAfter: shown.Issued, ReadAt: s.Now()}
	_, err = s.Record.AppendIf(context.WithoutCancel(ctx), e, func(ctx context.Context) error {
		p, watched, err := s.Of(ctx, e.Organization.ID, id, time.Time{})
		switch {
		case err != nil:
			return err
		case !watched:
			return ErrNotWatched
		}
		if err := p.Clearable(e.Actor.ID); err != nil {
			return err
		}
		if !shown.is(p.Return()) {
			return ErrChanged
		}
		return nil
	})
	s.hasCleared(e.Organization.ID)
	return err
}
