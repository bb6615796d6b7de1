package handlers

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
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

// caused shows a problem and logs its cause.
type caused struct {
	*problem
	cause error
}

func (c *caused) Error() string { return c.cause.Error() }
func (c *caused) Unwrap() error { return c.problem }

// kept are the permissions that a session remembers.
var kept = []string{genesys.PermissionDeleteToken, genesys.PermissionViewUser, genesys.PermissionAdminOrg}

// startSession finds out whose token it is and what it is for, and makes a new
// session of it.
func (s *Server) startSession(w http.ResponseWriter, r *http.Request, domain string, grant login.Grant) error {
	var (
		me   genesys.UserMe
		info genesys.TokenInfo
	)
	client := s.clients[domain]
	err := together(r.Context(),
		func(ctx context.Context) (err error) { me, err = client.GetUsersMe(ctx, grant.AccessToken); return },
		func(ctx context.Context) (err error) {
			info, err = client.GetTokensMe(ctx, grant.AccessToken, genesys.ResetIdle)
			return
		})
	if err != nil {
		return err
	}
	if me.ID.IsZero() {
		return &genesys.NoAnswerError{Operation: "GetUsersMe", Sent: true, Err: errors.New("the reply names nobody")}
	}
	sess, err := s.sessions.Start(w, r, s.newSession(domain, grant, me, info))
	if err != nil {
		return err
	}
	note(r, sess)
	done := s.entry(r, sess, audit.SignIn)
	done.Outcome, done.Detail = audit.Done, "token "+grant.AccessToken.Fingerprint()
	if _, err := s.record(r, done); err != nil {
		s.sessions.End(w, sess)
		return err
	}
	return nil
}

// newSession is what the platform told about a token and its person.
func (s *Server) newSession(domain string, grant login.Grant, me genesys.UserMe, info genesys.TokenInfo) session.Session {
	sess := session.Session{
		AccessToken:  grant.AccessToken,
		RefreshToken: grant.RefreshToken,
		TokenExpiry:  grant.Expiry,
		Region:       domain,
		Person:       session.Person{ID: me.ID, Name: me.Name, Email: me.Email},
		Organization: info.Organization,
		Home:         info.HomeOrganization,
		Skew:         skew(me.Date.CurrentDate, s.now()),
	}
	if sess.Organization.ID == "" {
		sess.Organization = me.Organization
	}
	for _, permission := range kept {
		if slices.Contains(me.Authorization.Permissions, permission) {
			sess.Person.Permissions = append(sess.Person.Permissions, permission)
		}
	}
	return sess
}

// skewTolerance is how far the platform's clock may be from ours before it is
// worth a word.
const skewTolerance = 2 * time.Minute

// skew is how far this machine's clock is ahead of the platform's, if by much.
func skew(platform, here time.Time) time.Duration {
	if d := here.Sub(platform).Round(time.Second); !platform.IsZero() && d.Abs() > skewTolerance {
		return d
	}
	return 0
}

// discard deletes a token that no session will hold.
func (s *Server) discard(ctx context.Context, domain string, token genesys.Secret) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer cancel()
	if _, err := s.clients[domain].DeleteTokensMe(ctx, token); err != nil {
		s.log.Warn("a token that no session holds could not be deleted", "token", token.Fingerprint(), "error", err.Error())
	}
}
