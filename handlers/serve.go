package handlers

import (
	"context"
	"errors"
	"net/http"
	"path"
	"runtime/debug"
	"slices"
	"strings"

	"tokenconsole/handlers/request"
	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/telemetry"
)

type visitKey struct{}

// ServeHTTP answers a request: identified, with security headers, admitted,
// routed, recovered and logged.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	sent := &request.StatusWriter{ResponseWriter: w}
	v := request.NewVisit(sent, r, request.Address(r, s.options.TrustedProxies), s.options.Log, s.options.Now)
	secure := s.options.PublicURL.Scheme == "https"
	v.Prefers, v.BrowserZone = request.ReadPreferences(r, secure), request.ReadBrowserZone(r, secure)
	ctx, span := s.options.Telemetry.RequestBegan(r.Context(), v.ID)
	v.Request = r.WithContext(context.WithValue(ctx, visitKey{}, v))
	s.responder.SetHeaders(w.Header(), v.ID)
	begun := v.Now()
	defer func() {
		p := recover()
		if p != nil && p != http.ErrAbortHandler {
			v.Log().Error("panic", "panic", p, "stack", string(debug.Stack()))
			if sent.Status == 0 {
				s.responder.Fail(v, errors.New("panic"))
			} else {
				p = http.ErrAbortHandler // half an answer must not be taken for whole
			}
		}
		if p == nil && sent.Status == 0 && v.Abandoned() {
			// Given up, so there was no page. Who still reads must not take silence for success.
			sent.Header().Set("Connection", "close")
			sent.WriteHeader(http.StatusRequestTimeout)
		}
		took := v.Now().Sub(begun)
		request.LogAnswer(v, v.Request.Pattern, sent.Status, took)
		s.options.Telemetry.Request(span, telemetry.Request{
			Method: r.Method, Route: v.Request.Pattern, Status: sent.Status, Problem: v.Problem, Took: took,
		})
		if p == http.ErrAbortHandler {
			panic(p)
		}
	}()
	err := request.Admit(v, s.options.PublicURL, s.uploads(r))
	if other, ok := errors.AsType[*request.Elsewhere](err); ok {
		http.Redirect(sent, r, other.URL, http.StatusFound)
		return
	}
	if err != nil {
		s.responder.Fail(v, err)
		return
	}
	s.mux.ServeHTTP(sent, v.Request)
}

// uploads reports whether r is for a route that reads its form later, when it knows whose it is.
func (s *Server) uploads(r *http.Request) bool {
	return slices.ContainsFunc(s.table, func(route Route) bool {
		return route.Gate.Uploads && route.Method == r.Method && route.Path == r.URL.Path
	})
}

// muxOf finds the route of a request by its path, and then by its method, so
// that what there is not gets a designed page too.
func (s *Server) muxOf(table []Route) *http.ServeMux {
	byPath := map[string]map[string]Route{}
	for _, route := range table {
		if byPath[route.Path] == nil {
			byPath[route.Path] = map[string]Route{}
		}
		byPath[route.Path][route.Method] = route
		if route.Method == http.MethodGet {
			byPath[route.Path][http.MethodHead] = route
		}
	}
	mux := http.NewServeMux()
	for pattern, methods := range byPath {
		mux.Handle(pattern, s.methods(methods))
	}
	mux.HandleFunc("/", func(_ http.ResponseWriter, r *http.Request) {
		s.fail(visitOf(r), request.PageUnknown)
	})
	return mux
}

func (s *Server) methods(routes map[string]Route) http.HandlerFunc {
	var allowed []string
	for method := range routes {
		allowed = append(allowed, method)
	}
	slices.Sort(allowed)
	allow := strings.Join(allowed, ", ")
	_, hasPage := routes[http.MethodGet]
	return func(w http.ResponseWriter, r *http.Request) {
		v := visitOf(r)
		route, ok := routes[r.Method]
		if !ok {
			w.Header().Set("Allow", allow)
			s.fail(v, request.MethodNotAllowed)
			return
		}
		v.Request = r // with the values of its path
		if !hasPage && route.Gate.Form == "" {
			route.Gate.Form = path.Dir(r.URL.EscapedPath()) // its form is on the page above
		}
		if err := s.answer(v, route); err != nil {
			s.responder.Fail(v, err)
		}
	}
}

func visitOf(r *http.Request) *request.Visit { return r.Context().Value(visitKey{}).(*request.Visit) }

// fail answers a request without a route to whoever is signed in.
func (s *Server) fail(v *request.Visit, err error) {
	_ = s.keeper.Admit(v, request.Everybody())
	s.responder.Fail(v, err)
}

// answer lets v through the gate of route and has its page answer it. That
// somebody without permission tried an act goes on the record.
func (s *Server) answer(v *request.Visit, route Route) error {
	v.Gate = route.Gate
	err := s.keeper.Admit(v, route.Gate)
	missing, ok := errors.AsType[*request.PermissionError](err)
	if ok && route.Act != "" {
		if unrecorded := s.recordRefusal(v, route.Act, missing); unrecorded != nil {
			return unrecorded
		}
	}
	if err == nil && route.Gate.Uploads {
		err = request.ReadUpload(v)
	}
	if err != nil {
		return err
	}
	s.responder.RestoreDraft(v)
	return route.Page(v)
}

func (s *Server) recordRefusal(v *request.Visit, act audit.Action, missing *request.PermissionError) error {
	if err := s.keeper.Pace.Use(v); err != nil {
		return err
	}
	e := request.Entry(v, act)
	e.Outcome, e.Problem, e.Permission = audit.Refused, string(genesys.PermissionMissing), missing.Permission
	id := v.Request.PathValue("id")
	switch act {
	case audit.ChangeClient:
		e.Client.ID = id
	case audit.PrepareBatch, audit.ChangeBatch:
		e.Batch = id
	default:
		if person, err := genesys.ParseUserID(id); err == nil {
			e.Subject.ID = person.String()
		}
	}
	_, err := s.options.Audit.Append(context.WithoutCancel(v.Context()), e)
	return err
}
