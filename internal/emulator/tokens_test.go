package emulator

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// wants checks an API error: its status and code, and that it is complete.
func wants(t *testing.T, got reply, status int, code string) {
	t.Helper()
	if got.status != status || got.json["code"] != code || got.json["status"] != float64(status) {
		t.Fatalf("answer %d %s, want %d %s", got.status, got.body, status, code)
	}
	id := got.header.Get("ININ-Correlation-Id")
	if len(id) != 36 || got.json["contextId"] != id {
		t.Errorf("ININ-Correlation-Id %q, contextId %v", id, got.json["contextId"])
	}
	for _, field := range []string{"message", "messageWithParams", "messageParams", "details", "errors"} {
		if got.json[field] == nil {
			t.Errorf("the error lacks %s: %s", field, got.body)
		}
	}
}

func TestGetTokensMe(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	got := w.call(w.tokenOf("agent@demo.example"), "GET", "/api/v2/tokens/me", "")
	if got.status != 200 || len(got.header.Get("ININ-Correlation-Id")) != 36 {
		t.Fatalf("%d %v", got.status, got.header)
	}
	demo := map[string]any{"id": demoOrganization.ID, "name": "Demo Contact Centre"}
	scopes := []any{"user-basic-info", "users:readonly", "organization:readonly", "authorization", "groups:readonly", "routing:readonly", "oauth", "notifications", "users", "presence"}
	want := map[string]any{
		"organization": demo, "homeOrganization": demo, "authorizedScope": scopes,
		"OAuthClient": map[string]any{
			"id": DemoClientID, "name": "Token console (demo)", "authorizedGrantType": "CODE",
			"scope": scopes, "state": "active", "organization": demo,
		},
	}
	if d := cmp.Diff(want, got.json); d != "" {
		t.Error("TokenInfo (-want +got):", d)
	}
}

func TestTrustee(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	got := w.call(w.tokenOf("trustee@partner.example"), "GET", "/api/v2/tokens/me", "").json
	home := got["homeOrganization"].(map[string]any)["id"]
	if got["organization"].(map[string]any)["id"] != demoOrganization.ID || home != partnerOrganization.ID {
		t.Errorf("organizations: %v", got)
	}
	clone, _ := got["clonedUser"].(map[string]any)
	if clone["id"] == nil || clone["organization"].(map[string]any)["id"] != home {
		t.Errorf("clonedUser: %v", clone)
	}
}

func TestHeadAndDeleteTokensMe(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	access, refresh := w.tokensOf("agent@demo.example", DemoClientID)
	other := w.tokenOf("agent@demo.example")
	for _, method := range []string{"HEAD", "DELETE"} {
		if got := w.call(access, method, "/api/v2/tokens/me", ""); got.status != 200 || got.body != "" {
			t.Errorf("%s: %d %q", method, got.status, got.body)
		}
	}
	wants(t, w.call(access, "GET", "/api/v2/tokens/me", ""), 401, "bad.credentials")
	refused(t, w.exchange(DemoClientID, DemoClientSecret, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}}), 400, "invalid_grant")
	if !w.alive(other) {
		t.Error("another session of the same person ended too")
	}
}

func TestDeleteToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	supervisor := w.tokenOf("supervisor@demo.example")
	console, refresh := w.tokensOf("agent@demo.example", DemoClientID)
	elsewhere, _ := w.tokensOf("agent@demo.example", PublicClientID)
	agent := "/api/v2/tokens/" + w.emulator.UserByEmail("agent@demo.example")

	refusal := w.call(w.tokenOf("agent@demo.example"), "DELETE", agent, "")
	wants(t, refusal, 403, "missing.any.permissions")
	if refusal.json["messageParams"].(map[string]any)["permissions"] != "[oauth:token:delete]" {
		t.Errorf("the permission is not named: %s", refusal.body)
	}
	if got := w.call(supervisor, "DELETE", agent, ""); got.status != 204 || got.body != "" {
		t.Fatalf("%d %q", got.status, got.body)
	}
	if w.alive(console) || w.alive(elsewhere) {
		t.Error("an access token survived")
	}
	refused(t, w.exchange(DemoClientID, DemoClientSecret, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}}), 400, "invalid_grant")
	// So does the refresh token of an access token that is long gone.
	_, late := w.tokensOf("agent@demo.example", DemoClientID)
	w.clock.pass(25 * time.Hour)
	supervisor = w.tokenOf("supervisor@demo.example")
	w.call(supervisor, "DELETE", agent, "")
	refused(t, w.exchange(DemoClientID, DemoClientSecret, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {late}}), 400, "invalid_grant")
	if !w.alive(supervisor) || !w.alive(w.tokenOf("agent@demo.example")) {
		t.Error("a bystander's or a later token is dead")
	}
	if got := w.call(supervisor, "DELETE", "/api/v2/tokens/"+w.emulator.UserByEmail("supervisor@demo.example"), ""); got.status != 204 || w.alive(supervisor) {
		t.Error("revoking oneself leaves the token alive")
	}
}

