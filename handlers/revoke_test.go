package handlers_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/emulator"
	"tokenconsole/internal/genesys"
	"tokenconsole/session"
)

var reason = url.Values{"reason": {"lost laptop"}}

func revocationOf(ts *testServer, email string) string {
	return "/users/" + ts.userID(email) + "/revoke"
}

func TestR1R2_Guard(t *testing.T) {
	t.Parallel()
	for _, options := range [][]func(*setup){nil, {withHTTPS}} {
		ts := newTestServer(t, options...)
		b := ts.signedIn(admin)
		target := revocationOf(ts, agent)
		own := ts.public.String()
		for name, headers := range map[string][]string{
			"neither":               nil,
			"cross-site":            {"Sec-Fetch-Site", "cross-site"},
			"same-site":             {"Sec-Fetch-Site", "same-site"},
			"typed":                 {"Sec-Fetch-Site", "none"},
			"odd site":              {"Sec-Fetch-Site", "Same-Origin"},
			"foreign origin":        {"Origin", "https://evil.example"},
			"null origin":           {"Origin", "null"},
			"empty origin":          {"Origin", ""},
			"origin with port":      {"Origin", own + ":1"},
			"origin with path":      {"Origin", own + "/"},
			"origin as suffix":      {"Origin", own + ".evil.example"},
			"origin as user":        {"Origin", "https://" + ts.public.Host + "@evil.example"},
			"other scheme":          {"Origin", map[string]string{"http": "https", "https": "http"}[ts.public.Scheme] + "://" + ts.public.Host},
			"foreign, same-origin":  {"Origin", "https://evil.example", "Sec-Fetch-Site", "same-origin"},
			"own, cross-site":       {"Origin", own, "Sec-Fetch-Site", "cross-site"},
			"only a Referer":        {"Referer", own + target},
			"upper-case own origin": {"Origin", strings.ToUpper(own)},
		} {
			r := b.request(http.MethodPost, target, strings.NewReader(reason.Encode()), append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)...)
			if a := b.do(r); a.StatusCode != http.StatusForbidden || a.title() != "That request did not come from this console" {
				t.Errorf("%s: %d %s", name, a.StatusCode, a.title())
			}
		}
		two := b.request(http.MethodPost, target, strings.NewReader(reason.Encode()), "Content-Type", "application/x-www-form-urlencoded")
		two.Header["Origin"] = []string{own, "https://evil.example"}
		b.do(two).want(http.StatusForbidden)
		ts.wantAsked(0, "DELETE ")
		for _, headers := range [][]string{{"Origin", own}, {"Sec-Fetch-Site", "same-origin"}} {
			r := b.request(http.MethodPost, target, strings.NewReader(reason.Encode()), append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)...)
			b.do(r).wantTo("/users/")
		}
	}
}

func TestR3_OtherMethods(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.signedIn(admin)
	target := revocationOf(ts, agent)
	for _, method := range []string{"PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "post", "delete"} {
		r := b.request(method, target, strings.NewReader(reason.Encode()),
			"Content-Type", "application/x-www-form-urlencoded", "Origin", ts.public.String(), "Sec-Fetch-Site", "same-origin")
		a := b.do(r).want(http.StatusMethodNotAllowed)
		if got := a.Header.Get("Allow"); got != "GET, HEAD, POST" {
			t.Errorf("%s: Allow is %q", method, got)
		}
	}
	for _, a := range []*answer{
		b.get(target + "?_method=POST&reason=x"),
		b.get(target+"?reason=x", "X-HTTP-Method-Override", "POST", "X-Method-Override", "DELETE"),
		b.post("/users/"+ts.userID(agent), url.Values{"_method": {"DELETE"}, "reason": {"x"}}, "X-HTTP-Method-Override", "DELETE"),
	} {
		if a.StatusCode != http.StatusOK && a.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("%s %s: %d", a.Request.Method, a.Request.URL, a.StatusCode)
		}
	}
	ts.wantAsked(0, "DELETE ")
}

