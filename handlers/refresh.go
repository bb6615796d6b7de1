package handlers

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"tokenconsole/internal/genesys"
	"tokenconsole/internal/login"
	"tokenconsole/session"
)

// renewAhead is how long before its expiry a token is renewed.
const renewAhead = 30 * time.Second

// renew returns sess with a token that lives: the one it has or, if that is
// about to expire, one from its refresh token. errTokenExpired if there is none.
func (s *Server) renew(w http.ResponseWriter, r *http.Request, sess session.Session) (session.Session, error) {
	left := sess.TokenExpiry.Sub(s.now())
	switch {
	case sess.TokenExpiry.IsZero(), left > renewAhead:
		return sess, nil
	case sess.RefreshToken.IsZero() && left > 0:
		return sess, nil
	case sess.RefreshToken.IsZero():
		s.sessions.End(w, sess)
		return sess, errTokenExpired
	}
	grant, err := s.refresh.do(r.Context(), sess.Region, sess.RefreshToken)
	switch {
	case errors.Is(err, login.ErrRefused):
		s.log.Info("the refresh token was refused", "request", requestID(r), "error", err.Error())
		s.sessions.End(w, sess)
		return sess, errTokenExpired
	case err != nil && left > 0:
		s.log.Warn("refreshing the token failed; it still lives", "request", requestID(r), "error", err.Error())
		return sess, nil
	case err != nil:
		return sess, err
	}
	sess.AccessToken, sess.TokenExpiry = grant.AccessToken, grant.Expiry
	if !grant.RefreshToken.IsZero() {
		sess.RefreshToken = grant.RefreshToken
	}
	return sess, s.sessions.Save(w, r, sess)
}

// refresher makes one refresh at a time of each refresh token, and gives its
// outcome to whoever asks with the same one: two tabs would otherwise burn it,
// since the platform takes each once.
type refresher struct {
	flow    *login.Flow
	now     func() time.Time
	mu      sync.Mutex
	flights map[genesys.Secret]*flight
}

type flight struct {
	done  chan struct{}
	grant login.Grant
	err   error
	until time.Time // when the outcome is forgotten; zero while under way
}

// remembered is how long an outcome is given to latecomers, whose requests were
// on their way with the old cookie.
const remembered = time.Minute

func newRefresher(flow *login.Flow, now func() time.Time) *refresher {
	return &refresher{flow: flow, now: now, flights: map[genesys.Secret]*flight{}}
}

func (f *refresher) do(ctx context.Context, region string, refresh genesys.Secret) (login.Grant, error) {
	f.mu.Lock()
	f.forget()
	under, ok := f.flights[refresh]
	if !ok {
		under = &flight{done: make(chan struct{})}
		f.flights[refresh] = under
		// The refresh goes on without the request that asked first: its
		// outcome may be another's.
		go f.fly(context.WithoutCancel(ctx), region, refresh, under)
	}
	f.mu.Unlock()
	select {
	case <-under.done:
		return under.grant, under.err
	case <-ctx.Done():
		return login.Grant{}, ctx.Err()
	}
}

func (f *refresher) fly(ctx context.Context, region string, refresh genesys.Secret, under *flight) {
	under.err = safely(func() (err error) {
		under.grant, err = f.flow.Refresh(ctx, region, refresh)
		return
	})
	f.mu.Lock()
	defer f.mu.Unlock()
	under.until = f.now().Add(remembered)
	if under.err != nil {
		delete(f.flights, refresh)
	}
	close(under.done)
}

// forget drops outcomes that nobody can be waiting for.
func (f *refresher) forget() {
	now := f.now()
	for key, flight := range f.flights {
		if !flight.until.IsZero() && now.After(flight.until) {
			delete(f.flights, key)
		}
	}
}
