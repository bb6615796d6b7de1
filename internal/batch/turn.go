package batch

import (
	"context"
	"sync"
)

// turns let one at a time in this process change a batch. The row's lock would do that, too, but whoever waits for it has a
// connection: while others keep the row, those who pause or cancel the batch would take them all.
type turns struct {
	mu sync.Mutex
	by map[string]*turn
}

type turn struct {
	taken   chan struct{} // holds one while somebody has the turn
	waiting int           // or having it; guarded by turns.mu
}

// take waits for the turn of a batch, and returns what gives it back.
func (ts *turns) take(ctx context.Context, id string) (give func(), err error) {
	t := ts.join(id)
	select {
	case t.taken <- struct{}{}:
		return func() { <-t.taken; ts.leave(id, t) }, nil
	case <-ctx.Done():
		ts.leave(id, t)
		return nil, away("waiting for a batch", ctx.Err())
	}
}

func (ts *turns) join(id string) *turn {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	t := ts.by[id]
	if t == nil {
		t = &turn{taken: make(chan struct{}, 1)}
		if ts.by == nil {
			ts.by = map[string]*turn{}
		}
		ts.by[id] = t
	}
	t.waiting++
	return t
}

func (ts *turns) leave(id string, t *turn) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if t.waiting--; t.waiting == 0 {
		delete(ts.by, id)
	}
}
