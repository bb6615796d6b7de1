package handlers_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"tokenconsole/internal/emulator"
	"tokenconsole/internal/genesys"
)

func TestL1_AuthorizeRequest(t *testing.T) {
	t.Parallel()
	for _, client := range []string{emulator.DemoClientID, emulator.PublicClientID} {
		ts := newTestServer(t, withClient(client))
		u := ts.newBrowser().begin("")
		q := u.Query()
		want := map[string]string{
			"response_type": "code", "client_id": client, "redirect_uri": ts.public.String() + "/oauth/callback", "code_challenge_method": "S256",
		}
		for name, value := range want {
			if got := q[name]; len(got) != 1 || got[0] != value {
				t.Errorf("%s is %q, want %q", name, got, value)
			}
		}
		if len(q.Get("code_challenge")) != 43 || q.Get("state") == "" {
			t.Errorf("challenge %q, state %q", q.Get("code_challenge"), q.Get("state"))
		}
		if strings.Contains(u.String(), "secret") || q.Has("code_verifier") || q.Has("prompt") {
			t.Errorf("the authorize request says too much: %s", u)
		}
	}
}

func TestL2_StateAndChallengeAreFresh(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.newBrowser()
	seen := map[string]bool{}
	for range 50 {
		q := b.begin("").Query()
		for _, value := range []string{q.Get("state"), q.Get("code_challenge")} {
			if seen[value] || len(value) < 22 { // 22 characters of base64 hold 128 bits
				t.Fatalf("%q is short or came before", value)
			}
			seen[value] = true
		}
	}
}

func TestL3_StateMissingEmptyOrDoubled(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.newBrowser()
	u, err := url.Parse(b.authorize(b.begin(""), agent))
	if err != nil {
		t.Fatal(err)
	}
	state, code := u.Query().Get("state"), u.Query().Get("code")
	for name, query := range map[string]string{
		"nothing":       "",
		"no state":      "code=" + code,
		"empty state":   "state=&code=" + code,
		"doubled state": "state=" + state + "&state=" + state + "&code=" + code,
		"two states":    "state=x&state=" + state + "&code=" + code,
		"cased state":   "State=" + state + "&code=" + code,
		"longer state":  "state=" + state + "A&code=" + code,
		"shorter state": "state=" + state[:len(state)-1] + "&code=" + code,
		"lower state":   "state=" + strings.ToLower(state) + "&code=" + code,
		"NUL":           "state=" + state + "%00&code=" + code,
		"semicolon":     "state=" + state + ";code=" + code,
		"huge state":    "state=" + strings.Repeat("A", 10_000) + "&code=" + code,
	} {
		a := b.get("/oauth/callback?" + query).want(http.StatusBadRequest)
		if a.set(sessionCookie) != nil || a.page().Find(`main a[href="/login"]`).Length() != 1 {
			t.Errorf("%s: cookie %v, page %s", name, a.set(sessionCookie), a.text())
		}
	}
	ts.wantAsked(0, "POST /oauth/token")
	if b.isSignedIn() {
		t.Error("somebody was signed in")
	}
	b.get(u.String()).wantTo("/token") // the sign-in itself is unharmed
}

func TestL4_LoginCSRF(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	attacker := ts.newBrowser()
	callback := attacker.authorize(attacker.begin(""), admin)
	fresh, midway, someone := ts.newBrowser(), ts.newBrowser(), ts.signedIn(agent)
	midway.begin("")
	ts.forget()
	for name, victim := range map[string]*browser{"no cookie": fresh, "mid-sign-in": midway, "signed in": someone} {
		before := victim.cookie(sessionCookie)
		victim.get(callback).want(http.StatusBadRequest).wantText("This browser did not begin that sign-in")
		if got := victim.cookie(sessionCookie); got != before {
			t.Errorf("%s: the session changed", name)
		}
	}
	ts.wantAsked(0, "POST /oauth/token")
	someone.get("/token").want(http.StatusOK).wantText("Mina Keller")
}

