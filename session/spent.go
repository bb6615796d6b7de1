package session

import (
	"sync"
	"time"
)

// spent remembers names that must not be used again, each until it would have
// died by itself. Its memory is bounded by what happens within those lives.
type spent struct {
	now   func() time.Time
	mu    sync.Mutex
	until map[string]time.Time
	sweep time.Time // when to forget what has died
}

func newSpent(now func() time.Time) *spent {
	return &spent{now: now, until: map[string]time.Time{}}
}

// add remembers name until then, and reports whether it was not there before.
func (s *spent) add(name string, until time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if now.After(s.sweep) {
		for n, t := range s.until {
			if now.After(t) {
				delete(s.until, n)
			}
		}
		s.sweep = now.Add(time.Minute)
	}
	_, there := s.until[name]
	s.until[name] = until
	return !there
}

func (s *spent) has(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, there := s.until[name]
	return there
}