func TestR4_SignedOut(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.newBrowser()
	for _, id := range []string{ts.userID(agent), "00000000-0000-4000-8000-000000000000", "me", "timeout", "x"} {
		a := b.post("/users/"+id+"/revoke", reason)
		if a.StatusCode != http.StatusSeeOther || a.location() != "/login?return_to="+url.QueryEscape("/users/"+id+"/revoke")+"&why=lost" {
			t.Errorf("%s: %d %s", id, a.StatusCode, a.location())
		}
	}
	ts.wantAsked(0, "")
}

// hostileIDs are path segments, as sent, that name no user.
func hostileIDs(victim string) []string {
	return []string{
		"me", "ME", "Me", "%20me%20", "me%00", "%6d%65", "%6D%45", "%EF%BD%8D%EF%BD%85", "m%C2%ADe", "me;x", "me.json", "timeout", "search",
		"..", ".", "%2e%2e", "%2E%2E%2Fme", "..%2fme", "me%2F..", "%252e%252e", "%252e%252e%252fme", victim + "%2f..%2fme", victim + "%2F..", victim + "%2f", victim + "%3Fx=1",
		victim + "%23", victim + ";x", victim + "%00", victim + "%20", "%20" + victim, victim + "%0d%0aX:1", victim + "%0a", "%2f%2fh", "%5c", "..%5cme", victim + "%5c..%5cme",
		strings.ToUpper(victim), "%7B" + victim + "%7D", "urn:uuid:" + victim, strings.ReplaceAll(victim, "-", ""), victim[:35], victim + "0",
		"00000000-0000-0000-0000-000000000000", victim + "," + victim, strings.Repeat("a", 10_000), "%EF%BC%90" + victim[1:], "*", "-", "null", "undefined", "{id}",
	}
}

func TestR5R6_UserIDTricks(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.signedIn(admin)
	ts.forget()
	for _, id := range hostileIDs(ts.userID(agent)) {
		for _, a := range []*answer{
			b.get("/users/" + id), b.get("/users/" + id + "/revoke"), b.post("/users/"+id+"/revoke", reason),
		} {
			if a.StatusCode != http.StatusBadRequest && a.StatusCode != http.StatusNotFound {
				t.Errorf("%s /users/%.60s: %d", a.Request.Method, id, a.StatusCode)
			}
		}
	}
	b.post("/users//revoke", reason).want(http.StatusBadRequest)
	b.post("/users/"+ts.userID(agent)+"/../me/revoke", reason).want(http.StatusBadRequest)
	ts.wantAsked(0, "")
	if !b.isSignedIn() {
		t.Error("a trick ended the session")
	}
}

func FuzzR5R6_UserID(f *testing.F) {
	const victim = "c9128884-8020-54da-a8fd-a3bad0a53e2a"
	for _, id := range hostileIDs(victim) {
		f.Add(id)
	}
	var asked sync.Map
	platform := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Store(r.Method+" "+r.RequestURI, true)
		http.Error(w, "{}", http.StatusNotFound)
	}))
	f.Cleanup(platform.Close)
	f.Fuzz(func(t *testing.T, id string) {
		ts := newTestServer(t, func(s *setup) {
			s.console.Regions = []genesys.Region{{Name: "demo", Domain: "demo", LoginURL: platform.URL, APIURL: platform.URL}}
		})
		cookie := &http.Cookie{Name: sessionCookie, Value: sealSession(t, ts, nil, admin)}
		for _, segment := range []string{id, url.PathEscape(id)} {
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(reason.Encode()))
			u, err := url.ParseRequestURI("/users/" + segment + "/revoke")
			if err != nil {
				continue
			}
			r.URL, r.Host = u, ts.public.Host
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Origin", ts.public.String())
			r.AddCookie(cookie)
			w := httptest.NewRecorder()
			ts.handler.ServeHTTP(w, r)
			if w.Code >= http.StatusInternalServerError {
				t.Errorf("%q: status %d", segment, w.Code)
			}
		}
		asked.Range(func(key, _ any) bool {
			what := key.(string)
			_, last, ok := strings.Cut(what, "DELETE /api/v2/tokens/")
			if _, err := genesys.ParseUserID(last); ok && err != nil {
				t.Errorf("%q led to %q", id, what)
			}
			return true
		})
		asked.Clear()
	})
}