func TestL5_CallbackReplayed(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.newBrowser()
	callback := b.authorize(b.begin(""), agent)
	early := b.fork() // still holds the pending sign-in
	b.get(callback).wantTo("/token")
	for _, again := range []*browser{b, early} {
		a := again.get(callback).want(http.StatusBadRequest)
		if a.set(sessionCookie) != nil {
			t.Error("the replay touched the session")
		}
	}
	ts.wantAsked(1, "POST /oauth/token")
	if !b.isSignedIn() || early.isSignedIn() {
		t.Error("the session was harmed, or made twice")
	}
}

func TestL5_CallbackTwentyTimesAtOnce(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.newBrowser()
	callback := b.authorize(b.begin(""), agent)
	statuses := make([]int, 20)
	var group sync.WaitGroup
	for i := range statuses {
		group.Go(func() { statuses[i] = b.get(callback).StatusCode })
	}
	group.Wait()
	count := map[int]int{}
	for _, status := range statuses {
		count[status]++
	}
	if count[http.StatusSeeOther] != 1 || count[http.StatusBadRequest] != 19 {
		t.Errorf("statuses %v", count)
	}
	ts.wantAsked(1, "POST /oauth/token")
	if !b.isSignedIn() {
		t.Error("not signed in")
	}
}

func TestL6_CodeOfAnotherSession(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	attacker, victim := ts.newBrowser(), ts.newBrowser()
	stolen, err := url.Parse(attacker.authorize(attacker.begin(""), admin))
	if err != nil {
		t.Fatal(err)
	}
	q := url.Values{"state": {victim.begin("").Query().Get("state")}, "code": {stolen.Query().Get("code")}}
	a := victim.get("/oauth/callback?"+q.Encode()).want(http.StatusBadGateway).wantText("Nobody was signed in", "correlation id")
	if a.set(sessionCookie) != nil || victim.isSignedIn() {
		t.Error("a session was made")
	}
}

func TestL7_VerifierMatchesChallenge(t *testing.T) {
	t.Parallel()
	for _, client := range []string{emulator.DemoClientID, emulator.PublicClientID} {
		var sent url.Values
		var header http.Header
		ts := newTestServer(t, withClient(client), func(s *setup) {
			if client == emulator.PublicClientID {
				s.console.ClientSecret = genesys.Secret{}
			}
		}, spyOnToken(&sent, &header))
		b := ts.newBrowser()
		u := b.begin("")
		b.get(b.authorize(u, agent)).wantTo("/token")
		sum := sha256.Sum256([]byte(sent.Get("code_verifier")))
		if got := base64.RawURLEncoding.EncodeToString(sum[:]); got != u.Query().Get("code_challenge") {
			t.Errorf("%s: verifier %q does not match the challenge", client, sent.Get("code_verifier"))
		}
		if got := sent.Get("redirect_uri"); got != ts.public.String()+"/oauth/callback" {
			t.Errorf("redirect_uri %q", got)
		}
		if _, basic := header["Authorization"]; basic == (client == emulator.PublicClientID) || sent.Has("client_secret") {
			t.Errorf("%s: Authorization %v, client_secret in the body %v", client, basic, sent.Has("client_secret"))
		}
	}
}

func TestL8_PendingExpiresOnTheServer(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.newBrowser()
	inTime := b.authorize(b.begin(""), agent)
	ts.clock.advance(59 * time.Second) // a code of the platform lives a minute
	b.get(inTime).wantTo("/token")

	late := ts.newBrowser()
	authorizeURL := late.begin("")
	ts.clock.advance(10*time.Minute + time.Second)
	callback := late.authorize(authorizeURL, agent)
	ts.forget()
	late.get(callback).want(http.StatusBadRequest).wantText("took too long")
	ts.wantAsked(0, "POST /oauth/token")
	if late.isSignedIn() {
		t.Error("signed in too late")
	}
}

func TestL9_TabsInReverseOrder(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.newBrowser()
	first, second := b.begin("/users?q=one"), b.begin("/users?q=two")
	b.get(b.authorize(second, admin)).wantTo("/users?q=two")
	b.get(b.authorize(first, admin)).wantTo("/users?q=one")
	b.get("/users?q=park").want(http.StatusOK)
}

func TestL9_ManyBegunStaySmall(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t, withHTTPS)
	b := ts.newBrowser()
	var last *url.URL
	for range 200 {
		last = b.begin("")
	}
	if size := b.cookieBytes(); size > 8<<10 {
		t.Errorf("after 200 beginnings the browser sends %d bytes of cookies", size)
	}
	b.get(b.authorize(last, agent)).wantTo("/token")
}