func TestDeleteTokenOddIds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	token := w.tokenOf("admin@demo.example")
	tests := []struct {
		id     string
		status int
		code   string
	}{
		{"00000000-0000-4000-8000-000000000000", 404, "not.found"},
		{"ME", 400, "bad.request"},
		{"me%2F..", 400, "bad.request"},
		{"%7Bd1a1cba6-9080-57d5-a445-66833a79c8b0%7D", 400, "bad.request"},
		{"x/../me", 404, "not.found"},
		{"me/", 404, "not.found"},
		{"", 404, "not.found"},
	}
	for _, test := range tests {
		wants(t, w.call(token, "DELETE", "/api/v2/tokens/"+test.id, ""), test.status, test.code)
	}
	if !w.alive(token) {
		t.Error("an odd id deleted the caller's token")
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	agent := w.tokenOf("agent@demo.example")
	narrow, _ := w.tokensOf("admin@demo.example", NarrowClientID)
	tests := []struct {
		name, token, method, path, body string
		status                          int
		code                            string
	}{
		{"no token", "", "GET", "/api/v2/tokens/me", "", 401, "authentication.required"},
		{"unknown token", "guess", "GET", "/api/v2/tokens/me", "", 401, "bad.credentials"},
		{"scope for search", narrow, "POST", "/api/v2/users/search", "{}", 403, "app.not.authorized.for.scope"},
		{"scope for users", narrow, "GET", "/api/v2/users", "", 403, "app.not.authorized.for.scope"},
		{"scope for organization", narrow, "GET", "/api/v2/organizations/me", "", 403, "app.not.authorized.for.scope"},
		{"scope for timeout", narrow, "GET", "/api/v2/tokens/timeout", "", 403, "app.not.authorized.for.scope"},
		{"permission for search", agent, "POST", "/api/v2/users/search", "{}", 403, "missing.any.permissions"},
		{"permission for timeout", agent, "PUT", "/api/v2/tokens/timeout", "{}", 403, "missing.any.permissions"},
		{"unknown path", agent, "GET", "/api/v2/nothing", "", 404, "not.found"},
		{"unclean path", agent, "GET", "/api/v2//tokens/me", "", 404, "not.found"},
		{"method", agent, "POST", "/api/v2/tokens/me", "", 405, "method.not.allowed"},
		{"method of users/me", agent, "POST", "/api/v2/users/me", "", 405, "method.not.allowed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			wants(t, w.call(test.token, test.method, test.path, test.body), test.status, test.code)
		})
	}
	if got := w.call(agent, "POST", "/api/v2/tokens/me", "").header.Get("Allow"); got != "DELETE, GET, HEAD" {
		t.Errorf("Allow: %q", got)
	}
}