func TestR6_Fields(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.signedIn(admin)
	target := revocationOf(ts, agent)
	for name, form := range map[string]url.Values{
		"no reason":       {},
		"empty reason":    {"reason": {""}},
		"blank reason":    {"reason": {" \t\r\n\u00a0\u3000"}},
		"long reason":     {"reason": {strings.Repeat("é", 501)}},
		"not UTF-8":       {"reason": {"a\xffb"}},
		"long ticket":     {"reason": {"x"}, "ticket": {strings.Repeat("t", 101)}},
		"ticket of lines": {"reason": {"x"}, "ticket": {"a\r\nb"}},
	} {
		a := b.post(target, form).want(http.StatusUnprocessableEntity)
		if got := a.page().Find("[aria-invalid=true]").Length(); got != 1 {
			t.Errorf("%s: %d fields are marked", name, got)
		}
	}
	for name, form := range map[string]url.Values{
		"doubled reason": {"reason": {"a", "b"}}, "doubled unknown": {"reason": {"a"}, "x": {"1", "2"}},
	} {
		if a := b.post(target, form); a.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %d", name, a.StatusCode)
		}
	}
	b.post(target+"?reason=in+the+address", nil).want(http.StatusUnprocessableEntity)
	ts.wantAsked(0, "DELETE ")
	kept := b.post(target, url.Values{"reason": {`"><b>`}, "ticket": {"a\nb"}}).want(http.StatusUnprocessableEntity)
	if got := kept.page().Find("textarea").Text(); got != `"><b>` {
		t.Errorf("what was typed came back as %q", got)
	}
	b.post(target, url.Values{"reason": {strings.Repeat("é", 500)}, "ticket": {strings.Repeat("t", 100)}}).wantTo("/users/")
}

func TestR7_OneselfIsAskedClearly(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.signedIn(supervisor)
	other := ts.signedIn(supervisor)
	link, _ := b.get("/token").page().Find("main a.danger").Attr("href")
	a := b.get(link).want(http.StatusOK).wantText("Sign out everywhere", "These are your own tokens", "This session ends too")
	if button := a.page().Find("main button.danger").Text(); button != "Sign me out everywhere" {
		t.Errorf("the button says %q", button)
	}
	ts.wantAsked(0, "DELETE ")
	b.follow(b.post(link, reason).wantTo("/signed-out")).wantText("You are signed out everywhere", "correlation id")
	ts.wantAsked(1, "DELETE ")
	ts.wantAsked(1, "DELETE /api/v2/tokens/"+ts.userID(supervisor))
	b.get("/token").wantTo("/login?")
	other.get("/token").want(http.StatusUnauthorized).wantText("Your token is no longer valid")
	if got := b.begin("").Query().Get("prompt"); got != "login" {
		t.Errorf("the next sign-in sends prompt=%q", got)
	}
}

