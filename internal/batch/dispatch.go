package batch

import (
	"context"
	"errors"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/revocation"
)

// dispatch begins as many calls as may begin now and returns how long until the next one may.
func (sl *slice) dispatch(ctx context.Context) time.Duration {
	for sl.flying < sl.current().concurrency() {
		now := time.Now()
		at := sl.pace.next(now, sl.flying)
		if wait := at.Sub(now); wait > 0 {
			if wait > 2*sliceFor && sl.flying == 0 {
				sl.stopFor(RateLimit, at)
			}
			return wait
		}
		if !sl.begin(ctx) {
			break
		}
		sl.pace.last = now
	}
	return flushEvery
}

// begin begins one call, if there is one to make.
func (sl *slice) begin(ctx context.Context) bool {
	switch {
	case !sl.asking && len(sl.next.lookUp) > 0:
		people := sl.next.lookUp
		sl.next.lookUp, sl.asking = nil, true
		sl.fly(func() landing { return landing{looked: sl.lookUp(ctx, people)} })
	case len(sl.claimed) > 0:
		p := sl.claimed[0]
		sl.claimed = sl.claimed[1:]
		if id := p.ID.String(); !sl.plan.tried[id] {
			p.untried() // whatever its row says: it decides who is spared, and which steps are left
			sl.plan.tried[id] = true
		}
		b := sl.b
		sl.fly(func() landing { return landing{person: sl.revoke(ctx, b, p)} })
	case !sl.asking && len(sl.next.evidence) > 0:
		people := sl.next.evidence
		sl.next.evidence, sl.asking = nil, true
		b := sl.b
		sl.fly(func() landing { return landing{looked: sl.readAgain(ctx, b, people)} })
	default:
		return false
	}
	return true
}

// fly runs call beside the slice.
func (sl *slice) fly(call func() landing) {
	sl.flying++
	go func() {
		var l landing
		if err := genesys.Safely(func() error { l = call(); return nil }); err != nil {
			sl.log.Error("a call of a batch failed", "batch", sl.b.ID, "error", err.Error())
			l.person.err = err
		}
		sl.landed <- l
	}()
}

// revoke revokes the tokens of one person, as everybody does: on the record.
func (sl *slice) revoke(ctx context.Context, b row, p Person) revoked {
	if sl.plan.toRevoke[p.Position] != p.ID {
		return revoked{Person: p, fenced: true, other: true}
	}
	holds, err := sl.holds(ctx, b)
	if err != nil || !holds {
		return revoked{Person: p, err: err, fenced: true}
	}
	if b.Playbook != "" {
		return sl.takeSteps(ctx, b, p)
	}
	order := sl.order(b, p)
	order.Known = known(p)
	report, err := sl.revocations.Revoke(ctx, order)
	return revoked{Person: p, report: report, err: err}
}

func (sl *slice) order(b row, p Person) revocation.Order {
	return revocation.Order{
		Region: b.Region, Token: sl.token, Actor: b.RunBy, Organization: b.Organization, Subject: p.ID,
		Reason: b.Reason, Ticket: b.Ticket, RequestID: b.requestID, Address: b.address, Batch: b.ID, Approval: b.approval,
	}
}

// known is what the rows tell about a person.
func known(p Person) *revocation.Subject {
	s := revocation.Subject{User: genesys.User{ID: p.ID, Name: p.Name, Email: p.Email}, ReadAt: p.knownAt}
	s.LastTokenIssued.DateIssued = p.TokenBefore
	return &s
}

// landPerson takes what came of a person.
func (sl *slice) landPerson(r revoked) {
	p, act := r.Person, r.report.Act
	switch {
	case r.fenced:
		if sl.stop = true; r.err != nil {
			sl.stopFor(Record, time.Now().Add(tryAgain))
		}
		if r.other {
			sl.problem = PlanChanged
		}
		p.Run = Waiting
		sl.settled = append(sl.settled, p)
		return
	case r.ran != nil:
		sl.landSteps(r)
		return
	case r.err != nil, act.Unrecorded != nil:
		// What the record says is found out when the batch goes on: the row stays asked.
		sl.stopFor(Record, time.Now().Add(tryAgain))
		return
	}
	sl.landTokens(&p, act)
	sl.take(p)
}

// landTokens takes what came of the tokens of p.
func (sl *slice) landTokens(p *Person, act audit.Settled) {
	result := act.Result
	problem := genesys.Problem(result.Problem)
	p.Tries++
	p.asked, p.entry, p.Status, p.At = act.Asked.Seq, act.Entry.Seq, result.Status, act.Entry.At
	p.askedAt = act.Asked.At
	p.Problem, p.CorrelationID = result.Problem, result.CorrelationID
	p.judge(result.Outcome, problem, sl.now())
	sl.heed(p, result.Outcome, problem, result.Err)
}

// take has the row of p written by the next flush, and looks after the canary.
func (sl *slice) take(p Person) {
	sl.settled = append(sl.settled, p)
	if sl.current().canary() {
		sl.stop, sl.problem = true, TooManyFailures
	}
}

// heed draws the conclusions from an answer that concern more than the person.
func (sl *slice) heed(p *Person, outcome audit.Outcome, problem genesys.Problem, err error) {
	switch {
	case problem == genesys.RateLimited:
		answered, _ := errors.AsType[*genesys.Error](err)
		sl.pace.block(time.Now(), answered.RetryAfter)
	case problem == genesys.TokenInvalid && p.unclear && p.ID.String() == sl.b.RunBy.ID:
		p.giveUp() // their own token is dead: an earlier attempt may have done that
	case problem == genesys.TokenInvalid:
		sl.stop, sl.problem = true, string(genesys.TokenInvalid)
	case outcome != audit.Done && transient(problem):
		sl.noAnswer()
		return
	}
	sl.answered, sl.failures = true, 0
}
