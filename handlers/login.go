package handlers

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"tokenconsole/internal/login"
	"tokenconsole/session"
	"tokenconsole/views"
)

func (s *Server) showHome(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, "/token", http.StatusSeeOther)
	return nil
}

// reasons explain why one came to the sign-in page.
var reasons = map[string]views.Problem{
	"expired": {Title: "Your session has ended", Meaning: "It was not used for a while, or it reached its longest time. Sign in to go on where you were."},
	"ended":   {Title: "You have signed out", Meaning: "This session was ended. Sign in to begin another."},
	"lost":    {Title: "You are not signed in any more", Meaning: "You signed out in another tab, or this browser lost its cookies. What you sent was not done. Sign in to do it again."},
	"token":   {Title: "Your token has expired", Meaning: "Genesys Cloud gave it a limited life, and that is over. Sign in to get another."},
}

// showLogin is the page that a sign-in begins on: nobody is signed in without
// an act of theirs here.
func (s *Server) showLogin(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	p := s.signInPage(w, r, query.Get("return_to"))
	if why, ok := reasons[query.Get("why")]; ok {
		p.Why = &why
	}
	switch sess, err := s.load(r); {
	case err == nil:
		p.Already = sess.Person.Name
	case !errors.Is(err, session.ErrNone):
		s.sessions.Clear(w)
	}
	s.allowSignInForm(w.Header())
	s.write(w, r, http.StatusOK, views.SignIn(p))
	return nil
}

func (s *Server) signInPage(w http.ResponseWriter, r *http.Request, returnTo string) views.SignInPage {
	p := views.SignInPage{
		Shell:    s.shell(w, r, session.Session{}, "Sign in"),
		ReturnTo: login.ReturnPath(returnTo),
		Sandbox:  s.options.Demo,
	}
	if p.ReturnTo != login.Home {
		p.Page, _, _ = strings.Cut(p.ReturnTo, "?")
	}
	for _, region := range s.options.Regions {
		p.Regions = append(p.Regions, views.Choice{Value: region.Domain, Label: region.Name + " · " + region.Domain})
	}
	return p
}

// beginSignIn leads to the log-in server with a fresh state and challenge.
func (s *Server) beginSignIn(w http.ResponseWriter, r *http.Request) error {
	form := r.PostForm
	req := login.Request{
		Region:   form.Get("region"),
		ReturnTo: form.Get("return_to"),
		OrgName:  strings.TrimSpace(form.Get("org")),
		Provider: form.Get("provider"),
	}
	if req.Region == "" {
		req.Region = s.options.Regions[0].Domain
	}
	if wrong := s.checkSignIn(req); len(wrong) > 0 {
		return s.signInAgain(w, r, req, wrong)
	}
	_, req.Prompt = s.sessions.Farewell(r)
	target, pending, err := s.login.Begin(req)
	if err != nil {
		return err
	}
	if err := s.sessions.AddPending(w, r, pending); err != nil {
		return err
	}
	if req.Provider != "" {
		return s.leadOn(w, r, "On to your company’s sign-in", "Genesys Cloud leads you there.", target)
	}
	return redirect(w, r, target)
}

// leadOn leads to the platform after a post without a redirect, which could not
// go on to a company's own host.
func (s *Server) leadOn(w http.ResponseWriter, r *http.Request, title, text, target string) error {
	w.Header().Set("Refresh", "0; url="+target)
	s.write(w, r, http.StatusOK, views.Continue(views.ContinuePage{Shell: s.shell(w, r, session.Session{}, title), Title: title, Text: text, URL: target}))
	return nil
}

// checkSignIn says what is wrong with a sign-in form, by field.
func (s *Server) checkSignIn(req login.Request) map[string]string {
	wrong := map[string]string{}
	if _, ok := s.clients[req.Region]; !ok {
		wrong["region"] = "Choose one of the regions."
	}
	if known := slices.ContainsFunc(views.Providers, func(c views.Choice) bool { return c.Value == req.Provider }); !known && req.Provider != "" {
		wrong["provider"] = "Choose one of the identity providers."
	}
	switch {
	case req.OrgName == "" && req.Provider != "":
		wrong["org"] = "Give the organization too, or choose no identity provider."
	case req.OrgName != "" && req.Provider == "":
		wrong["provider"] = "Choose the identity provider too, or give no organization."
	case len(req.OrgName) > 100:
		wrong["org"] = "That is longer than an organization’s short name."
	}
	return wrong
}

// signInAgain shows the form as it was filled in, with what is wrong.
func (s *Server) signInAgain(w http.ResponseWriter, r *http.Request, req login.Request, wrong map[string]string) error {
	p := s.signInPage(w, r, req.ReturnTo)
	p.OrgName, p.Provider, p.Errors = req.OrgName, req.Provider, wrong
	for i := range p.Regions {
		p.Regions[i].Selected = p.Regions[i].Value == req.Region
	}
	s.allowSignInForm(w.Header())
	s.write(w, r, http.StatusUnprocessableEntity, views.SignIn(p))
	return nil
}