func TestR8_Success(t *testing.T) {
	t.Parallel()
	var sent []*http.Request
	var mu sync.Mutex
	ts := newTestServer(t, withTransport(func(rt http.RoundTripper) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			mu.Lock()
			sent = append(sent, r)
			mu.Unlock()
			return rt.RoundTrip(r)
		})
	}))
	victim := ts.signedIn(agent)
	b := ts.signedIn(supervisor)
	target := revocationOf(ts, agent)
	b.get(target).want(http.StatusOK).wantText("Revoke Mina Keller’s tokens", "In an interaction")
	ts.forget()
	token := b.get("/token/status")
	done := b.post(target, reason).wantTo("/users/" + ts.userID(agent))
	ts.wantAsked(1, "DELETE ")
	asked := ts.asked("DELETE /api/v2/tokens/" + ts.userID(agent))
	if len(asked) != 1 || asked[0].Status != http.StatusNoContent || !strings.Contains(token.body, asked[0].Bearer) {
		t.Errorf("the platform was asked %v; the acting person's token: %s", asked, token.body)
	}
	for _, r := range sent {
		if r.Method == http.MethodDelete && (r.Body != nil || r.ContentLength != 0 || r.URL.RawQuery != "") {
			t.Errorf("the DELETE has a body or a query: %v", r.URL)
		}
	}
	b.get(done.location()).want(http.StatusOK).wantText("All tokens of Mina Keller are revoked", "correlation id")
	if again := b.get(done.location()).want(http.StatusOK); strings.Contains(again.text(), "are revoked") {
		t.Error("the notice is shown again")
	}
	ts.wantAsked(1, "DELETE ")

	status := victim.get("/token/status").want(http.StatusUnauthorized)
	if !strings.Contains(status.body, `"ended"`) {
		t.Errorf("the victim's open page learns %s", status.body)
	}
	victim.get("/token").wantTo("/login?")
}

func TestR8_VictimsNextPageSaysWhy(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	victim, b := ts.signedIn(agent), ts.signedIn(supervisor)
	b.post(revocationOf(ts, agent), reason).wantTo("/users/")
	a := victim.get("/token").want(http.StatusUnauthorized).wantText("Your token is no longer valid", "revoked")
	if c := a.set(sessionCookie); c == nil || c.MaxAge >= 0 {
		t.Errorf("the victim's cookie is not cleared: %v", c)
	}
	if strings.Contains(a.body, "Mina Keller") {
		t.Error("the page still shows the person")
	}
	victim.get("/token").wantTo("/login?")
}

func TestR9R10R11_OutcomesInWords(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.signedIn(admin)
	target := revocationOf(ts, agent)
	in90 := ts.clock.now().Add(90 * time.Second).UTC().Format(http.TimeFormat)
	for name, test := range map[string]struct {
		fault  fault
		status int
		words  []string
		retry  bool
	}{
		"403 permission": {fault{Status: 403, Body: map[string]any{"code": "missing.any.permissions", "message": "x", "messageParams": map[string]string{"permissions": "[oauth:token:delete]"}}}, 403, []string{"oauth:token:delete", "role", "as they were"}, false},
		"403 scope":      {fault{Status: 403, Body: map[string]any{"code": "app.not.authorized.for.scope", "message": "x", "messageParams": map[string]string{"scope": "user-basic-info"}}}, 403, []string{"the scope user-basic-info", "OAuth client", "as they were"}, false},
		"403 unnamed":    {fault{Status: 403}, 403, []string{"A permission", "as they were"}, false},
		"403 hostile":    {fault{Status: 403, Body: map[string]any{"code": "x", "messageParams": map[string]string{"permissions": "<script>alert(1)</script>"}}}, 403, []string{"A permission"}, false},
		"404":            {fault{Status: 404}, 404, []string{"no such user", "Nothing was revoked"}, false},
		"400":            {fault{Status: 400}, 502, []string{"were not revoked", "answered 400"}, false},
		"409":            {fault{Status: 409}, 502, []string{"were not revoked", "answered 409"}, false},
		"429 seconds":    {fault{Status: 429, RetryAfter: 17}, 429, []string{"too many requests", "in 17 seconds", "not carried out"}, true},
		"429 date":       {fault{Status: 429, Headers: map[string]string{"Retry-After": in90}}, 429, []string{"Try again in "}, true},
		"429 absent":     {fault{Status: 429}, 429, []string{"Wait a minute"}, false},
		"429 garbage":    {fault{Status: 429, Headers: map[string]string{"Retry-After": "<b>soon"}}, 429, []string{"Wait a minute"}, false},
		"429 negative":   {fault{Status: 429, Headers: map[string]string{"Retry-After": "-5"}}, 429, []string{"Wait a minute"}, false},
		"429 huge":       {fault{Status: 429, Headers: map[string]string{"Retry-After": "1000000000"}}, 429, []string{"in 3600 seconds"}, true},
		"500":            {fault{Status: 500}, 502, []string{"unknown whether", "may or may not"}, false},
		"503":            {fault{Status: 503}, 502, []string{"unknown whether"}, false},
		"504":            {fault{Status: 504}, 504, []string{"unknown whether"}, false},
		"HTML":           {fault{Status: 502, Body: "<html><script>alert(1)</script>", ContentType: "text/html"}, 502, []string{"unknown whether"}, false},
		"reset":          {fault{Reset: true}, 502, []string{"unknown whether", "Revoking again does no harm"}, false},
		"redirect":       {fault{Status: 307, Headers: map[string]string{"Location": "https://evil.example/"}}, 502, []string{"unknown whether"}, false},
		"304":            {fault{Status: 304}, 502, []string{"unknown whether"}, false},
	} {
		ts.forget()
		test.fault.Match = "DELETE /api/v2/tokens/"
		ts.disturb(test.fault)
		a := b.post(target, reason)
		ts.calm()
		if a.StatusCode != test.status || (a.Header.Get("Retry-After") != "") != test.retry {
			t.Errorf("%s: status %d, Retry-After %q", name, a.StatusCode, a.Header.Get("Retry-After"))
		}
		a.wantText(test.words...)
		if strings.Contains(a.body, "alert(1)") || strings.Contains(a.text(), "are revoked") {
			t.Errorf("%s: %s", name, a.text())
		}
		if got := a.page().Find("textarea").Text(); got != "lost laptop" {
			t.Errorf("%s: the reason came back as %q", name, got)
		}
		ts.wantAsked(1, "DELETE ") // never again by itself
	}
}

