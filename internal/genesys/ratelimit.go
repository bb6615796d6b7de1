package genesys

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// RateLimit is how many calls the platform allows a token in the present window, a minute as a rule, as its latest
// replies told.
type RateLimit struct {
	Allowed int       // in the whole window
	Count   int       // made so far, by everybody who shares the limit
	Ends    time.Time // when the window ends and the count begins anew, by this machine's clock
}

// RateLimit returns the limit of token, and false if no reply has told it or its window is over.
func (cl *Client) RateLimit(token Secret) (RateLimit, bool) {
	cl.limits.mu.Lock()
	defer cl.limits.mu.Unlock()
	limit, ok := cl.limits.by[token]
	return limit, ok && time.Now().Before(limit.Ends)
}

// maxLimits bounds for how many tokens limits are kept.
const maxLimits = 1000

// rateLimits are the limits of the tokens that were used lately.
type rateLimits struct {
	mu sync.Mutex
	by map[Secret]RateLimit
}

// read keeps and returns what a reply that arrived at at tells: inin-ratelimit-allowed, -count and -reset, in seconds.
func (l *rateLimits) read(token Secret, header http.Header, at time.Time) (told RateLimit, ok bool) {
	if token.IsZero() {
		return told, false
	}
	allowed, err1 := strconv.Atoi(header.Get("Inin-Ratelimit-Allowed"))
	count, err2 := strconv.Atoi(header.Get("Inin-Ratelimit-Count"))
	reset, err3 := strconv.Atoi(header.Get("Inin-Ratelimit-Reset"))
	if err1 != nil || err2 != nil || err3 != nil || allowed < 1 || count < 0 || reset < 0 || reset > maxWindow {
		return told, false
	}
	told = RateLimit{Allowed: allowed, Count: count, Ends: at.Add(time.Duration(reset) * time.Second)}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.by == nil {
		l.by = map[Secret]RateLimit{}
	}
	known, before := l.by[token]
	if !before && len(l.by) >= maxLimits {
		l.forget(at)
	}
	l.by[token] = told.after(known, at)
	return told, true
}

// maxWindow is the longest window that is believed, in seconds.
const maxWindow = 3600

// after is what is known once told follows known. Replies of one window may arrive in another order than they were
// counted in, and each rounds its end up to a second: the highest count and the earliest end are nearest to the truth.
func (told RateLimit) after(known RateLimit, at time.Time) RateLimit {
	apart := told.Ends.Sub(known.Ends).Abs()
	if !at.Before(known.Ends) || apart > 1500*time.Millisecond {
		return told
	}
	told.Count = max(told.Count, known.Count)
	if known.Ends.Before(told.Ends) {
		told.Ends = known.Ends
	}
	return told
}

// forget drops the limits whose windows are over or, if none is, all.
func (l *rateLimits) forget(now time.Time) {
	for token, limit := range l.by {
		if !now.Before(limit.Ends) {
			delete(l.by, token)
		}
	}
	if len(l.by) >= maxLimits {
		clear(l.by)
	}
}
