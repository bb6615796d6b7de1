package playbook

import (
	"context"
	"slices"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/revocation"
)

// RunOne carries out o on one person of a batch. The batch is on the record with its
// steps, so here each step is, and no playbook of this person. Somebody who is spared gets no
// step, and the entry of their tokens says why.
//
// known is the person as the batch knows them. They are looked up again where a step or
// the playbook needs it; if that says genesys.ErrUnauthorized or genesys.ErrAnotherUser,
// nothing was done, and RunOne returns it.
func (s *Service) RunOne(ctx context.Context, o Order, known revocation.Subject) (Report, error) {
	who := known
	if o.Book.SparesBusy && !o.Begun || slices.Contains(o.Steps, Deactivate) {
		seen, err := s.Revocations.LookUp(ctx, o.Region, o.Token, o.Subject)
		if err != nil {
			return Report{Subject: known}, err
		}
		if seen.Unknown != nil {
			seen.User, seen.ReadAt = known.User, known.ReadAt
		}
		who = seen
	}
	if s.Revocations.Protected.Spares(o.Order, known) { // whatever the platform says now
		who = known
	}
	report := Report{Subject: who}
	if s.Revocations.Protected.Spares(o.Order, who) {
		if !slices.Contains(o.Steps, Tokens) {
			report.Stopped = revocation.PersonProtected
			return report, nil
		}
		o.Book, o.Steps = Book{}, []Step{Tokens} // which is refused, on the record
	}
	if r, spared := o.spare(report.Subject); spared {
		report.Taken, report.Stopped = s.spareOne(ctx, o, report.Subject, r)
		return report, nil
	}
	report.Taken, report.Stopped = s.take(ctx, o, report.Subject, stepTimeout*time.Duration(len(o.Steps)))
	return report, nil
}

// spareOne puts on the record that the tokens of somebody were to be revoked, and why
// they are not.
func (s *Service) spareOne(ctx context.Context, o Order, who revocation.Subject, r audit.Result) ([]Taken, string) {
	act, err := s.Revocations.Record.Undertake(ctx, o.Entry(audit.Revoke, who.User), func(context.Context) audit.Result { return r })
	if err != nil {
		return nil, Unrecorded
	}
	return []Taken{{Tokens, act}}, r.Problem
}

// Calls is about how many calls of the platform the steps take for one person of a batch.
func (b Book) Calls(steps []Step) int {
	n := 0
	for _, s := range steps {
		n++
		if s == Factors || s == Offline {
			n++ // what there is has to be read first
		}
	}
	if b.SparesBusy || slices.Contains(steps, Deactivate) {
		n++
	}
	return n
}
