package batch

import (
	"context"
	"database/sql"
	"fmt"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/playbook"
)

// straighten makes the rows of a batch that is about to end say what the record says of each person, whatever somebody
// may have written into them, and reports how many did not. Who was never asked waits then.
func (s *Service) straighten(ctx context.Context, b row) (crooked int, err error) {
	var wrong []Person
	err = s.withActs(ctx, b.Batch, func(a *acts) error {
		return s.eachPerson(ctx, b.ID, func(p Person) error {
			if p.Unreadable {
				return &DiffersError{RowUnreadable, []string{fmt.Sprintf("row %d of its people", p.Position)}}
			}
			t := a.people[p.ID.String()]
			if p.Plan == ToRevoke && (!p.agrees(t) || !p.complete(b.Beside(), t)) {
				p = p.straight(t, b.Beside())
				p.hold(s.now())
				wrong = append(wrong, p)
			}
			return nil
		})
	})
	if err != nil || len(wrong) == 0 {
		return 0, err
	}
	s.log.Error("rows of a batch did not say what the record says", "batch", b.ID, "people", len(wrong))
	_, err = s.modify(ctx, b.ID, func(tx *sql.Tx, now *row) error {
		for _, p := range wrong {
			if err := s.savePerson(ctx, tx, b.ID, p); err != nil {
				return err
			}
		}
		return s.recount(ctx, tx, now)
	})
	return len(wrong), err
}

// agrees reports whether what came of p by its row can be what the record tells, which is t; nil is nothing.
func (p Person) agrees(t *told) bool {
	if t == nil {
		t = &told{}
	}
	if !p.stepsAgree(t) {
		return false
	}
	run := p.Run
	if p.tokens != "" {
		run = p.tokens
	}
	return t.allows(p.Tries, run)
}

// allows reports whether somebody who was asked about so many times, by their row, can have come to run.
func (t *told) allows(tries int, run Run) bool {
	if tries != t.tries {
		return false
	}
	switch run {
	case Revoked:
		return t.outcome.Outcome == audit.Done
	case Failed:
		return t.outcome.Seq > 0 && t.outcome.Outcome != audit.Done && !t.unclear
	case Unknown:
		return t.tries > 0 && t.outcome.Outcome != audit.Done && t.unclear
	case Waiting, Skipped:
		return t.outcome.Outcome != audit.Done
	}
	return false
}

// straight is p as the record has it, in a batch with these steps besides the tokens.
func (p Person) straight(t *told, steps []playbook.Step) Person {
	if t == nil {
		t = &told{}
	}
	p.straightSteps(t, steps)
	if p.tokens != "" {
		p.Run, p.tokens = p.tokens, ""
	}
	p.follow(*t)
	switch {
	case t.outcome.Outcome == audit.Done:
		p.Run = Revoked
	case t.outcome.Problem == playbook.Busy:
		p.Run = Skipped
	case p.Run == Failed && p.unclear, p.Run == Unknown && t.tries > 0 && p.unclear:
		p.Run = Unknown
	case p.Run == Failed && t.outcome.Seq > 0, p.Run == Unknown && t.outcome.Seq > 0:
		p.Run = Failed
	default:
		p.Run = Waiting
	}
	return p
}
