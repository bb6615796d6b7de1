package handlers_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"tokenconsole/internal/emulator"
	"tokenconsole/internal/genesys"
	"tokenconsole/session"
)

// journey signs in, looks around, revokes, is refused something and signs out,
// and returns the browser with all that it saw.
func journey(ts *testServer) *browser {
	ts.t.Helper()
	b := ts.newBrowser()
	b.follow(b.get("/users?q=keller"))
	b.signInTo("/users?q=keller", admin).wantTo("/users")
	victim := "/users/" + ts.userID(agent)
	for _, target := range []string{
		"/", "/token", "/token/status", "/users", "/users?q=keller", victim, victim + "/revoke", "/users/me", "/nowhere",
		"/oauth/callback", "/oauth/callback?state=a&code=b", "/login", "/signed-out", "/healthz", "/readyz",
		"/inspect", "/timeout", "/timeout/change?enabled=on&minutes=15", "/audit", "/audit.csv", "/audit.json",
	} {
		b.get(target)
	}
	b.follow(b.post("/token/verify", nil))
	b.post(victim+"/revoke", url.Values{"reason": {""}}).want(http.StatusUnprocessableEntity)
	b.follow(b.post(victim+"/revoke", url.Values{"reason": {"lost laptop"}}).wantTo(victim))
	b.post(victim+"/revoke", nil, "Origin", "https://evil.example").want(http.StatusForbidden)
	b.post("/token", nil).want(http.StatusMethodNotAllowed)
	b.follow(b.post("/logout", nil).wantTo("/signed-out"))
	b.post("/logout", nil)
	return b
}

func TestS1_EveryCookie(t *testing.T) {
	t.Parallel()
	for _, secure := range []bool{true, false} {
		options := []func(*setup){withRecord(t)}
		if secure {
			options = append(options, withHTTPS)
		}
		b := journey(newTestServer(t, options...))
		names := map[string]bool{}
		for _, a := range b.seen {
			set := map[string]bool{}
			for _, c := range a.Cookies() {
				if set[c.Name] {
					t.Errorf("%s sets %s twice", a.Request.URL.Path, c.Name)
				}
				set[c.Name] = true
				names[strings.TrimPrefix(c.Name, "__Host-")] = true
				if strings.HasPrefix(c.Name, "__Host-") != secure || c.Secure != secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" || c.SameSite != http.SameSiteLaxMode {
					t.Errorf("https %v: %s", secure, c.Raw)
				}
				if len(c.Raw) > 4096 {
					t.Errorf("%s has %d bytes", c.Name, len(c.Raw))
				}
			}
		}
		if !names["console-session"] || !names["console-farewell"] || len(names) < 3 {
			t.Errorf("cookies seen: %v", names)
		}
	}
}

func TestS2_TokenTooLarge(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.newBrowser()
	callback := b.authorize(b.begin(""), agent)
	ts.disturb(
		fault{Match: "POST /oauth/token", Times: 1, Body: map[string]any{"access_token": strings.Repeat("t", 3000), "token_type": "bearer", "expires_in": 600}},
		fault{Match: "GET /api/v2/users/me", Times: 1, Body: map[string]string{"id": ts.userID(agent), "name": "Mina Keller"}},
		fault{Match: "GET /api/v2/tokens/me", Times: 1, Body: map[string]any{"organization": map[string]string{"id": "1", "name": "Demo"}}},
	)
	a := b.get(callback).want(http.StatusBadGateway).wantText("The token does not fit")
	if a.set(sessionCookie) != nil {
		t.Error("a cookie was set")
	}
	ts.wantAsked(1, "DELETE /api/v2/tokens/me")
	b.get("/token").wantTo("/login?")
}

