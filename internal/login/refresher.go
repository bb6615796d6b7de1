package login

import (
	"context"
	"sync"
	"time"

	"tokenconsole/internal/genesys"
)

// remembered is how long the outcome of a refresh is given to latecomers, whose
// requests were on their way with the old cookie.
const remembered = time.Minute

// Refresher makes one refresh at a time of each refresh token, and gives its
// outcome to everyone who asks with the same one. Two tabs would otherwise burn
// the token, since the platform takes each only once. It is safe for concurrent
// use.
type Refresher struct {
	flow    *Flow
	now     func() time.Time
	mu      sync.Mutex
	flights map[genesys.Secret]*flight
}

// A flight is one refresh, under way or just done.
type flight struct {
	done  chan struct{}
	grant Grant
	err   error
	until time.Time // when the outcome is forgotten; zero while under way
}

// NewRefresher returns a refresher that uses flow.
func NewRefresher(flow *Flow, now func() time.Time) *Refresher {
	return &Refresher{flow: flow, now: now, flights: map[genesys.Secret]*flight{}}
}

// Refresh trades refresh for new tokens, once. Its errors are those of
// Flow.Refresh.
func (f *Refresher) Refresh(ctx context.Context, region string, refresh genesys.Secret) (Grant, error) {
	f.mu.Lock()
	f.forget()
	shared, ok := f.flights[refresh]
	if !ok {
		shared = &flight{done: make(chan struct{})}
		f.flights[refresh] = shared
		// The refresh outlives the request that came first: others may wait for it.
		go f.fly(context.WithoutCancel(ctx), region, refresh, shared)
	}
	f.mu.Unlock()
	select {
	case <-shared.done:
		return shared.grant, shared.err
	case <-ctx.Done():
		return Grant{}, ctx.Err()
	}
}

func (f *Refresher) fly(ctx context.Context, region string, refresh genesys.Secret, shared *flight) {
	shared.err = genesys.Safely(func() (err error) {
		shared.grant, err = f.flow.Refresh(ctx, region, refresh)
		return err
	})
	f.mu.Lock()
	defer f.mu.Unlock()
	shared.until = f.now().Add(remembered)
	if shared.err != nil {
		delete(f.flights, refresh)
	}
	close(shared.done)
}

// forget drops outcomes that nobody can be waiting for.
func (f *Refresher) forget() {
	now := f.now()
	for token, flight := range f.flights {
		if !flight.until.IsZero() && now.After(flight.until) {
			delete(f.flights, token)
		}
	}
}
