package batch

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/playbook"
)

// planHash names a plan: SHA-256 over all its rows in their order, those that are left out included, so that none can be
// added, moved or taken out without another hash.
type planHash struct{ hash.Hash }

// newPlanHash begins the hash of a plan with the steps of b; one that is about the tokens alone begins with nothing.
func newPlanHash(b Batch) planHash {
	h := planHash{sha256.New()}
	if b.Playbook != "" {
		_ = json.NewEncoder(h).Encode([]any{"steps", b.Playbook, playbook.Names(b.Steps)})
	}
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
}

// storedPlan reads the rows of a batch.
func (s *Service) storedPlan(ctx context.Context, b Batch) (stored, error) {
	h, plan := newPlanHash(b), stored{toRevoke: map[int]genesys.UserID{}}
	err := s.eachPerson(ctx, b.ID, func(p Person) error {
		h.add(p)
		plan.counts.add(p)
		if p.Plan == ToRevoke {
			plan.toRevoke[p.Position] = p.ID
		}
		return nil
	})
	plan.hash = h.String()
	return plan, err
}

// eachPerson calls yield with every row of a batch in the order of the plan. It reads a part at a time and holds no
// connection in between, however slow yield is.
func (s *Service) eachPerson(ctx context.Context, id string, yield func(Person) error) error {
	for after := 0; ; {
		part, err := s.people(ctx, s.db, fmt.Sprintf("batch = ? AND position > ? ORDER BY position LIMIT %d", reportPart), id, after)
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
	switch {
	case err != nil:
		return course{}, stored{}, err
	case plan.hash != c.start.Plan || int64(plan.counts.ToRevoke) != c.start.Count || b.Region != c.start.Region:
		return c, stored{}, fmt.Errorf("%w: its people are others", errContradicts)
	case c.approval.Seq > 0 && (a.planned(c.approval.Actor.ID) || c.approval.Actor.ID == c.start.Actor.ID):
		return c, stored{}, fmt.Errorf("%w: nobody else approved it", errContradicts)
	}
	return c, plan, nil
}

// over is b with everything in which only the record is believed.
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
		now.State, now.Problem = c.state, PlanChanged
		return s.settle(ctx, tx, now)
	})
	return err
}

// believe checks that a batch is in the state that its row says, and that its rows are the plan on the record, for
// somebody who is about to set it going.
func (s *Service) believe(ctx context.Context, b row) (c course, plan stored, planned func(id string) bool, err error) {
	err = s.withActs(ctx, b.Batch, func(a *acts) (err error) {
		if c, err = a.course(); err != nil {
			return err
		}
		if plan, err = s.storedPlan(ctx, b.Batch); err != nil {
			return err
		}
		makers := map[string]bool{}
		for _, s := range a.prepared {
			makers[s.Actor.ID] = true
		}
		planned = func(id string) bool { return makers[id] }
		return c.fits(a, b, plan.hash)
	})
	return c, plan, planned, err
}

// believed reads the rows of a batch for somebody who is about to make another plan of them: what the record does not say
// must not be signed anew.
func (s *Service) believed(ctx context.Context, b row) ([]Person, error) {
	people, err := s.people(ctx, s.db, "batch = ? ORDER BY position", b.ID)
	if err != nil {
		return nil, err
	}
	hash := hashOf(b.Batch, people)
	err = s.withActs(ctx, b.Batch, func(a *acts) error {
		c, err := a.course()
		if err != nil {
			return err
		}
		return c.fits(a, b, hash)
	})
	return people, err
}

// fits reports as an errContradicts what a row, and the hash of its plan, say against the record.
func (c course) fits(a *acts, b row, hash string) error {
	if c.state != b.State && c.latest.outcome == audit.Done {
		return fmt.Errorf("%w: it is %s", errContradicts, c.state)
	}
	if c.start.Seq > 0 && hash != c.start.Plan || c.start.Seq == 0 && !a.plans()[hash] {
		return fmt.Errorf("%w: its people are others", errContradicts)
	}
	return nil
}
