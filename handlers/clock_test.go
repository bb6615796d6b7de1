package handlers_test

import (
	"sync"
	"time"
)

// noon is when most tests happen.
var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// clock is the time of a console and of its platform. It stands until it is
// moved, or follows the machine's inside a bubble of testing/synctest.
type clock struct {
	mu      sync.Mutex
	at      time.Time
	follows bool
}

func (c *clock) now() time.Time {
	if c.follows {
		return time.Now()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}
