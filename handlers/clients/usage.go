package clients

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/genesys"
	"tokenconsole/views"
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

// used is what is known of the use of some clients. About one that is in neither map nobody asked yet, or the answer
// takes longer.
type used struct {
	requests map[string]int64 // by client id
	failed   map[string]error // by client id; why it could not be read
}

// unread is how many of clients nobody knows about yet.
func (u used) unread(clients []genesys.RegisteredClient) int {
	return len(clients) - len(u.requests) - len(u.failed)
}

// errNoQuestion says that the platform cannot be asked about a client with such an id.
var errNoQuestion = errors.New("not an id to ask about")

// read returns how much clients were used, in their order as far as the bounds of
// one look allow. Each stands alone: one that cannot be read costs no other.
func (u *usage) read(v *request.Visit, platform *genesys.Client, clients []genesys.RegisteredClient) used {
	result, missing := u.remembered(v, clients)
	ctx, cancel := context.WithTimeout(v.Context(), usagePatient)
	defer cancel()
	token, organization := v.Session.AccessToken, v.Session.Organization.ID
	var group errgroup.Group
	group.SetLimit(askedBeside)
	var mu sync.Mutex
	for _, id := range missing[:min(len(missing), askedAtOnce)] {
		group.Go(func() error {
			var requests int64
			var known bool
			err := genesys.Safely(func() (err error) {
				requests, known, err = platform.GetOAuthClientUsage(ctx, token, id, polls)
				return err
			})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err != nil && ctx.Err() != nil: // it only takes longer
			case err != nil:
				v.Log().Info("the use of a client could not be read", "client", id, "error", err.Error())
				result.failed[id] = err
			case known:
				u.remember(usageKey{organization, id}, usageFact{requests, v.Now()})
				result.requests[id] = requests
			}
			return nil
		})
	}
	_ = group.Wait() // every error is in result
	return result
}

// inWords says how much a client was used, and whether nothing used it.
func (u used) inWords(client string) (text string, unused bool) {
	requests, read := u.requests[client]
	switch {
	case u.failed[client] != nil:
		return "Not known", false
	case !read:
		return "Not read yet", false
	case requests == 0:
		return "None", true
	}
	return views.Number(requests), false
}

// problem says in words why the use of some clients could not be read, each reason once; "" if all could be.
func (u used) problem(now time.Time) string {
	var why []string
	for _, id := range slices.Sorted(maps.Keys(u.failed)) {
		said := respond.Explain(u.failed[id], now).Title + "."
		if e, ok := errors.AsType[*genesys.Error](u.failed[id]); ok && errors.Is(e, genesys.ErrForbidden) {
			said = refused(e)
		}
		if !errors.Is(u.failed[id], errNoQuestion) && !slices.Contains(why, said) {
			why = append(why, said)
		}
	}
	return strings.Join(why, " ")
}

// refused says what somebody or the console lacks for reading the use of clients.
func refused(e *genesys.Error) string {
	if scope, ok := e.MissingScope(); ok {
		return respond.HowToAddScope(cmp.Or(scope, genesys.ScopeReadClients))
	}
	permission := cmp.Or(e.MissingPermission(), genesys.PermissionViewClient+" or "+genesys.PermissionViewUsage)
	return "Reading it needs the permission " + permission + "."
}

// remembered returns what is known already, and the ids of those to ask about.
func (u *usage) remembered(v *request.Visit, clients []genesys.RegisteredClient) (known used, missing []string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	known = used{map[string]int64{}, map[string]error{}}
	for _, c := range clients {
		fact, ok := u.known[usageKey{v.Session.Organization.ID, c.ID}]
		switch {
		case ok && v.Now().Sub(fact.at) < usageFresh:
			known.requests[c.ID] = fact.requests
		case plausible(c.ID):
			missing = append(missing, c.ID)
		default:
			known.failed[c.ID] = errNoQuestion
		}
	}
	return known, missing
}

func (u *usage) remember(key usageKey, fact usageFact) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.known == nil || len(u.known) >= usageKept {
		u.known = map[usageKey]usageFact{}
	}
	u.known[key] = fact
}
