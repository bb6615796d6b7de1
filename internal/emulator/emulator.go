// Package emulator is Genesys Cloud in memory: the log-in server and the part
// of the platform API that a token console meets, on one host. It is written
// from the platform's published behaviour alone and shares no code with the
// console's client, so that the two witness each other.
package emulator

import (
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// Options shape an [Emulator]; zero values take the stated defaults.
type Options struct {
	Users         int              // people in the organization, the three named ones included; default 60
	RateLimit     int              // API requests a minute per person and client; default 300
	TokenLifetime time.Duration    // life of an access token; default 24 h
	IdleTimeout   time.Duration    // 0: idle timeout off, so refresh tokens are issued
	RedirectURIs  []string         // exact redirect URIs of the demo clients
	Now           func() time.Time // default time.Now
}

// Emulator is one emulated region with two organizations, its people, OAuth
// clients and tokens. It is an [http.Handler] and safe for concurrent use.
type Emulator struct {
	now      func() time.Time
	settings atomic.Pointer[settings]
	people   *directory
	clients  *registry
	tokens   *store
	grants   *grants
	logins   *logins
	limits   *limiter
	faults   faults
	journal  journal
	outside  http.Handler // what is neither journaled nor disturbed: front page and back door
	inside   http.Handler // what is: log-in server and API
}

// New returns an emulator with a freshly made organization. The same options
// always make the same people with the same ids.
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
	if o.Now == nil {
		o.Now = time.Now
	}
	e := &Emulator{
		now:     o.Now,
		people:  newDirectory(o.Users, o.Now()),
		clients: newRegistry(o.RedirectURIs),
		tokens:  newStore(o.Now),
		logins:  newLogins(o.Now),
		limits:  newLimiter(o.Now),
	}
	e.settings.Store(&settings{
		TokenLifetime: o.TokenLifetime,
		RateLimit:     o.RateLimit,
		Idle:          o.IdleTimeout > 0,
		IdleTimeout:   o.IdleTimeout,
	})
	e.grants = newGrants(e.clients, e.tokens)
	e.outside = e.backDoor()
	e.inside = e.platform()
	return e
}

// AllowRedirect registers one more exact redirect URI for the demo clients. It
// may be called while serving.
func (e *Emulator) AllowRedirect(uri string) { e.clients.allow(uri) }

// ServeHTTP answers as the log-in server (/oauth/…, /logout) and the API
// (/api/…), and at / and /emulator/… as the emulator itself.
func (e *Emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p := r.URL.Path
	if strings.HasPrefix(p, "/api/") || strings.HasPrefix(p, "/oauth/") || p == "/logout" {
		e.observe(w, r)
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