func TestS3_CookiesThatAreNotOurs(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	owner := ts.signedIn(agent)
	value := owner.cookie(sessionCookie)
	pending := ts.newBrowser()
	pending.begin("")
	foreign := newTestServer(t, func(s *setup) { s.console.Sessions.Keys = [][]byte{[]byte("another key of thirty-two bytes!")} })
	flipped := []byte(value)
	flipped[len(flipped)/2] ^= 1
	for name, planted := range map[string]string{
		"empty":     "",
		"text":      "admin",
		"base64":    base64.URLEncoding.EncodeToString([]byte(`1700000000|{"i":"x"}|mac`)),
		"truncated": value[:len(value)-5],
		"half":      value[:len(value)/2],
		"longer":    value + "AAAA",
		"flipped":   string(flipped),
		"doubled":   value + value,
		"foreign":   foreign.signedIn(agent).cookie(sessionCookie),
		"pending":   pending.cookies()[0].Value,
		"huge":      strings.Repeat("A", 20_000),
		"gob":       "Dv-BBAEC_4IAAQwBEAAA",
	} {
		b := ts.newBrowser()
		a := b.get("/token", "Cookie", sessionCookie+"="+planted).wantTo("/login?")
		if c := a.set(sessionCookie); c == nil || c.MaxAge >= 0 || c.Value != "" {
			t.Errorf("%s: the cookie is not cleared: %v", name, c)
		}
		b.get("/login", "Cookie", sessionCookie+"="+planted).want(http.StatusOK)
		b.get("/nowhere", "Cookie", sessionCookie+"="+planted).want(http.StatusNotFound)
		b.get("/token/status", "Cookie", sessionCookie+"="+planted, "Accept", "application/json").want(http.StatusUnauthorized)
		b.post("/logout", nil, "Cookie", sessionCookie+"="+planted).wantTo("/signed-out")
	}
	if !owner.isSignedIn() {
		t.Error("the owner's session was harmed")
	}
}

func TestS3_PendingAndFarewellCookiesThatAreNotOurs(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	owner := ts.signedIn(agent)
	session := owner.cookie(sessionCookie)
	for _, value := range []string{"", "x", session, session[:20]} {
		b := ts.newBrowser()
		b.get("/signed-out", "Cookie", "console-farewell="+value).want(http.StatusOK).wantText("Nobody is signed in")
		b.post("/logout", nil, "Cookie", "console-farewell="+value).wantTo("/signed-out")
		b.post("/login", nil, "Cookie", "console-signin-00000000="+value).wantTo(ts.platform)
	}
	ts.wantAsked(0, "DELETE ")
}

func TestS4_TooManyCookies(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	value := ts.signedIn(agent).cookie(sessionCookie)
	for name, cookie := range map[string]string{
		"two of a name":  sessionCookie + "=" + value + "; " + sessionCookie + "=" + value,
		"planted first":  sessionCookie + "=x; " + sessionCookie + "=" + value,
		"70 KB":          sessionCookie + "=" + strings.Repeat("A", 70_000),
		"3500 cookies":   strings.Repeat("a=b; ", 3500) + "c=d",
		"3500 of ours":   strings.Repeat(sessionCookie+"=x; ", 3500),
		"500 pending":    manyPending(500),
		"nameless":       "=; =; ;;;",
		"not ASCII":      sessionCookie + "=\xff\xfe",
		"quoted session": sessionCookie + `="` + value[:10] + `"`,
	} {
		b := ts.newBrowser()
		a := b.get("/token", "Cookie", cookie)
		if a.StatusCode >= 500 || a.StatusCode == http.StatusOK {
			t.Errorf("%s: GET /token answers %d", name, a.StatusCode)
		}
		if a := b.post("/login", nil, "Cookie", cookie); a.StatusCode >= 500 {
			t.Errorf("%s: POST /login answers %d", name, a.StatusCode)
		}
	}
}

func manyPending(n int) string {
	var all strings.Builder
	for i := range n {
		fmt.Fprintf(&all, "console-signin-%08x=x; ", i)
	}
	return all.String()
}

func TestS5_CookieRevealsNothing(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.signedIn(agent)
	content := b.cookie(sessionCookie)
	for range 3 { // what is encoded may be encoded again
		for _, word := range []string{"Mina", "Keller", agent, "access", ts.userID(agent), "demo"} {
			if strings.Contains(content, word) {
				t.Errorf("the cookie shows %q", word)
			}
		}
		decoded, err := base64.URLEncoding.DecodeString(content)
		if err != nil {
			break
		}
		content = string(decoded)
	}
}

