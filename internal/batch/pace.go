package batch

import (
	"time"

	"tokenconsole/internal/genesys"
)

// windowMargin is how long before the end of the platform's window its last call should be made, so that none is left
// over when the next window begins.
const windowMargin = 2 * time.Second

// pacer spreads calls evenly over the platform's window, as the headers of its replies tell it, and leaves a share of
// the limit to others.
type pacer struct {
	client  *genesys.Client
	token   genesys.Secret
	share   int       // percent that is left to others
	each    int       // calls that one person takes; 0 for 1
	last    time.Time // when a call was last begun
	blocked time.Time // until when the platform wants no call
}

// next is when the next call may begin, with so many under way that the platform's count may not hold yet.
func (p *pacer) next(now time.Time, flying int) time.Time {
	if now.Before(p.blocked) {
		return p.blocked
	}
	limit, ok := p.client.RateLimit(p.token)
	if !ok {
		return now
	}
	left := p.people(p.usable(limit)-limit.Count) - flying
	if left <= 0 {
		return limit.Ends
	}
	room := limit.Ends.Sub(now) - windowMargin
	if room <= 0 {
		return now
	}
	return p.last.Add(room / time.Duration(left))
}

// interval is the time from one call to the next.
func (p *pacer) interval(now time.Time, flying int) time.Duration {
	limit, ok := p.client.RateLimit(p.token)
	if left := p.people(p.usable(limit)-limit.Count) - flying; ok && left > 0 {
		return max(0, limit.Ends.Sub(now)-windowMargin) / time.Duration(left)
	}
	return 0
}

func (p *pacer) usable(limit genesys.RateLimit) int {
	return max(1, limit.Allowed*(100-p.share)/100)
}

// people is for how many people so many calls are enough.
func (p *pacer) people(calls int) int { return calls / max(1, p.each) }

// perMinute is how many people a minute the limit leaves to the batch, 0 if none is known.
func (p *pacer) perMinute() int {
	limit, ok := p.client.RateLimit(p.token)
	if !ok {
		return 0
	}
	return max(1, p.people(p.usable(limit)))
}

// block keeps calls back that the platform does not want for that long; 0 if it did not say.
func (p *pacer) block(now time.Time, wait time.Duration) {
	if wait <= 0 {
		wait = unsaidWait
	}
	if until := now.Add(wait); until.After(p.blocked) {
		p.blocked = until
	}
}

// unsaidWait is how long to wait when the platform says "too many" and not until when.
const unsaidWait = 5 * time.Second
