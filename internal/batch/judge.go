package batch

import (
	"math/rand/v2"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/playbook"
)

const (
	// maxFailures is how often a person is tried while the platform gives no usable answer.
	maxFailures = 4
	// firstBackOff is how long to wait before a person is asked again; it doubles each time, give or take a half.
	firstBackOff = time.Second
)

// judge says what follows for p from an attempt that ended with outcome: settled, or to be asked again.
func (p *Person) judge(outcome audit.Outcome, problem genesys.Problem, now time.Time) {
	p.RetryAt = time.Time{}
	if outcome == audit.Unknown {
		p.unclear = true
	}
	switch {
	case outcome == audit.Done:
		p.Run, p.unclear, p.failures, p.Problem = Revoked, false, 0, ""
	case saysNothing(problem):
		p.Run = Waiting
	case problem == playbook.Busy:
		p.Run = Skipped
	case transient(problem) && p.failures+1 < maxFailures:
		p.failures++
		p.Run, p.RetryAt = Waiting, now.Add(backOff(p.failures))
	default:
		p.giveUp()
		if p.Run == Skipped {
			p.Run = Failed
		}
	}
}

// saysNothing reports whether a problem tells nothing about the person, who is asked again.
func saysNothing(problem genesys.Problem) bool {
	return problem == genesys.RateLimited || problem == genesys.TokenInvalid || problem == Interrupted
}

// giveUp settles a person who waits and will not be asked any more. Whether they were revoked is unknown if nobody can
// tell what came of an earlier attempt.
func (p *Person) giveUp() {
	p.Run, p.RetryAt = Skipped, time.Time{}
	switch {
	case p.tokens != "":
		p.Run, p.tokens = p.tokens, ""
	case p.unclear:
		p.Run = Unknown
	}
}

// transient reports whether a problem may pass by itself.
func transient(problem genesys.Problem) bool {
	switch problem {
	case genesys.PlatformSlow, genesys.PlatformFailed, genesys.PlatformAway, genesys.PlatformGarbled, genesys.RateLimited:
		return true
	}
	return false
}

func backOff(failures int) time.Duration {
	wait := firstBackOff << (failures - 1)
	return wait/2 + rand.N(wait) // #nosec G404 -- no secret hangs on it
}

// canary says whether too many people fail for the batch to go on: more than 2 of the first 10, or more than 5 % of 20
// or more, since it was last set going by a person.
func (b row) canary() bool {
	settled := b.Counts.Settled() - b.canarySettled
	failed := b.Counts.Failed + b.Counts.Unknown - b.canaryFailed
	return settled <= canarySize && failed > 2 || settled >= 2*canarySize && failed*100 > settled*5
}

// canarySize is how many people are tried first, a few at a time.
const canarySize = 10

// maxOutstanding is how many people may have been asked and wait to be asked again, beside those under way.
const maxOutstanding = 8 * together

// outstanding is how many people may be asked about before some of them are settled: the first few are a canary.
func (b row) outstanding() int {
	if settled := b.Counts.Settled() - b.canarySettled; settled < canarySize {
		return canarySize - settled
	}
	return maxOutstanding
}

// concurrency is how many people b is asked about at the same time.
func (b row) concurrency() int {
	if b.Counts.Settled()-b.canarySettled < canarySize {
		return 3
	}
	return together
}

// current is the batch with those who are settled and not written yet.
func (sl *slice) current() row {
	b := sl.b
	for _, p := range sl.settled {
		if p.Run == Revoked || p.Run == Failed || p.Run == Unknown {
			*b.Counts.run(p.Run)++
		}
	}
	return b
}