func TestS6_KeysRotate(t *testing.T) {
	t.Parallel()
	oldKey, newKey := testKey, []byte("the next key of thirty-two bytes")
	keys := func(keys ...[]byte) func(*setup) {
		return func(s *setup) { s.console.Sessions.Keys = keys }
	}
	before, both, after := newTestServer(t, keys(oldKey)), newTestServer(t, keys(newKey, oldKey)), newTestServer(t, keys(newKey))
	token := sealSession(t, before, nil, agent)
	b := both.newBrowser()
	b.plant(sessionCookie, token)
	if a := b.get("/token/status", "Accept", "application/json"); !strings.Contains(a.body, `"ended"`) {
		t.Errorf("NEW,OLD does not open what OLD sealed: %s", a.body)
	}
	alone := after.newBrowser()
	alone.plant(sessionCookie, token)
	alone.get("/token").wantTo("/login?")

	fresh := both.signedIn(agent)
	alone.plant(sessionCookie, fresh.cookie(sessionCookie))
	if a := alone.get("/token/status", "Accept", "application/json"); !strings.Contains(a.body, `"ended"`) {
		t.Errorf("NEW does not open what NEW,OLD sealed: %s", a.body)
	}
	stale := before.newBrowser()
	stale.plant(sessionCookie, fresh.cookie(sessionCookie))
	stale.get("/token").wantTo("/login?")
}

func TestS8_IdleAndTotal(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.signedIn(agent)
	copied := b.fork()
	for range 4 {
		ts.clock.advance(20 * time.Minute)
		b.get("/token").want(http.StatusOK) // use keeps it
	}
	copied.get("/token").wantTo("/login?return_to=%2Ftoken&why=expired")
	ts.clock.advance(31 * time.Minute)
	page := b.follow(b.get("/token").wantTo("/login?return_to=%2Ftoken&why=expired"))
	page.wantText("Your session has ended")

	b = ts.signedIn(agent)
	for range 36 {
		ts.clock.advance(20 * time.Minute)
		if !b.isSignedIn() {
			break
		}
	}
	if b.isSignedIn() {
		t.Error("a session outlives its 12 hours by being used")
	}
}

func TestS8_LookingByItselfIsNoUse(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.signedIn(agent)
	ts.forget()
	for range 29 {
		ts.clock.advance(time.Minute)
		a := b.get("/token/status", "Accept", "application/json").want(http.StatusOK)
		if len(a.Cookies()) > 0 {
			t.Fatal("the status refreshes a cookie")
		}
	}
	if got, all := len(ts.asked("GET /api/v2/tokens/me?preserveIdleTTL=true")), len(ts.asked("")); got != 29 || all != 29 {
		t.Errorf("%d of %d requests preserve the idle time", got, all)
	}
	ts.clock.advance(2 * time.Minute)
	a := b.get("/token/status", "Accept", "application/json").want(http.StatusUnauthorized)
	if !strings.Contains(a.body, `"signed-out"`) {
		t.Errorf("the status of an idle session: %s", a.body)
	}
}

func TestS9_TokenDiesFirst(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t, func(s *setup) { s.emulator.TokenLifetime, s.emulator.IdleTimeout = 5*time.Minute, time.Hour })
	b := ts.signedIn(agent)
	ts.clock.advance(5*time.Minute + time.Second)
	if a := b.get("/token/status").want(http.StatusOK); !strings.Contains(a.body, `"expired"`) {
		t.Errorf("status: %s", a.body)
	}
	a := b.follow(b.get("/token").wantTo("/login?return_to=%2Ftoken&why=token"))
	if a.wantText("Your token has expired"); a.Request.URL.Path != "/login" {
		t.Errorf("led to %s", a.Request.URL)
	}
	b.signInTo("", agent).wantTo("/token")
	if !b.isSignedIn() {
		t.Error("signing in again does not help")
	}
}