func TestR9_UnauthorizedEndsTheSession(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.signedIn(admin)
	ts.disturb(fault{Match: "DELETE /api/v2/tokens/", Status: 401, Times: 1})
	b.post(revocationOf(ts, agent), reason).want(http.StatusUnauthorized).wantText("Your token is no longer valid")
	ts.wantAsked(1, "DELETE ")
	b.get("/token").wantTo("/login?")
}

func TestR9_PermissionAndScope(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.signedIn(agent)
	page := b.get("/token").want(http.StatusOK).page()
	if page.Find(`a[href="/users"], main a.danger`).Length() != 0 {
		t.Error("what the agent may not do is offered")
	}
	ts.forget()
	for _, a := range []*answer{b.get(revocationOf(ts, supervisor)), b.post(revocationOf(ts, supervisor), reason), b.post(revocationOf(ts, agent), reason)} {
		a.want(http.StatusForbidden).wantText("The permission oauth:token:delete is missing from your role")
	}
	b.get("/users?q=park").want(http.StatusForbidden).wantText("directory:user:view")
	ts.wantAsked(0, "")

	narrow := newTestServer(t, withClient(emulator.NarrowClientID))
	wide := narrow.signedIn(admin)
	wide.get("/users?q=park").want(http.StatusForbidden).wantText("the scope users:readonly", "OAuth client", "Your own permissions are not the cause")
	a := wide.get("/users/" + narrow.userID(agent)).want(http.StatusOK).wantText("Who this is could not be found out")
	if a.page().Find("main a.danger").Length() != 1 {
		t.Error("somebody who may revoke is not offered to")
	}
}

func TestR11_RefusedConnectionAndBadCertificate(t *testing.T) {
	t.Parallel()
	tls := httptest.NewUnstartedServer(http.NotFoundHandler())
	tls.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	tls.StartTLS()
	t.Cleanup(tls.Close)
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	for name, api := range map[string]string{"bad certificate": tls.URL, "refused": closed.URL} {
		ts := newTestServer(t, func(s *setup) {
			s.console.Regions = []genesys.Region{{Name: "demo", Domain: "demo", LoginURL: api, APIURL: api}}
		})
		b := ts.newBrowser()
		b.plant(sessionCookie, sealSession(t, ts, nil, admin))
		a := b.post(revocationOf(ts, agent), reason)
		if a.StatusCode != http.StatusBadGateway {
			t.Errorf("%s: %d", name, a.StatusCode)
		}
		a.wantText("could not be reached", "as they were")
		b.follow(b.post("/logout", nil).wantTo("/signed-out")).wantText("your token may live on")
	}
}

