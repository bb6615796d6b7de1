package emulator

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// limiter counts API requests per person and client in windows of a minute.
type limiter struct {
	now     func() time.Time
	mu      sync.Mutex
	windows map[[2]string]*window
}

type window struct {
	ends  time.Time
	count int
}

func newLimiter(now func() time.Time) *limiter {
	return &limiter{now: now, windows: map[[2]string]*window{}}
}

// count counts a request. It returns the requests in this window and the seconds
// until the window ends, at least 1.
func (l *limiter) count(user, client string) (count, reset int) {
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	key := [2]string{user, client}
	w := l.windows[key]
	if w == nil || !now.Before(w.ends) {
		w = &window{ends: now.Add(time.Minute)}
		l.windows[key] = w
	}
	w.count++
	return w.count, int((w.ends.Sub(now) + time.Second - 1) / time.Second)
}

// limit counts a request of token and writes the rate-limit headers. It returns an
// error when the minute's requests are used up.
func (e *Emulator) limit(w http.ResponseWriter, token *issued) *apiError {
	allowed := e.settings.Load().RateLimit
	count, reset := e.limits.count(token.user, token.client)
	h := w.Header()
	h["Inin-Ratelimit-Count"] = []string{strconv.Itoa(min(count, allowed))}
	h["Inin-Ratelimit-Allowed"] = []string{strconv.Itoa(allowed)}
	h["Inin-Ratelimit-Reset"] = []string{strconv.Itoa(reset)}
	if count <= allowed {
		return nil
	}
	seconds := strconv.Itoa(reset)
	h.Set("Retry-After", seconds)
	refusal := tooManyRequests(seconds)
	refusal.Limit = &limit{Key: "org.app.user.rate.per.minute", Namespace: "platform.api", Value: allowed}
	return refusal
}
