package handlers

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"

	"tokenconsole/session"
)

// maxBody bounds the body of a request.
const maxBody = 64 << 10

// request is what is known about a request beyond the request itself.
type request struct {
	id     string
	client string // address
	person string // id, once known
}

type requestKey struct{}

func about(r *http.Request) *request {
	if known, ok := r.Context().Value(requestKey{}).(*request); ok {
		return known
	}
	return &request{}
}

// requestID names r in the log, on error pages and in the X-Request-Id header.
func requestID(r *http.Request) string { return about(r).id }

// note remembers for the log who asks.
func note(r *http.Request, sess session.Session) { about(r).person = sess.Person.ID.String() }

// ServeHTTP answers a request: identified, with security headers, logged,
// recovered, for this host, guarded, with a bounded body, routed.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	known := &request{id: rand.Text()[:16], client: clientAddress(r, s.options.TrustedProxies)}
	r = r.WithContext(context.WithValue(r.Context(), requestKey{}, known))
	s.setHeaders(w.Header(), known.id)
	logged := &statusWriter{ResponseWriter: w}
	begun := s.now()
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler {
				panic(p)
			}
			s.log.Error("panic", "request", known.id, "panic", p, "stack", string(debug.Stack()))
			if logged.status == 0 {
				s.fail(logged, r, session.Session{}, errPanic)
			}
		}
		s.log.LogAttrs(r.Context(), slog.LevelInfo, "request",
			slog.String("request", known.id), slog.String("method", r.Method), slog.String("path", loggedPath(r.URL.Path)),
			slog.Int("status", logged.status), slog.Duration("took", s.now().Sub(begun)),
			slog.String("client", known.client), slog.String("person", known.person))
	}()
	err := s.admit(logged, r)
	if other, ok := errors.AsType[*elsewhere](err); ok {
		http.Redirect(logged, r, other.url, http.StatusFound)
		return
	}
	if err != nil {
		s.fail(logged, r, session.Session{}, err)
		return
	}
	s.route(logged, r)
}

// loggedPath is path without what is longer than any id or name of ours: it may
// be a token that somebody pasted into the address bar.
func loggedPath(path string) string {
	const longest = 36 // a UUID
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		if len(segment) > longest {
			segments[i] = "…"
		}
	}
	return strings.Join(segments, "/")
}

// route finds the page of r. Where there is none the designed page says so.
func (s *Server) route(w http.ResponseWriter, r *http.Request) {
	if _, pattern := s.mux.Handler(r); pattern != "" {
		s.mux.ServeHTTP(w, r)
		return
	}
	sess := s.whoever(r)
	probe := &headerProbe{header: http.Header{}}
	s.mux.ServeHTTP(probe, r)
	if allow := probe.header.Get("Allow"); probe.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", allow)
		s.fail(w, r, sess, errMethod)
		return
	}
	s.fail(w, r, sess, errNoPage)
}

// headerProbe finds out what the standard library would answer.
type headerProbe struct {
	header http.Header
	status int
}

func (p *headerProbe) Header() http.Header         { return p.header }
func (p *headerProbe) WriteHeader(status int)      { p.status = status }
func (p *headerProbe) Write(b []byte) (int, error) { return len(b), nil }

// statusWriter remembers the status that was sent.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
