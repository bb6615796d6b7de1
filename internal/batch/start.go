package batch

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/revocation"
)

// NeedsApproval reports whether a batch with that many people to be revoked waits for a second person once it is
// started.
func (s *Service) NeedsApproval(people int) bool {
	return s.policy.ApprovalOver > 0 && people > s.policy.ApprovalOver
}

// Form is what whoever starts a batch filled in.
type Form struct {
	Reason, Ticket string
	Count          int    // of the people to be revoked
	Typed          string // what Batch.Types asks for
	Plan           string // the Batch.Hash that they saw; "" if they do not say
}

// Start sets a prepared batch going. It runs with the token of by; over the number that the policy names it first waits
// for Approve.
//
// ErrCount: the count is not the number of people to be revoked; ErrNobody: that is none; ErrTyped; *revocation.FormError:
// the policy does not allow the reason or the ticket; ErrState, also if the plan is another one than they saw.
func (s *Service) Start(ctx context.Context, by By, id string, form Form) (Batch, error) {
	b, err := s.find(ctx, by.Organization.ID, id)
	if err != nil {
		return Batch{}, err
	}
	if b.State != Prepared {
		return Batch{}, &StateError{b.State}
	}
	if _, err := s.believe(ctx, b); err != nil {
		return Batch{}, err
	}
	if err := s.startable(b.Batch, by, form); err != nil {
		return Batch{}, err
	}
	to := Running
	if s.NeedsApproval(b.Counts.ToRevoke) {
		to = WaitingApproval
	}
	b.Reason, b.Ticket = form.Reason, form.Ticket
	return s.move(ctx, by, b, to, func(b *row, asked audit.Entry) {
		// Rows keep what the record keeps: see compare.go.
		b.Reason, b.Ticket, b.StartedBy, b.StartedAt = asked.Reason, asked.Ticket, asked.Actor, asked.At
		s.equip(b, by, asked)
		if to == WaitingApproval {
			b.ApproveBy = asked.At.Add(s.policy.ApprovalWithin)
		}
	})
}

func (s *Service) startable(b Batch, by By, form Form) error {
	switch {
	case form.Plan != "" && form.Plan != b.Hash:
		return &StateError{b.State}
	case b.Region != by.Region:
		return ErrRegion
	case b.Counts.ToRevoke == 0:
		return ErrNobody
	case b.Counts.ToRevoke != form.Count:
		return ErrCount
	case !b.isTyped(form.Typed):
		return ErrTyped
	}
	return revocation.Check(form.Reason, form.Ticket)
}

// equip gives a batch the token of by to run with, who set it going with the entry asked. The token opens for that entry
// alone: one that was kept from an earlier time does not open again.
func (s *Service) equip(b *row, by By, asked audit.Entry) {
	b.RunBy, b.requestID, b.address, b.setGoing = asked.Actor, asked.RequestID, asked.Address, asked.Seq
	b.token, b.tokenExpires = s.sealer.seal(by.Token, sealedFor{b.ID, asked.Actor.ID, asked.Seq}), by.TokenExpires
	b.Problem, b.awaySince = "", time.Time{}
}

// Approve lets a batch run that waits for it. ErrSamePerson: by prepared or started it; ErrState, such as that it has
// expired.
func (s *Service) Approve(ctx context.Context, by By, id, reason string) (Batch, error) {
	return s.decide(ctx, by, id, reason, Running)
}

// Decline ends a batch that waits for approval, with a reason. The errors are those of Approve.
func (s *Service) Decline(ctx context.Context, by By, id, reason string) (Batch, error) {
	return s.decide(ctx, by, id, reason, Cancelled)
}

func (s *Service) decide(ctx context.Context, by By, id, reason string, to State) (Batch, error) {
	b, err := s.find(ctx, by.Organization.ID, id)
	switch {
	case err != nil:
		return Batch{}, err
	case b.State != WaitingApproval:
		return Batch{}, &StateError{b.State}
	}
	if to == Running {
		err = s.approvable(ctx, by, b)
	}
	if err == nil {
		err = revocation.Check(reason, "")
	}
	if err != nil {
		return Batch{}, err
	}
	told := b
	told.Reason = reason
	return s.move(ctx, by, told, to, func(b *row, asked audit.Entry) {
		b.DecidedBy, b.DecidedAt, b.Decision = asked.Actor, asked.At, asked.Reason
		if to == Running {
			b.ApproveBy = time.Time{}
		}
	})
}

// approvable holds an approval against the record: who prepared and started the batch, with which people, and when.
func (s *Service) approvable(ctx context.Context, by By, b row) error {
	h, err := s.believe(ctx, b)
	switch {
	case err != nil:
		return err
	case h.course.start.Seq == 0:
		return errContradicts
	case h.makers[by.Person.ID] || by.Person.ID == h.course.start.Actor.ID:
		return ErrSamePerson
	case s.now().Before(s.approveBy(h.course)):
		return nil
	}
	if _, err := s.move(ctx, console, b, Expired, nil); err != nil {
		return err
	}
	return &StateError{Expired}
}

// console is who acts when the console does something by itself.
var console = By{}

