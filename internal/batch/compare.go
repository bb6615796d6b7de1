package batch

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/playbook"
)

// A row of a batch is compared with the record before anything is done because of it: every column of it that the
// signed entries tell. Whoever can write the database can change the words that an approver reads, or what is done to
// whom. A row that differs is not believed: nothing is revoked, and whoever looks is told what differs.

// DiffersError is an ErrPlan that says what the database holds of a batch otherwise than the record.
type DiffersError struct {
	Problem string   // RowDiffers, RowUnreadable or PlanChanged
	What    []string // such as "the reason"
}

func (e *DiffersError) Error() string { return fmt.Sprintf("%v: %s", errContradicts, e.Words()) }

// Words is what differs, in one line.
func (e *DiffersError) Words() string { return strings.Join(e.What, ", ") }

// Is makes errors.Is find ErrPlan.
func (e *DiffersError) Is(target error) bool { return target == errContradicts }

// column is a part of a row, and whether it says what the record says.
type column struct {
	name string
	same bool
}

// compare holds a row, and the plan that its people are, against the record. It is a *DiffersError if they differ.
func (a *acts) compare(b row, plan stored) error {
	c, err := a.course()
	if err != nil {
		return err
	}
	if lost := unreadable(b, plan); len(lost) > 0 {
		return &DiffersError{RowUnreadable, lost}
	}
	c, ok := c.as(b.State)
	if !ok {
		return &DiffersError{RowDiffers, []string{"the state"}}
	}
	planned := a.plannedAs(c, b.Hash)
	counted := plan.counts.planned()
	counted.AdministratorsUnknown = b.Counts.AdministratorsUnknown // under the hash
	same := plan.hash == planned.Plan
	columns := append(a.columns(c, planned, b), column{"the counts of its people", !same || b.Counts.planned() == counted})
	var wrong []string
	for _, column := range columns {
		if !column.same {
			wrong = append(wrong, column.name)
		}
	}
	problem := RowDiffers
	if len(wrong) == 0 {
		problem = PlanChanged
	}
	if !same {
		wrong = append(wrong, "the people, or where they come from")
	}
	if len(wrong) == 0 {
		return nil
	}
	return &DiffersError{problem, wrong}
}

// columns compares each column of b with what c has of it, and with the entry of its plan.
func (a *acts) columns(c course, planned audit.Entry, b row) []column {
	made := a.prepared[0]
	return []column{
		{"the organization", made.Organization == b.Organization},
		{"the region", made.Region == b.Region},
		{"whom it is about", planned.Query == b.Rule.Words},
		{"who prepared it", made.Actor == b.PreparedBy},
		{"when it was prepared", made.At.Equal(b.PreparedAt)},
		{"the hash of the plan", planned.Plan == b.Hash},
		{"the steps", planned.Playbook == b.Playbook && planned.Steps == playbook.Names(b.Steps)},
		{"the number of people", planned.Count == int64(b.Counts.ToRevoke)},
		{"the reason", c.start.Reason == b.Reason},
		{"the ticket", c.start.Ticket == b.Ticket},
		{"who started it", c.start.Actor == b.StartedBy},
		{"when it was started", c.start.At.Equal(b.StartedAt)},
		{"who decided about it", c.decision.Actor == b.DecidedBy},
		{"when that was decided", c.decision.At.Equal(b.DecidedAt)},
		{"the reason of that decision", c.decision.Reason == b.Decision},
		{"whether it waited for approval", c.lacksApproval() != b.ApproveBy.IsZero()},
		{"the entry that set it going", c.setGoing.Seq == b.setGoing},
		{"whose token it runs with", c.setGoing.Actor == b.RunBy},
		{"the request that set it going", c.setGoing.RequestID == b.requestID && c.setGoing.Address == b.address},
		{"why it paused", c.problem() == b.Problem},
		{"when it ended", c.endedAt().Equal(b.EndedAt)},
	}
}

// unreadable names the rows, or the parts of the batch's own, that cannot be read.
func unreadable(b row, plan stored) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(b.unreadable)) {
		names = append(names, name+" of the batch")
	}
	switch n := len(plan.unreadable); n {
	case 0:
		return names
	case 1:
		return append(names, fmt.Sprintf("row %d of its people", plan.unreadable[0]))
	default:
		return append(names, fmt.Sprintf("%d rows of its people, the first of them row %d", n, plan.unreadable[0]))
	}
}

// plannedAs is the entry that says what the plan is: the start, or before that the one which made the plan with that
// hash. If there is none, it is the last one that made a plan.
func (a *acts) plannedAs(c course, hash string) audit.Entry {
	if c.start.Seq > 0 {
		return c.start
	}
	possible := a.plans()
	last := a.prepared[len(a.prepared)-1].Entry
	for _, s := range slices.Backward(a.prepared) {
		if possible[s.Plan] {
			last = s.Entry
		}
		if s.Plan == hash && possible[hash] {
			return s.Entry
		}
	}
	return last
}

// as is c as far as a row in that state can have come: without its last change, if it is not known whether that was made.
func (c course) as(state State) (course, bool) {
	if c.state != state && c.latest.outcome != audit.Done && c.before != nil {
		c = *c.before
	}
	return c, c.state == state
}

// lacksApproval reports whether it waits for an approval, or has ended without one.
func (c course) lacksApproval() bool {
	return State(c.start.Change.To) == WaitingApproval && c.approval.Seq == 0
}

// problem is why it paused by itself, "" if it did not.
func (c course) problem() string {
	if c.state != Paused {
		return ""
	}
	return c.latest.Problem
}

func (c course) endedAt() (at time.Time) {
	if c.state.Over() {
		at = c.latest.At
	}
	return at
}

// planned is c without what changes as people are asked about.
func (c Counts) planned() Counts {
	c.Waiting, c.Asked, c.Done, c.Failed, c.Unknown, c.Skipped, c.Undone = 0, 0, 0, 0, 0, 0, 0
	return c
}

// Held is a batch of an organization held against the record, for somebody who is about to decide because of what its
// row says: what differs is told by name. Until when it waits for an approval is by the record.
func (s *Service) Held(ctx context.Context, organizationID, id string) (b Batch, differs *DiffersError, err error) {
	const often = 3 // somebody may change it between the two looks
	for range often {
		found, err := s.find(ctx, organizationID, id)
		if err != nil {
			return Batch{}, nil, err
		}
		h, err := s.believe(ctx, found)
		if b = found.Batch; err == nil && b.State == WaitingApproval {
			b.ApproveBy = s.approveBy(h.course)
		}
		if err == nil {
			return b, nil, nil
		}
		var ok bool
		if differs, ok = errors.AsType[*DiffersError](err); !ok {
			if !errors.Is(err, errContradicts) {
				return b, nil, err
			}
			differs = &DiffersError{RowDiffers, []string{"its preparation or its states"}}
		}
		if now, err := s.find(ctx, organizationID, id); err != nil || now.Version == found.Version {
			break
		}
	}
	return b, differs, nil
}
