package batch

import (
	"slices"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/playbook"
	"tokenconsole/internal/revocation"
)

// StepRun is what came of one step about one person, besides the tokens. It follows the record, as Person does.
type StepRun struct {
	Step          playbook.Step `json:"step"`
	Run           Run           `json:"run"` // Waiting, Revoked for done, Failed, Unknown, or Skipped
	Tries         int           `json:"tries,omitzero"`
	Status        int           `json:"status,omitzero"`
	Problem       string        `json:"problem,omitzero"`
	Permission    string        `json:"permission,omitzero"` // the one that was missing
	Count         int64         `json:"count,omitzero"`      // second factors removed
	At            time.Time     `json:"at,omitzero"`
	CorrelationID string        `json:"correlationId,omitzero"`
	Entry         int64         `json:"entry,omitzero"` // with the outcome, else the one that asked
	Unclear       bool          `json:"unclear,omitzero"`
	Failures      int           `json:"failures,omitzero"` // tries in a row without a usable answer
}

// Oneself is the problem of a step that was not taken on the person whose token the batch runs with.
const Oneself = "oneself"

// has reports whether p has a StepRun for each of steps, and no other.
func (p *Person) has(steps []playbook.Step) bool {
	return slices.EqualFunc(p.Steps, steps, func(r StepRun, s playbook.Step) bool { return r.Step == s })
}

// expect makes p have a StepRun for each of steps, and no other.
func (p *Person) expect(steps []playbook.Step) {
	if p.has(steps) {
		return
	}
	had := p.Steps
	p.Steps = make([]StepRun, len(steps)) // never those of another copy of p
	for i, s := range steps {
		p.Steps[i] = StepRun{Step: s, Run: Waiting}
		if j := slices.IndexFunc(had, func(h StepRun) bool { return h.Step == s }); j >= 0 {
			p.Steps[i] = had[j]
		}
	}
}

// Step is what came of a step besides the tokens; the zero StepRun if nothing did.
func (p Person) Step(s playbook.Step) StepRun {
	if r := p.step(s); r != nil {
		return *r
	}
	return StepRun{}
}

// step is what came of a step, to be changed; nil if p has no such step.
func (p *Person) step(s playbook.Step) *StepRun {
	i := slices.IndexFunc(p.Steps, func(r StepRun) bool { return r.Step == s })
	if i < 0 {
		return nil
	}
	return &p.Steps[i]
}

// open are those of all the steps of a batch, the tokens among them, that are still to be taken about p.
func (p *Person) open(all []playbook.Step) []playbook.Step {
	return slices.DeleteFunc(slices.Clone(all), func(s playbook.Step) bool {
		if s == playbook.Tokens {
			return p.tokens != ""
		}
		r := p.step(s)
		return r == nil || r.Run != Waiting
	})
}

// begun reports whether something was or may have been done about p. A try that ended with the look-up did nothing.
func (p *Person) begun() bool {
	return p.tokens != "" || p.unclear || slices.ContainsFunc(p.Steps, func(r StepRun) bool { return r.Tries > 0 })
}

// untried makes p somebody about whom nothing was asked.
func (p *Person) untried() { p.tokens, p.unclear, p.Tries, p.Steps = "", false, 0, nil }

// skipSteps gives up every step that waits.
func (p *Person) skipSteps(problem string) {
	for i := range p.Steps {
		if p.Steps[i].Run == Waiting {
			p.Steps[i].Run, p.Steps[i].Problem = Skipped, problem
		}
	}
}

// undone is how many steps besides the tokens are not done.
func (p *Person) undone() (n int) {
	for _, r := range p.Steps {
		if r.Run != Revoked {
			n++
		}
	}
	return n
}

// settledAll reports whether the tokens were seen to, and nothing more is done.
func settledAll(r Run) bool { return r == Revoked || r == Failed || r == Unknown }

// lacksStep reports whether nothing more is done about p, and a step is not done.
func (p *Person) lacksStep() bool { return settledAll(p.Run) && p.undone() > 0 }

// took notes what came of a step besides the tokens.
func (p *Person) took(s playbook.Step, act audit.Settled) {
	r := p.step(s)
	if r == nil {
		return
	}
	r.Tries++
	r.note(briefly(act.Entry))
	r.Entry = act.Entry.Seq
	r.judge(act.Result.Outcome, genesys.Problem(act.Result.Problem))
}

// note makes r say what an outcome on the record says.
func (r *StepRun) note(e brief) {
	r.Status, r.Problem, r.Permission, r.Count = e.PlatformStatus, kept(e.Problem), kept(e.Permission), e.Count
	r.At, r.CorrelationID = e.At, e.CorrelationID
}

// judge says what follows from an attempt that ended with outcome: settled, or to be taken again.
func (r *StepRun) judge(outcome audit.Outcome, problem genesys.Problem) {
	if outcome == audit.Unknown {
		r.Unclear = true
	}
	switch {
	case outcome == audit.Done:
		r.Run, r.Unclear, r.Failures = Revoked, false, 0
	case saysNothing(problem):
		r.Run = Waiting
	case transient(problem) && r.Failures+1 < maxFailures:
		r.Failures++
		r.Run = Waiting
	case r.Unclear:
		r.Run = Unknown
	default:
		r.Run = Failed
	}
}

// hold keeps p waiting while steps are still to be taken, and settles them with what came of their tokens otherwise.
func (p *Person) hold(now time.Time) {
	if p.Run == Waiting && p.tokens == "" {
		return // the tokens themselves are to be revoked again
	}
	if p.tokens == "" {
		p.tokens = p.Run
	}
	if p.Run == Skipped || p.Problem == revocation.PersonProtected {
		p.skipSteps(p.Problem)
	}
	failures, waits := 0, false
	for _, r := range p.Steps {
		if r.Run == Waiting {
			failures, waits = max(failures, r.Failures), true
		}
	}
	if !waits {
		p.Run, p.tokens, p.RetryAt = p.tokens, "", time.Time{}
		return
	}
	if p.Run, p.RetryAt = Waiting, (time.Time{}); failures > 0 {
		p.RetryAt = now.Add(backOff(failures))
	}
}
