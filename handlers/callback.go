package handlers

import (
	"errors"
	"net/http"
	"net/url"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/login"
	"tokenconsole/session"
)

// What a callback is refused for.
var (
	errNoState      = refuse(http.StatusBadRequest, "That is not the end of a sign-in", "The address lacks what Genesys Cloud adds to it, or has it twice. Nobody was signed in.", "Begin again.", toSignIn)
	errUnknownState = refuse(http.StatusBadRequest, "This browser did not begin that sign-in", "It was begun in another browser, too long ago, or with cookies off. It may also have been somebody else’s link. Nobody was signed in.", "Begin again, and allow this site its cookies.", toSignIn)
	errReplayed     = refuse(http.StatusBadRequest, "That sign-in was used already", "Each can be finished once. If you came here by Back or Reload, you are signed in.", "Go on to your token, or begin again.", toToken, toSignIn)
	errTooLate      = refuse(http.StatusBadRequest, "That sign-in took too long", "It was begun more than 10 minutes ago. Nobody was signed in.", "Begin again.", toSignIn)
	errClocks       = refuse(http.StatusInternalServerError, "The clocks differ", "By this server’s clock that sign-in was begun in the future, so the clocks of the console’s servers are apart. Nobody was signed in.", "Begin again. This is for whoever runs the console: set its clocks by NTP.", toSignIn)
	errNoCode       = refuse(http.StatusBadRequest, "Genesys Cloud sent no code", "The sign-in came back without what is needed to finish it. Nobody was signed in.", "Begin again.", toSignIn)
	errRefused      = refuse(http.StatusBadGateway, "Genesys Cloud refused to finish the sign-in", "It did not accept the code, or does not accept this console’s OAuth client. Nobody was signed in.", "Begin again. Should it happen again, whoever runs the console finds the cause in its log.", toSignIn)
)

// finishSignIn is where Genesys Cloud leads back to (RFC 6749, section 4.1.2).
func (s *Server) finishSignIn(w http.ResponseWriter, r *http.Request) error {
	// The address holds the code: it must not show in any Referer.
	w.Header().Set("Referrer-Policy", "no-referrer")
	query := r.URL.Query()
	state, ok := single(query, "state")
	if !ok {
		return errNoState
	}
	pending, err := s.sessions.TakePending(w, r, state)
	if err == nil {
		err = s.login.Check(pending, state)
	}
	switch {
	case errors.Is(err, session.ErrEnded):
		return errReplayed
	case errors.Is(err, login.ErrExpired):
		return errTooLate
	case errors.Is(err, login.ErrClock):
		return errClocks
	case err != nil:
		return errUnknownState
	case s.clients[pending.Region] == nil: // no longer configured
		return errUnknownState
	case query.Has("error"):
		return s.notSignedIn(r, pending, denied(query.Get("error")))
	}
	code, ok := single(query, "code")
	if !ok {
		return errNoCode
	}
	grant, err := s.login.Finish(r.Context(), pending, code)
	if err != nil {
		return s.notSignedIn(r, pending, exchangeProblem(err))
	}
	if err := s.startSession(w, r, pending.Region, grant); err != nil {
		s.discard(r.Context(), pending.Region, grant.AccessToken)
		return s.notSignedIn(r, pending, err)
	}
	return redirect(w, r, pending.ReturnTo)
}

// notSignedIn records a sign-in that this browser did begin and that failed
// with err. Nobody is known yet.
func (s *Server) notSignedIn(r *http.Request, pending login.Pending, err error) error {
	p := explain(err, s.now())
	e := s.entry(r, session.Session{Region: pending.Region}, audit.SignIn)
	e.Outcome, e.Detail, e.CorrelationID = audit.Refused, p.Title, p.CorrelationID
	if p.status >= 500 {
		e.Outcome = audit.Failed
	}
	_, _ = s.record(r, e) // logged; there is nothing to hold back
	return err
}

// single returns a query parameter that is there once and not empty.
func single(query url.Values, name string) (string, bool) {
	values := query[name]
	if len(values) != 1 || values[0] == "" {
		return "", false
	}
	return values[0], true
}

// denied explains an error of the authorize endpoint (RFC 6749, section
// 4.1.2.1). Its description is not ours to repeat.
func denied(code string) error {
	switch code {
	case "access_denied":
		return refuse(http.StatusForbidden, "The sign-in was refused", "You, or Genesys Cloud, said no. Nobody was signed in.", "Begin again, or ask an administrator whether you may use this application.", toSignIn)
	case "server_error", "temporarily_unavailable":
		return refuse(http.StatusBadGateway, "Genesys Cloud failed", "Its log-in server could not finish. Nobody was signed in.", "Begin again in a moment.", toSignIn)
	}
	return refuse(http.StatusBadGateway, "Genesys Cloud did not accept the sign-in", "It does not accept how this console’s OAuth client is set up. Nobody was signed in.", "This is for whoever runs the console: check client id, grant type, redirect URI and scopes.", toSignIn)
}

func exchangeProblem(err error) error {
	refused, ok := errors.AsType[*login.RefusedError](err)
	if !ok || !errors.Is(err, login.ErrRefused) {
		return err
	}
	p := *errRefused
	p.CorrelationID = refused.CorrelationID
	return &caused{&p, err}
}
