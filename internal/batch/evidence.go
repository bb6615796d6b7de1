package batch

import (
	"context"
	"errors"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/revocation"
)

const (
	// evidenceMany is about how many people the platform tells in one call.
	evidenceMany = 100
	// maxEvidence is how often it is tried to read the evidence again.
	maxEvidence = 3
	// mostAway is how long the platform may give no usable answer before the batch pauses.
	mostAway = 15 * time.Minute
	// manyFailures is how many calls in a row without a usable answer mean that the platform is away.
	manyFailures = 5
)

// lookedUp is what the platform told about many people, before or after their revocation.
type lookedUp struct {
	people   []Person // as they are then
	err      error
	recorded error // why some of it could not be recorded
}

// lookUp reads the evidence of people who are about to be revoked.
func (sl *slice) lookUp(ctx context.Context, people []Person) *lookedUp {
	users, err := sl.getUsers(ctx, people)
	if again(err) {
		return &lookedUp{err: err}
	}
	now := sl.moment()
	for i := range people {
		people[i].knownAt = now
		if u, ok := users[people[i].ID]; ok {
			people[i].TokenBefore = u.LastTokenIssued.DateIssued.UTC().Truncate(time.Millisecond)
		}
	}
	return &lookedUp{people: people, err: err}
}

// readAgain reads the evidence of people who were revoked, and puts it on the record.
func (sl *slice) readAgain(ctx context.Context, b row, people []Person) *lookedUp {
	users, err := sl.getUsers(ctx, people)
	now := sl.moment()
	result := &lookedUp{people: people, err: err}
	for i := range people {
		p := &people[i]
		if err != nil {
			p.failures++
			continue
		}
		p.TokenAfter = users[p.ID].LastTokenIssued.DateIssued.UTC().Truncate(time.Millisecond)
		report := revocation.Report{Subject: *known(*p), Act: audit.Settled{Asked: audit.Entry{Seq: p.asked}}}
		report.Evidence = audit.Evidence{TokenIssuedBefore: p.TokenBefore, TokenIssuedAfter: p.TokenAfter, ReadAt: now}
		if result.recorded = sl.revocations.RecordEvidence(ctx, sl.order(b, *p), report); result.recorded != nil {
			result.people = people[:i]
			return result
		}
		p.EvidenceAt = now
	}
	return result
}

func (sl *slice) getUsers(ctx context.Context, people []Person) (map[genesys.UserID]genesys.User, error) {
	ids := make([]genesys.UserID, len(people))
	for i, p := range people {
		ids[i] = p.ID
	}
	users, err := sl.client.GetUsers(ctx, sl.token, ids)
	by := make(map[genesys.UserID]genesys.User, len(users))
	for _, u := range users {
		by[u.ID] = u
	}
	return by, err
}

// again reports whether to look people up again, rather than to go on without.
func again(err error) bool {
	return errors.Is(err, genesys.ErrUnauthorized) || err != nil && transient(genesys.ProblemOf(err))
}

// landLookedUp takes what the platform told about many.
func (sl *slice) landLookedUp(l lookedUp) {
	sl.settled = append(sl.settled, l.people...)
	switch problem := genesys.ProblemOf(l.err); {
	case l.recorded != nil:
		sl.stopFor(Record, time.Now().Add(tryAgain))
	case problem == genesys.RateLimited:
		answered, _ := errors.AsType[*genesys.Error](l.err)
		sl.pace.block(time.Now(), answered.RetryAfter)
	case problem == genesys.TokenInvalid:
		sl.stop, sl.problem = true, string(problem)
	case transient(problem):
		sl.noAnswer()
	default:
		sl.answered, sl.failures = true, 0
	}
}

// noAnswer counts a call without a usable answer. After some in a row the batch asks about nobody until the platform
// answers again.
func (sl *slice) noAnswer() {
	if sl.failures++; sl.failures >= manyFailures {
		sl.answered = false
		sl.stopFor(Platform, time.Now().Add(tryAgain))
	}
}

// returnToPlatform reports whether to go on. A platform that gave no usable answers is first asked whether it does now,
// with a call that does nothing.
func (sl *slice) returnToPlatform(ctx context.Context) bool {
	if sl.b.awaySince.IsZero() {
		return true
	}
	_, err := sl.client.GetTokensMe(ctx, sl.token, genesys.PreserveIdle)
	away := sl.now().Sub(sl.b.awaySince)
	switch problem := genesys.ProblemOf(err); {
	case problem == genesys.TokenInvalid:
		sl.stop, sl.problem = true, string(problem)
	case !transient(problem):
		sl.answered = true
	case away > mostAway:
		sl.stop, sl.problem = true, PlatformAway
	default:
		sl.stopFor(Platform, time.Now().Add(min(max(tryAgain, away/4), 15*time.Second)))
	}
	return !sl.stop
}