func TestS10_SignOut(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.signedIn(agent)
	copied := b.fork()
	a := b.get("/logout").want(http.StatusMethodNotAllowed)
	if got := a.Header.Get("Allow"); got != "POST" {
		t.Errorf("Allow is %q", got)
	}
	b.post("/logout", nil, "Origin", "https://evil.example").want(http.StatusForbidden)
	b.post("/logout", nil, "Sec-Fetch-Site", "cross-site").want(http.StatusForbidden)
	ts.wantAsked(0, "DELETE ")
	if !b.isSignedIn() {
		t.Fatal("signed out without a guarded POST")
	}
	b.follow(b.post("/logout", nil).wantTo("/signed-out")).wantText("Genesys Cloud confirmed that your token is deleted")
	ts.wantAsked(1, "DELETE /api/v2/tokens/me")
	ts.forget()
	copied.get("/token").wantTo("/login?return_to=%2Ftoken&why=ended")
	copied.get("/token/status", "Accept", "application/json").want(http.StatusUnauthorized)
	ts.wantAsked(0, "")
}

func TestS10_SignOutWhenAlreadyDeadOrUnconfirmed(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.signedIn(agent)
	ts.disturb(fault{Match: "DELETE /api/v2/tokens/me", Status: 401, Times: 1})
	b.follow(b.post("/logout", nil)).wantText("was not valid any more")

	b = ts.signedIn(agent)
	dead := b.fork()
	ts.disturb(fault{Match: "DELETE /api/v2/tokens/me", Status: 503, Times: 2})
	for range 2 { // and again, still without an answer
		a := b.follow(b.post("/logout", nil).wantTo("/signed-out")).wantText("your token may live on", "It expires", "correlation id")
		if a.page().Find("form[action='/logout'] button").Length() != 1 {
			t.Error("no way to try again")
		}
	}
	if dead.isSignedIn() || b.isSignedIn() {
		t.Error("the session lives on")
	}
	a := b.follow(b.post("/logout", nil).wantTo("/signed-out")).wantText("Genesys Cloud confirmed")
	if a.page().Find("form[action='/logout']").Length() != 0 {
		t.Error("a confirmed sign-out is offered again")
	}
	bearers := map[string]bool{}
	for _, asked := range ts.asked("DELETE /api/v2/tokens/me")[1:] {
		bearers[asked.Bearer] = true
	}
	if len(bearers) != 1 {
		t.Errorf("bearers of the tries: %v", bearers)
	}
	ts.forget()
	b.post("/logout", nil).wantTo("/signed-out")
	ts.wantAsked(0, "")
}

func TestS10_SignOutOfAnExpiredSessionStillDeletes(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.signedIn(agent)
	ts.clock.advance(31 * time.Minute)
	b.follow(b.post("/logout", nil).wantTo("/signed-out")).wantText("Genesys Cloud confirmed")
	ts.wantAsked(1, "DELETE /api/v2/tokens/me")
}

func TestSignedOut_PlatformLogout(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t, withHTTPS)
	b := ts.signedIn(agent)
	link, _ := b.follow(b.post("/logout", nil)).page().Find("main a[rel=noreferrer]").Attr("href")
	u, err := url.Parse(link)
	if err != nil || !strings.HasPrefix(link, ts.platform+"/logout?") || u.Query().Get("client_id") != emulator.DemoClientID {
		t.Fatalf("the platform's log-out is %q", link)
	}
	if got := b.follow(b.get(link)); got.Request.URL.Path != "/signed-out" {
		t.Errorf("the platform leads to %s", got.Request.URL)
	}
}

func TestS12_Replicas(t *testing.T) {
	t.Parallel()
	one := newTestServer(t)
	other := newTestServer(t, func(s *setup) {
		s.console.Regions = []genesys.Region{{Name: "demo", Domain: "demo", LoginURL: one.platform, APIURL: one.platform}}
	})
	stranger := newTestServer(t, func(s *setup) {
		s.console.Regions = []genesys.Region{{Name: "demo", Domain: "demo", LoginURL: one.platform, APIURL: one.platform}}
		s.console.Sessions.Keys = [][]byte{[]byte("a stranger's key, 32 bytes long.")}
	})
	b := one.signedIn(agent)
	there, nowhere := other.newBrowser(), stranger.newBrowser()
	there.plant(sessionCookie, b.cookie(sessionCookie))
	nowhere.plant(sessionCookie, b.cookie(sessionCookie))
	there.get("/token").want(http.StatusOK).wantText("Mina Keller")
	nowhere.get("/token").wantTo("/login?")
	b.post("/logout", nil).wantTo("/signed-out")
	there.get("/token").want(http.StatusUnauthorized).wantText("no longer valid")
}

