package batch

import (
	"context"
	"fmt"

	"tokenconsole/internal/audit"
)

// Pause stops a running batch between two people. Who is just being asked about is seen through. A batch in which nobody
// is left to be asked about ends instead. ErrState.
func (s *Service) Pause(ctx context.Context, by By, id string) (Batch, error) {
	b, err := s.inState(ctx, by, id, Running)
	if err != nil {
		return Batch{}, err
	}
	b.Reason, b.Ticket = "", ""
	paused, err := s.move(ctx, by, b, Paused, nil)
	if err != nil {
		return paused, err
	}
	if now, err := s.load(ctx, b.ID); err == nil && now.idle() {
		if err := s.endIdle(ctx, now); err != nil {
			s.log.Warn("a batch in which nobody is left could not be ended", "batch", b.ID, "error", err.Error())
		}
		return s.Find(ctx, b.Organization.ID, b.ID)
	}
	return paused, nil
}

// Resume lets a paused batch go on, with the token of by, who set it going before. ErrSamePerson: somebody else did,
// so that it takes TakeOver; ErrState.
func (s *Service) Resume(ctx context.Context, by By, id string) (Batch, error) {
	return s.resume(ctx, by, id, true)
}

// TakeOver lets a paused batch go on with the token of by, whoever set it going before. It is on the record, and who
// acted on each person follows from the entries. ErrState.
func (s *Service) TakeOver(ctx context.Context, by By, id string) (Batch, error) {
	return s.resume(ctx, by, id, false)
}

func (s *Service) resume(ctx context.Context, by By, id string, same bool) (Batch, error) {
	b, err := s.inState(ctx, by, id, Paused)
	switch {
	case err != nil:
		return Batch{}, err
	case b.Region != by.Region:
		return Batch{}, ErrRegion
	}
	h, err := s.believe(ctx, b)
	switch {
	case err != nil:
		return Batch{}, err
	case h.course.start.Seq == 0:
		return Batch{}, errContradicts
	case same && by.Person.ID != h.course.setGoing.Actor.ID:
		return Batch{}, ErrSamePerson
	}
	b.Problem, b.Reason, b.Ticket = "", "", ""
	return s.move(ctx, by, b, Running, func(b *row, asked audit.Entry) { s.equip(b, by, asked) })
}

// Cancel ends a batch that is not over; who was not asked about yet is skipped. Who is just being asked about is seen
// through. ErrState.
func (s *Service) Cancel(ctx context.Context, by By, id string) (Batch, error) {
	b, err := s.inState(ctx, by, id, Prepared, WaitingApproval, Running, Paused)
	if err != nil {
		return Batch{}, err
	}
	b.Problem, b.Reason, b.Ticket = "", "", ""
	return s.move(ctx, by, b, Cancelled, nil)
}

// Retry prepares a batch of the people of another one, which is over, whose outcome is failed or unknown, or who were
// skipped. ErrNobody: there is no such person; ErrState.
func (s *Service) Retry(ctx context.Context, by By, id string) (Batch, error) {
	b, err := s.inState(ctx, by, id, Done, DoneWithFailures, Cancelled)
	if err != nil {
		return Batch{}, err
	}
	people, err := s.believed(ctx, b)
	if err != nil {
		return Batch{}, err
	}
	var again []Person
	for _, p := range people {
		if p.Plan == ToRevoke && (p.Run == Failed || p.Run == Unknown || p.Run == Skipped) {
			again = append(again, Person{
				ID: p.ID, Name: p.Name, Email: p.Email, Line: p.Line, Input: p.Input, Plan: ToRevoke, Administrator: p.Administrator,
			})
		}
	}
	rule := Rule{
		Source: FromBatch, ID: b.ID, Words: fmt.Sprintf("whoever was not revoked of: %s", b.Rule.Words),
		NoRoles: b.Counts.AdministratorsUnknown,
	}
	return s.prepare(ctx, by, rule, again, b.Batch)
}

// inState finds a batch in one of these states.
func (s *Service) inState(ctx context.Context, by By, id string, states ...State) (row, error) {
	b, err := s.find(ctx, by.Organization.ID, id)
	if err != nil {
		return row{}, err
	}
	for _, state := range states {
		if b.State == state {
			return b, nil
		}
	}
	return row{}, &StateError{b.State}
}
