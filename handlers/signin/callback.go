package signin

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/login"
	"tokenconsole/session"
)

// Finish is where Genesys Cloud leads back to (RFC 6749, section 4.1.2).
func (s *Room) Finish(v *request.Visit) error {
	// The address holds the code: it must not show in any Referer.
	v.Writer.Header().Set("Referrer-Policy", "no-referrer")
	query := v.Request.URL.Query()
	pending, err := s.takePending(v, query)
	if err != nil {
		if wait := s.Paces.fail(v.Address, v.Now()); wait > 0 {
			return slowDown(respond.SignInsTooMany, wait)
		}
		return err
	}
	if query.Has("error") {
		return s.notSignedIn(v, pending, respond.Refuse(denied(query.Get("error"))))
	}
	code, ok := single(query, "code")
	if !ok {
		return respond.Refuse(respond.SignInWithoutCode)
	}
	// The exchange goes on though the browser leaves: its token would live on
	// where nobody knows of it.
	grant, err := s.Flow.Finish(context.WithoutCancel(v.Context()), pending, code)
	if err != nil {
		s.discard(v, pending.Region, grant.AccessToken)
		return s.notSignedIn(v, pending, exchangeProblem(err))
	}
	if err := s.startSession(v, pending.Region, grant); err != nil {
		s.discard(v, pending.Region, grant.AccessToken)
		return s.notSignedIn(v, pending, err)
	}
	if err := v.Context().Err(); err != nil {
		s.Keeper.Retire(v, v.Session) // nobody is there to take its cookie
		return err
	}
	s.Paces.finish(v.Address, v.Now())
	return s.Redirect(v, pending.ReturnTo)
}

// takePending returns the sign-in that a callback with query finishes, and uses
// it up.
func (s *Room) takePending(v *request.Visit, query url.Values) (login.Pending, error) {
	state, ok := single(query, "state")
	if !ok {
		return login.Pending{}, respond.Refuse(respond.SignInWithoutState)
	}
	pending, err := s.Sessions.TakePending(v.Writer, v.Request, state)
	if err == nil {
		err = s.Flow.Check(pending, state)
	}
	switch {
	case errors.Is(err, session.ErrUnavailable):
		return pending, err
	case errors.Is(err, session.ErrUsed):
		return pending, respond.Refuse(respond.SignInUsed)
	case errors.Is(err, login.ErrExpired):
		return pending, respond.Refuse(respond.SignInTooLate)
	case errors.Is(err, login.ErrClock):
		return pending, respond.Refuse(respond.ClocksDiffer)
	case err != nil, s.client(pending.Region) == nil: // or no longer configured
		return pending, respond.Refuse(respond.SignInNotBegun)
	}
	return pending, nil
}

// notSignedIn counts a sign-in that this browser did begin and that failed with
// err, and leads to another one for the same page. Nobody is known yet.
func (s *Room) notSignedIn(v *request.Visit, pending login.Pending, err error) error {
	p := respond.Explain(err, v.Now())
	s.Paces.fail(v.Address, v.Now())
	note := s.Strangers.Note
	if p.Status >= http.StatusInternalServerError {
		note = s.Strangers.NoteFailure
	}
	note(v.Address, string(p.Code), pending.Region)
	v.Log().Info("a sign-in failed", "code", p.Code, "region", pending.Region, "address", v.Address)
	p.ReturnTo = pending.ReturnTo
	return p
}

// single returns a query parameter that is there once and not empty.
func single(query url.Values, name string) (string, bool) {
	values := query[name]
	if len(values) != 1 || values[0] == "" {
		return "", false
	}
	return values[0], true
}

// denied is the problem that an error of the authorize endpoint stands for (RFC
// 6749, section 4.1.2.1). Its description is not ours to repeat.
func denied(code string) respond.Code {
	switch code {
	case "access_denied":
		return respond.SignInDenied
	case "server_error", "temporarily_unavailable":
		return respond.SignInFailed
	}
	return respond.ClientMisset
}

func exchangeProblem(err error) error {
	refused, ok := errors.AsType[*login.RefusedError](err)
	if !ok || !errors.Is(err, login.ErrRefused) {
		return err
	}
	p := respond.Refuse(respond.SignInRefused)
	p.CorrelationID, p.Cause = refused.CorrelationID, err
	return p
}
