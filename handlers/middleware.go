package handlers

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"mime"
	"net/http"
	"net/netip"
	"path"
	"runtime/debug"
	"strings"
	"time"

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

// elsewhere says that a page is asked for under another host name than ours.
type elsewhere struct{ url string }

func (e *elsewhere) Error() string { return "asked for under another host name" }

// admit lets a request through to the routes, or says why not.
func (s *Server) admit(w http.ResponseWriter, r *http.Request) error {
	if r.URL.Path == "/healthz" || r.URL.Path == "/readyz" {
		return nil
	}
	if err := s.checkHost(r); err != nil {
		return err
	}
	if clean := path.Clean(r.URL.Path); clean != r.URL.Path && clean+"/" != r.URL.Path || strings.Contains(r.URL.Path, "//") {
		return errBadPath
	}
	if safe(r.Method) {
		return nil
	}
	if err := s.checkOrigin(r); err != nil {
		return err
	}
	return readForm(w, r)
}

func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

// checkHost leads requests for another host name to the public one, since
// cookies, redirect URI and Origin all depend on it.
func (s *Server) checkHost(r *http.Request) error {
	if r.Host == s.options.PublicURL.Host {
		return nil
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		target := *s.options.PublicURL
		target.Path, target.RawPath, target.RawQuery = r.URL.Path, r.URL.RawPath, r.URL.RawQuery
		return &elsewhere{target.String()}
	}
	return errMisdirected
}

var crossOrigin = http.NewCrossOriginProtection()

// checkOrigin guards requests that change something. On top of what the
// standard library refuses, a browser must have said where the request comes
// from, and an Origin, when sent, must be exactly ours.
func (s *Server) checkOrigin(r *http.Request) error {
	origin, site := r.Header.Values("Origin"), r.Header.Values("Sec-Fetch-Site")
	if len(origin) == 0 && len(site) == 0 || len(origin) > 1 || len(site) > 1 {
		return errCrossOrigin
	}
	if len(origin) == 1 && origin[0] != s.options.PublicURL.String() || len(site) == 1 && site[0] != "same-origin" {
		return errCrossOrigin
	}
	if err := crossOrigin.Check(r); err != nil {
		return errCrossOrigin
	}
	return nil
}

// readForm reads the body of a request that changes something: a form of at
// most maxBody bytes in which no field comes twice.
func readForm(w http.ResponseWriter, r *http.Request) error {
	if len(r.TransferEncoding) > 0 {
		// Browsers send a form's length. What comes in chunks, perhaps beside a
		// length, is framed to be read differently by something in between.
		w.Header().Set("Connection", "close")
		return errLength
	}
	if r.ContentLength != 0 {
		if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/x-www-form-urlencoded" {
			return errMediaType
		}
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return errTooLarge
		}
		return errBadForm
	}
	for _, values := range r.PostForm {
		if len(values) > 1 {
			return errBadForm
		}
	}
	return nil
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

// clientAddress is who sent r: the connection's other end or, if that is a
// trusted proxy, the last address in X-Forwarded-For that is not one.
func clientAddress(r *http.Request, trusted []netip.Prefix) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	addr := peer.Addr().Unmap()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && within(trusted, addr); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		addr = hop.Unmap()
	}
	return addr.String()
}

func within(prefixes []netip.Prefix, addr netip.Addr) bool {
	for _, p := range prefixes {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// hstsLife is how long browsers are to insist on https.
const hstsLife = 2 * 365 * 24 * time.Hour