func TestL10_Denied(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	const hostile = "&error_description=%3Cscript%3Ealert(1)%3C%2Fscript%3E&error_uri=https%3A%2F%2Fevil.example"
	for code, status := range map[string]int{
		"access_denied": http.StatusForbidden, "server_error": http.StatusBadGateway, "unauthorized_client": http.StatusBadGateway,
		"%3Cscript%3E": http.StatusBadGateway, "": http.StatusBadGateway,
	} {
		b := ts.newBrowser()
		state := b.begin("").Query().Get("state")
		a := b.get("/oauth/callback?state=" + state + "&error=" + code + hostile).want(status)
		if strings.Contains(a.body, "alert(1)") || strings.Contains(a.body, "evil.example") || strings.Contains(a.body, "<script>") {
			t.Errorf("%q: the page repeats what it was told", code)
		}
		b.get("/oauth/callback?state=forged&error=" + code + hostile).want(http.StatusBadRequest).wantText("This browser did not begin that sign-in")
	}
	ts.wantAsked(0, "POST /oauth/token")
}

// hostileReturns are return paths that must lead nowhere but home.
var hostileReturns = []string{
	"//evil.example", "///evil.example", `/\evil.example`, `\/evil.example`, `\\evil.example`, "/%2f%2fevil.example", "/%2fevil.example/..", "/%5cevil.example",
	"/\t/evil.example", "/\n/evil.example", "/\r\n/evil.example", "\t//evil.example", " //evil.example", "/users\r\nSet-Cookie: a=b",
	"https://evil.example", "https:evil.example", "http:/evil.example", "javascript:alert(1)", "data:text/html,x", "@evil.example", ".evil.example", "evil.example",
	"/..//evil.example", "/./evil", "/users/../..//evil.example", "/%2e%2e//evil.example", "/%09/evil.example", "/%0d%0aSet-Cookie:a=b", "/%00", "/logout", "/login", "/oauth/callback?code=1", "",
}

func TestL11_ReturnPathStaysHere(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.newBrowser()
	for _, evil := range hostileReturns {
		a := b.get("/login?return_to=" + url.QueryEscape(evil)).want(http.StatusOK)
		if got, _ := a.page().Find("input[name=return_to]").Attr("value"); got != "/token" {
			t.Errorf("the form for %q leads to %q", evil, got)
		}
		if a := b.signInTo(evil, agent); a.StatusCode != http.StatusSeeOther || a.location() != "/token" {
			t.Errorf("a sign-in for %q ends with %d at %q", evil, a.StatusCode, a.location())
		}
	}
}

func TestL12_ReturnPathIntact(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	for _, page := range []string{
		"/users?q=a%26b", "/users?q=a+b&page=2", "/users?q=%C3%A9%2F%2F", "/users?q=https://x.example/", "/users/" + ts.userID(agent),
		"/users/" + ts.userID(agent) + "/revoke", "/users?q=%22%3E%3Cscript%3E",
	} {
		b := ts.newBrowser()
		a := b.get(page).wantTo("/login?")
		form := b.follow(a).page().Find("form[action='/login']")
		returnTo, _ := form.Find("input[name=return_to]").Attr("value")
		if got := b.signInTo(returnTo, admin); got.location() != page {
			t.Errorf("asked for %q, came back to %q", page, got.location())
		}
	}
}

func TestL13_NewSessionAtSignIn(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.newBrowser()
	mallory := ts.signedIn(supervisor)
	planted := mallory.cookie(sessionCookie)
	b.plant(sessionCookie, planted)
	b.signInTo("", agent).wantTo("/token")
	if b.cookie(sessionCookie) == planted {
		t.Fatal("the planted cookie was kept")
	}
	b.get("/token").wantText("Mina Keller")
	if b.fork().isSignedIn() == false {
		t.Fatal("the new session does not open")
	}
	earlier := b.fork()
	b.signInTo("", agent).wantTo("/token")
	if earlier.isSignedIn() {
		t.Error("the earlier session of this browser lives on beside the new one")
	}
}

