package emulator

import (
	"net/url"
	"testing"
	"time"
)

func TestCodeGrant(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name           string
		ask            []string // changes to the authorize request
		user, password string   // HTTP Basic
		form           []string // changes to the token request
		noRefresh      bool
	}{
		{name: "confidential, Basic", user: DemoClientID, password: DemoClientSecret},
		{name: "confidential, body", form: []string{"client_id", DemoClientID, "client_secret", DemoClientSecret}},
		{name: "confidential without PKCE", user: DemoClientID, password: DemoClientSecret,
			ask: []string{"code_challenge", "", "code_challenge_method", ""}, form: []string{"code_verifier", ""}},
		{name: "Basic and client_id in the body", user: DemoClientID, password: DemoClientSecret, form: []string{"client_id", DemoClientID}},
		{name: "public", ask: []string{"client_id", PublicClientID}, form: []string{"client_id", PublicClientID}, noRefresh: true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, Options{})
			landed := w.choose(ask(test.ask...), "email", "agent@demo.example").landing(t)
			if landed.Get("state") != "a state & more" {
				t.Errorf("state came back as %q", landed.Get("state"))
			}
			got := w.exchange(test.user, test.password, codeForm(landed.Get("code"), test.form...))
			if got.status != 200 || got.json["token_type"] != "bearer" || got.json["expires_in"] != 86400.0 {
				t.Fatalf("token answer %d %s", got.status, got.body)
			}
			if none := got.json["refresh_token"] == nil; none != test.noRefresh {
				t.Errorf("no refresh token: %t", none)
			}
			if got.header.Get("Cache-Control") != "no-store" {
				t.Errorf("Cache-Control: %q", got.header.Get("Cache-Control"))
			}
			me := w.call(got.json["access_token"].(string), "GET", "/api/v2/users/me", "")
			if me.json["email"] != "agent@demo.example" {
				t.Errorf("signed in as %s", me.body)
			}
		})
	}
}

func TestCodeMisuse(t *testing.T) {
	t.Parallel()
	const public = PublicClientID
	tests := []struct {
		name           string
		ask            []string
		user, password string
		form           []string
		status         int
		code           string
	}{
		{name: "wrong verifier", user: DemoClientID, password: DemoClientSecret, form: []string{"code_verifier", verifier + "x"}, status: 400, code: "invalid_grant"},
		{name: "missing verifier", user: DemoClientID, password: DemoClientSecret, form: []string{"code_verifier", ""}, status: 400, code: "invalid_grant"},
		{name: "verifier without challenge", user: DemoClientID, password: DemoClientSecret,
			ask: []string{"code_challenge", "", "code_challenge_method", ""}, status: 400, code: "invalid_grant"},
		{name: "foreign redirect URI", user: DemoClientID, password: DemoClientSecret, form: []string{"redirect_uri", "http://evil.example/"}, status: 400, code: "invalid_grant"},
		{name: "other registered redirect URI", user: DemoClientID, password: DemoClientSecret, form: []string{"redirect_uri", callback + "2"}, status: 400, code: "invalid_grant"},
		{name: "no redirect URI", user: DemoClientID, password: DemoClientSecret, form: []string{"redirect_uri", ""}, status: 400, code: "invalid_request"},
		{name: "wrong secret", user: DemoClientID, password: "guess", status: 401, code: "invalid_client"},
		{name: "no secret", form: []string{"client_id", DemoClientID}, status: 401, code: "invalid_client"},
		{name: "unknown client", user: "stranger", password: DemoClientSecret, status: 401, code: "invalid_client"},
		{name: "two clients named", user: DemoClientID, password: DemoClientSecret, form: []string{"client_id", public}, status: 400, code: "invalid_request"},
		{name: "another client's code", user: NarrowClientID, password: DemoClientSecret, status: 400, code: "invalid_grant"},
		{name: "public client with a secret", ask: []string{"client_id", public}, form: []string{"client_id", public, "client_secret", "x"}, status: 401, code: "invalid_client"},
		{name: "public client without verifier", ask: []string{"client_id", public}, form: []string{"client_id", public, "code_verifier", ""}, status: 400, code: "invalid_grant"},
		{name: "made-up code", user: DemoClientID, password: DemoClientSecret, form: []string{"code", "guess"}, status: 400, code: "invalid_grant"},
		{name: "password grant", user: DemoClientID, password: DemoClientSecret, form: []string{"grant_type", "password"}, status: 400, code: "unsupported_grant_type"},
		{name: "no grant type", user: DemoClientID, password: DemoClientSecret, form: []string{"grant_type", ""}, status: 400, code: "unsupported_grant_type"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, Options{RedirectURIs: []string{callback + "2"}})
			got := w.exchange(test.user, test.password, codeForm(w.code("agent@demo.example", test.ask...), test.form...))
			refused(t, got, test.status, test.code)
		})
	}
}

func refused(t *testing.T, got reply, status int, code string) {
	t.Helper()
	if got.status != status || got.json["error"] != code {
		t.Fatalf("answer %d %s, want %d %s", got.status, got.body, status, code)
	}
	if d := got.json["error_description"]; d == nil || d == "" || d != got.json["description"] {
		t.Errorf("descriptions differ or are missing: %s", got.body)
	}
	if got.json["access_token"] != nil {
		t.Errorf("a refusal gives a token: %s", got.body)
	}
}

