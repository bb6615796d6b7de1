package emulator

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"
)

func parse(t *testing.T, page reply) *goquery.Document {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(page.body))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// offered returns the emails on the page's buttons, in order.
func offered(t *testing.T, page reply) []string {
	t.Helper()
	return parse(t, page).Find(`form[method=post] button[name=email]`).Map(func(_ int, s *goquery.Selection) string {
		return s.AttrOr("value", "")
	})
}

func (w *world) open(changes ...string) reply {
	w.Helper()
	return w.call("", "GET", "/oauth/authorize?"+ask(changes...).Encode(), "")
}

func TestChooserOffersThePeople(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	page := w.open()
	doc := parse(t, page)
	if lang := doc.Find("html").AttrOr("lang", ""); lang != "en" || doc.Find("h1").Text() != "Choose who signs in" || doc.Find("title").Text() == "" {
		t.Errorf("lang %q, h1 %q, title %q", lang, doc.Find("h1").Text(), doc.Find("title").Text())
	}
	emails := offered(t, page)
	if d := cmp.Diff([]string{"admin@demo.example", "supervisor@demo.example", "agent@demo.example"}, emails[:3]); d != "" {
		t.Error("first people (-want +got):", d)
	}
	if last := emails[len(emails)-1]; last != "trustee@partner.example" {
		t.Errorf("the last is %s", last)
	}
	if doc.Find("details button[name=email]").Length() != len(emails)-3 {
		t.Error("the rest is not folded away")
	}
	if doc.Find("img").Length() > 0 || !strings.Contains(doc.Find("button").Text(), hostileName) {
		t.Error("the hostile name is not shown as text")
	}
	if doc.Find("form").AttrOr("action", "") != "/oauth/authorize?"+ask().Encode() {
		t.Error("the form does not carry the request")
	}
}

func TestAuthorizeNeverRedirectsToStrangers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	tests := map[string]url.Values{
		"two clients":        {"client_id": {DemoClientID, PublicClientID}, "redirect_uri": {callback}, "response_type": {"code"}},
		"unknown client":     ask("client_id", "stranger"),
		"no client":          ask("client_id", ""),
		"no redirect URI":    ask("redirect_uri", ""),
		"longer path":        ask("redirect_uri", callback+"/more"),
		"other case":         ask("redirect_uri", strings.ToUpper(callback)),
		"added query":        ask("redirect_uri", callback+"?x=1"),
		"other host":         ask("redirect_uri", "http://evil.example/oauth/callback"),
		"user in front":      ask("redirect_uri", "http://console.example@evil.example/oauth/callback"),
		"one of two unknown": {"client_id": {DemoClientID}, "redirect_uri": {callback, "http://evil.example/"}, "response_type": {"code"}},
	}
	for name, q := range tests {
		for _, got := range []reply{w.call("", "GET", "/oauth/authorize?"+q.Encode(), ""), w.choose(q, "email", "admin@demo.example")} {
			if got.status != 400 || got.header.Get("Location") != "" || parse(t, got).Find("h1").Text() != "Cannot sign in" {
				t.Errorf("%s: %d, Location %q", name, got.status, got.header.Get("Location"))
			}
		}
	}
}

func TestAuthorizeErrorsGoBackWithState(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	tests := []struct {
		name, code string
		changes    []string
	}{
		{"implicit grant", "unsupported_response_type", []string{"response_type", "token"}},
		{"no response type", "invalid_request", []string{"response_type", ""}},
		{"public without PKCE", "invalid_request", []string{"client_id", PublicClientID, "code_challenge", "", "code_challenge_method", ""}},
		{"plain challenge", "invalid_request", []string{"code_challenge_method", "plain"}},
		{"no challenge method", "invalid_request", []string{"code_challenge_method", ""}},
		{"short challenge", "invalid_request", []string{"code_challenge", "short"}},
		{"unknown scope", "invalid_scope", []string{"scope", "users everything"}},
		{"org alone", "invalid_request", []string{"org", "demo"}},
		{"provider alone", "invalid_request", []string{"provider", "okta"}},
		{"unknown provider", "invalid_request", []string{"org", "demo", "provider", "myspace"}},
	}
	for _, test := range tests {
		got := w.open(test.changes...).landing(t)
		if got.Get("error") != test.code || got.Get("state") != "a state & more" || got.Get("error_description") == "" || got.Has("code") {
			t.Errorf("%s: came back with %v", test.name, got)
		}
	}
	if got := w.choose(ask(), "deny", "1").landing(t); got.Get("error") != "access_denied" || got.Get("state") != "a state & more" {
		t.Errorf("denied: %v", got)
	}
}

func TestOnlyActivePeopleSignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	for _, p := range w.emulator.people.people {
		if p.active() {
			continue
		}
		if got := w.choose(ask(), "email", p.email); got.status != 400 || !strings.Contains(got.body, "Nobody active") {
			t.Errorf("%s person %s: %d", p.state, p.email, got.status)
		}
	}
}

