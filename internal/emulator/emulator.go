// Package emulator is Genesys Cloud in memory: the log-in server and the part of
// the platform API that a token console uses, on one host. It follows the
// vendor's published description and shares no code with the console's client,
// so that each of the two tests the other.
package emulator

import (
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// Options configure an [Emulator]. Zero values take the defaults named here.
type Options struct {
	Users         int              // people in the demo organization; default 60, of which three are always the same
	RateLimit     int              // API requests a minute per person and client; default 300
	TokenLifetime time.Duration    // life of an access token; default 24 h
	IdleTimeout   time.Duration    // of the demo organization; 0 turns it off, and refresh tokens on
	RedirectURIs  []string         // redirect URIs of the demo clients
	Heartbeat     time.Duration    // between the messages that keep a notification channel open; default 30 s
	Now           func() time.Time // default time.Now
}

// Emulator is one emulated region with two organizations, its people, OAuth
// clients and tokens. It is an [http.Handler] and safe for concurrent use.
type Emulator struct {
	now      func() time.Time
	settings atomic.Pointer[settings]
	people   *directory // of the demo organization
	customer *directory // of the one that trustees work in
	clients  *registry
	tokens   *store
	grants   *grants
	logins   *logins
	limits   *limiter
	faults   faults
	journal  journal
	usage    *usage
	channels *channels
	outside  http.Handler // front page and control calls: never in the journal, never disturbed by faults
	inside   http.Handler // log-in server and API
	all      http.Handler // both, for callers on this machine
}

// New returns an emulator. The same options always make the same people with the
// same ids.
func New(o Options) *Emulator {
	if o.Users == 0 {
		o.Users = 60
	}
	if o.RateLimit == 0 {
		o.RateLimit = 300
	}
	if o.TokenLifetime == 0 {
		o.TokenLifetime = 24 * time.Hour
	}
	if o.Heartbeat == 0 {
		o.Heartbeat = 30 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	people := newDirectory(o.Users, o.Now())
	e := &Emulator{
		now:      o.Now,
		people:   people,
		clients:  newRegistry(o.RedirectURIs, people, o.Now()),
		tokens:   newStore(o.Now),
		logins:   newLogins(o.Now),
		limits:   newLimiter(o.Now),
		usage:    newUsage(),
		channels: newChannels(o.Heartbeat),
	}
	e.customer = newCustomer(e.people, o.Now())
	e.settings.Store(&settings{
		TokenLifetime: o.TokenLifetime,
		RateLimit:     o.RateLimit,
		timeouts:      timeouts{Idle: o.IdleTimeout > 0, IdleTimeout: o.IdleTimeout},
	})
	e.grants = newGrants(e.clients, e.tokens, e.refreshes)
	e.outside = e.backDoor()
	e.inside = e.platform()
	e.all = ownHostsOnly(http.HandlerFunc(e.route))
	return e
}

// AllowRedirect registers another redirect URI for the demo clients. It may be
// called while the emulator serves.
func (e *Emulator) AllowRedirect(uri string) { e.clients.allow(uri) }

// ServeHTTP answers as the log-in server at /oauth/… and /logout, as the API at
// /api/…, as its notifications at /channels/…, and as the emulator itself at / and
// /emulator/…. Requests for a host
// that is not loopback are refused with 421.
func (e *Emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) { e.all.ServeHTTP(w, r) }

func (e *Emulator) route(w http.ResponseWriter, r *http.Request) {
	p := r.URL.Path
	if strings.HasPrefix(p, "/api/") || strings.HasPrefix(p, "/oauth/") || p == "/logout" {
		e.observe(w, r)
		return
	}
	if strings.HasPrefix(p, channelPath) {
		e.stream(w, r)
		return
	}
	e.outside.ServeHTTP(w, r)
}

// platform routes the log-in server and the API.
func (e *Emulator) platform() http.Handler {
	mux := http.NewServeMux()
	guard := http.NewCrossOriginProtection()
	mux.Handle("/oauth/authorize", guard.Handler(http.HandlerFunc(e.authorize)))
	mux.HandleFunc("/oauth/token", e.token)
	mux.HandleFunc("GET /logout", e.logout)
	api := e.api()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/oauth/") || r.URL.Path == "/logout" {
			mux.ServeHTTP(w, r)
			return
		}
		api.ServeHTTP(w, r)
	})
}
