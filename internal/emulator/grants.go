package emulator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-oauth2/oauth2/v4"
	oautherrors "github.com/go-oauth2/oauth2/v4/errors"
	"github.com/go-oauth2/oauth2/v4/manage"
	"github.com/go-oauth2/oauth2/v4/server"
)

const codeLifetime = time.Minute

// grants is the OAuth server behind /oauth/token. The mutex allows one exchange at
// a time, because the library reads and removes a code in two steps.
type grants struct {
	mu      sync.Mutex
	manager *manage.Manager
	server  *server.Server
}

func newGrants(clients *registry, tokens *store, refreshes func(c oauth2.ClientInfo, user string) bool) *grants {
	m := manage.NewManager()
	m.MapAuthorizeGenerate(codeValues{})
	m.MapAccessGenerate(accessValues{refreshes})
	m.MapClientStorage(clients)
	m.MapTokenStorage(tokens)
	m.SetAuthorizeCodeExp(codeLifetime)
	m.SetValidateURIHandler(func(_, uri string) error {
		if !clients.allows(uri) {
			return oautherrors.ErrInvalidGrant
		}
		return nil
	})
	// A replayed code must find the tokens that it gave.
	m.SetExtractExtensionHandler(func(req *oauth2.TokenGenerateRequest, info oauth2.ExtendableTokenInfo) {
		info.SetCode(req.Code)
	})
	s := server.NewServer(&server.Config{
		TokenType:            "bearer",
		AllowedResponseTypes: []oauth2.ResponseType{oauth2.Code},
		AllowedGrantTypes: []oauth2.GrantType{
			oauth2.AuthorizationCode, oauth2.Refreshing, oauth2.ClientCredentials,
		},
		AllowedCodeChallengeMethods: []oauth2.CodeChallengeMethod{oauth2.CodeChallengeS256},
	}, m)
	s.SetClientInfoHandler(clients.authenticate)
	s.SetClientScopeHandler(clients.scopeAllowed)
	s.SetRefreshingScopeHandler(func(req *oauth2.TokenGenerateRequest, old string) (bool, error) {
		return subset(strings.Fields(req.Scope), strings.Fields(old)), nil
	})
	return &grants{manager: m, server: s}
}

// configure applies the settings to the next grant. The caller holds mu.
func (g *grants) configure(s *settings) {
	g.manager.SetAuthorizeCodeTokenCfg(&manage.Config{AccessTokenExp: s.TokenLifetime, IsGenerateRefresh: true})
	g.manager.SetClientTokenCfg(&manage.Config{AccessTokenExp: s.TokenLifetime})
	g.manager.SetRefreshTokenCfg(&manage.RefreshingConfig{
		AccessTokenExp: s.TokenLifetime, IsGenerateRefresh: true, IsRemoveRefreshing: true,
	})
}

// token answers POST /oauth/token (RFC 6749 section 3.2).
func (e *Emulator) token(w http.ResponseWriter, r *http.Request) {
	allowBrowsers(w, r)
	if r.Method == http.MethodOptions {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	data, err := e.exchange(w, r)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if err != nil {
		writeGrantError(w, r, err)
		return
	}
	json.NewEncoder(w).Encode(data)
}

func (e *Emulator) exchange(w http.ResponseWriter, r *http.Request) (map[string]any, error) {
	if err := tokenForm(w, r); err != nil {
		return nil, err
	}
	if !e.grants.server.CheckGrantType(oauth2.GrantType(r.Form.Get("grant_type"))) {
		return nil, oautherrors.ErrUnsupportedGrantType
	}
	kind, req, err := e.grants.server.ValidationTokenRequest(r)
	if err != nil {
		return nil, err
	}
	e.grants.mu.Lock()
	defer e.grants.mu.Unlock()
	e.grants.configure(e.settings.Load())
	if kind == oauth2.Refreshing {
		if err := e.mayRefresh(r.Context(), req); err != nil {
			return nil, err
		}
	}
	info, err := e.grants.server.GetAccessToken(r.Context(), kind, req)
	if err != nil {
		return nil, err
	}
	if p := e.person(info.GetUserID()); p != nil {
		e.tell(p, info.GetClientID(), info.GetAccess(), r)
	}
	return e.grants.server.GetTokenData(info), nil
}

// tokenForm parses the body's parameters into r.Form. Parameters of the URL do not
// count, and none may be repeated (RFC 6749 section 3.2).
func tokenForm(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, bodyLimit)
	if err := r.ParseForm(); err != nil {
		return oautherrors.ErrInvalidRequest
	}
	r.Form = r.PostForm
	if repeats(r.Form) {
		return oautherrors.ErrInvalidRequest
	}
	return nil
}

