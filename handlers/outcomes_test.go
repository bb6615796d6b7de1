package handlers_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"tokenconsole/internal/emulator"
	"tokenconsole/internal/genesys"
)

// Every answer of the platform to a revocation is told for what it is, with the
// form filled in below, and never asked again by itself.
func TestR9R10R11_OutcomesOfARevocation(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b, target := c.signedIn(admin), c.revocationOf(agent)
	const in90 = "the date in 90 seconds"
	refused := func(code, parameter, value string) emulator.Fault {
		return emulator.Fault{Status: 403, Body: body(map[string]any{"code": code, "message": "x", "messageParams": map[string]string{parameter: value}})}
	}
	retryAfter := func(value string) emulator.Fault {
		return emulator.Fault{Status: 429, Headers: map[string]string{"Retry-After": value}}
	}
	const unknown = "revocation-outcome-unknown"
	for name, test := range map[string]struct {
		fault   emulator.Fault
		status  int
		problem string
		names   string // what the page must name
		retry   string // Retry-After, as a pattern
	}{
		"403 permission": {refused("missing.any.permissions", "permissions", "[oauth:token:delete]"), 403, "permission-missing", "oauth:token:delete", ""},
		"403 scope":      {refused("app.not.authorized.for.scope", "scope", "user-basic-info"), 403, "scope-missing", "user-basic-info", ""},
		"403 unnamed":    {emulator.Fault{Status: 403}, 403, "permission-missing", "", ""},
		"403 hostile":    {refused("x", "permissions", "<script>alert(1)</script>"), 403, "permission-missing", "", ""},
		"404":            {emulator.Fault{Status: 404}, 404, "person-unknown", "", ""},
		"400":            {emulator.Fault{Status: 400}, 502, "platform-refused", "400", ""},
		"409":            {emulator.Fault{Status: 409}, 502, "platform-refused", "409", ""},
		"429 seconds":    {emulator.Fault{Status: 429, RetryAfter: 17}, 429, "rate-limited", "17 seconds", "17"},
		"429 date":       {retryAfter(in90), 429, "rate-limited", "seconds", "8[0-9]|90"},
		"429 absent":     {emulator.Fault{Status: 429}, 429, "rate-limited", "", ""},
		"429 garbage":    {retryAfter("<b>soon"), 429, "rate-limited", "", ""},
		"429 negative":   {retryAfter("-5"), 429, "rate-limited", "", ""},
		"429 huge":       {retryAfter("1000000000"), 429, "rate-limited", "3600 seconds", "3600"},
		"500":            {emulator.Fault{Status: 500}, 502, unknown, "", ""},
		"503":            {emulator.Fault{Status: 503}, 502, unknown, "", ""},
		"504":            {emulator.Fault{Status: 504}, 504, unknown, "", ""},
		"HTML":           {emulator.Fault{Status: 502, Body: body("<html><script>alert(1)</script>"), ContentType: "text/html"}, 502, unknown, "", ""},
		"reset":          {emulator.Fault{Reset: true}, 502, unknown, "", ""},
		"redirect":       {emulator.Fault{Status: 307, Headers: map[string]string{"Location": "https://evil.example/"}}, 502, unknown, "", ""},
		"304":            {emulator.Fault{Status: 304}, 502, unknown, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			c, b := c.in(t), b.in(t)
			c.forget()
			test.fault.Match = "DELETE /api/v2/tokens/"
			if test.fault.Headers["Retry-After"] == in90 {
				test.fault.Headers["Retry-After"] = time.Now().Add(90 * time.Second).UTC().Format(http.TimeFormat)
			}
			c.disturb(test.fault)
			a := b.post(target, reason)
			c.calm()
			a.wantProblem(test.status, test.problem).wantText(test.names)
			if got := a.Header.Get("Retry-After"); !regexp.MustCompile("^(" + test.retry + ")$").MatchString(got) {
				t.Errorf("Retry-After is %q, want %q", got, test.retry)
			}
			if a.page().Find("main [role=alert]").Length() != 1 || a.tone() != "" || strings.Contains(a.body, "alert(1)") {
				t.Errorf("it is not told as a problem alone: %s", a.text())
			}
			if got := a.page().Find("textarea").Text(); got != "lost laptop" {
				t.Errorf("the reason came back as %q", got)
			}
			c.wantAsked(1, "DELETE ")
		})
	}
}