// expire ends a batch that nobody approved in time, by the entry that started it. It returns the batch as it is then.
// A row that says less time than the record is put right.
func (s *Service) expire(ctx context.Context, b row) (row, error) {
	if b.State != WaitingApproval || s.now().Before(b.ApproveBy) {
		return b, nil
	}
	until, err := s.recordedApproveBy(ctx, b)
	switch {
	case errors.Is(err, errContradicts):
		return b, nil // nothing is signed about it
	case err != nil:
		return row{}, err
	case s.now().Before(until):
		return s.modify(ctx, b.ID, func(_ *sql.Tx, now *row) error {
			now.ApproveBy = until
			return nil
		})
	}
	if _, err := s.move(ctx, console, b, Expired, nil); err != nil {
		return row{}, err
	}
	return s.load(ctx, b.ID)
}

// approveBy is until when a batch with that course waits for an approval.
func (s *Service) approveBy(c course) time.Time { return c.start.At.Add(s.policy.ApprovalWithin) }

// recordedApproveBy reads the same from the record; an errContradicts if that has no such batch waiting.
func (s *Service) recordedApproveBy(ctx context.Context, b row) (until time.Time, err error) {
	err = s.withActs(ctx, b.Batch, func(a *acts) error {
		c, err := a.course()
		if err == nil && (c.state != WaitingApproval || c.start.Seq == 0) {
			err = fmt.Errorf("%w: it does not wait for an approval", errContradicts)
		}
		until = s.approveBy(c)
		return err
	})
	return until, err
}

// move brings a batch from the state of b into another one, on the record with the reason, the problem and the counts of
// b. Then set, which may be nil, changes what belongs to it; it is told the entry that asked. A token that is not needed
// any more is wiped.
func (s *Service) move(ctx context.Context, by By, b row, to State, set func(b *row, asked audit.Entry)) (Batch, error) {
	if err := s.recount(ctx, s.db, &b); err != nil {
		return Batch{}, err
	}
	e := s.entry(b.Batch, by, audit.ChangeBatch)
	e.Change = audit.Change{From: string(b.State), To: string(to)}
	e.Reason, e.Ticket, e.Problem = b.Reason, b.Ticket, b.Problem
	e.Tally = audit.Tally{Done: b.Counts.Done, Failed: b.Counts.Failed, Unknown: b.Counts.Unknown, Skipped: b.Counts.Skipped}
	s.asRecorded(ctx, b, &e)
	var moved row
	err := s.change(ctx, e, func(ctx context.Context, asked audit.Entry) (err error) {
		moved, err = s.modify(ctx, b.ID, func(tx *sql.Tx, now *row) error {
			if now.State != b.State || b.State.still() && now.Version != b.Version {
				return &StateError{now.State}
			}
			now.State, now.Problem = to, b.Problem
			if set != nil {
				set(now, asked)
			}
			return s.settle(ctx, tx, now, asked.At)
		})
		return err
	})
	if err != nil {
		return Batch{}, err
	}
	if to == Running {
		s.wake(ctx, b.ID)
	}
	return moved.Batch, nil
}

// asRecorded makes what e says of the plan what the record says of it, whatever the row of b does: it is to be signed. A
// record that cannot be read stops nobody from pausing or cancelling.
func (s *Service) asRecorded(ctx context.Context, b row, e *audit.Entry) {
	err := s.withActs(ctx, b.Batch, func(a *acts) error {
		c, err := a.course()
		if err != nil {
			return err
		}
		was := a.plannedAs(c, b.Hash)
		e.Organization, e.Region, e.Query, e.Plan = was.Organization, was.Region, was.Query, was.Plan
		e.Playbook, e.Steps, e.Count = was.Playbook, was.Steps, was.Count
		if e.Ticket != "" && c.start.Seq > 0 {
			e.Ticket = c.start.Ticket
		}
		return nil
	})
	if err != nil {
		s.log.Warn("what the record says of a batch could not be read", "batch", b.ID, "error", err.Error())
	}
}

// settle makes what follows from a state so: who still waited in a batch that is over is skipped, a token is kept only
// while it is needed, and it goes on at once if it runs. It was done at that time, by the record.
func (s *Service) settle(ctx context.Context, tx *sql.Tx, b *row, at time.Time) error {
	b.Progress, b.wakeAt = Progress{}, s.moment()
	if b.State != Running && b.State != WaitingApproval {
		b.token, b.tokenExpires = nil, time.Time{}
	}
	if !b.State.Over() {
		return nil
	}
	b.EndedAt = at
	const giveUp = `UPDATE batch_people SET run = CASE WHEN tokens <> '' THEN tokens WHEN unclear = 1 THEN ? ELSE ? END,
		tokens = '', retry_at = 0 WHERE batch = ? AND run = ? AND plan = ?`
	if _, err := tx.ExecContext(ctx, s.db.Rebind(giveUp), Unknown, Skipped, b.ID, Waiting, ToRevoke); err != nil {
		return away("writing the people of a batch", err)
	}
	return s.recount(ctx, tx, b)
}

// moment is now, as the database keeps it.
func (s *Service) moment() time.Time { return s.now().UTC().Truncate(time.Millisecond) }
