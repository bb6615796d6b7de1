package batch

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"

	"tokenconsole/internal/genesys"
	"tokenconsole/internal/playbook"
)

// planHash names a plan: SHA-256 over all its rows in their order, those that are left out included, so that none can be
// added, moved or taken out without another hash.
type planHash struct{ hash.Hash }

// newPlanHash begins the hash of a plan with where its people come from, whether it is known who of them is an
// administrator, and the steps of b.
func newPlanHash(b Batch) planHash {
	h := planHash{sha256.New()}
	_ = json.NewEncoder(h).Encode([]any{
		b.Parent, b.Rule.Source, b.Rule.ID, b.Counts.AdministratorsUnknown, b.Playbook, playbook.Names(b.Steps),
	})
	return h
}

// add takes in the next row: everything that was found out about it when the plan was made.
func (h planHash) add(p Person) {
	_ = json.NewEncoder(h).Encode([]any{ // a hash takes everything
		p.Position, p.ID.String(), p.Name, p.Email, p.Line, p.Input, p.Plan, encodedList(p.Candidates), p.Busy, p.Administrator,
	})
}

func (h planHash) String() string { return hex.EncodeToString(h.Sum(nil)) }

func hashOf(b Batch, people []Person) string {
	h := newPlanHash(b)
	for _, p := range people {
		h.add(p)
	}
	return h.String()
}

// stored is a plan as the database holds it.
type stored struct {
	hash     string
	counts   Counts
	toRevoke map[int]genesys.UserID // by position

	unreadable []int // positions of rows that cannot be read

	tried map[string]bool // ids of whom something was asked about by the record; of a running batch
}

// storedPlan reads the rows of a batch.
func (s *Service) storedPlan(ctx context.Context, b Batch) (stored, error) {
	h, plan := newPlanHash(b), stored{toRevoke: map[int]genesys.UserID{}}
	err := s.eachPerson(ctx, b.ID, func(p Person) error {
		plan.add(h, p)
		return nil
	})
	plan.hash = h.String()
	return plan, err
}

// add takes in the next row.
func (plan *stored) add(h planHash, p Person) {
	h.add(p)
	plan.counts.add(p)
	if p.Unreadable {
		plan.unreadable = append(plan.unreadable, p.Position)
	}
	if p.Plan == ToRevoke && plan.toRevoke != nil {
		plan.toRevoke[p.Position] = p.ID
	}
}

// eachPerson calls yield with every row of a batch in the order of the plan. It reads a part at a time and holds no
// connection in between, however slow yield is.
func (s *Service) eachPerson(ctx context.Context, id string, yield func(Person) error) error {
	for after := 0; ; {
		next := fmt.Sprintf("batch = ? AND position > ? ORDER BY position LIMIT %d", reportPart)
		part, err := s.people(ctx, s.db, next, id, after)
		if err != nil {
			return err
		}
		for _, p := range part {
			if err := yield(p); err != nil {
				return err
			}
		}
		if len(part) < reportPart {
			return nil
		}
		after = part[len(part)-1].Position
	}
}

// permitted reports what the record lets a running batch do, and the plan that it holds for. The error is an
// errContradicts if that is nothing.
func (s *Service) permitted(ctx context.Context, b row, a *acts) (course, stored, error) {
	c, err := a.course()
	if err != nil {
		return course{}, stored{}, err
	}
	if c.state != Running || c.start.Seq == 0 {
		return c, stored{}, fmt.Errorf("%w: it is %s", errContradicts, c.state)
	}
	plan, err := s.storedPlan(ctx, b.Batch)
	if err != nil {
		return course{}, stored{}, err
	}
	if err := a.compare(b, plan); err != nil {
		return c, stored{}, err
	}
	if c.approval.Seq > 0 && (a.planned(c.approval.Actor.ID) || c.approval.Actor.ID == c.start.Actor.ID) {
		return c, stored{}, fmt.Errorf("%w: nobody else approved it", errContradicts)
	}
	plan.tried = a.tried()
	return c, plan, nil
}

// over is b with everything in which only the record is believed: also what is written into the row while a worker has
// it is not.
func (c course) over(b row) row {
	b.Organization, b.Region, b.Reason, b.Ticket = c.start.Organization, c.start.Region, c.start.Reason, c.start.Ticket
	b.Playbook, b.Steps = c.start.Playbook, playbook.Parse(c.start.Steps)
	b.RunBy, b.requestID, b.address = c.setGoing.Actor, c.setGoing.RequestID, c.setGoing.Address
	b.approval, b.setGoing = c.approval.Seq, c.setGoing.Seq
	t := c.setGoing.Tally
	b.canaryFailed = t.Failed + t.Unknown
	b.canarySettled = b.canaryFailed + t.Done + t.Skipped
	return b
}

// follow makes the row of a batch say what the record says, which is that it does not run.
func (s *Service) follow(ctx context.Context, b row, c course) error {
	s.log.Error("a batch that the record has in another state was set running in the database", "batch", b.ID, "state", string(c.state))
	_, err := s.modify(ctx, b.ID, func(tx *sql.Tx, now *row) error {
		if now.State != Running {
			return nil
		}
		now.State, now.Problem = c.state, c.problem()
		return s.settle(ctx, tx, now, c.latest.At)
	})
	return err
}

// held is a batch whose row, and whose people, are as the record has them.
type held struct {
	course course
	plan   stored
	makers map[string]bool // who made the plan, or a part of it, by id
}

// believe checks that a batch is in the state that its row says, and that its row and its plan are those on the record,
// for somebody who is about to set it going. It is an errContradicts, mostly a *DiffersError, if not.
func (s *Service) believe(ctx context.Context, b row) (h held, err error) {
	plan, err := s.storedPlan(ctx, b.Batch)
	if err != nil {
		return held{}, err
	}
	return s.hold(ctx, b, plan)
}

// believed reads the rows of a batch for somebody who is about to make another plan of them: what the record does not say
// must not be signed anew.
func (s *Service) believed(ctx context.Context, b row) (people []Person, err error) {
	h, plan := newPlanHash(b.Batch), stored{}
	err = s.eachPerson(ctx, b.ID, func(p Person) error {
		people = append(people, p)
		plan.add(h, p)
		return nil
	})
	if err != nil {
		return nil, err
	}
	plan.hash = h.String()
	_, err = s.hold(ctx, b, plan)
	return people, err
}

// hold holds a batch, and its plan as the database has it, against the record.
func (s *Service) hold(ctx context.Context, b row, plan stored) (h held, err error) {
	err = s.withActs(ctx, b.Batch, func(a *acts) (err error) {
		if h.course, err = a.course(); err != nil {
			return err
		}
		h.plan, h.makers = plan, map[string]bool{}
		for _, s := range a.prepared {
			h.makers[s.Actor.ID] = true
		}
		return a.compare(b, plan)
	})
	return h, err
}