func TestR13_RepliesThatAreNotThePlatforms(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.signedIn(admin)
	for name, f := range map[string]fault{
		"garbage":      {Body: "]", ContentType: "application/json"},
		"HTML":         {Body: "<html><script>alert(1)</script>", ContentType: "text/html"},
		"empty":        {Status: 200, Body: "", ContentType: "application/json"},
		"array":        {Body: []int{1}},
		"string":       {Body: `"x"`, ContentType: "application/json"},
		"wrong types":  {Body: map[string]any{"organization": 7, "authorizedScope": "all", "entities": "none", "results": map[string]int{"a": 1}, "id": 5}},
		"deep":         {Body: strings.Repeat("[", 100_000), ContentType: "application/json"},
		"no such user": {Body: map[string]any{"id": "../me", "results": []any{map[string]string{"id": "me"}}}},
	} {
		f.Match = "* /api/v2/"
		ts.disturb(f)
		for _, target := range []string{"/users?q=park", "/users/" + ts.userID(agent), revocationOf(ts, agent), "/token", "/token/status"} {
			a := b.get(target)
			if a.StatusCode == http.StatusInternalServerError || strings.Contains(a.body, "alert(1)") {
				t.Errorf("%s, %s: %d", name, target, a.StatusCode)
			}
		}
		ts.calm()
	}
	b.get("/token").want(http.StatusOK)
	if strings.Contains(ts.log.String(), `"panic"`) {
		t.Errorf("panics: %s", ts.log)
	}
}

func TestR14_BearerFollowsNoRedirect(t *testing.T) {
	t.Parallel()
	evil := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("another host was asked %s %s with Authorization %q", r.Method, r.URL, r.Header.Get("Authorization"))
	}))
	t.Cleanup(evil.Close)
	ts := newTestServer(t)
	b := ts.signedIn(admin)
	for _, status := range []int{301, 302, 303, 307, 308} {
		ts.disturb(fault{Match: "* /api/v2/", Status: status, Headers: map[string]string{"Location": evil.URL + "/"}}, fault{Match: "POST /oauth/token", Status: status, Headers: map[string]string{"Location": evil.URL + "/"}})
		b.get("/token").want(http.StatusBadGateway)
		b.get("/users?q=park").want(http.StatusBadGateway)
		b.get("/token/status").want(http.StatusBadGateway)
		b.post("/token/verify", nil).want(http.StatusBadGateway)
		b.post(revocationOf(ts, agent), reason).want(http.StatusBadGateway).wantText("unknown whether")
		other := ts.newBrowser()
		other.signInTo("", agent).want(http.StatusBadGateway)
		b.get("/readyz")
		ts.calm()
	}
}

func TestR15_TwentyAtOnce(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.signedIn(admin)
	answers := make([]*answer, 20)
	var group sync.WaitGroup
	for i := range answers {
		group.Go(func() { answers[i] = b.post(revocationOf(ts, agent), reason) })
	}
	group.Wait()
	for _, a := range answers {
		a.wantTo("/users/" + ts.userID(agent))
	}
	ts.wantAsked(20, "DELETE /api/v2/tokens/"+ts.userID(agent))

	own := make([]*answer, 10)
	for i := range own {
		group.Go(func() { own[i] = b.fork().post(revocationOf(ts, admin), reason) })
	}
	group.Wait()
	count := map[string]int{}
	for _, a := range own {
		count[strconv.Itoa(a.StatusCode)+" "+strings.Split(a.location(), "?")[0]]++
	}
	// The first ends the others' token, and with it their session.
	if count["303 /signed-out"] == 0 || count["303 /signed-out"]+count["401 "]+count["303 /login"] != 10 {
		t.Errorf("outcomes of revoking oneself ten times at once: %v", count)
	}
	b.get("/token").wantTo("/login?")
}

