// Package pace slows down whoever does something too often. It keeps a leaky
// budget for each of many keys, such as addresses or people.
package pace

import (
	"sync"
	"time"
)

// Pace allows each key a number of uses, which leak away evenly. It is safe for
// concurrent use.
type Pace[K comparable] struct {
	most    float64
	span    time.Duration
	keys    int
	mu      sync.Mutex
	budgets map[K]*budget
}

// A budget is what a key has used.
type budget struct {
	used float64
	at   time.Time
}

// New returns a Pace of most uses in span. It remembers at most keys keys.
func New[K comparable](most int, span time.Duration, keys int) *Pace[K] {
	return &Pace[K]{most: float64(most), span: span, keys: keys, budgets: map[K]*budget{}}
}

// Use counts a use by key. It returns how long to wait first, in whole seconds;
// zero if it may be done now. What has to wait is not counted.
func (p *Pace[K]) Use(key K, now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := p.budget(key, now)
	if over := b.used + 1 - p.most; over > 0 {
		wait := time.Duration(over / p.most * float64(p.span))
		return (wait + time.Second - 1).Truncate(time.Second)
	}
	b.used++
	return 0
}

// GiveBack takes back a use by key.
func (p *Pace[K]) GiveBack(key K, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := p.budget(key, now)
	b.used = max(0, b.used-1)
}

// budget is that of key, as much of it as has not leaked away by now.
func (p *Pace[K]) budget(key K, now time.Time) *budget {
	b, ok := p.budgets[key]
	if !ok {
		p.makeRoom(now)
		b = &budget{at: now}
		p.budgets[key] = b
	}
	p.leak(b, now)
	return b
}

func (p *Pace[K]) leak(b *budget, now time.Time) {
	passed := now.Sub(b.at)
	if passed <= 0 {
		return
	}
	b.used = max(0, b.used-p.most*passed.Seconds()/p.span.Seconds())
	b.at = now
}

// makeRoom forgets keys whose budget is unused again, and some others if there
// are still too many: a tenth at once, so that it is rarely done.
func (p *Pace[K]) makeRoom(now time.Time) {
	if len(p.budgets) < p.keys {
		return
	}
	for key, b := range p.budgets {
		if p.leak(b, now); b.used == 0 {
			delete(p.budgets, key)
		}
	}
	for key := range p.budgets {
		if len(p.budgets) < p.keys/10*9 {
			return
		}
		delete(p.budgets, key)
	}
}
