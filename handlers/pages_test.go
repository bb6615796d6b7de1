package handlers_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// everything is a browser that has seen every kind of answer.
func everything(ts *testServer) *browser {
	ts.t.Helper()
	b := journey(ts)
	b.signInTo("", admin)
	for _, route := range routeTable(ts.t) {
		if route.method == http.MethodGet {
			b.get(route.example(ts))
			b.do(b.request(http.MethodOptions, route.example(ts), nil))
			b.do(b.request(http.MethodHead, route.example(ts), nil))
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
	ts.disturb(fault{Match: "* /api/", Status: 429, RetryAfter: 3})
	b.get("/token").want(http.StatusTooManyRequests)
	b.get("/token/status").want(http.StatusTooManyRequests)
	ts.calm()
	ts.disturb(fault{Match: "* /api/", Status: 401})
	b.get("/token").want(http.StatusUnauthorized)
	ts.calm()
	style, _ := b.get("/login").page().Find("link[rel=stylesheet]").Attr("href")
	b.get(style).want(http.StatusOK)
	b.get(style, "Range", "bytes=0-3").want(http.StatusPartialContent)
	b.get(style, "Range", "bytes=9999999-").want(http.StatusRequestedRangeNotSatisfiable)
	return b
}

func TestH1H3H4_HeadersOfEveryAnswer(t *testing.T) {
	t.Parallel()
	for _, options := range [][]func(*setup){{withRecord(t)}, {withRecord(t), withHTTPS}} {
		ts := newTestServer(t, options...)
		statuses := map[int]bool{}
		for _, a := range everything(ts).seen {
			statuses[a.StatusCode] = true
			for name, want := range map[string]string{
				"X-Content-Type-Options": "nosniff", "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
			} {
				if got := a.Header.Values(name); len(got) != 1 || got[0] != want {
					t.Errorf("%s %s (%d): %s is %q", a.Request.Method, a.Request.URL, a.StatusCode, name, got)
				}
			}
			wantPolicy(t, ts, a)
			if got := a.Header.Get("Referrer-Policy"); got != "same-origin" && got != "no-referrer" {
				t.Errorf("%s: Referrer-Policy %q", a.Request.URL, got)
			}
			if a.Header.Get("Permissions-Policy") == "" || a.Header.Get("X-Request-Id") == "" {
				t.Errorf("%s: no Permissions-Policy or request id", a.Request.URL)
			}
			if got := a.Header.Get("Strict-Transport-Security"); (got == "max-age=63072000") != (ts.public.Scheme == "https") {
				t.Errorf("%s: HSTS is %q", a.Request.URL, got)
			}
			for name := range a.Header {
				if strings.HasPrefix(name, "Access-Control-") || name == "Server" || name == "X-Powered-By" {
					t.Errorf("%s sends %s", a.Request.URL, name)
				}
			}
			if cache := a.Header.Get("Cache-Control"); cache != "no-store" && !(strings.HasPrefix(a.Request.URL.Path, "/static/") && a.StatusCode < 300) && a.StatusCode != http.StatusRequestedRangeNotSatisfiable {
				t.Errorf("%s %s (%d): Cache-Control %q", a.Request.Method, a.Request.URL, a.StatusCode, cache)
			}
			wantNothingInline(t, a)
			if len(a.body) > 0 && a.Header.Get("Content-Type") == "" {
				t.Errorf("%s: a body without a type", a.Request.URL)
			}
			if a.Request.Method == http.MethodPost && a.location() != "" && a.StatusCode != http.StatusSeeOther {
				t.Errorf("%s: redirected after a POST with %d", a.Request.URL, a.StatusCode) // L17
			}
		}
		for _, status := range []int{200, 206, 302, 303, 400, 401, 403, 404, 405, 415, 416, 421, 422, 429} {
			if !statuses[status] {
				t.Errorf("no answer with %d was looked at", status)
			}
		}
	}
}

// wantPolicy checks the content security policy, which only the sign-in's pages
// widen, and only for forms.
func wantPolicy(t *testing.T, ts *testServer, a *answer) {
	t.Helper()
	policies := a.Header.Values("Content-Security-Policy")
	if len(policies) != 1 {
		t.Fatalf("%s %s (%d) has %d policies", a.Request.Method, a.Request.URL, a.StatusCode, len(policies))
	}
	directives := strings.Split(policies[0], "; ")
	for _, want := range []string{"default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'"} {
		if !slices.Contains(directives, want) {
			t.Errorf("%s: no %s in %s", a.Request.URL, want, policies[0])
		}
	}
	form := "form-action 'self'"
	if a.Request.URL.Path == "/login" && (a.StatusCode == http.StatusOK || a.StatusCode == http.StatusUnprocessableEntity) {
		form += " " + ts.platform
	}
	if !slices.Contains(directives, form) || strings.Contains(policies[0], "unsafe") {
		t.Errorf("%s (%d): %s", a.Request.URL, a.StatusCode, policies[0])
	}
}

// wantNothingInline checks that a page brings no script or style of its own,
// sends its forms here, and names itself.
func wantNothingInline(t *testing.T, a *answer) {
	t.Helper()
	if !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") || a.Request.Method == http.MethodHead || a.location() != "" {
		return
	}
	page := a.page()
	if got := page.Find("script:not([src]), style, [style], iframe, object, embed, base").Length(); got > 0 {
		t.Errorf("%s: %d inline or foreign things", a.Request.URL, got)
	}
	page.Find("*").Each(func(_ int, s *goquery.Selection) {
		for _, attribute := range s.Nodes[0].Attr {
			value := strings.ToLower(strings.TrimSpace(attribute.Val))
			if strings.HasPrefix(attribute.Key, "on") || strings.HasPrefix(value, "javascript:") || strings.HasPrefix(value, "data:") {
				t.Errorf("%s: <%s %s=%q>", a.Request.URL, s.Nodes[0].Data, attribute.Key, attribute.Val)
			}
		}
	})
	page.Find("form").Each(func(_ int, form *goquery.Selection) {
		action, _ := form.Attr("action")
		method, _ := form.Attr("method")
		if method != "dialog" && (!strings.HasPrefix(action, "/") || strings.HasPrefix(action, "//")) {
			t.Errorf("%s: a form leads to %q", a.Request.URL, action)
		}
	})
	if page.Find("title").Text() == "" || page.Find("h1").Length() != 1 || page.Find("html[lang]").Length() != 1 {
		t.Errorf("%s: title, one h1 or language is missing", a.Request.URL)
	}
}

const hostile = `"><img src=x onerror=alert(1)></title><script>alert(2)</script>`

func TestH5_EverythingIsEscaped(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t, withRecord(t))
	b := ts.newBrowser()
	callback := b.authorize(b.begin(""), admin)
	named := map[string]string{"id": hostile, "name": hostile}
	person := map[string]any{
		"id": ts.userID(agent), "name": hostile, "email": hostile, "department": hostile, "title": hostile, "state": hostile, "division": named, "manager": named,
		"presence": map[string]any{"presenceDefinition": map[string]string{"systemPresence": hostile}}, "routingStatus": map[string]string{"status": hostile},
	}
	me := map[string]any{"id": ts.userID(admin), "name": hostile, "email": hostile, "organization": named, "authorization": map[string]any{"permissions": []string{"directory:user:view", "oauth:token:delete"}}}
	info := map[string]any{
		"organization": named, "homeOrganization": map[string]string{"id": "home", "name": hostile}, "authorizedScope": []string{hostile}, "clonedUser": map[string]any{"id": hostile, "organization": named},
		"OAuthClient": map[string]any{"id": hostile, "name": hostile, "state": hostile, "authorizedGrantType": hostile, "organization": named},
	}
	headers := map[string]string{"Inin-Correlation-Id": hostile}
	ts.disturb(
		fault{Match: "GET /api/v2/users/me", Body: me, Headers: headers},
		fault{Match: "GET /api/v2/tokens/me", Body: info, Headers: headers},
		fault{Match: "GET /api/v2/users/", Body: person, Headers: headers},
		fault{Match: "GET /api/v2/users", Body: map[string]any{"entities": []any{person}}, Headers: headers},
		fault{Match: "POST /api/v2/users/search", Body: map[string]any{"total": 1, "pageCount": 3, "results": []any{person}}, Headers: headers},
		fault{Match: "DELETE /api/v2/tokens/me", Status: 503, Headers: headers},
		fault{Match: "DELETE /api/v2/tokens/", Status: 204, Times: 1, Headers: headers},
		fault{Match: "DELETE /api/v2/tokens/", Status: 403, Body: map[string]any{"code": hostile, "message": hostile, "messageParams": named}, Headers: headers},
	)
	b.get(callback).wantTo("/token")
	user := "/users/" + ts.userID(agent)
	answers := []*answer{
		b.get("/token"), b.get("/users?q=" + url.QueryEscape(hostile)), b.get(user), b.get(user + "/revoke"), b.follow(b.post(user+"/revoke", reason)),
		b.post(user+"/revoke", url.Values{"reason": {hostile}, "ticket": {hostile}}), b.get("/" + url.PathEscape(hostile)), b.get("/login?return_to=" + url.QueryEscape("/users?q="+hostile) + "&why=" + url.QueryEscape(hostile)),
		b.follow(b.post("/token/verify", nil)), b.get("/audit"), b.follow(b.post("/logout", nil)),
	}
	shown := 0
	for _, a := range answers {
		page := a.page()
		if page.Find("img, script:not([src])").Length() > 0 || strings.Contains(a.body, "<img src=x") {
			t.Errorf("%s %s: hostile text became elements", a.Request.Method, a.Request.URL.Path)
		}
		shown += strings.Count(page.Find("main").Text(), hostile)
	}
	if shown < 20 {
		t.Errorf("hostile text is shown only %d times", shown)
	}
}

