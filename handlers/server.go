// Package handlers is the console's HTTP: the route table as data, and the wiring
// of the rooms that hold the pages. Package request is what happens before any
// page, package respond what happens after.
package handlers

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/audit"
	"tokenconsole/internal/batch"
	"tokenconsole/internal/comeback"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/login"
	"tokenconsole/internal/revocation"
	"tokenconsole/internal/telemetry"
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
	Monitor        *audit.Monitor
	Strangers      *audit.Strangers
	WatchFor       time.Duration        // how long people are watched after a revocation; a day if 0
	Telemetry      *telemetry.Telemetry // nil for none
	Reasons        []string             // to choose from when somebody revokes; the usual ones if nil
	Batches        batch.Policy
	Protected      []string // ids and emails of people who are never in a batch, and singly only if their email is typed
	Demo           bool
	Log            *slog.Logger
	Now            func() time.Time // the clock; time.Now if nil
}

// filled is o with what it leaves to New.
func (o Options) filled() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Reasons == nil {
		o.Reasons = revocation.UsualReasons()
	}
	o.WatchFor = cmp.Or(o.WatchFor, 24*time.Hour)
	o.Sessions.Now = o.Now
	o.Sessions.Secure = o.PublicURL.Scheme == "https"
	return o
}

// Server is the console. It keeps no state about people but what their cookies
// hold, and is safe for concurrent use.
type Server struct {
	options   Options
	keeper    *request.Keeper
	responder *respond.Responder
	health    *genesys.Health
	comebacks *comeback.Service
	live      *comeback.Live
	batches   *batch.Service
	table     []Route
	mux       *http.ServeMux
}

// New returns the console that o describes.
func New(o Options) (*Server, error) {
	o = o.filled()
	sessions, err := session.NewStore(o.Sessions)
	if err != nil {
		return nil, err
	}
	platform := genesys.NewPlatform(o.Regions, o.Transport)
	if o.Telemetry != nil {
		platform.Observe(o.Telemetry)
	}
	flow := login.New(o.ClientID, o.ClientSecret, o.PublicURL.String()+callbackPath, o.Regions,
		o.Telemetry.Transport("PostOauthToken", o.Transport), o.Now)
	s := &Server{
		options: o,
		keeper: &request.Keeper{
			Sessions: sessions, Platform: platform, Refresh: login.NewRefresher(flow, sessions, o.Now), Log: o.Audit, Pace: request.NewPace(),
		},
		health: genesys.NewHealth(platform, o.Now),
		responder: &respond.Responder{
			Sessions: sessions, Platform: platform, Record: o.Monitor, Demo: o.Demo, Public: o.PublicURL,
		},
	}
	platform.OnProof(func(token genesys.Secret, alive bool) { s.keeper.Proved(token, alive, o.Now()) })
	s.responder.Proofs = s.keeper
	s.watchPeople()
	revocations := &revocation.Service{
		Platform: platform, Record: o.Audit, Sessions: sessions, Protected: revocation.NewProtected(o.Protected),
		Log: o.Log, Now: o.Now,
	}
	s.batches, err = batch.New(batch.Options{
		DB: o.Sessions.DB, Record: o.Audit, Revocations: revocations, Platform: platform, Keys: o.Sessions.Keys,
		Policy: o.Batches, Log: o.Log, Now: o.Now, Traced: o.Telemetry.Traces().Do,
	})
	if err != nil {
		return nil, err
	}
	s.comebacks.Returned = s.batches.Returned
	s.table = s.rooms(flow, revocations).routes()
	s.mux = s.muxOf(s.table)
	return s, nil
}

// watchPeople sets up who is watched after a revocation, and who is told live.
func (s *Server) watchPeople() {
	o := s.options
	s.comebacks = &comeback.Service{
		Record: o.Audit, DB: o.Sessions.DB, Platform: s.keeper.Platform, For: o.WatchFor, Now: o.Now,
	}
	s.live = &comeback.Live{Service: s.comebacks, Log: o.Log}
	s.responder.CameBack, s.responder.ClientID = s.comebacks.Count, o.ClientID
}

// EndStreams ends the answers that would go on for as long as a page is open.
func (s *Server) EndStreams() { s.live.Close() }

// Wait returns once everything that goes on after an answer is done.
func (s *Server) Wait() {
	s.live.Close()
	s.keeper.Wait()
}

// Forget removes from the database what nobody can use any more: sessions and
// sign-ins that would be over anyway, and people who are not watched any more.
func (s *Server) Forget(ctx context.Context) error {
	return errors.Join(s.keeper.Sessions.Forget(ctx), s.comebacks.Forget(ctx))
}

// Settle writes what the database could not take of the ends of sessions, if it takes it now.
func (s *Server) Settle(ctx context.Context) error { return s.keeper.Sessions.Settle(ctx) }

// PlatformTime is the time by the platform's clock, or zero if it does not answer.
func (s *Server) PlatformTime(ctx context.Context) time.Time {
	if !s.health.Answers(ctx) {
		return time.Time{}
	}
	return s.keeper.Platform.Time()
}

// OwnHeaders are the names and values, in turns, of the headers that every answer
// carries, for those that no handler writes.
func (s *Server) OwnHeaders() []string {
	h := http.Header{}
	s.responder.SetHeaders(h, "")
	var all []string
	for name := range h {
		if name != "X-Request-Id" {
			all = append(all, name, h.Get(name))
		}
	}
	return all
}

// Batches are the batches of this console. Whoever runs the console carries them out.
func (s *Server) Batches() *batch.Service { return s.batches }

// Routes returns the route table, for tests and documentation.
func (s *Server) Routes() []Route { return s.table }
