package batch

import (
	"context"
	"database/sql"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/revocation"
)

// NeedsApproval reports whether a batch with that many people to be revoked waits for a second person once it is
// started.
func (s *Service) NeedsApproval(people int) bool {
	return s.policy.ApprovalOver > 0 && people > s.policy.ApprovalOver
}

// Start sets a prepared batch going, with the reason, the ticket and the number of people that its starter typed. It
// runs with the token of by; over the number that the policy names it first waits for Approve.
//
// ErrCount: count is not the number of people to be revoked; ErrNobody: that is none; *revocation.FormError: the policy
// does not allow the reason or the ticket; ErrState.
func (s *Service) Start(ctx context.Context, by By, id, reason, ticket string, count int) (Batch, error) {
	b, err := s.find(ctx, by.Organization.ID, id)
	if err != nil {
		return Batch{}, err
	}
	if err := s.startable(b.Batch, by, reason, ticket, count); err != nil {
		return Batch{}, err
	}
	to := Running
	if s.NeedsApproval(b.Counts.ToRevoke) {
		to = WaitingApproval
	}
	b.Reason, b.Ticket = reason, ticket
	return s.move(ctx, by, b, to, func(b *row, asked int64) {
		b.Reason, b.Ticket, b.StartedBy, b.StartedAt, b.started = reason, ticket, by.Person, s.moment(), asked
		s.equip(b, by)
		if to == WaitingApproval {
			b.ApproveBy = s.moment().Add(s.policy.ApprovalWithin)
		}
	})
}

func (s *Service) startable(b Batch, by By, reason, ticket string, count int) error {
	switch {
	case b.State != Prepared:
		return &StateError{b.State}
	case b.Region != by.Region:
		return ErrRegion
	case b.Counts.ToRevoke == 0:
		return ErrNobody
	case b.Counts.ToRevoke != count:
		return ErrCount
	}
	return revocation.Check(reason, ticket)
}

// equip gives a batch the token of by to run with, and notes from where it was set going.
func (s *Service) equip(b *row, by By) {
	b.RunBy, b.requestID, b.address = by.Person, by.RequestID, by.Address
	b.token, b.tokenExpires = s.sealer.seal(by.Token, b.ID, by.Person.ID), by.TokenExpires
	b.Problem, b.awaySince = "", time.Time{}
	b.canarySettled, b.canaryFailed = b.Counts.Settled(), b.Counts.Failed+b.Counts.Unknown
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
	case by.Person.ID == b.PreparedBy.ID || by.Person.ID == b.StartedBy.ID:
		return Batch{}, ErrSamePerson
	}
	if err := revocation.Check(reason, ""); err != nil {
		return Batch{}, err
	}
	told := b
	told.Reason = reason
	return s.move(ctx, by, told, to, func(b *row, asked int64) {
		b.DecidedBy, b.DecidedAt, b.Decision = by.Person, s.moment(), reason
		if to == Running {
			b.approval = asked
		}
	})
}

// console is who acts when the console does something by itself.
var console = By{}

// expire ends a batch that nobody approved in time. It returns the batch as it is then.
func (s *Service) expire(ctx context.Context, b row) (row, error) {
	if b.State != WaitingApproval || s.now().Before(b.ApproveBy) {
		return b, nil
	}
	if _, err := s.move(ctx, console, b, Expired, nil); err != nil {
		return row{}, err
	}
	return s.load(ctx, b.ID)
}

// move brings a batch from the state of b into another one, on the record with the reason, the problem and the counts of
// b. Then set, which may be nil, changes what belongs to it; it is told the entry that asked. A token that is not needed
// any more is wiped.
func (s *Service) move(ctx context.Context, by By, b row, to State, set func(b *row, asked int64)) (Batch, error) {
	e := s.entry(b.Batch, by, audit.ChangeBatch)
	e.Change = audit.Change{From: string(b.State), To: string(to)}
	e.Reason, e.Ticket, e.Problem = b.Reason, b.Ticket, b.Problem
	e.Tally = audit.Tally{Done: b.Counts.Done, Failed: b.Counts.Failed, Unknown: b.Counts.Unknown, Skipped: b.Counts.Skipped}
	var moved row
	err := s.change(ctx, e, func(ctx context.Context, asked int64) (err error) {
		moved, err = s.modify(ctx, b.ID, func(tx *sql.Tx, now *row) error {
			if now.State != b.State {
				return &StateError{now.State}
			}
			now.State, now.Problem = to, b.Problem
			if set != nil {
				set(now, asked)
			}
			return s.settle(ctx, tx, now)
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

// settle makes what follows from a state so: who still waited in a batch that is over is skipped, a token is kept only
// while it is needed, and it goes on at once if it runs.
func (s *Service) settle(ctx context.Context, tx *sql.Tx, b *row) error {
	b.Progress, b.wakeAt = Progress{}, s.moment()
	if b.State != Running && b.State != WaitingApproval {
		b.token, b.tokenExpires = nil, time.Time{}
	}
	if !b.State.Over() {
		return nil
	}
	b.EndedAt = s.moment()
	const giveUp = `UPDATE batch_people SET run = CASE unclear WHEN 1 THEN ? ELSE ? END, retry_at = 0 WHERE batch = ? AND run = ?`
	if _, err := tx.ExecContext(ctx, s.db.Rebind(giveUp), Unknown, Skipped, b.ID, Waiting); err != nil {
		return err
	}
	return s.recount(ctx, tx, b)
}

// moment is now, as the database keeps it.
func (s *Service) moment() time.Time { return s.now().UTC().Truncate(time.Millisecond) }
