package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestT3_PathTricksOpenNoPage(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	for _, target := range []string{
		"//users", "/users%2f", "/healthz/../users", "/healthz/..%2fusers", "/healthz/%2e%2e/token", "/./token", "/token/.", "/static/../token",
		"/static/..%2f..%2ftoken", "/token%00", "/token%0a", "/%74oken", "/token;x", "/token?x=/../y", "/readyz/../token", "/login/../token",
		"/\\token", "/token/status/../status", "/users/./me", "/%2e%2e/%2e%2e/etc/passwd", "/audit%2ecsv", "/audit//1", "/audit/1/../../token",
	} {
		t.Run(target, func(t *testing.T) {
			a := c.in(t).newBrowser().get(target, "User-Agent", "")
			if a.StatusCode == http.StatusOK || a.StatusCode >= 500 || a.StatusCode == http.StatusMovedPermanently {
				t.Errorf("%d", a.StatusCode)
			}
			if a.location() != "" && !strings.HasPrefix(a.location(), "/login?return_to=%2F") {
				t.Errorf("it leads to %s", a.location())
			}
		})
	}
	c.wantAsked(0, "")
}

func TestT5_NoHeaderFromAParameter(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	const injected = "%0d%0aX-Injected:%201%0d%0a%0d%0a<script>"
	for _, target := range []string{
		"/login?return_to=/users", "/login?why=", "/users?q=", "/users?q=x&page=", "/nowhere", "/nowhere?", "/users/",
		"/oauth/callback?code=a&state=", "/oauth/callback?state=a&code=", "/audit?after=", "/audit.csv?from=", "/audit.csv?person=", "/audit/",
	} {
		t.Run(target, func(t *testing.T) {
			b := b.in(t)
			a := b.get(target + injected)
			if a.Header.Get("X-Injected") != "" || strings.Contains(a.body, "<script>") || a.StatusCode >= 500 {
				t.Errorf("%d %v", a.StatusCode, a.Header)
			}
			r := b.request(http.MethodGet, target+injected, nil)
			r.Host = "other.example"
			if a := b.do(r); a.Header.Get("X-Injected") != "" || strings.ContainsAny(a.location(), "\r\n") {
				t.Errorf("for another host: %v", a.Header)
			}
		})
	}
	for target, form := range map[string]url.Values{
		"/login":              {"return_to": {"/users\r\nX-Injected: 1"}, "org": {"a\r\nX-Injected: 1"}, "provider": {"okta"}},
		c.revocationOf(agent): {"reason": {"a\r\nX-Injected: 1"}},
	} {
		t.Run("form to "+target, func(t *testing.T) {
			if a := b.in(t).post(target, form); a.Header.Get("X-Injected") != "" {
				t.Errorf("%v", a.Header)
			}
		})
	}
	for line := range strings.SplitSeq(c.log.String(), "\n") {
		if line != "" && !strings.HasPrefix(line, "{") {
			t.Errorf("a parameter made a log line: %s", line)
		}
	}
}

func TestT10_NothingElseIsServed(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	for _, path := range []string{
		"/debug/pprof/", "/debug/vars", "/metrics", "/static/", "/static/app.css", "/static/static.go", "/.git/config", "/.env", "/favicon.ico",
		"/robots.txt", "/index.html", "/emulator/tokens", "/healthz/", "/token/", "/users/", "/TOKEN", "/token.json", "/static/..%2fstatic.go",
		"/%2e", "/login/x", "/swagger.json", "/server-status",
	} {
		t.Run(path, func(t *testing.T) {
			a := c.in(t).newBrowser().get(path)
			if a.StatusCode != http.StatusNotFound && a.StatusCode != http.StatusBadRequest {
				t.Errorf("%d", a.StatusCode)
			}
			if strings.Contains(a.body, "go1.") {
				t.Error("it tells a version")
			}
		})
	}
	c.newBrowser().get("/nowhere").wantProblem(http.StatusNotFound, "page-unknown")
}
