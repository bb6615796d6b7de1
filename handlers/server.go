// Package handlers answers the console's requests: the route table, the pages,
// and the words for everything that can go wrong. It is the only package that
// knows both HTTP and views.
package handlers

import (
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/login"
	"tokenconsole/session"
)

// Options are what a Server is made of.
type Options struct {
	PublicURL      *url.URL // scheme and host that browsers see
	ClientID       string   // of the OAuth client
	ClientSecret   genesys.Secret
	Regions        []genesys.Region // at least one
	Transport      http.RoundTripper
	Sessions       session.Options
	TrustedProxies []netip.Prefix
	Audit          *audit.Log
	Demo           bool
	Log            *slog.Logger
	Now            func() time.Time // the clock; time.Now if nil
}

// Server is the console. It keeps no state about people but what their cookies
// hold, and is safe for concurrent use.
type Server struct {
	options  Options
	log      *slog.Logger
	now      func() time.Time
	sessions *session.Store
	login    *login.Flow
	refresh  *refresher
	clients  map[string]*genesys.Client // by region domain
	ready    *readiness
	audit    *audit.Log
	chain    *chain
	mux      *http.ServeMux
}

// New returns the console that o describes.
func New(o Options) (*Server, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Sessions.Now = o.Now
	o.Sessions.Secure = o.PublicURL.Scheme == "https"
	sessions, err := session.NewStore(o.Sessions)
	if err != nil {
		return nil, err
	}
	redirectURL := o.PublicURL.String() + callbackPath
	s := &Server{
		options:  o,
		log:      o.Log,
		now:      o.Now,
		sessions: sessions,
		login:    login.New(o.ClientID, o.ClientSecret, redirectURL, o.Regions, o.Transport, o.Now),
		clients:  map[string]*genesys.Client{},
		audit:    o.Audit,
		chain:    &chain{audit: o.Audit, log: o.Log, now: o.Now},
		mux:      http.NewServeMux(),
	}
	for _, region := range o.Regions {
		s.clients[region.Domain] = genesys.NewClient(region.APIURL, o.Transport)
	}
	s.refresh = newRefresher(s.login, o.Now)
	s.ready = newReadiness(o.Regions, o.Transport, o.Now)
	s.routes()
	return s, nil
}

// client returns the API client of the session's region.
func (s *Server) client(sess session.Session) *genesys.Client { return s.clients[sess.Region] }

// load returns the session of r, as session.Store.Load does. One of a region that
// is no longer configured is of no use.
func (s *Server) load(r *http.Request) (session.Session, error) {
	sess, err := s.sessions.Load(r)
	if _, known := s.clients[sess.Region]; !known && (err == nil || errors.Is(err, session.ErrExpired)) {
		return session.Session{}, session.ErrUnreadable
	}
	return sess, err
}

// region returns the configured region with domain, or the first one.
func (s *Server) region(domain string) genesys.Region {
	for _, r := range s.options.Regions {
		if r.Domain == domain {
			return r
		}
	}
	return s.options.Regions[0]
}