func TestR16_WithoutRecordNothingIsDone(t *testing.T) {
	t.Parallel()
	closed, err := openRecord(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	ts := newTestServer(t, func(s *setup) { s.console.Audit = audit.New(closed, s.console.Log, s.console.Now) })
	b := ts.newBrowser()
	b.signInTo("", admin).want(http.StatusServiceUnavailable)
	if c := b.cookie(sessionCookie); c != "" {
		t.Error("a sign-in that is not on the record leaves a session cookie, for a token that was deleted")
	}
	ts.wantAsked(1, "DELETE /api/v2/tokens/me")
	b.plant(sessionCookie, sealSession(t, ts, func(s *session.Session) { s.AccessToken = genesys.NewSecret(mint(ts, admin)) }, admin))
	b.post(revocationOf(ts, agent), reason).want(http.StatusServiceUnavailable).wantText("The record cannot be written")
	ts.wantAsked(0, "DELETE /api/v2/tokens/"+ts.userID(agent))
}

// sealedSession is a cookie of ts for the person with that email address, whose
// token is as long as said; "" if that does not fit.
func sealedSession(t *testing.T, ts *testServer, email string, tokenBytes int) string {
	t.Helper()
	return sealSession(t, ts, func(s *session.Session) { s.AccessToken = genesys.NewSecret(strings.Repeat("t", tokenBytes)) }, email)
}

func TestR8_SuccessIsToldThoughTheNoticeDoesNotFit(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	victim := ts.userID(agent)
	ts.disturb(
		fault{Match: "DELETE /api/v2/tokens/", Status: 204},
		fault{Match: "GET /api/v2/users/", Status: 200, Body: map[string]string{"id": victim, "name": strings.Repeat("N", 80)}},
	)
	largest := 1200
	for size := largest; size < 2600; size += 40 {
		if sealedSession(t, ts, admin, size) == "" {
			break
		}
		largest = size
	}
	b := ts.newBrowser()
	b.plant(sessionCookie, sealedSession(t, ts, admin, largest))
	a := b.post("/users/"+victim+"/revoke", url.Values{"reason": {"lost laptop"}})
	ts.wantAsked(1, "DELETE /api/v2/tokens/"+victim)
	if a.StatusCode != http.StatusSeeOther {
		t.Errorf("the revocation was done, and the console says %d: %s", a.StatusCode, a.text())
	}
}

func TestR13_HugeCorrelationID(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	huge := map[string]string{"Inin-Correlation-Id": strings.Repeat("c", 8000)}
	b := ts.signedIn(admin)
	ts.disturb(fault{Match: "DELETE /api/v2/tokens/" + ts.userID(agent), Status: 204, Headers: huge})
	b.post("/users/"+ts.userID(agent)+"/revoke", url.Values{"reason": {"test"}}).want(http.StatusSeeOther)
	ts.disturb(fault{Match: "DELETE /api/v2/tokens/me", Status: 200, Headers: huge})
	b.post("/logout", nil).want(http.StatusSeeOther)
}

func TestR13_PageOfSomebodyElseIsNoConfirmation(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.signedIn(admin)
	ts.disturb(fault{Match: "DELETE /api/v2/tokens/", Status: 200, Body: "<html>Sign in to the guest network", ContentType: "text/html"})
	a := b.post("/users/"+ts.userID(agent)+"/revoke", url.Values{"reason": {"test"}})
	if a.StatusCode == http.StatusSeeOther {
		t.Errorf("shown as a success: %s", b.follow(a).text())
	}
	if text := b.follow(b.post("/logout", nil)).text(); strings.Contains(text, "confirmed") {
		t.Errorf("shown as a confirmed sign-out: %s", text)
	}
}