// mayRefresh checks that a refresh token was given to the client that presents it
// (RFC 6749 section 6), which the library does not, and that the person's
// organization has no idle timeout.
func (e *Emulator) mayRefresh(ctx context.Context, req *oauth2.TokenGenerateRequest) error {
	info, err := e.tokens.GetByRefresh(ctx, req.Refresh)
	if err != nil || info.GetClientID() != req.ClientID ||
		!e.refreshes(e.clients.get(req.ClientID), info.GetUserID()) {
		return oautherrors.ErrInvalidGrant
	}
	return nil
}

// refreshes reports whether a client gets refresh tokens for a person: a
// confidential client does, in an organization without an idle timeout.
func (e *Emulator) refreshes(c oauth2.ClientInfo, user string) bool {
	p := e.person(user)
	return p != nil && !c.IsPublic() && e.settings.Load().of(p.in).idle() == 0
}

// authenticate returns the client that makes a token request, authenticated with
// HTTP Basic or in the body. A public client has only its id.
func (r *registry) authenticate(req *http.Request) (string, string, error) {
	id, secret, basic := req.BasicAuth()
	if !basic {
		id, secret = req.PostFormValue("client_id"), req.PostFormValue("client_secret")
	} else if other := req.PostFormValue("client_id"); other != "" && other != id {
		return "", "", oautherrors.ErrInvalidRequest
	}
	c := r.get(id)
	switch {
	case c == nil:
		return "", "", errUnknownClient
	case c.secret != secret, c.state != "active":
		return "", "", oautherrors.ErrInvalidClient
	}
	return id, secret, nil
}

// errUnknownClient is an ErrInvalidClient with another description.
var errUnknownClient = fmt.Errorf("%w: no such client", oautherrors.ErrInvalidClient)

// scopeAllowed reports whether the client has the scope that is asked for. A
// request without a scope gets all of the client's.
func (r *registry) scopeAllowed(req *oauth2.TokenGenerateRequest) (bool, error) {
	c := r.get(req.ClientID)
	if req.Scope == "" {
		req.Scope = strings.Join(c.scopes, " ")
	}
	return subset(strings.Fields(req.Scope), c.scopes), nil
}

// writeGrantError answers with an error of RFC 6749 section 5.2. Like the
// platform it gives the description twice.
func writeGrantError(w http.ResponseWriter, r *http.Request, err error) {
	code, status := "invalid_grant", http.StatusBadRequest
	switch {
	case errors.Is(err, oautherrors.ErrInvalidClient):
		code, status = "invalid_client", http.StatusUnauthorized
		if r.Header.Get("Authorization") != "" {
			w.Header().Set("WWW-Authenticate", `Basic realm="Genesys Cloud"`)
		}
	case errors.Is(err, oautherrors.ErrInvalidRequest), errors.Is(err, oautherrors.ErrInvalidScope),
		errors.Is(err, oautherrors.ErrUnsupportedGrantType):
		code = err.Error()
	}
	description := grantErrors[code]
	if errors.Is(err, errUnknownClient) {
		description = "client not found"
	}
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]string{
		"error": code, "error_description": description, "description": description,
	})
}

var grantErrors = map[string]string{
	"invalid_grant":          "The authorization code, verifier, redirect URI or refresh token is not valid.",
	"invalid_client":         "authentication failed",
	"invalid_request":        "The request lacks a parameter, has one twice or has one that is not valid.",
	"invalid_scope":          "The client does not have the requested scope.",
	"unsupported_grant_type": "The grant type is not supported.",
}

func repeats(form url.Values) bool {
	for _, values := range form {
		if len(values) > 1 {
			return true
		}
	}
	return false
}

func subset(some, all []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(all, s) })
}
