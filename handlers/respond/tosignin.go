package respond

import (
	"errors"
	"net/http"
	"net/url"

	"tokenconsole/handlers/request"
	"tokenconsole/internal/login"
	"tokenconsole/session"
)

// An Absence says why nobody is signed in. The address of the sign-in page carries
// it, and the page has words for it.
type Absence string

// Why nobody is signed in.
const (
	NeverIn   Absence = "none"    // in this browser; needs no words
	TimedOut  Absence = "expired" // the session was not used for long, or lasted for its longest
	Ended     Absence = "ended"   // the session was
	Lost      Absence = "lost"    // the session was there when a form was shown, and not when it was sent
	TokenOver Absence = "token"   // the token's life is, and it cannot be renewed
)

// absenceOf is why nobody is signed in, or "" if err is about something else.
func absenceOf(err error) Absence {
	switch {
	case errors.Is(err, session.ErrNone), errors.Is(err, session.ErrUnreadable):
		return NeverIn
	case errors.Is(err, session.ErrExpired):
		return TimedOut
	case errors.Is(err, session.ErrEnded):
		return Ended
	case errors.Is(err, request.ErrTokenExpired):
		return TokenOver
	}
	return ""
}

// leadToSignIn leads to the sign-in page, and from there back to the page that
// was asked for. Nothing that was posted is done.
func (a *Responder) leadToSignIn(v *request.Visit, why Absence) {
	if v.Claims(a.Sessions.CookieName()) {
		a.Sessions.Clear(v.Writer)
	}
	if v.WantsJSON() {
		// What an open page asks by itself reads the state.
		_ = a.JSON(v, http.StatusUnauthorized, map[string]string{"state": "signed-out", "why": string(why), "requestId": v.ID})
		return
	}
	if why == NeverIn && !v.Safe() {
		why = Lost
	}
	draft := a.keepDraft(v) // reads the form of v, which the way back depends on
	path := signInPath(v, why)
	if draft != "" {
		path += "&draft=" + string(draft)
	}
	http.Redirect(v.Writer, v.Request, path, http.StatusSeeOther)
}

// signInPath is the sign-in page that leads back to what v asks for and tells
// why one is there, if that needs words.
func signInPath(v *request.Visit, why Absence) string {
	query := url.Values{"return_to": {returnTo(v)}}
	if why != "" && why != NeverIn {
		query.Set("why", string(why))
	}
	return "/login?" + query.Encode()
}

// returnTo is the page to come back to after a sign-in: the one asked for, or
// the one that a form was sent from.
func returnTo(v *request.Visit) string {
	if v.Safe() {
		return login.ReturnPath(v.Request.URL.RequestURI())
	}
	if page := askedPage(v); page != "" {
		return page
	}
	return login.ReturnPath(formPath(v))
}
