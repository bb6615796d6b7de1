package batch

import (
	"context"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/playbook"
	"tokenconsole/internal/revocation"
)

// readSteps brings the steps of p to where the record has them, as readRecord does the tokens.
func (s *Service) readSteps(ctx context.Context, t *told, p *Person, steps []playbook.Step) (err error) {
	if len(steps) == 0 {
		return nil
	}
	p.expect(steps)
	for i := range p.Steps {
		r, told := &p.Steps[i], t.steps[p.Steps[i].Step]
		if told == nil || told.tries == r.Tries {
			continue
		}
		if told.outcome.Seq == 0 {
			if err = s.closeInterrupted(ctx, told); err != nil {
				return err
			}
			told.unclear = true
		}
		r.follow(*told)
		r.judge(told.outcome.Outcome, genesys.Problem(told.outcome.Problem))
	}
	return nil
}

// follow makes r say what the record says of how often the step was asked for, and what came of it.
func (r *StepRun) follow(t told) {
	r.Tries, r.Unclear, r.Entry = t.tries, t.unclear, max(t.ask.Seq, t.outcome.Seq)
	r.note(t.outcome)
}

// stepsAgree reports whether what came of the steps of p by its row can be what the record tells.
func (p Person) stepsAgree(t *told) bool {
	for s := range t.steps {
		if p.step(s) == nil {
			return false
		}
	}
	for _, r := range p.Steps {
		if !r.agrees(t.steps[r.Step]) {
			return false
		}
	}
	return true
}

// agrees is stepsAgree for one step; nil is nothing.
func (r StepRun) agrees(t *told) bool {
	if t == nil {
		t = &told{}
	}
	return t.allows(r.Tries, r.Run)
}

// complete reports whether every step was seen to about p, in a batch that comes to its end, or the record says that p
// was spared.
func (p Person) complete(steps []playbook.Step, t *told) bool {
	if p.Run == Skipped || len(steps) == 0 {
		return true
	}
	if !p.has(steps) {
		return false
	}
	for _, r := range p.Steps {
		if r.Run == Waiting || r.Run == Skipped && !p.spared(t) {
			return false
		}
	}
	return true
}

// spared reports whether the record says that p gets no step: they are protected, in an interaction, or who acts.
func (p Person) spared(t *told) bool {
	if t == nil {
		return false
	}
	e := t.outcome
	return e.Problem == revocation.PersonProtected || e.Problem == playbook.Busy || e.Actor == p.ID.String()
}

// straightSteps makes the steps of p say what the record has of them.
func (p *Person) straightSteps(t *told, steps []playbook.Step) {
	had := *p
	p.Steps = nil
	p.expect(steps)
	for i := range p.Steps {
		r := &p.Steps[i]
		told := t.steps[r.Step]
		if told == nil {
			continue
		}
		r.follow(*told)
		was := had.step(r.Step)
		switch {
		case told.outcome.Outcome == audit.Done:
			r.Run = Revoked
		case was != nil && was.agrees(told) && (was.Run == Failed || was.Run == Unknown):
			r.Run = was.Run
		}
	}
	if t.outcome.Actor == p.ID.String() {
		p.skipSteps(Oneself)
	}
}