func TestL14_SignInPageEndsOldClaim(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.signedIn(agent)
	b.get("/login").want(http.StatusOK).wantText("You are signed in as Mina Keller")
	ts.clock.advance(31 * time.Minute)
	a := b.get("/login").want(http.StatusOK)
	if strings.Contains(a.body, "Mina") || b.cookie(sessionCookie) != "" {
		t.Errorf("an expired session is claimed: %s", a.text())
	}
}

func TestL15_TokenEndpointFails(t *testing.T) {
	t.Parallel()
	tests := map[string]fault{
		"400":             {Status: 400, Body: map[string]string{"error": "invalid_grant", "error_description": "<script>alert(1)</script>"}},
		"401":             {Status: 401, Body: map[string]string{"error": "invalid_client"}},
		"500":             {Status: 500},
		"503 HTML":        {Status: 503, Body: "<html><script>alert(1)</script>", ContentType: "text/html"},
		"200 HTML":        {Status: 200, Body: "<html><script>alert(1)</script>", ContentType: "text/html"},
		"200 nothing":     {Status: 200, Body: "", ContentType: "application/json"},
		"200 garbage":     {Status: 200, Body: "{\"access_token\":", ContentType: "application/json"},
		"no access_token": {Status: 200, Body: map[string]any{"token_type": "bearer", "expires_in": 300}},
		"empty token":     {Status: 200, Body: map[string]any{"access_token": "", "token_type": "bearer"}},
		"wrong types":     {Status: 200, Body: map[string]any{"access_token": []int{1}, "expires_in": "soon"}},
		"token type":      {Status: 200, Body: map[string]any{"access_token": "a", "token_type": "mac"}},
		"token with CRLF": {Status: 200, Body: map[string]any{"access_token": "a\r\nX-Evil: 1", "token_type": "bearer"}},
		"array":           {Status: 200, Body: []int{1}},
		"redirect":        {Status: 307, Headers: map[string]string{"Location": "https://evil.example/"}},
		"reset":           {Reset: true},
	}
	ts := newTestServer(t)
	for name, f := range tests {
		b := ts.newBrowser()
		callback := b.authorize(b.begin(""), agent)
		f.Match, f.Times = "POST /oauth/token", 1
		ts.disturb(f)
		a := b.get(callback).want(http.StatusBadGateway)
		if strings.Contains(a.body, "alert(1)") || a.set(sessionCookie) != nil || a.title() == "" {
			t.Errorf("%s: %s", name, a.text())
		}
		if a.page().Find(`main a[href="/login"]`).Length() != 1 {
			t.Errorf("%s: the page leads nowhere: %s", name, a.text())
		}
	}
}

func TestL15_PlatformFailsAfterTheExchange(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	for name, f := range map[string]fault{
		"me 503":      {Match: "GET /api/v2/users/me", Status: 503},
		"me garbage":  {Match: "GET /api/v2/users/me", Body: "nonsense"},
		"me nobody":   {Match: "GET /api/v2/users/me", Body: map[string]string{}},
		"me is me":    {Match: "GET /api/v2/users/me", Body: map[string]string{"id": "me", "name": "x"}},
		"me is path":  {Match: "GET /api/v2/users/me", Body: map[string]string{"id": "../tokens/me"}},
		"token 429":   {Match: "GET /api/v2/tokens/me", Status: 429, RetryAfter: 7},
		"token 401":   {Match: "GET /api/v2/tokens/me", Status: 401},
		"token reset": {Match: "GET /api/v2/tokens/me", Reset: true},
	} {
		ts.forget()
		b := ts.newBrowser()
		callback := b.authorize(b.begin(""), agent)
		ts.disturb(f)
		a := b.get(callback)
		if a.StatusCode < 400 || a.StatusCode == http.StatusInternalServerError || b.cookie(sessionCookie) != "" || a.title() == "" {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.text())
		}
		ts.calm()
		ts.wantAsked(1, "DELETE /api/v2/tokens/me") // no token is left without a session
	}
}

func TestL16_NothingInLaterAddresses(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.newBrowser()
	a := b.get(b.authorize(b.begin("/users?q=park"), admin)).wantTo("/users?q=park")
	if got := a.Header.Get("Referrer-Policy"); got != "no-referrer" {
		t.Errorf("the callback's Referrer-Policy is %q", got)
	}
	if strings.Contains(a.body, "code=") || strings.Contains(a.body, "state=") {
		t.Errorf("the callback's body: %s", a.body)
	}
	failed := b.get("/oauth/callback?code=x&state=y").want(http.StatusBadRequest)
	if got := failed.Header.Get("Referrer-Policy"); got != "no-referrer" {
		t.Errorf("a failed callback's Referrer-Policy is %q", got)
	}
}