func TestRememberedLogin(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	w.code("supervisor@demo.example")
	if got := w.open().landing(t); got.Get("code") == "" {
		t.Errorf("remembered, yet came back with %v", got)
	}
	for _, changes := range [][]string{{"prompt", "login"}, {"login_hint", "agent@demo.example"}} {
		if got := w.open(changes...); len(offered(t, got)) == 0 {
			t.Errorf("with %v the page does not ask: %d", changes, got.status)
		}
	}

	token := w.tokenOf("admin@demo.example")
	w.call(token, "DELETE", "/api/v2/tokens/"+w.emulator.UserByEmail("supervisor@demo.example"), "")
	if got := w.open().landing(t); got.Get("code") == "" {
		t.Error("revoking tokens ended the remembered log-in")
	}

	out := w.call("", "GET", "/logout?client_id="+DemoClientID+"&redirect_uri="+url.QueryEscape("http://console.example/bye"), "")
	if out.status != 303 || out.header.Get("Location") != "http://console.example/bye" {
		t.Errorf("logout: %d to %q", out.status, out.header.Get("Location"))
	}
	if got := w.open(); len(offered(t, got)) == 0 {
		t.Errorf("after /logout the page does not ask: %d", got.status)
	}
}

func TestLoginCookie(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	cookie := w.choose(ask(), "email", "agent@demo.example").header.Get("Set-Cookie")
	for _, want := range []string{loginCookie + "=", "HttpOnly", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("Set-Cookie %q lacks %s", cookie, want)
		}
	}
}

func TestLogoutRedirectsHomeOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	for _, query := range []string{
		"client_id=" + DemoClientID + "&redirect_uri=http://evil.example/", "client_id=stranger&redirect_uri=" + callback,
		"client_id=" + DemoClientID + "&redirect_uri=//evil.example", "",
	} {
		if got := w.call("", "GET", "/logout?"+query, ""); got.status != 200 || got.header.Get("Location") != "" {
			t.Errorf("/logout?%s: %d to %q", query, got.status, got.header.Get("Location"))
		}
	}
}

func TestHintsAndProvider(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	for _, hint := range []string{"agent@demo.example", "agent@demo.example:demo"} {
		got := offered(t, w.open("login_hint", hint))
		if got[0] != "agent@demo.example" || slices.Contains(got[1:], "agent@demo.example") {
			t.Errorf("login_hint=%s offers %v first", hint, got[:3])
		}
	}
	if got := offered(t, w.open("login_hint", "demo", "target", demoOrganization.ID)); got[0] != "admin@demo.example" {
		t.Errorf("a hint at the organization offers %s first", got[0])
	}
	if h1 := parse(t, w.open("org", "demo", "provider", "okta")).Find("h1").Text(); !strings.Contains(h1, "okta") {
		t.Errorf("the provider's page is titled %q", h1)
	}
}

func TestForeignFormsCannotSignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	r := w.request("POST", "/oauth/authorize?"+ask().Encode(), "email=admin%40demo.example")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if got := w.send(r); got.status != 403 {
		t.Errorf("a cross-site post gets %d", got.status)
	}
}

// A loopback redirect URI may have any port, and nothing else that differs.
func TestLoopbackRedirectMayHaveAnyPort(t *testing.T) {
	t.Parallel()
	const at = "http://127.0.0.1"
	w := newWorld(t, Options{RedirectURIs: []string{at + ":8080/oauth/callback", "https://127.0.0.1:8080/secure", "http://console.example:8080/x"}})
	for uri, want := range map[string]bool{
		at + ":1/oauth/callback": true, at + "/oauth/callback": true, at + ":65535/oauth/callback": true,
		"http://localhost:8080/oauth/callback": false, "http://[::1]:8080/oauth/callback": false, at + ":1/oauth/callback2": false,
		at + ":1/oauth/callback?x=1": false, at + ":1/oauth/callback#x": false, at + ":80@evil.example/oauth/callback": false,
		"http://u@127.0.0.1:1/oauth/callback": false, "http://127.0.0.1.evil.example:1/oauth/callback": false,
		"https://127.0.0.1:1/secure": false, "http://console.example:1/x": false, at + ":x/oauth/callback": false,
	} {
		got := w.choose(ask("redirect_uri", uri), "email", "agent@demo.example")
		if led := strings.HasPrefix(got.header.Get("Location"), uri+"?code="); led != want {
			t.Errorf("%s: %d, leads to %q", uri, got.status, got.header.Get("Location"))
		}
	}
	// The code is still held to the very URI that it was asked for with.
	landed := w.choose(ask("redirect_uri", at+":1/oauth/callback"), "email", "agent@demo.example").header.Get("Location")
	u, err := url.Parse(landed)
	if err != nil {
		t.Fatal(err)
	}
	form := codeForm(u.Query().Get("code"), "redirect_uri", at+":2/oauth/callback")
	refused(t, w.exchange(DemoClientID, DemoClientSecret, form), 400, "invalid_grant")
}

func TestAllowRedirectWhileServing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	w.emulator.AllowRedirect("http://127.0.0.1:4567/oauth/callback")
	got := w.choose(ask("redirect_uri", "http://127.0.0.1:4567/oauth/callback"), "email", "agent@demo.example")
	if !strings.HasPrefix(got.header.Get("Location"), "http://127.0.0.1:4567/oauth/callback?code=") {
		t.Errorf("leads to %q", got.header.Get("Location"))
	}
}
