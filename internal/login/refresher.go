package login

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"tokenconsole/internal/genesys"
)

// remembered is how long the outcome of a refresh is given to latecomers, whose
// requests were on their way with the old cookie.
const remembered = time.Minute

// Errors of a Refresher.
var (
	// ErrElsewhere means that another process is using the refresh token.
	ErrElsewhere = errors.New("the token is being refreshed elsewhere")
	// ErrUnkept comes with a grant that could not be kept for the other processes.
	ErrUnkept = errors.New("the refreshed token could not be kept")
)

// Claims decide which of the processes that share a database uses a refresh token, and tell the others what it got.
type Claims interface {
	ClaimRenewal(ctx context.Context, refresh genesys.Secret) (first bool, err error)
	ReleaseRenewal(ctx context.Context, refresh genesys.Secret) error
	KeepRenewal(ctx context.Context, refresh genesys.Secret, g Grant) error
}

// Refresher makes one refresh at a time of each refresh token, and gives its
// outcome to everyone who asks with the same one. Two tabs would otherwise burn
// the token, since the platform takes each only once. It is safe for concurrent
// use.
type Refresher struct {
	flow    *Flow
	claims  Claims
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

// NewRefresher returns a refresher that uses flow for what it can claim.
func NewRefresher(flow *Flow, claims Claims, now func() time.Time) *Refresher {
	return &Refresher{flow: flow, claims: claims, now: now, flights: map[genesys.Secret]*flight{}}
}

// Refresh trades refresh for new tokens, once. Its errors are those of
// Flow.Refresh and of Claims, and ErrElsewhere. With ErrUnkept comes a grant.
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
		shared.grant, err = f.trade(ctx, region, refresh)
		return err
	})
	f.mu.Lock()
	defer f.mu.Unlock()
	shared.until = f.now().Add(remembered)
	if shared.err != nil && !errors.Is(shared.err, ErrUnkept) {
		delete(f.flights, refresh)
	}
	close(shared.done)
}

// trade refreshes, unless another process does.
func (f *Refresher) trade(ctx context.Context, region string, refresh genesys.Secret) (Grant, error) {
	first, err := f.claims.ClaimRenewal(ctx, refresh)
	switch {
	case err != nil:
		return Grant{}, err
	case !first:
		return Grant{}, ErrElsewhere
	}
	grant, err := f.flow.Refresh(ctx, region, refresh)
	switch {
	case err != nil && grant.AccessToken.IsZero():
		err = errors.Join(err, f.claims.ReleaseRenewal(ctx, refresh))
	case err == nil:
		if unkept := f.claims.KeepRenewal(ctx, refresh, grant); unkept != nil {
			err = fmt.Errorf("%w: %w", ErrUnkept, unkept)
		}
	}
	return grant, err
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