func TestR9_UnauthorizedEndsTheSession(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	c.disturb(emulator.Fault{Match: "DELETE /api/v2/tokens/", Status: 401, Times: 1})
	b.post(c.revocationOf(agent), reason).wantProblem(http.StatusUnauthorized, "token-invalid")
	c.wantAsked(1, "DELETE ")
	b.get("/token").wantTo("/login?")
}

// What somebody may not do is not offered.
func TestR9_WithoutAPermissionNothingIsOffered(t *testing.T) {
	t.Parallel()
	page := newConsole(t).signedIn(agent).get("/token").want(http.StatusOK).page()
	if n := page.Find(`a[href="/users"], main a.danger`).Length(); n != 0 {
		t.Errorf("%d things are offered that the agent may not do", n)
	}
}

// A scope that the OAuth client lacks is not the person's fault, and does not keep
// who may revoke from revoking.
func TestR9_ScopesAreToldFromPermissions(t *testing.T) {
	t.Parallel()
	c := newConsole(t, withClient(emulator.NarrowClientID))
	b := c.newBrowser()
	b.signIn(admin).wantTo(home)
	b.get("/users?q=park").wantProblem(http.StatusForbidden, "scope-missing").wantText("users:readonly")
	a := b.get("/users/" + c.userID(agent)).want(http.StatusOK)
	if a.page().Find("main a.danger").Length() != 1 || a.page().Find("section.deadlines").Length() != 0 {
		t.Errorf("no way to revoke, or evidence that nobody gave: %s", a.text())
	}
	b.post(c.revocationOf(agent), reason).wantTo("/users/")
}

// What was never sent is told as not done.
func TestR11_NoConnection(t *testing.T) {
	t.Parallel()
	tls := httptest.NewUnstartedServer(http.NotFoundHandler())
	tls.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	tls.StartTLS()
	t.Cleanup(tls.Close)
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	for name, api := range map[string]string{"bad certificate": tls.URL, "refused": closed.URL} {
		t.Run(name, func(t *testing.T) {
			c := newConsole(t, func(s *setup) {
				s.console.Regions = []genesys.Region{{Name: "demo", Domain: "demo", LoginURL: api, APIURL: api}}
			})
			b := c.signedIn(admin)
			b.post(c.revocationOf(agent), reason).wantProblem(http.StatusBadGateway, "platform-away")
			if e := c.lastEntry(); e.Outcome != "failed" {
				t.Errorf("the record says %s", e.Outcome)
			}
			b.follow(b.post("/logout", nil).wantTo("/signed-out")).wantTone("warning")
		})
	}
}

// Nobody is revoked, or named, by an answer about somebody else.
func TestR17_AnswerAboutAnotherPersonIsNone(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b, person := c.signedIn(supervisor), "/users/"+c.userID(agent)
	c.disturb(emulator.Fault{Match: "GET /api/v2" + person, Body: body(map[string]string{"id": c.userID(admin), "name": "Ada Park"})})
	for name, a := range map[string]*answer{
		"person": b.get(person), "form to revoke": b.get(person + "/revoke"), "revocation": b.post(person+"/revoke", reason),
	} {
		t.Run(name, func(t *testing.T) {
			if a.wantProblem(http.StatusBadGateway, "platform-garbled"); strings.Contains(a.text(), "Ada Park") {
				t.Error("it names the other person")
			}
		})
	}
	c.wantAsked(0, "DELETE ")
}