func TestL18_NobodyIsSignedInWithoutAnAct(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.signedIn(agent) // the platform remembers the log-in
	b.plant(sessionCookie, "")
	ts.forget()
	for _, target := range []string{"/", "/token", "/users", "/login", "/login?return_to=%2Ftoken", "/login?region=demo&org=a&provider=okta"} {
		if a := b.follow(b.get(target)); a.Request.URL.Path != "/login" {
			t.Errorf("%s leads to %s", target, a.Request.URL)
		}
	}
	ts.wantAsked(0, "")
}

func TestPromptAfterSignOut(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.signedIn(agent)
	b.post("/logout", nil).wantTo("/signed-out")
	if got := b.begin("").Query().Get("prompt"); got != "login" {
		t.Errorf("prompt=%q after a sign-out", got)
	}
	b.signInTo("", supervisor).wantTo("/token")
	if q := b.begin("").Query(); q.Has("prompt") {
		t.Errorf("prompt=%q without a sign-out before", q.Get("prompt"))
	}
}

func TestSignInForm(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t, withRegions("one.example", "two.example"))
	b := ts.newBrowser()
	page := b.get("/login").want(http.StatusOK).page()
	if got := page.Find("select[name=region] option").Length(); got != 2 {
		t.Errorf("%d regions are offered", got)
	}
	for name, form := range map[string]url.Values{
		"unknown region":   {"region": {"evil.example"}},
		"org alone":        {"org": {"acme"}},
		"provider alone":   {"provider": {"okta"}},
		"unknown provider": {"org": {"acme"}, "provider": {"evil"}},
		"long org":         {"org": {strings.Repeat("a", 101)}, "provider": {"okta"}},
	} {
		a := b.post("/login", form).want(http.StatusUnprocessableEntity)
		if a.page().Find("[aria-invalid=true]").Length() == 0 || len(a.Cookies()) > 0 {
			t.Errorf("%s: no field is marked, or a sign-in was begun", name)
		}
	}
	a := b.post("/login", url.Values{"region": {"two.example"}, "org": {"a&b\"><x>"}, "provider": {"okta"}, "return_to": {"/users"}}).want(http.StatusOK)
	link, _ := a.page().Find("main a").Attr("href")
	u, err := url.Parse(link)
	if err != nil || u.Query().Get("org") != `a&b"><x>` || u.Query().Get("provider") != "okta" {
		t.Errorf("the link is %q", link)
	}
	if got := a.Header.Get("Refresh"); got != "0; url="+link {
		t.Errorf("Refresh is %q", got)
	}
	b.get(b.authorize(u, admin)).wantTo("/users")
	if got := b.get("/token").page().Find(".strip-region").Text(); got != "Region region-2 · two.example" {
		t.Errorf("the strip says %q", got)
	}
}

func withRegions(domains ...string) func(*setup) {
	return func(s *setup) {
		for i, domain := range domains {
			s.console.Regions = append(s.console.Regions, genesys.Region{Name: fmt.Sprintf("region-%d", i+1), Domain: domain})
		}
	}
}

// spyOnToken keeps the last request that the token endpoint gets.
func spyOnToken(form *url.Values, header *http.Header) func(*setup) {
	return withTransport(func(rt http.RoundTripper) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			if r.URL.Path == "/oauth/token" {
				body := readAll(r.Body)
				*form, _ = url.ParseQuery(body)
				*header = r.Header.Clone()
				r = withBody(r, body)
			}
			return rt.RoundTrip(r)
		})
	})
}

func TestL9_ManyBegunForLongPagesStaySmall(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t, withHTTPS)
	b := ts.newBrowser()
	for range 20 {
		b.begin("/users?q=" + strings.Repeat("x", 1000))
	}
	if size := b.cookieBytes(); size > 8<<10 {
		t.Errorf("after 20 beginnings the browser sends %d bytes of cookies", size)
	}
}
