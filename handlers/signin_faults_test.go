package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"tokenconsole/internal/emulator"
)

func TestL15_TokenEndpointFails(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	for name, f := range map[string]emulator.Fault{
		"400":             {Status: 400, Body: body(map[string]string{"error": "invalid_grant", "error_description": "<script>alert(1)</script>"})},
		"401":             {Status: 401, Body: body(map[string]string{"error": "invalid_client"})},
		"500":             {Status: 500},
		"503 HTML":        {Status: 503, Body: body("<html><script>alert(1)</script>"), ContentType: "text/html"},
		"200 HTML":        {Status: 200, Body: body("<html><script>alert(1)</script>"), ContentType: "text/html"},
		"200 nothing":     {Status: 200, Body: body(""), ContentType: "application/json"},
		"200 garbage":     {Status: 200, Body: body("{\"access_token\":"), ContentType: "application/json"},
		"no access_token": {Status: 200, Body: body(map[string]any{"token_type": "bearer", "expires_in": 300})},
		"empty token":     {Status: 200, Body: body(map[string]any{"access_token": "", "token_type": "bearer"})},
		"wrong types":     {Status: 200, Body: body(map[string]any{"access_token": []int{1}, "expires_in": "soon"})},
		"token type":      {Status: 200, Body: body(map[string]any{"access_token": "a", "token_type": "mac"})},
		"token with CRLF": {Status: 200, Body: body(map[string]any{"access_token": "a\r\nX-Evil: 1", "token_type": "bearer"})},
		"array":           {Status: 200, Body: body([]int{1})},
		"redirect":        {Status: 307, Headers: map[string]string{"Location": "https://evil.example/"}},
		"reset":           {Reset: true},
	} {
		t.Run(name, func(t *testing.T) {
			c := c.in(t)
			b := c.newBrowser()
			callback := b.authorize(b.begin(""), agent)
			f.Match, f.Times = "POST /oauth/token", 1
			c.disturb(f)
			a := b.get(callback).want(http.StatusBadGateway)
			if strings.Contains(a.body, "alert(1)") || a.set(sessionCookie) != nil || a.problem() == "" {
				t.Error(a.text())
			}
			if a.page().Find(`main a[href="/login"]`).Length() != 1 {
				t.Errorf("the page leads nowhere: %s", a.text())
			}
		})
	}
}

// A token for which no session could be made is deleted again. The way on is another sign-in for the same page: the
// address of the callback is used up, and its code is not for a page.
func TestL15_PlatformFailsAfterTheExchange(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	const me, info = "GET /api/v2/users/me", "GET /api/v2/tokens/me"
	for name, f := range map[string]emulator.Fault{
		"me 503":      {Match: me, Status: 503},
		"me garbage":  {Match: me, Body: body("nonsense")},
		"me nobody":   {Match: me, Body: body(map[string]string{})},
		"me is me":    {Match: me, Body: body(map[string]string{"id": "me", "name": "x"})},
		"me is path":  {Match: me, Body: body(map[string]string{"id": "../tokens/me"})},
		"token 429":   {Match: info, Status: 429, RetryAfter: 7},
		"token 401":   {Match: info, Status: 401},
		"token reset": {Match: info, Reset: true},
	} {
		t.Run(name, func(t *testing.T) {
			c := c.in(t)
			c.forget()
			b := c.newBrowser()
			begun := b.begin("/audit?seq=7")
			callback := b.authorize(begun, agent)
			c.disturb(f)
			a := b.get(callback)
			c.calm()
			if a.StatusCode < 400 || a.StatusCode == http.StatusInternalServerError || a.problem() == "" {
				t.Errorf("%d %s", a.StatusCode, a.text())
			}
			if b.cookie(sessionCookie) != "" {
				t.Error("a session was made")
			}
			if a.page().Find(`main a.primary[href="/login?return_to=%2Faudit%3Fseq%3D7"]`).Length() != 1 {
				t.Errorf("the way on leads elsewhere: %s", a.body)
			}
			if strings.Contains(a.body, "/oauth/callback") || strings.Contains(a.body, begun.Query().Get("state")) {
				t.Errorf("the page holds the callback: %s", a.body)
			}
			c.wantAsked(1, "DELETE /api/v2/tokens/me")
		})
	}
}

func TestS2_TokenTooLargeForItsCookie(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.newBrowser()
	callback := b.authorize(b.begin(""), agent)
	c.disturb(
		emulator.Fault{Match: "POST /oauth/token", Times: 1, Body: body(map[string]any{
			"access_token": strings.Repeat("t", 3000), "token_type": "bearer", "expires_in": 600})},
		emulator.Fault{Match: "GET /api/v2/users/me", Times: 1, Body: body(map[string]string{"id": c.userID(agent), "name": "Mina Keller"})},
		emulator.Fault{Match: "GET /api/v2/tokens/me", Times: 1, Body: body(map[string]any{"organization": map[string]string{"id": "1", "name": "Demo"}})},
	)
	if a := b.get(callback).wantProblem(http.StatusBadGateway, "token-too-large"); a.set(sessionCookie) != nil {
		t.Error("a cookie was set")
	}
	c.wantAsked(1, "DELETE /api/v2/tokens/me")
	b.get("/token").wantTo("/login?") // and no loop
}

func TestR16_SignInThatCannotBeRecordedIsRefused(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.newBrowser()
	callback := b.authorize(b.begin(""), admin)
	c.calls.each(func(r *http.Request) {
		if r.URL.Path == "/api/v2/users/me" {
			c.readOnly(true)
		}
	})
	b.get(callback).wantProblem(http.StatusServiceUnavailable, "record-unwritable")
	if b.cookie(sessionCookie) != "" {
		t.Error("it leaves a session, for a token that was deleted")
	}
	c.wantAsked(1, "DELETE /api/v2/tokens/me")
	c.readOnly(false)
	if n := c.recorded(); n != 0 {
		t.Errorf("%d entries", n)
	}
}
