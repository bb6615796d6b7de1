package doctor

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/oauth2"

	"tokenconsole/internal/genesys"
)

// login asks the log-in server of region whether it knows the client, its redirect URI and its secret. It begins a
// sign-in that nobody finishes, and offers a code that cannot be one.
func (e *examination) login(ctx context.Context, region genesys.Region) {
	redirect := e.Config.PublicURL.String() + "/oauth/callback"
	query := url.Values{
		"response_type": {"code"}, "client_id": {e.Config.ClientID}, "redirect_uri": {redirect}, "state": {"doctor"},
		"code_challenge": {oauth2.S256ChallengeFromVerifier(oauth2.GenerateVerifier())}, "code_challenge_method": {"S256"},
	}
	resp, err := e.get(ctx, region.LoginURL+"/oauth/authorize?"+query.Encode())
	if err != nil {
		e.fail("the log-in server of "+region.Domain+" does not answer: "+reason(err), reach(region.LoginURL, "GENESYS_LOGIN_URL", err))
		return
	}
	code := errorIn(resp.Header.Get("Location"))
	switch {
	case resp.StatusCode >= 500:
		e.warn("the log-in server of "+region.Domain+" answers "+resp.Status, "look at the vendor's status page and try again later")
		return
	case code != "":
		e.fail("the log-in server of "+region.Domain+" refuses the client: "+code, fixOf(code))
	case resp.StatusCode >= 400:
		e.fail("the log-in server of "+region.Domain+" does not know the client "+e.Config.ClientID+" with the redirect URI "+redirect+
			" ("+resp.Status+")", "in Genesys Cloud (Admin, Integrations, OAuth), compare the client id with GENESYS_CLIENT_ID "+
			"and enter exactly this redirect URI; GENESYS_REGION must be that organization's")
	default:
		e.ok("the log-in server of " + region.Domain + " takes the client and the redirect URI " + redirect)
	}
	e.secret(ctx, region, redirect)
}

// secret trades a code that is none. A server that minds the code only has accepted the client.
func (e *examination) secret(ctx context.Context, region genesys.Region, redirect string) {
	form := url.Values{
		"grant_type": {"authorization_code"}, "code": {"doctor"}, "redirect_uri": {redirect},
		"code_verifier": {oauth2.GenerateVerifier()},
	}
	if e.Config.ClientSecret.IsZero() {
		form.Set("client_id", e.Config.ClientID)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, region.LoginURL+"/oauth/token", strings.NewReader(form.Encode()))
	if err != nil {
		return
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if !e.Config.ClientSecret.IsZero() {
		req.SetBasicAuth(url.QueryEscape(e.Config.ClientID), url.QueryEscape(e.Config.ClientSecret.Reveal()))
	}
	resp, err := e.client.Do(req)
	if err != nil {
		e.fail("the token endpoint of "+region.Domain+" does not answer: "+reason(err), reach(region.LoginURL, "GENESYS_LOGIN_URL", err))
		return
	}
	defer func() { _ = resp.Body.Close() }()
	var answer struct {
		Error string `json:"error"`
	}
	_ = json.NewDecoder(io.LimitReader(resp.Body, 64<<10)).Decode(&answer)
	switch answer.Error {
	case "invalid_grant":
		e.ok("the token endpoint of " + region.Domain + " takes the client's id and secret")
	case "invalid_client", "unauthorized_client":
		e.fail("the token endpoint of "+region.Domain+" refuses the client: "+answer.Error, fixOf(answer.Error))
	default:
		e.warn("the token endpoint of "+region.Domain+" answers "+resp.Status+", which says nothing about the client",
			"sign in once to see; its answers to a made-up code may have changed")
	}
}

// errorIn is the OAuth error in an address that the server leads to, "" for none. Only an error code is given back.
func errorIn(location string) string {
	u, err := url.Parse(location)
	if err != nil {
		return ""
	}
	code := u.Query().Get("error")
	if fragment, err := url.ParseQuery(u.Fragment[strings.Index(u.Fragment, "?")+1:]); code == "" && err == nil {
		code = fragment.Get("error")
	}
	if strings.ContainsFunc(code, func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') }) || len(code) > 50 {
		return "an error"
	}
	return code
}

func fixOf(code string) string {
	switch code {
	case "invalid_client":
		return "copy GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET again from Genesys Cloud (Admin, Integrations, OAuth); " +
			"leave the secret out for a public client"
	case "unauthorized_client":
		return "enable the client in Genesys Cloud (Admin, Integrations, OAuth), with the grant type Code Authorization"
	case "invalid_scope":
		return "give the client its scopes in Genesys Cloud: see the README"
	}
	return "look at the client in Genesys Cloud (Admin, Integrations, OAuth)"
}