func TestIdleTimer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{IdleTimeout: 10 * time.Minute})
	idles := func(token, query string) string {
		t.Helper()
		at, _ := w.call(token, "GET", "/api/v2/tokens/me"+query, "").json["dateTokenIdles"].(string)
		return at
	}
	token := w.tokenOf("agent@demo.example")
	w.clock.pass(4 * time.Minute)
	if got := idles(token, "?preserveIdleTTL=true"); got != "2026-05-04T09:10:00.000Z" {
		t.Errorf("preserving, the token idles at %q", got)
	}
	for _, use := range []string{"?preserveIdleTTL=false", ""} {
		w.clock.pass(time.Minute)
		want := w.clock.now().Add(10 * time.Minute).Format("2006-01-02T15:04:05.000Z")
		if got := idles(token, use); got != want {
			t.Errorf("tokens/me%s: idles at %q, want %q", use, got, want)
		}
	}
	w.clock.pass(9 * time.Minute)
	w.call(token, "HEAD", "/api/v2/tokens/me?preserveIdleTTL=true", "") // HEAD has no such parameter
	w.clock.pass(9 * time.Minute)
	w.call(token, "GET", "/api/v2/users/me", "")
	w.clock.pass(9 * time.Minute)
	if idles(token, "?preserveIdleTTL=true") == "" {
		t.Fatal("a token in use idled")
	}
	w.clock.pass(time.Minute)
	wants(t, w.call(token, "GET", "/api/v2/tokens/me?preserveIdleTTL=true", ""), 401, "bad.credentials")

	off := newWorld(t, Options{})
	token = off.tokenOf("agent@demo.example")
	off.clock.pass(23 * time.Hour)
	if got := off.call(token, "GET", "/api/v2/tokens/me", ""); got.status != 200 || got.json["dateTokenIdles"] != nil {
		t.Errorf("without idle timeout: %d %s", got.status, got.body)
	}
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{RateLimit: 2})
	token := w.tokenOf("agent@demo.example")
	w.clock.pass(time.Second)
	for _, count := range []string{"1", "2"} {
		got := w.call(token, "GET", "/api/v2/tokens/me", "")
		headers := []string{got.header.Get("inin-ratelimit-count"), got.header.Get("inin-ratelimit-allowed"), got.header.Get("inin-ratelimit-reset")}
		if d := cmp.Diff([]string{count, "2", "60"}, headers); d != "" || got.status != 200 {
			t.Errorf("request %s: status %d, headers (-want +got): %s", count, got.status, d)
		}
	}
	w.clock.pass(20 * time.Second)
	second := w.tokenOf("agent@demo.example") // the budget is the person's, not the token's
	got := w.call(second, "GET", "/api/v2/tokens/me", "")
	wants(t, got, 429, "too.many.requests.retry.after")
	if got.header.Get("Retry-After") != "40" || got.json["message"] != "Too many. Retry the request in [40] seconds" {
		t.Errorf("Retry-After %q, %s", got.header.Get("Retry-After"), got.body)
	}
	public, _ := w.tokensOf("agent@demo.example", PublicClientID)
	if !w.alive(public) || !w.alive(w.tokenOf("admin@demo.example")) {
		t.Error("another client or person is held to the same budget")
	}
	w.clock.pass(40 * time.Second)
	if !w.alive(token) {
		t.Error("the budget does not come back")
	}
}

func TestBodies(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	token := w.tokenOf("admin@demo.example")
	wants(t, w.call(token, "POST", "/api/v2/users/search", "{"), 400, "bad.request")
	wants(t, w.call(token, "POST", "/api/v2/users/search", `"`+string(make([]byte, bodyLimit))+`"`), 413, "request.entity.too.large")
	r := w.request("POST", "/api/v2/users/search", "{}")
	r.Header = http.Header{"Authorization": {"Bearer " + token}, "Content-Type": {"text/plain"}}
	wants(t, w.send(r), 415, "unsupported.media.type")
}

// A refused request names the limit that it went over.
func TestRateLimitIsNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{RateLimit: 1})
	token := w.tokenOf("agent@demo.example")
	w.call(token, "GET", "/api/v2/tokens/me", "")
	want := map[string]any{"key": "org.app.user.rate.per.minute", "namespace": "platform.api", "value": 1.0}
	if d := cmp.Diff(want, w.call(token, "GET", "/api/v2/tokens/me", "").json["limit"]); d != "" {
		t.Error("the limit (-want +got):", d)
	}
}

func TestScriptsInBrowsers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	for _, path := range []string{"/api/v2/tokens/me", "/oauth/token"} {
		r := w.request("OPTIONS", path, "")
		r.Header.Set("Origin", "https://script.example")
		got := w.send(r)
		if got.status != 204 || got.header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("preflight of %s: %d %v", path, got.status, got.header)
		}
		allowed := strings.Split(got.header.Get("Access-Control-Allow-Headers"), ", ")
		for _, header := range []string{"Authorization", "Content-Type", "genesys-app"} {
			if !slices.Contains(allowed, header) {
				t.Errorf("preflight of %s allows %v, not %s", path, allowed, header)
			}
		}
	}
	r := w.request("GET", "/oauth/authorize?"+ask().Encode(), "")
	r.Header.Set("Origin", "https://script.example")
	if got := w.send(r); got.header.Get("Access-Control-Allow-Origin") != "" {
		t.Error("scripts may read the authorize page")
	}
}
