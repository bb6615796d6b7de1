package emulator

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-oauth2/oauth2/v4"
	"github.com/go-oauth2/oauth2/v4/server"
)

var providers = []string{"okta", "adfs", "salesforce", "onelogin", "gsuite", "ping"}

// authorizeRequest is an authorization request (RFC 6749 section 4.1.1, RFC 7636
// section 4.3, and the platform's own parameters).
type authorizeRequest struct {
	client                      *client
	redirect, state             string
	scope, challenge            string
	org, provider, hint, prompt string
	target                      string // the organization to work in
}

// authorize answers /oauth/authorize. GET shows who can sign in, or signs in at
// once whom the browser remembers. POST comes from that page's form and makes
// the choice. Both read the request's parameters from the URL and check them.
func (e *Emulator) authorize(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		w.Header().Set("Allow", "GET, POST")
		e.explain(w, r, http.StatusMethodNotAllowed, "This page takes GET and POST.")
		return
	}
	a, problem := e.readAuthorize(r.URL.Query())
	if problem != "" {
		e.explain(w, r, http.StatusBadRequest, problem)
		return
	}
	code, description := a.fault(r.URL.Query())
	if code == "" && a.target != "" && a.target != e.people.organization.ID && a.target != e.customer.organization.ID {
		code, description = "invalid_request", "The target organization is not known."
	}
	if code != "" {
		a.refuse(w, r, code, description)
		return
	}
	if r.Method == http.MethodPost {
		e.choose(w, r, a)
		return
	}
	if p := e.remembered(r, a); p != nil {
		e.grant(w, r, a, p)
		return
	}
	e.showPeople(w, r, a, "")
}

// readAuthorize returns the request, or a problem in words when the client or the
// redirect URI is not known: then nobody may be redirected (RFC 6749 section
// 4.1.2.1).
func (e *Emulator) readAuthorize(q url.Values) (a authorizeRequest, problem string) {
	a = authorizeRequest{
		client: e.clients.get(q.Get("client_id")), redirect: q.Get("redirect_uri"), state: q.Get("state"),
		scope: q.Get("scope"), challenge: q.Get("code_challenge"),
		org: q.Get("org"), provider: q.Get("provider"), hint: q.Get("login_hint"), prompt: q.Get("prompt"),
		target: q.Get("target"),
	}
	switch {
	case a.client == nil || len(q["client_id"]) != 1:
		problem = "The application that sent you here is not registered: its client_id is unknown."
	case !e.clients.allows(a.redirect) || len(q["redirect_uri"]) != 1:
		problem = "The application that sent you here asked for an answer at an address (redirect_uri) " +
			"that is not registered for it."
	}
	return a, problem
}

// fault returns an error code and a description for a request that cannot be
// granted.
func (a authorizeRequest) fault(q url.Values) (code, description string) {
	method := q.Get("code_challenge_method")
	switch {
	case repeats(q):
		return "invalid_request", "A parameter is given more than once."
	case a.client.state != "active":
		return "unauthorized_client", "The client is disabled."
	case q.Get("response_type") == "":
		return "invalid_request", "response_type is missing."
	case q.Get("response_type") != "code":
		return "unsupported_response_type", "Only response_type=code is supported."
	case a.challenge == "" && a.client.IsPublic():
		return "invalid_request", "A public client must use PKCE: code_challenge is missing."
	case a.challenge != "" && method != "S256":
		return "invalid_request", "code_challenge_method must be S256."
	case a.challenge != "" && len(a.challenge) != 43, a.challenge == "" && method != "":
		return "invalid_request", "code_challenge is not an S256 challenge."
	case !subset(strings.Fields(a.scope), a.client.scopes):
		return "invalid_scope", "The client does not have the requested scope."
	case (a.org == "") != (a.provider == ""):
		return "invalid_request", "org and provider work only together."
	case a.provider != "" && !slices.Contains(providers, a.provider):
		return "invalid_request", "The provider is not known."
	}
	return "", ""
}

// choose signs in the person whose button was pressed.
func (e *Emulator) choose(w http.ResponseWriter, r *http.Request, a authorizeRequest) {
	r.Body = http.MaxBytesReader(w, r.Body, bodyLimit)
	if err := r.ParseForm(); err != nil {
		e.explain(w, r, http.StatusBadRequest, "The form could not be read.")
		return
	}
	if r.PostForm.Has("deny") {
		a.refuse(w, r, "access_denied", "The person declined to sign in.")
		return
	}
	p := e.people.find(r.PostForm.Get("email"))
	if p == nil || !p.active() {
		e.showPeople(w, r, a, "Nobody active has that email address.")
		return
	}
	worker := e.working(p, a.target)
	if worker == nil {
		e.showPeople(w, r, a, p.name+" may not work in that organization.")
		return
	}
	e.logins.remember(w, p.id)
	if a.provider == "" && !p.sso {
		p.lastLogin.Store(e.now().UnixMilli())
	}
	e.grant(w, r, a, worker)
}

// remembered returns the person whose log-in this browser remembers. It returns
// nil when the request asks for credentials or hints at somebody else.
func (e *Emulator) remembered(r *http.Request, a authorizeRequest) *person {
	if a.prompt == "login" {
		return nil
	}
	p := e.people.byID[e.logins.who(r)]
	if hinted := e.hinted(a); p == nil || hinted != nil && hinted != p {
		return nil
	}
	return e.working(p, a.target)
}

// hinted returns the person that the login_hint (email or email:org) names.
func (e *Emulator) hinted(a authorizeRequest) *person {
	email, _, _ := strings.Cut(a.hint, ":")
	return e.people.find(email)
}

// grant sends the browser back with a code for p.
func (e *Emulator) grant(w http.ResponseWriter, r *http.Request, a authorizeRequest, p *person) {
	req := &server.AuthorizeRequest{
		ResponseType: oauth2.Code, ClientID: a.client.id, RedirectURI: a.redirect, State: a.state, UserID: p.id,
		Scope: cmp.Or(a.scope, strings.Join(a.client.scopes, " ")), Request: r,
	}
	if a.challenge != "" {
		req.CodeChallenge, req.CodeChallengeMethod = a.challenge, oauth2.CodeChallengeS256
	}
	info, err := e.grants.server.GetAuthorizeToken(r.Context(), req)
	if err != nil {
		a.refuse(w, r, "server_error", "No code could be made.")
		return
	}
	a.answer(w, r, url.Values{"code": {info.GetCode()}})
}

// refuse sends the browser back with an error (RFC 6749 section 4.1.2.1).
func (a authorizeRequest) refuse(w http.ResponseWriter, r *http.Request, code, description string) {
	a.answer(w, r, url.Values{"error": {code}, "error_description": {description}})
}

// answer redirects with 303, so that the browser does not repeat the form's POST
// at the application. The redirect URI is a registered one.
func (a authorizeRequest) answer(w http.ResponseWriter, r *http.Request, params url.Values) {
	u, err := url.Parse(a.redirect)
	if err != nil {
		http.Error(w, "The registered redirect URI cannot be read.", http.StatusBadRequest)
		return
	}
	q := u.Query()
	for name, values := range params {
		q[name] = values
	}
	if a.state != "" {
		q.Set("state", a.state)
	}
	u.RawQuery = q.Encode()
	http.Redirect(w, r, u.String(), http.StatusSeeOther)
}
