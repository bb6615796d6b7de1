package batch

import (
	"context"
	"errors"
	"slices"
	"time"

	"tokenconsole/internal/genesys"
	"tokenconsole/internal/playbook"
	"tokenconsole/internal/revocation"
)

// takeSteps takes the steps of the batch that are still to be taken about one person, in their order. Between two of them
// it stops if the process does, or if others have the batch.
func (sl *slice) takeSteps(ctx context.Context, b row, p Person) revoked {
	p.Steps = slices.Clone(p.Steps)
	p.expect(b.Beside())
	if p.ID.String() == b.RunBy.ID {
		p.skipSteps(Oneself) // after any of them nothing more could be done
	}
	r := revoked{Person: p}
	goOn := func() bool {
		if ctx.Err() != nil {
			return false
		}
		// Also of a batch that was paused or is being stopped, somebody who was begun with is seen through.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTimeout)
		defer cancel()
		_, mine, err := sl.mine(ctx, b)
		r.lost = err != nil || !mine
		return !r.lost
	}
	ran, err := sl.playbooks.RunOne(ctx, playbook.Order{
		Order: sl.order(b, p), Book: b.Book(), Steps: p.open(b.Steps), Begun: p.begun(), GoOn: goOn,
	}, *known(p))
	r.ran, r.err = &ran, err
	return r
}

// landSteps takes what came of the steps about a person.
func (sl *slice) landSteps(r revoked) {
	p := r.Person
	switch {
	case r.err != nil:
		sl.landUnseen(p, r.err)
		return
	case r.lost:
		sl.stop = true // others follow the record
		return
	case r.ran.Stopped == playbook.Unrecorded,
		slices.ContainsFunc(r.ran.Taken, func(t playbook.Taken) bool { return t.Act.Unrecorded != nil }):
		sl.stopFor(Record, time.Now().Add(tryAgain)) // the row stays asked, as in landPerson
		return
	}
	p.Run = Waiting
	for _, t := range r.ran.Taken {
		if t.Step == playbook.Tokens {
			sl.landTokens(&p, t.Act)
			continue
		}
		p.took(t.Step, t.Act)
		sl.heed(&p, t.Act.Result.Outcome, genesys.Problem(t.Act.Result.Problem), t.Act.Result.Err)
	}
	if r.ran.Stopped == revocation.PersonProtected {
		p.skipSteps(revocation.PersonProtected)
	}
	p.hold(sl.now())
	sl.take(p)
}

// landUnseen takes that a person could not be looked up, and nothing was done about them.
func (sl *slice) landUnseen(p Person, err error) {
	p.Run = Waiting
	if errors.Is(err, genesys.ErrUnauthorized) {
		sl.stop, sl.problem = true, string(genesys.TokenInvalid)
	} else {
		sl.noAnswer()
		if p.failures++; p.failures < maxFailures {
			p.RetryAt = sl.now().Add(backOff(p.failures))
		} else {
			p.Problem = kept(string(genesys.ProblemOf(err)))
			p.giveUp()
		}
	}
	sl.settled = append(sl.settled, p)
}
