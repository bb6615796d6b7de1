package respond

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"sync"

	"github.com/a-h/templ"

	"tokenconsole/handlers/request"
	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/login"
	"tokenconsole/session"
	"tokenconsole/views"
)

// Responder answers visits. It is safe for concurrent use.
type Responder struct {
	Sessions *session.Store
	Platform *genesys.Platform
	Record   *audit.Monitor
	Demo     bool
	ClientID string                                             // of the console itself
	Public   *url.URL                                           // scheme and host that browsers see
	CameBack func(ctx context.Context, organization string) int // how many people came back and are not dealt with; no call is made
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Page renders c into a buffer and then sends it: never half a page, and never a
// good status on a bad one.
func (a *Responder) Page(v *request.Visit, status int, c templ.Component) error {
	buffer := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buffer)
	buffer.Reset()
	if err := c.Render(v.Context(), buffer); err != nil {
		return err
	}
	v.Writer.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.Writer.WriteHeader(status)
	_, _ = v.Writer.Write(buffer.Bytes())
	return nil
}

// Redirect leads on after a POST.
func (a *Responder) Redirect(v *request.Visit, path string) error {
	http.Redirect(v.Writer, v.Request, path, http.StatusSeeOther)
	return nil
}

// RedirectWith leads on after a POST to a page that shows n.
func (a *Responder) RedirectWith(v *request.Visit, path string, n session.Notice) error {
	n.At = v.Now()
	// Beside a large token a long notice may not fit. What was done is done: it
	// is told in fewer words then, or not at all.
	for _, notice := range []session.Notice{n, {Tone: n.Tone, Title: n.Title, At: n.At}, {}} {
		v.Session.Notice = notice
		if err := a.Sessions.Save(v.Writer, v.Request, v.Session); !errors.Is(err, session.ErrTooLarge) {
			break
		}
	}
	return a.Redirect(v, path)
}

// Plain answers in one line, for programs.
func (a *Responder) Plain(v *request.Visit, status int, text string) error {
	v.Writer.Header().Set("Content-Type", "text/plain; charset=utf-8")
	v.Writer.WriteHeader(status)
	_, err := v.Writer.Write([]byte(text + "\n"))
	return err
}

// JSON answers with value.
func (a *Responder) JSON(v *request.Visit, status int, value any) error {
	content, err := json.Marshal(value)
	if err != nil {
		return err
	}
	v.Writer.Header().Set("Content-Type", "application/json")
	v.Writer.WriteHeader(status)
	_, _ = v.Writer.Write(content)
	return nil
}

// Fail answers a visit that ended in err: it leads to the sign-in page if that
// is what is missing, ends the session of a dead token, and else tells the
// problem. A browser that gave up gets nothing.
func (a *Responder) Fail(v *request.Visit, err error) {
	if v.Abandoned() {
		v.Log.Debug("the browser gave up", "error", err.Error())
		return
	}
	if why := signedOutReason(err); why != "" {
		a.leadToSignIn(v, why)
		return
	}
	p := Explain(err, v.Now())
	if p.Code == TokenInvalid && v.SignedIn() {
		a.End(v)
		a.keepDraft(v)
	}
	level := v.Log.Info
	if p.Status >= 500 {
		level = v.Log.Warn
	}
	level("could not answer", "code", p.Code, "status", p.Status, "error", err.Error(), "correlation", p.CorrelationID)
	v.Problem = string(p.Code)
	p.SetHeaders(v.Writer.Header())
	if v.WantsJSON() {
		_ = a.JSON(v, p.Status, a.reply(v, p))
		return
	}
	page := views.ProblemPage(a.Shell(v, p.Title), a.View(v, p))
	if err := a.Page(v, p.Status, page); err != nil {
		v.Log.Error("rendering a page failed", "error", err.Error())
		http.Error(v.Writer, "Something went wrong here. Request id: "+v.ID, http.StatusInternalServerError)
	}
}

// SetHeaders sets what belongs to the problem's status.
func (p *Problem) SetHeaders(h http.Header) {
	if p.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(p.RetryAfter.Seconds())))
	}
}

// machineReply is a problem for programs.
type machineReply struct {
	Code          Code   `json:"code"`
	Title         string `json:"title"`
	RequestID     string `json:"requestId"`
	CorrelationID string `json:"correlationId,omitempty"`
}

func (a *Responder) reply(v *request.Visit, p *Problem) machineReply {
	return machineReply{p.Code, p.Title, v.ID, p.CorrelationID}
}

// View is p as a page shows it to the person of v.
func (a *Responder) View(v *request.Visit, p *Problem) views.Problem {
	v.Problem = string(p.Code)
	return views.Problem{
		Code: string(p.Code), Title: p.Title, Meaning: p.Meaning, Next: p.Next, CorrelationID: p.CorrelationID,
		Actions: offered(v, p),
	}
}

// offered are the ways on from p that are useful to the person of v.
func offered(v *request.Visit, p *Problem) []views.Action {
	var actions []views.Action
	var offers [ToAgain + 1]bool
	for _, way := range p.Ways {
		switch {
		case way == ToAgain:
			if !v.Safe() {
				continue // what was sent is not sent again by a link
			}
		case !v.SignedIn():
			way = ToSignIn
		case way == ToSignIn:
			way = ToToken
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

func (w Way) action(v *request.Visit, p *Problem) views.Action {
	switch w {
	case ToSignIn:
		href := "/login"
		if p.Code == TokenInvalid {
			href = signInPath(v, "")
		}
		return views.Action{Label: "Sign in", Href: href, Primary: true}
	case ToAgain:
		return views.Action{Label: "Try again", Href: v.Request.URL.RequestURI(), Primary: true}
	case ToPeople:
		return views.Action{Label: "Find a person", Href: "/users"}
	case ToRecord:
		return views.Action{Label: "Audit", Href: "/audit", Primary: true}
	case ToWatch:
		return views.Action{Label: "Who came back", Href: "/watch", Primary: true}
	case ToClients:
		return views.Action{Label: "OAuth clients", Href: "/clients", Primary: true}
	case ToBatches:
		return views.Action{Label: "Batches", Href: "/batches", Primary: true}
	case ToInspect:
		return views.Action{Label: "Inspect a token", Href: "/inspect", Primary: true}
	}
	return views.Action{Label: "Your token", Href: "/token", Primary: true}
}

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

// actionPath matches paths that have no page of their own to come back to: they
// end in what is done on the page above them.
var actionPath = regexp.MustCompile(`/(verify|delete|change|start|approve|decline|pause|resume|cancel|retry|takeover|include|choose)$`)

// returnTo is the page to come back to after a sign-in: the one asked for, or
// the one that a form was sent from.
func returnTo(v *request.Visit) string {
	if v.Safe() {
		return login.ReturnPath(v.Request.URL.RequestURI())
	}
	if page := askedPage(v); page != "" {
		return page
	}
	return login.ReturnPath(actionPath.ReplaceAllString(formPath(v), ""))
}