func TestS11_NothingOfASessionIsKept(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t, withRecord(t))
	b := ts.signedIn(admin)
	for _, route := range routeTable(t) {
		if route.method != http.MethodGet || strings.HasPrefix(route.path, "/static") {
			continue
		}
		if a := b.get(route.example(ts)); a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("Etag") != "" || a.Header.Get("Last-Modified") != "" {
			t.Errorf("%s may be kept: %v", route.path, a.Header)
		}
	}
}

func TestT10_NothingElseIsServed(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.newBrowser()
	for _, path := range []string{
		"/debug/pprof/", "/debug/vars", "/metrics", "/static/", "/static/app.css", "/static/static.go", "/.git/config", "/.env", "/favicon.ico", "/robots.txt", "/index.html", "/emulator/tokens",
		"/healthz/", "/token/", "/users/", "/TOKEN", "/token.json", "/static/..%2fstatic.go", "/%2e", "/login/x", "/swagger.json", "/server-status",
	} {
		a := b.get(path)
		if a.StatusCode != http.StatusNotFound && a.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %d", path, a.StatusCode)
		}
		if strings.Contains(a.body, "go1.") {
			t.Errorf("%s tells a version", path)
		}
	}
	b.get("/nowhere").want(http.StatusNotFound).wantText("There is no such page")
}
