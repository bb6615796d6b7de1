package signin

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/login"
	"tokenconsole/session"
	"tokenconsole/views"
)

// Begin leads to the log-in server with a fresh state and challenge.
func (s *Room) Begin(v *request.Visit) error {
	req := login.Request{
		Region:   v.Field("region"),
		ReturnTo: v.Request.PostForm.Get("return_to"),
		OrgName:  v.Field("org"),
		Provider: v.Field("provider"),
		Target:   strings.ToLower(v.Field("target")),
	}
	if req.Region == "" {
		req.Region = s.Platform.Regions()[0].Domain
	}
	if wrong := s.check(req); len(wrong) > 0 {
		return s.showFormWith(v, req, wrong)
	}
	_, req.Prompt = s.Sessions.Farewell(v.Request)
	if known := v.Held().ID != "" || req.Prompt; !known {
		// A browser that was here before is not held up by its neighbours.
		if wait := s.Paces.begin(v.Address, v.Now()); wait > 0 {
			return slowDown(respond.SignInsTooMany, wait)
		}
	}
	if errors.Is(v.Doubt, session.ErrUnavailable) {
		return v.Doubt // its token could not be dealt with
	}
	if v.Session = v.Held(); v.SignedIn() {
		// Whoever begins a sign-in gives up the session of before.
		s.Keeper.Retire(v, v.Session)
		s.End(v)
	}
	target, pending, err := s.Flow.Begin(req)
	if err != nil {
		return err
	}
	if err := s.Sessions.AddPending(v.Writer, v.Request, pending); err != nil {
		return err
	}
	if req.Provider != "" {
		return s.leadOn(v, "Continue to your company’s sign-in", "Genesys Cloud takes you there.", target)
	}
	return s.Redirect(v, target)
}

// slowDown asks to wait, because of code.
func slowDown(code respond.Code, wait time.Duration) error {
	p := respond.Refuse(code)
	p.RetryAfter = wait
	p.Next = fmt.Sprintf("Try again in %d seconds.", int(wait.Seconds()))
	return p
}

// leadOn leads to the platform after a post without a redirect, which could not
// go on to a company's own host.
func (s *Room) leadOn(v *request.Visit, title, text, target string) error {
	v.Writer.Header().Set("Refresh", "0; url="+target)
	return s.Page(v, http.StatusOK, views.Continue(views.ContinuePage{Shell: s.Shell(asNobody(v), title), Title: title, Text: text, URL: target}))
}

// maxOrg is how long an organization's short name may be, in characters.
const maxOrg = 100

// check says what is wrong with a sign-in form, by field.
func (s *Room) check(req login.Request) map[string]string {
	wrong := map[string]string{}
	if s.Platform.Client(req.Region) == nil {
		wrong["region"] = "Choose one of the regions."
	}
	if known := slices.ContainsFunc(views.Providers, func(c views.Choice) bool { return c.Value == req.Provider }); !known && req.Provider != "" {
		wrong["provider"] = "Choose one of the identity providers."
	}
	if _, err := uuid.Parse(req.Target); req.Target != "" && (err != nil || len(req.Target) != 36) {
		wrong["target"] = "That is not an organization id. It has the form xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx."
	}
	switch {
	case req.OrgName == "" && req.Provider != "":
		wrong["org"] = "Enter the organization too, or choose no identity provider."
	case req.OrgName != "" && req.Provider == "":
		wrong["provider"] = "Choose the identity provider too, or leave the organization empty."
	case utf8.RuneCountInString(req.OrgName) > maxOrg:
		wrong["org"] = "That is longer than an organization’s short name."
	}
	return wrong
}

// showFormWith shows the form as it was filled in, with what is wrong.
func (s *Room) showFormWith(v *request.Visit, req login.Request, wrong map[string]string) error {
	p := s.signInPage(v, req.ReturnTo)
	p.OrgName, p.Provider, p.Target, p.Errors = req.OrgName, req.Provider, req.Target, wrong
	for i := range p.Regions {
		p.Regions[i].Selected = p.Regions[i].Value == req.Region
	}
	s.AllowSignInForm(v)
	return s.Page(v, http.StatusUnprocessableEntity, views.SignIn(p))
}
