package respond

import (
	"net/http"
	"net/url"

	"tokenconsole/handlers/request"
	"tokenconsole/internal/login"
)

// leadToSignIn leads to the sign-in page, and from there back to the page that
// was asked for. Nothing that was posted is done.
func (a *Responder) leadToSignIn(v *request.Visit, why string) {
	if v.Claims(a.Sessions.CookieName()) {
		a.Sessions.Clear(v.Writer)
	}
	if v.WantsJSON() {
		// What an open page asks by itself reads the state.
		_ = a.JSON(v, http.StatusUnauthorized, map[string]string{"state": "signed-out", "why": why, "requestId": v.ID})
		return
	}
	if why == "none" && !v.Safe() {
		why = "lost"
	}
	draft := a.keepDraft(v)
	path := signInPath(v, why)
	if draft != "" {
		path += "&draft=" + draft
	}
	http.Redirect(v.Writer, v.Request, path, http.StatusSeeOther)
}

// signInPath is the sign-in page that leads back to what v asks for and tells
// why one is there; "none" and "" need no telling.
func signInPath(v *request.Visit, why string) string {
	query := url.Values{"return_to": {returnTo(v)}}
	if why != "" && why != "none" {
		query.Set("why", why)
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
