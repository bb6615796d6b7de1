package handlers

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/a-h/templ"

	"tokenconsole/internal/genesys"
	"tokenconsole/internal/login"
	"tokenconsole/session"
	"tokenconsole/views"
)

// answer runs p with a session that was loaded, or deals with err. A dead token
// ends the session wherever it shows.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, sess session.Session, err error, p signedInPage) {
	if err == nil {
		note(r, sess)
		err = p(w, r, sess)
	}
	switch {
	case err == nil:
	case errors.Is(err, genesys.ErrUnauthorized):
		s.sessions.End(w, sess)
		p := *explain(err, s.now())
		p.Actions = []views.Action{{Label: toSignIn.Label, Href: signInPath(r, ""), Primary: true}}
		s.fail(w, r, session.Session{}, &caused{&p, err})
	case signedOutReason(err) != "":
		s.askToSignIn(w, r, signedOutReason(err))
	default:
		s.fail(w, r, sess, err)
	}
}

// signedOutReason says why there is no session, in the word that the sign-in
// page explains; "" if err is about something else.
func signedOutReason(err error) string {
	switch {
	case errors.Is(err, session.ErrNone), errors.Is(err, session.ErrUnreadable):
		return "none"
	case errors.Is(err, session.ErrExpired):
		return "expired"
	case errors.Is(err, session.ErrEnded):
		return "ended"
	case errors.Is(err, errTokenExpired):
		return "token"
	}
	return ""
}

// askToSignIn leads to the sign-in page, and from there back to the page that
// was asked for. Nothing that was posted is done.
func (s *Server) askToSignIn(w http.ResponseWriter, r *http.Request, why string) {
	if len(r.CookiesNamed(s.sessions.CookieName())) > 0 {
		s.sessions.Clear(w)
	}
	if strings.Contains(r.Header.Get("Accept"), "application/json") {
		writeJSON(w, http.StatusUnauthorized, tokenStatus{State: "signed-out"})
		return
	}
	if why == "none" && !safe(r.Method) {
		why = "lost"
	}
	http.Redirect(w, r, signInPath(r, why), http.StatusSeeOther)
}

// signInPath is the sign-in page that leads back to what r asks for. why is a
// key of reasons, or not one.
func signInPath(r *http.Request, why string) string {
	query := url.Values{"return_to": {returnTo(r)}}
	if _, known := reasons[why]; known {
		query.Set("why", why)
	}
	return "/login?" + query.Encode()
}

// actionPath matches paths that have no page of their own to come back to: they end
// in what is done on the page above them.
var actionPath = regexp.MustCompile(`/(verify|delete|change)$`)

// returnTo is the page to come back to after a sign-in: the one asked for, or
// the one that a form was sent from.
func returnTo(r *http.Request) string {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return login.ReturnPath(r.URL.RequestURI())
	}
	return login.ReturnPath(actionPath.ReplaceAllString(r.URL.EscapedPath(), ""))
}

// fail renders what went wrong. sess is the zero value for nobody.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, sess session.Session, err error) {
	p := explain(err, s.now())
	level := s.log.Info
	if p.status >= 500 {
		level = s.log.Warn
	}
	level("could not answer", "request", requestID(r), "status", p.status, "error", err.Error(), "correlation", p.CorrelationID)
	p.setHeaders(w.Header())
	shown := p.Problem
	shown.Actions = offered(p.Actions, sess)
	s.write(w, r, p.status, views.ProblemPage(s.shell(w, r, sess, p.Title), shown))
}

// offered leaves those of actions that lead somewhere for sess: who is not
// signed in can sign in, and who is need not.
func offered(actions []views.Action, sess session.Session) []views.Action {
	var kept []views.Action
	for _, a := range actions {
		switch somebody := !sess.Person.ID.IsZero(); {
		case isSignIn(a) && somebody:
			a = toToken
		case !isSignIn(a) && !somebody:
			a = toSignIn
		case a.Href == toUsers.Href && !mayRevokeOrView(sess.Person):
			continue
		}
		if !slices.Contains(kept, a) {
			kept = append(kept, a)
		}
	}
	return kept
}

func isSignIn(a views.Action) bool { return a.Label == toSignIn.Label }

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// write renders a page into a buffer and then sends it: never half a page, and
// never a good status on a bad one.
func (s *Server) write(w http.ResponseWriter, r *http.Request, status int, c templ.Component) {
	buffer := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buffer)
	buffer.Reset()
	if err := c.Render(r.Context(), buffer); err != nil {
		s.log.Error("rendering a page failed", "request", requestID(r), "error", err.Error())
		http.Error(w, "Something went wrong here. Request id: "+requestID(r), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(buffer.Bytes())
}

// redirect leads on after a POST.
func redirect(w http.ResponseWriter, r *http.Request, path string) error {
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

// redirectWith leads on after a POST to a page that shows notice.
func (s *Server) redirectWith(w http.ResponseWriter, r *http.Request, sess session.Session, path string, n session.Notice) error {
	n.At = s.now()
	// Beside a large token a long notice may not fit. What was done is done: it
	// is told in fewer words then, or not at all.
	for _, notice := range []session.Notice{n, {Tone: n.Tone, Title: n.Title, At: n.At}, {}} {
		sess.Notice = notice
		if err := s.sessions.Save(w, r, sess); !errors.Is(err, session.ErrTooLarge) {
			break
		}
	}
	return redirect(w, r, path)
}
