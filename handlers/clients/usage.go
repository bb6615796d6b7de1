package clients

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"tokenconsole/handlers/request"
	"tokenconsole/internal/genesys"
)

// What reading the use of clients may cost. The platform takes a question for each
// client and is then asked for the answer, so one look makes at most 80 calls.
const (
	askedAtOnce  = 20 // clients a look
	askedBeside  = 8  // at the same time
	polls        = 3  // a client
	usagePatient = 2500 * time.Millisecond
	usageFresh   = 10 * time.Minute
	usageKept    = 5000
)

// usage remembers for a while how much clients were used, so that the next look can
// ask about the rest.
type usage struct {
	mu    sync.Mutex
	known map[usageKey]usageFact
}

type usageKey struct{ organization, client string }

type usageFact struct {
	requests int64
	at       time.Time
}

// used is what is known of the use of some clients.
type used struct {
	requests map[string]int64 // by client id; one that is missing is not known yet
	unread   int              // how many those are
	err      error            // why, if the platform refused
}

// read returns how much clients were used, in their order as far as the bounds of
// one look allow.
func (u *usage) read(v *request.Visit, platform *genesys.Client, clients []genesys.RegisteredClient) used {
	var result used
	var missing []string
	result.requests, missing = u.remembered(v, clients)
	ctx, cancel := context.WithTimeout(v.Context(), usagePatient)
	defer cancel()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(askedBeside)
	token, organization := v.Session.AccessToken, v.Session.Organization.ID
	var mu sync.Mutex
	for _, id := range missing[:min(len(missing), askedAtOnce)] {
		group.Go(func() error {
			return genesys.Safely(func() error {
				requests, known, err := platform.GetOAuthClientUsage(ctx, token, id, polls)
				if err != nil || !known {
					return err
				}
				u.remember(usageKey{organization, id}, usageFact{requests, v.Now()})
				mu.Lock()
				defer mu.Unlock()
				result.requests[id] = requests
				return nil
			})
		})
	}
	if err := group.Wait(); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		v.Log.Info("the use of clients could not be read", "error", err.Error())
		result.err = err
	}
	result.unread = len(clients) - len(result.requests)
	return result
}

// remembered returns what is known already, and the ids of the rest.
func (u *usage) remembered(v *request.Visit, clients []genesys.RegisteredClient) (map[string]int64, []string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	requests, missing := map[string]int64{}, []string(nil)
	for _, c := range clients {
		fact, ok := u.known[usageKey{v.Session.Organization.ID, c.ID}]
		switch {
		case ok && v.Now().Sub(fact.at) < usageFresh:
			requests[c.ID] = fact.requests
		case plausible(c.ID):
			missing = append(missing, c.ID)
		}
	}
	return requests, missing
}

func (u *usage) remember(key usageKey, fact usageFact) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.known == nil || len(u.known) >= usageKept {
		u.known = map[usageKey]usageFact{}
	}
	u.known[key] = fact
}
