// Package signin is the way in and out: the sign-in page, the callback of the
// OAuth flow (RFC 6749, section 4.1), the sign-out and the page after it.
package signin

import (
	"net/http"
	"strings"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/login"
	"tokenconsole/session"
	"tokenconsole/views"
)

// Room holds the pages about signing in and out.
type Room struct {
	*respond.Responder
	Keeper    *request.Keeper
	Flow      *login.Flow
	Log       *audit.Log
	Strangers *audit.Strangers // counts the failed sign-ins of nobody
	ClientID  string           // of the OAuth client
	Paces     Paces            // of sign-ins
}

// absences explain why one came to the sign-in page.
var absences = map[respond.Absence]views.Problem{
	respond.TimedOut: {
		Title:   "Your session has ended",
		Meaning: "It was not used for a while, or it reached its maximum length. Sign in to continue where you left off.",
	},
	respond.Ended: {
		Title:   "Your session was ended",
		Meaning: "You signed out, or your tokens were revoked. Sign in to start a new one.",
	},
	respond.Lost: {
		Title: "You are no longer signed in",
		Meaning: "You signed out in another tab, or this browser lost its cookies. Nothing was done with what you sent. " +
			"Sign in and send it again.",
	},
	respond.TokenOver: {
		Title:   "Your token has expired",
		Meaning: "Genesys Cloud gave it a limited life, which is over. Sign in to get a new one.",
	},
}

// drafts tell what became of a form that was sent without a session.
var drafts = map[respond.DraftFate]string{
	respond.DraftKept: "What you typed is kept for " + views.Span(session.DraftLife) + ": sign in, and the form is filled in again.",
	respond.DraftLost: "What you typed was too long to be kept. You may have to type it again.",
}

// ShowSignIn is the page that a sign-in begins on: nobody is signed in without
// an act of theirs here.
func (s *Room) ShowSignIn(v *request.Visit) error {
	query := v.Request.URL.Query()
	p := s.signInPage(v, query.Get("return_to"))
	if why, ok := absences[respond.Absence(query.Get("why"))]; ok {
		why.Next = drafts[respond.DraftFate(query.Get("draft"))]
		p.Why = &why
	}
	switch {
	case v.SignedIn():
		p.Already = v.Session.Person.Name
	case v.Held().ID == "" && v.Claims(s.Sessions.CookieName()):
		s.Sessions.Clear(v.Writer)
	}
	s.AllowSignInForm(v)
	return s.Page(v, http.StatusOK, views.SignIn(p))
}

func (s *Room) signInPage(v *request.Visit, returnTo string) views.SignInPage {
	p := views.SignInPage{
		Shell:    s.Shell(asNobody(v), "Sign in"),
		ReturnTo: login.ReturnPath(returnTo),
		Sandbox:  s.Demo,
		MaxOrg:   maxOrg,
	}
	if p.ReturnTo != login.Home {
		p.Page, _, _ = strings.Cut(p.ReturnTo, "?")
	}
	for _, region := range s.Platform.Regions() {
		p.Regions = append(p.Regions, views.Choice{Value: region.Domain, Label: region.Name + " · " + region.Domain})
	}
	return p
}

// asNobody is v as the pages around a sign-in show it.
func asNobody(v *request.Visit) *request.Visit {
	nobody := *v
	nobody.Session = session.Session{}
	return &nobody
}

// client is the API client of a region that is configured.
func (s *Room) client(domain string) *genesys.Client { return s.Platform.Client(domain) }