// An unknown client and a wrong secret share a code and differ in words.
func TestWordsOfInvalidClient(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	for id, want := range map[string]string{DemoClientID: "authentication failed", "stranger": "client not found"} {
		if got := w.exchange(id, "guess", codeForm("any")); got.json["error_description"] != want {
			t.Errorf("%s: %s", id, got.body)
		}
	}
}

func TestReplayedCodeRevokesWhatItGave(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	form := codeForm(w.code("agent@demo.example"))
	first := w.exchange(DemoClientID, DemoClientSecret, form)
	refreshed := w.exchange(DemoClientID, DemoClientSecret, url.Values{
		"grant_type": {"refresh_token"}, "refresh_token": {first.json["refresh_token"].(string)},
	})
	other := w.tokenOf("agent@demo.example")
	refused(t, w.exchange(DemoClientID, DemoClientSecret, form), 400, "invalid_grant")
	for name, got := range map[string]reply{"first": first, "refreshed": refreshed} {
		if w.alive(got.json["access_token"].(string)) {
			t.Errorf("the %s token survived the replay", name)
		}
	}
	refused(t, w.exchange(DemoClientID, DemoClientSecret, url.Values{
		"grant_type": {"refresh_token"}, "refresh_token": {refreshed.json["refresh_token"].(string)},
	}), 400, "invalid_grant")
	if !w.alive(other) {
		t.Error("another sign-in's token died with the replay")
	}
}

func TestCodeExpires(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	code := w.code("agent@demo.example")
	w.clock.pass(codeLifetime)
	refused(t, w.exchange(DemoClientID, DemoClientSecret, codeForm(code)), 400, "invalid_grant")
}

func TestParametersCountOnceAndInTheBody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	form := codeForm(w.code("agent@demo.example"))
	form.Add("code", "second")
	refused(t, w.exchange(DemoClientID, DemoClientSecret, form), 400, "invalid_request")

	r := w.request("POST", "/oauth/token?"+codeForm(w.code("agent@demo.example")).Encode(), "")
	r.SetBasicAuth(DemoClientID, DemoClientSecret)
	refused(t, w.send(r), 400, "unsupported_grant_type")
}

func TestRefreshGrant(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	access, refresh := w.tokensOf("agent@demo.example", DemoClientID)
	form := func(token string, more ...string) url.Values {
		return changed(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}}, more)
	}
	refused(t, w.exchange(NarrowClientID, DemoClientSecret, form(refresh)), 400, "invalid_grant")
	refused(t, w.exchange(DemoClientID, "guess", form(refresh)), 401, "invalid_client")
	refused(t, w.exchange(DemoClientID, DemoClientSecret, form(refresh, "scope", "analytics")), 400, "invalid_scope")

	w.clock.pass(25 * time.Hour)
	if w.alive(access) {
		t.Error("the access token outlived its lifetime")
	}
	got := w.exchange(DemoClientID, DemoClientSecret, form(refresh))
	if got.status != 200 || got.json["refresh_token"] == refresh || !w.alive(got.json["access_token"].(string)) {
		t.Fatalf("refresh: %d %s", got.status, got.body)
	}
	refused(t, w.exchange(DemoClientID, DemoClientSecret, form(refresh)), 400, "invalid_grant")

	w.call("", "PUT", "/emulator/settings", `{"idleTimeout":"5m"}`)
	refused(t, w.exchange(DemoClientID, DemoClientSecret, form(got.json["refresh_token"].(string))), 400, "invalid_grant")
}

func TestIdleTimeoutMeansNoRefreshToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{IdleTimeout: 10 * time.Minute, TokenLifetime: time.Hour})
	got := w.exchange(DemoClientID, DemoClientSecret, codeForm(w.code("agent@demo.example")))
	if got.status != 200 || got.json["refresh_token"] != nil || got.json["expires_in"] != 3600.0 {
		t.Errorf("token answer %d %s", got.status, got.body)
	}
}

func TestClientCredentials(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	form := url.Values{"grant_type": {"client_credentials"}}
	got := w.exchange(DemoClientID, DemoClientSecret, form)
	if got.status != 200 || got.json["refresh_token"] != nil {
		t.Fatalf("token answer %d %s", got.status, got.body)
	}
	token := got.json["access_token"].(string)
	if got := w.call(token, "GET", "/api/v2/users/me", ""); got.status != 400 || got.json["code"] != "not.a.user" {
		t.Errorf("users/me: %d %s", got.status, got.body)
	}
	if !w.alive(token) {
		t.Error("the token does not describe itself")
	}
	refused(t, w.exchange("", "", url.Values{"grant_type": {"client_credentials"}, "client_id": {PublicClientID}}), 401, "invalid_client")
	refused(t, w.exchange(DemoClientID, DemoClientSecret, url.Values{"grant_type": {"client_credentials"}, "scope": {"everything"}}), 400, "invalid_scope")
}
