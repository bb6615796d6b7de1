package respond

import (
	"net/url"

	"tokenconsole/handlers/request"
	"tokenconsole/internal/login"
	"tokenconsole/views"
)

// A Way leads on from a problem.
type Way int

// The ways on. Home is where somebody's work begins: the search and what was revoked or, for those who may do neither,
// their token.
const (
	ToSignIn Way = iota
	ToHome
	ToPeople
	ToRecord
	ToInspect
	ToClients
	ToWatch
	ToBatches
	ToSignedOut // what came of a sign-out

	ToAgain // the same page, once more
)

// offered are the ways on from p that are useful to the person of v.
func offered(v *request.Visit, p *Problem) []views.Action {
	var actions []views.Action
	var offers [ToAgain + 1]bool
	for _, way := range p.Ways {
		if way == ToAgain && once(v) {
			way = ToSignIn
		}
		switch {
		case way == ToAgain:
			if !v.Safe() {
				continue // what was sent is not sent again by a link
			}
		case way == ToSignedOut:
		case !v.SignedIn():
			way = ToSignIn
		case way == ToSignIn:
			way = ToHome
		case way == ToPeople && !MayFindPeople(v.Session.Person), way == ToBatches && !MayRevoke(v.Session.Person):
			continue
		}
		if !offers[way] {
			offers[way] = true
			actions = append(actions, way.action(v, p))
		}
	}
	return actions
}

// once reports whether v asks for the callback of a sign-in: its address works once, and
// holds a code that is not for a page.
func once(v *request.Visit) bool { return v.Request.URL.Path == "/oauth/callback" }

func (w Way) action(v *request.Visit, p *Problem) views.Action {
	switch w {
	case ToSignIn:
		href := "/login"
		switch {
		case p.ReturnTo != "" && p.ReturnTo != login.Home:
			href += "?" + url.Values{"return_to": {p.ReturnTo}}.Encode()
		case p.Code == TokenInvalid:
			href = signInPath(v, "")
		}
		return views.Action{Label: "Sign in", Href: href, Primary: true}
	case ToAgain:
		return views.Action{Label: "Try again", Href: v.Request.URL.RequestURI(), Primary: true}
	case ToPeople:
		return views.Action{Label: "Find a person", Href: "/users"}
	case ToRecord:
		return views.Action{Label: "Record", Href: "/audit", Primary: true}
	case ToWatch:
		return views.Action{Label: "Who came back", Href: "/watch", Primary: true}
	case ToClients:
		return views.Action{Label: "OAuth clients", Href: "/clients", Primary: true}
	case ToBatches:
		return views.Action{Label: "Batches", Href: "/batches", Primary: true}
	case ToSignedOut:
		return views.Action{Label: "Back to your sign-out", Href: "/signed-out", Primary: true}
	case ToInspect:
		return views.Action{Label: "Inspect a token", Href: "/inspect", Primary: true}
	}
	if MayRevoke(v.Session.Person) {
		return views.Action{Label: "Home", Href: "/", Primary: true}
	}
	return views.Action{Label: "Your token", Href: "/token", Primary: true}
}