// sealSession returns a session cookie that ts accepts, "" if it does not fit.
func sealSession(t *testing.T, ts *testServer, edit func(*session.Session), email string) string {
	t.Helper()
	store, err := session.NewStore(session.Options{Keys: [][]byte{testKey}, Idle: time.Hour, Total: time.Hour, Now: ts.clock.now})
	if err != nil {
		t.Fatal(err)
	}
	id, err := genesys.ParseUserID(ts.userID(email))
	if err != nil {
		t.Fatal(err)
	}
	s := session.Session{
		AccessToken: genesys.NewSecret("made up"), Region: "demo", Organization: genesys.Named{ID: "1", Name: "Demo"},
		Person: session.Person{ID: id, Name: "Made Up", Email: email, Permissions: []string{genesys.PermissionDeleteToken, genesys.PermissionViewUser}},
	}
	if edit != nil {
		edit(&s)
	}
	w := httptest.NewRecorder()
	if _, err := store.Start(w, httptest.NewRequest(http.MethodGet, "/", nil), s); err != nil {
		return ""
	}
	for _, c := range w.Result().Cookies() {
		if c.Name == sessionCookie {
			return c.Value
		}
	}
	t.Fatal("no cookie was made")
	return ""
}

func TestS8_ExpiredSessionShowsNobodyOnErrorPages(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.signedIn(agent)
	ts.clock.advance(13 * time.Hour)
	for _, a := range []*answer{b.get("/nowhere").want(http.StatusNotFound), b.post("/token", nil).want(http.StatusMethodNotAllowed)} {
		if strings.Contains(a.body, "Mina Keller") {
			t.Errorf("%s %s shows whose session it was", a.Request.Method, a.Request.URL.Path)
		}
	}
}

func TestS3_RegionNoLongerConfigured(t *testing.T) {
	t.Parallel()
	before := newTestServer(t, withRegions("one.example", "two.example"))
	after := newTestServer(t, withRegions("two.example"))
	b := before.signedIn(admin) // in one.example, the first
	moved := after.newBrowser()
	for _, target := range []string{"/token", "/token/status", "/users?q=park", "/nowhere", "/login"} {
		moved.plant(sessionCookie, b.cookie(sessionCookie))
		if a := moved.get(target); a.StatusCode >= 500 {
			t.Fatalf("%s: %d %s", target, a.StatusCode, a.title())
		}
	}
}

func TestS3_PendingRegionNoLongerConfigured(t *testing.T) {
	t.Parallel()
	before := newTestServer(t, withRegions("one.example", "two.example"))
	after := newTestServer(t, withRegions("two.example"))
	b, moved := before.newBrowser(), after.newBrowser()
	state := b.begin("").Query().Get("state")
	for _, c := range b.cookies() {
		moved.plant(c.Name, c.Value)
	}
	moved.get("/oauth/callback?code=x&state=" + state).want(http.StatusBadRequest)
}

// A form that comes too late leads back to the page it was sent from, which is
// not always the path it was sent to.
func TestS9_FormSentTooLateLeadsBackToItsPage(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	revoke := "/users/" + ts.userID(agent) + "/revoke"
	for from, to := range map[string]string{
		"/token/verify": "/token", "/inspect": "/inspect", "/inspect/delete": "/inspect",
		"/timeout/change": "/timeout", revoke: revoke,
	} {
		if got := ts.newBrowser().post(from, nil).location(); got != "/login?return_to="+url.QueryEscape(to)+"&why=lost" {
			t.Errorf("%s leads to %s", from, got)
		}
	}
	ts.signedIn(admin).get("/timeout/change").wantTo("/timeout")
}
