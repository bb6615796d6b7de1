package handlers

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"tokenconsole/internal/audit"
)

// chain knows whether the record is whole. The first look walks all of it, in
// the background if it is long; later ones walk what has been added since, and
// from time to time all of it again, for what was changed under a console that
// runs on.
type chain struct {
	audit *audit.Log
	log   *slog.Logger
	now   func() time.Time
	mu    sync.Mutex
	first chan struct{} // closed when the first walk is over; nil before it begins
	begun time.Time     // when the latest walk of all of it began; zero if that failed
	known audit.Chain
	err   error
}

// wholeEvery is how often all of the record is walked, at most.
const wholeEvery = 15 * time.Minute

// patience is how long a page waits for the first walk.
const patience = 300 * time.Millisecond

// state says in words whether the record is whole; broken tells that it is not.
func (c *chain) state(ctx context.Context) (words string, broken bool) {
	select {
	case <-c.walked(ctx):
	case <-time.After(patience):
		return "The chain is being checked; look again in a moment.", false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil && c.known.Broken == nil {
		c.extend(ctx)
	}
	switch {
	case c.err != nil:
		return "The chain could not be checked just now.", false
	case c.known.Broken != nil:
		return fmt.Sprintf("The chain is broken at entry %d: %s.", c.known.Broken.Seq, c.known.Broken.Why), true
	}
	return fmt.Sprintf("The chain is whole: %d entries, checked up to entry %d.", c.known.Entries, c.known.Last.Seq), false
}

// walked begins a walk of the whole chain when one is due, and returns what is
// closed once the first is over.
func (c *chain) walked(ctx context.Context) <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	done := func() {}
	if c.first == nil {
		c.first = make(chan struct{})
		done = func() { close(c.first) }
	}
	if now := c.now(); now.Sub(c.begun) >= wholeEvery {
		c.begun = now
		go c.whole(context.WithoutCancel(ctx), done)
	}
	return c.first
}

// whole walks the whole chain, and can be tried again if that did not work.
func (c *chain) whole(ctx context.Context, done func()) {
	known, err := c.audit.Verify(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known, c.err = known, err
	if err != nil {
		c.log.Error("the record's chain could not be checked", "error", err.Error())
		c.begun = time.Time{}
	}
	done()
}

// extend walks what was added since the last walk.
func (c *chain) extend(ctx context.Context) {
	added, err := c.audit.VerifySince(ctx, c.known.Last)
	if err != nil {
		c.log.Error("the record's chain could not be checked", "error", err.Error())
		return
	}
	added.Entries += c.known.Entries
	added.First = c.known.First
	if added.Last.Seq == 0 {
		added.Last = c.known.Last
	}
	c.known = added
}
