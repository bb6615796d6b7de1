package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"tokenconsole/internal/emulator"
)

// A sign-in begins with an authorize request that proves itself later (PKCE),
// names the exact redirect URI, and holds no secret.
func TestL1_AuthorizeRequest(t *testing.T) {
	t.Parallel()
	for _, client := range []string{emulator.DemoClientID, emulator.PublicClientID} {
		t.Run(client, func(t *testing.T) {
			c := newConsole(t, withClient(client))
			u := c.newBrowser().begin("")
			q := u.Query()
			for name, want := range map[string]string{
				"response_type": "code", "client_id": client, "redirect_uri": c.public.String() + "/oauth/callback", "code_challenge_method": "S256",
			} {
				if got := q[name]; len(got) != 1 || got[0] != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
			if len(q.Get("code_challenge")) != 43 || q.Get("state") == "" {
				t.Errorf("challenge %q, state %q", q.Get("code_challenge"), q.Get("state"))
			}
			if strings.Contains(u.String(), "secret") || q.Has("code_verifier") || q.Has("prompt") {
				t.Errorf("the authorize request says too much: %s", u)
			}
		})
	}
}

func TestL2_StateAndChallengeAreFresh(t *testing.T) {
	t.Parallel()
	b := newConsole(t).newBrowser()
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

func TestL8_BegunSignInExpiresOnTheServer(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.newBrowser()
	inTime := b.authorize(b.begin(""), agent)
	c.clock.advance(59 * time.Second) // a code of the platform lives a minute
	b.get(inTime).wantTo(home)

	late := c.newBrowser()
	authorizeURL := late.begin("")
	c.clock.advance(10*time.Minute + time.Second)
	callback := late.authorize(authorizeURL, agent)
	c.forget()
	late.get(callback).wantProblem(http.StatusBadRequest, "sign-in-too-late")
	c.wantAsked(0, "POST /oauth/token")
	if late.isSignedIn() {
		t.Error("signed in too late")
	}
}

func TestL9_TabsFinishInReverseOrder(t *testing.T) {
	t.Parallel()
	b := newConsole(t).newBrowser()
	first, second := b.begin("/users?q=one"), b.begin("/users?q=two")
	b.get(b.authorize(second, admin)).wantTo("/users?q=two")
	b.get(b.authorize(first, admin)).wantTo("/users?q=one")
	b.get("/users?q=park").want(http.StatusOK)
}

func TestL9_ManyBegunKeepTheCookiesSmall(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		times    int
		returnTo string
	}{
		"200 for the first page": {200, ""},
		"20 for long pages":      {20, "/users?q=" + strings.Repeat("x", 1000)},
	} {
		t.Run(name, func(t *testing.T) {
			b := newConsole(t, withHTTPS).newBrowser()
			var last *url.URL
			for range test.times {
				last = b.begin(test.returnTo)
			}
			if size := b.cookieBytes(); size > 8<<10 {
				t.Errorf("the browser sends %d bytes of cookies", size)
			}
			b.get(b.authorize(last, admin)).wantTo(home)
		})
	}
}

func TestL18_NobodyIsSignedInWithoutAnActOfTheirs(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.newBrowser()
	b.signIn(agent) // the platform remembers the log-in
	b.plant(sessionCookie, "")
	c.forget()
	for _, target := range []string{"/", "/token", "/users", "/login", "/login?return_to=%2Ftoken", "/login?region=demo&org=a&provider=okta"} {
		t.Run(target, func(t *testing.T) {
			b := b.in(t)
			if a := b.follow(b.get(target)); a.Request.URL.Path != "/login" {
				t.Errorf("it leads to %s", a.Request.URL)
			}
		})
	}
	c.wantAsked(0, "")
}

func TestSignInAfterASignOutAsksForCredentials(t *testing.T) {
	t.Parallel()
	b := newConsole(t).newBrowser()
	b.signIn(agent)
	b.post("/logout", nil).wantTo("/signed-out")
	if got := b.begin("").Query().Get("prompt"); got != "login" {
		t.Errorf("prompt=%q after a sign-out", got)
	}
	b.signIn(supervisor).wantTo(home)
	if q := b.begin("").Query(); q.Has("prompt") {
		t.Errorf("prompt=%q without a sign-out before", q.Get("prompt"))
	}
}

func TestSignInFormMarksWhatIsWrong(t *testing.T) {
	t.Parallel()
	b := newConsole(t, withRegions("one.example", "two.example")).newBrowser()
	if got := b.get("/login").want(http.StatusOK).page().Find("select[name=region] option").Length(); got != 2 {
		t.Errorf("%d regions are offered", got)
	}
	for name, form := range map[string]url.Values{
		"unknown region":   {"region": {"evil.example"}},
		"org alone":        {"org": {"acme"}},
		"provider alone":   {"provider": {"okta"}},
		"unknown provider": {"org": {"acme"}, "provider": {"evil"}},
		"long org":         {"org": {strings.Repeat("a", 101)}, "provider": {"okta"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := b.in(t).post("/login", form).want(http.StatusUnprocessableEntity)
			if a.page().Find("[aria-invalid=true]").Length() == 0 || len(a.Cookies()) > 0 {
				t.Error("no field is marked, or a sign-in was begun")
			}
		})
	}
}

func TestSignInThroughACompanysProvider(t *testing.T) {
	t.Parallel()
	b := newConsole(t, withRegions("one.example", "two.example")).newBrowser()
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
	if got := b.get("/token").page().Find(".strip-region").Text(); !strings.Contains(got, "two.example") {
		t.Errorf("the strip names %q", got)
	}
}
