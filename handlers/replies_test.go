package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tokenconsole/internal/emulator"
)

// A 2xx that is not what the API sends is neither believed nor a fault of ours.
func TestR13_RepliesThatAreNotThePlatforms(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b, person := c.signedIn(admin), "/users/"+c.userID(agent)
	for name, f := range map[string]emulator.Fault{
		"garbage":      {Body: body("]"), ContentType: "application/json"},
		"HTML":         {Body: body("<html><script>alert(1)</script>"), ContentType: "text/html"},
		"empty":        {Status: 200, Body: body(""), ContentType: "application/json"},
		"array":        {Body: body([]int{1})},
		"string":       {Body: body(`"x"`), ContentType: "application/json"},
		"wrong types":  {Body: body(map[string]any{"organization": 7, "authorizedScope": "all", "entities": "none", "results": map[string]int{"a": 1}, "id": 5})},
		"deep":         {Body: body(strings.Repeat("[", 60_000)), ContentType: "application/json"},
		"no such user": {Body: body(map[string]any{"id": "../me", "results": []any{map[string]string{"id": "me"}}})},
	} {
		t.Run(name, func(t *testing.T) {
			c, b := c.in(t), b.in(t)
			f.Match = "* /api/v2/"
			c.disturb(f)
			for _, target := range []string{"/users?q=park", person, person + "/revoke", "/token", "/token/status", "/timeout", "/audit"} {
				if a := b.get(target); a.StatusCode == http.StatusInternalServerError || strings.Contains(a.body, "alert(1)") {
					t.Errorf("%s: %d", target, a.StatusCode)
				}
			}
			c.calm()
		})
	}
	b.get("/token").want(http.StatusOK)
	if strings.Contains(c.log.String(), `"panic"`) {
		t.Errorf("panics: %s", c.log)
	}
}

// The page of some guest network is no confirmation of anything.
func TestR13_PageOfSomebodyElseConfirmsNothing(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	c.disturb(emulator.Fault{Match: "DELETE /api/v2/tokens/", Status: 200, Body: body("<html>Sign in to the guest network"), ContentType: "text/html"})
	b.post(c.revocationOf(agent), reason).wantProblem(http.StatusBadGateway, "revocation-outcome-unknown")
	b.follow(b.post("/logout", nil).wantTo("/signed-out")).wantTone("warning")
}

func TestR13_HugeCorrelationID(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	huge := map[string]string{"Inin-Correlation-Id": strings.Repeat("c", 8000)}
	c.disturb(
		emulator.Fault{Match: ownToken, Status: 200, Headers: huge},
		emulator.Fault{Match: "DELETE /api/v2/tokens/", Status: 204, Headers: huge},
	)
	b.follow(b.post(c.revocationOf(agent), reason).wantTo("/users/")).want(http.StatusOK).wantTone("good")
	b.follow(b.post("/logout", nil).wantTo("/signed-out")).want(http.StatusOK).wantTone("good")
}

func TestR14_BearerFollowsNoRedirect(t *testing.T) {
	t.Parallel()
	evil := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("another host was asked %s %s with Authorization %q", r.Method, r.URL, r.Header.Get("Authorization"))
	}))
	t.Cleanup(evil.Close)
	c := newConsole(t)
	b := c.signedIn(admin)
	for _, status := range []int{301, 302, 303, 307, 308} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			c, b := c.in(t), b.in(t)
			away := map[string]string{"Location": evil.URL + "/"}
			c.disturb(emulator.Fault{Match: "* /api/v2/", Status: status, Headers: away}, emulator.Fault{Match: exchange, Status: status, Headers: away})
			defer c.calm()
			for _, target := range []string{"/token", "/users?q=park", "/token/status", "/timeout"} {
				b.get(target).want(http.StatusBadGateway)
			}
			b.post("/token/verify", nil).want(http.StatusBadGateway)
			b.post(c.revocationOf(agent), reason).wantProblem(http.StatusBadGateway, "revocation-outcome-unknown")
			c.newBrowser().signIn(agent).want(http.StatusBadGateway)
			b.get("/readyz")
		})
	}
}
