package batch

import (
	"context"
	"sync"
	"time"

	"tokenconsole/internal/genesys"
)

// lookEvery is how often a watched batch is looked up, for changes that other processes make.
const lookEvery = 500 * time.Millisecond

// Await returns a batch of an organization once its Version is above after, or an error once ctx ends. However many wait
// for a batch, it is read once: at once when this process changes it, and after half a second when another one does.
func (s *Service) Await(ctx context.Context, organizationID, id string, after int64) (Batch, error) {
	b, err := s.find(ctx, organizationID, id)
	if err != nil || b.Version > after {
		return b.Batch, err
	}
	w := s.watchers.join(id)
	defer s.watchers.leave(id, w)
	for {
		latest, next := w.latest()
		if latest.Version > after {
			return latest.Batch, nil
		}
		select {
		case <-next:
		case <-ctx.Done():
			return Batch{}, ctx.Err()
		}
	}
}

// watchers are who waits for changes of batches in this process.
type watchers struct {
	load func(context.Context, string) (row, error)
	mu   sync.Mutex
	by   map[string]*watcher
}

// watcher looks after one batch for everybody who waits for it.
type watcher struct {
	waiting int // guarded by watchers.mu
	stop    context.CancelFunc
	mu      sync.Mutex
	batch   row
	next    chan struct{} // closed at the next change
}

func (ws *watchers) join(id string) *watcher {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	w := ws.by[id]
	if w == nil {
		ctx, cancel := context.WithCancel(context.Background())
		w = &watcher{stop: cancel, next: make(chan struct{})}
		if ws.by == nil {
			ws.by = map[string]*watcher{}
		}
		ws.by[id] = w
		go func() { _ = genesys.Safely(func() error { w.look(ctx, id, ws.load); return nil }) }()
	}
	w.waiting++
	return w
}

func (ws *watchers) leave(id string, w *watcher) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if w.waiting--; w.waiting == 0 {
		w.stop()
		delete(ws.by, id)
	}
}

// notice tells those who wait for b that this process has changed it.
func (ws *watchers) notice(b row) {
	ws.mu.Lock()
	w := ws.by[b.ID]
	ws.mu.Unlock()
	if w != nil {
		w.set(b)
	}
}

func (w *watcher) latest() (row, <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.batch, w.next
}

func (w *watcher) set(b row) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if b.Version > w.batch.Version {
		w.batch = b
		close(w.next)
		w.next = make(chan struct{})
	}
}

// look reads the batch again and again. While the database does not answer, nothing changes for those who wait.
func (w *watcher) look(ctx context.Context, id string, load func(context.Context, string) (row, error)) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		if b, err := load(ctx, id); err == nil {
			w.set(b)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
