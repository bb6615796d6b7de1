package handlers_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"tokenconsole/handlers"
	"tokenconsole/internal/emulator"
)

func isGet(r handlers.Route) bool { return r.Method == http.MethodGet }

// everything is a browser that has seen every kind of answer.
func everything(c *console) *browser {
	c.t.Helper()
	b := journey(c)
	b.signIn(admin)
	for _, route := range c.handler.Routes() {
		if isGet(route) {
			b.get(c.example(route))
			b.do(b.request(http.MethodOptions, c.example(route), nil))
			b.do(b.request(http.MethodHead, c.example(route), nil))
		}
	}
	b.get("/users//x").want(http.StatusBadRequest)
	b.get("/users/%00").want(http.StatusBadRequest)
	b.post("/token/verify", reason, "Content-Type", "text/plain").want(http.StatusUnsupportedMediaType)
	elsewhere := b.request(http.MethodGet, "/token", nil)
	elsewhere.Host = "evil.example"
	b.do(elsewhere).want(http.StatusFound)
	misdirected := b.request(http.MethodPost, "/token/verify", nil)
	misdirected.Host = "evil.example"
	b.do(misdirected).want(http.StatusMisdirectedRequest)
	c.disturb(emulator.Fault{Match: "* /api/", Status: 429, RetryAfter: 3})
	b.get("/token").want(http.StatusTooManyRequests)
	b.get("/token/status").want(http.StatusTooManyRequests)
	c.calm()
	c.disturb(faultOf("* /api/", 401))
	b.get("/token").want(http.StatusUnauthorized)
	c.calm()
	style, _ := b.get("/login").page().Find("link[rel=stylesheet]").Attr("href")
	b.get(style).want(http.StatusOK)
	b.get(style, "Range", "bytes=0-3").want(http.StatusPartialContent)
	b.get(style, "Range", "bytes=9999999-").want(http.StatusRequestedRangeNotSatisfiable)
	return b
}

// Every answer, errors too, carries the headers that keep browsers careful, and
// nothing that opens the console to other sites.
func TestH1H3H4_HeadersOfEveryAnswer(t *testing.T) {
	t.Parallel()
	for scheme, options := range map[string][]func(*setup){"http": nil, "https": {withHTTPS}} {
		t.Run(scheme, func(t *testing.T) {
			c := newConsole(t, options...)
			statuses := map[int]bool{}
			for _, a := range everything(c).seen.all {
				statuses[a.StatusCode] = true
				wantHeaders(t, c, a)
				wantPolicy(t, c, a)
				wantNothingInline(t, a)
			}
			for _, status := range []int{200, 206, 302, 303, 400, 401, 403, 404, 405, 415, 416, 421, 422, 429} {
				if !statuses[status] {
					t.Errorf("no answer with %d was looked at", status)
				}
			}
		})
	}
}

func wantHeaders(t *testing.T, c *console, a *answer) {
	t.Helper()
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
	} {
		if got := a.Header.Values(name); len(got) != 1 || got[0] != want {
			t.Errorf("%s (%d): %s is %q", a.what(), a.StatusCode, name, got)
		}
	}
	if got := a.Header.Get("Referrer-Policy"); got != "same-origin" && got != "no-referrer" {
		t.Errorf("%s: Referrer-Policy %q", a.what(), got)
	}
	if a.Header.Get("Permissions-Policy") == "" || a.Header.Get("X-Request-Id") == "" {
		t.Errorf("%s: no Permissions-Policy or request id", a.what())
	}
	if got := a.Header.Get("Strict-Transport-Security"); (got == "max-age=63072000") != (c.public.Scheme == "https") {
		t.Errorf("%s: HSTS is %q", a.what(), got)
	}
	for name := range a.Header {
		if strings.HasPrefix(name, "Access-Control-") || name == "Server" || name == "X-Powered-By" {
			t.Errorf("%s sends %s", a.what(), name)
		}
	}
	mayKeep := strings.HasPrefix(a.Request.URL.Path, "/static/") && a.StatusCode < 300 || a.StatusCode == http.StatusRequestedRangeNotSatisfiable
	if cache := a.Header.Get("Cache-Control"); cache != "no-store" && !mayKeep {
		t.Errorf("%s (%d): Cache-Control %q", a.what(), a.StatusCode, cache)
	}
	if len(a.body) > 0 && a.Header.Get("Content-Type") == "" {
		t.Errorf("%s: a body without a type", a.what())
	}
	if a.Request.Method == http.MethodPost && a.location() != "" && a.StatusCode != http.StatusSeeOther {
		t.Errorf("%s: redirected after a POST with %d", a.what(), a.StatusCode) // L17
	}
}

// wantPolicy checks the content security policy, which only the sign-in's pages
// widen, and only for forms.
func wantPolicy(t *testing.T, c *console, a *answer) {
	t.Helper()
	policies := a.Header.Values("Content-Security-Policy")
	if len(policies) != 1 {
		t.Fatalf("%s (%d) has %d policies", a.what(), a.StatusCode, len(policies))
	}
	directives := strings.Split(policies[0], "; ")
	form := "form-action 'self'"
	if a.Request.URL.Path == "/login" && (a.StatusCode == http.StatusOK || a.StatusCode == http.StatusUnprocessableEntity) {
		form += " " + c.url
	}
	for _, want := range []string{
		"default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "script-src 'self'", "style-src 'self'",
		"connect-src 'self'", form,
	} {
		if !slices.Contains(directives, want) {
			t.Errorf("%s (%d): no %s in %s", a.what(), a.StatusCode, want, policies[0])
		}
	}
	if strings.Contains(policies[0], "unsafe") {
		t.Errorf("%s: %s", a.what(), policies[0])
	}
}

// No page that depends on a session is kept, by validators neither.
func TestS11_NothingOfASessionIsKept(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.threeEntries()
	b := c.signedIn(admin)
	page := func(r handlers.Route) bool { return isGet(r) && !strings.HasPrefix(r.Path, "/static") }
	c.eachRoute(t, 20, page, func(t *testing.T, r handlers.Route) {
		if a := b.in(t).get(c.example(r)); a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("Etag") != "" || a.Header.Get("Last-Modified") != "" {
			t.Errorf("it may be kept: %v", a.Header)
		}
	})
	if got := b.post("/logout", nil).Header.Get("Clear-Site-Data"); got != `"cache"` {
		t.Errorf("after a sign-out Clear-Site-Data is %q", got)
	}
}

// Programs get the problem's code as JSON, with the same status.
func TestProblemsForPrograms(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(supervisor)
	for target, test := range map[string]struct {
		status  int
		problem string
	}{
		"/nowhere": {404, "page-unknown"}, "/users/me": {400, "user-id-invalid"}, "/users//x": {400, "path-odd"}, "/audit/9": {404, "entry-unknown"},
		"/timeout/change?minutes=5": {403, "permission-missing"}, "/audit.csv?from=x": {422, "filter-unreadable"},
	} {
		t.Run(target, func(t *testing.T) {
			b := b.in(t)
			b.get(target).wantProblem(test.status, test.problem)
			a := b.getJSON(target).wantProblem(test.status, test.problem)
			if !strings.Contains(a.body, a.Header.Get("X-Request-Id")) {
				t.Errorf("the reply lacks the request's id: %s", a.body)
			}
		})
	}
}
