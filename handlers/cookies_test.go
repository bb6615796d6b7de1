package handlers_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// journey signs in, looks around, revokes, is refused something and signs out,
// and returns the browser with all that it saw.
func journey(c *console) *browser {
	c.t.Helper()
	b := c.newBrowser()
	b.follow(b.get("/users?q=keller"))
	b.signInTo("/users?q=keller", admin).wantTo("/users")
	victim := "/users/" + c.userID(agent)
	for _, target := range []string{
		"/", "/token", "/token/status", "/session", "/users", "/users?q=keller", victim, victim + "/revoke", "/users/me", "/nowhere",
		"/oauth/callback", "/oauth/callback?state=a&code=b", "/login", "/signed-out", "/healthz", "/readyz", "/inspect", "/timeout",
		"/timeout/change?enabled=on&minutes=15", "/audit", "/audit.csv", "/audit.json", "/audit/1", "/audit/1/receipt", "/audit/checkpoint",
	} {
		b.get(target)
	}
	b.follow(b.post("/token/verify", nil))
	b.post(victim+"/revoke", url.Values{"reason": {""}}).want(http.StatusUnprocessableEntity)
	b.follow(b.post(victim+"/revoke", reason).wantTo(victim))
	b.post(victim+"/revoke", nil, "Origin", "https://evil.example").want(http.StatusForbidden)
	b.post("/token", nil).want(http.StatusMethodNotAllowed)
	b.follow(b.post("/logout", nil).wantTo("/signed-out"))
	b.post("/logout", nil)
	return b
}

func TestS1_EveryCookieIsBoundToThisSite(t *testing.T) {
	t.Parallel()
	for scheme, options := range map[string][]func(*setup){"http": nil, "https": {withHTTPS}} {
		t.Run(scheme, func(t *testing.T) {
			secure := scheme == "https"
			names := map[string]bool{}
			for _, a := range journey(newConsole(t, options...)).seen.all {
				set := map[string]bool{}
				for _, c := range a.Cookies() {
					if set[c.Name] {
						t.Errorf("%s sets %s twice", a.what(), c.Name)
					}
					set[c.Name], names[strings.TrimPrefix(c.Name, "__Host-")] = true, true
					if strings.HasPrefix(c.Name, "__Host-") != secure || c.Secure != secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" || c.SameSite != http.SameSiteLaxMode {
						t.Errorf("a cookie of %s: %s", a.what(), c.Raw)
					}
					if len(c.Raw) > 4096 { // S2
						t.Errorf("%s has %d bytes", c.Name, len(c.Raw))
					}
				}
			}
			if !names["console-session"] || !names["console-farewell"] || len(names) < 3 {
				t.Errorf("cookies seen: %v", names)
			}
		})
	}
}

func TestS3_CookiesThatAreNotOursSignOut(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	owner := c.signedIn(agent)
	value := owner.cookie(sessionCookie)
	pending := c.newBrowser()
	pending.begin("")
	foreign := newConsole(t, withKeys([]byte("another key of thirty-two bytes!")))
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
		t.Run(name, func(t *testing.T) {
			b := c.in(t).newBrowser()
			planted := []string{"Cookie", sessionCookie + "=" + planted}
			if cleared := b.get("/token", planted...).wantTo("/login?").set(sessionCookie); cleared == nil || cleared.MaxAge >= 0 || cleared.Value != "" {
				t.Errorf("the cookie is not cleared: %v", cleared)
			}
			b.get("/login", planted...).want(http.StatusOK)
			b.get("/nowhere", planted...).want(http.StatusNotFound)
			b.get("/token/status", append(planted, "Accept", "application/json")...).want(http.StatusUnauthorized)
			b.post("/logout", nil, planted...).wantTo("/signed-out")
		})
	}
	if !owner.isSignedIn() {
		t.Error("the owner's session was harmed")
	}
}

func TestS3_OtherCookiesThatAreNotOurs(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	sealed := c.signedIn(agent).cookie(sessionCookie)
	for name, value := range map[string]string{"empty": "", "text": "x", "a session": sealed, "a part of one": sealed[:20]} {
		t.Run(name, func(t *testing.T) {
			b := c.in(t).newBrowser()
			if a := b.get("/signed-out", "Cookie", "console-farewell="+value).want(http.StatusOK); a.page().Find("form[action='/logout']").Length() != 0 {
				t.Error("a sign-out of nobody can be tried again")
			}
			b.post("/logout", nil, "Cookie", "console-farewell="+value).wantTo("/signed-out")
			b.post("/login", nil, "Cookie", "console-signin-00000000="+value).wantTo(c.url)
		})
	}
	c.wantAsked(0, "DELETE ")
}

func TestS4_TooManyCookiesOrTooLarge(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	value := c.signedIn(agent).cookie(sessionCookie)
	for name, cookie := range map[string]string{
		"two of a name":  sessionCookie + "=" + value + "; " + sessionCookie + "=" + value,
		"planted first":  sessionCookie + "=x; " + sessionCookie + "=" + value,
		"70 KB":          sessionCookie + "=" + strings.Repeat("A", 70_000),
		"3500 cookies":   strings.Repeat("a=b; ", 3500) + "c=d",
		"3500 of ours":   strings.Repeat(sessionCookie+"=x; ", 3500),
		"500 begun":      manyBegun(500),
		"nameless":       "=; =; ;;;",
		"not ASCII":      sessionCookie + "=\xff\xfe",
		"quoted session": sessionCookie + `="` + value[:10] + `"`,
	} {
		t.Run(name, func(t *testing.T) {
			b := c.in(t).newBrowser()
			if a := b.get("/token", "Cookie", cookie); a.StatusCode >= 500 || a.StatusCode == http.StatusOK {
				t.Errorf("GET /token answers %d", a.StatusCode)
			}
			if a := b.post("/login", nil, "Cookie", cookie); a.StatusCode >= 500 {
				t.Errorf("POST /login answers %d", a.StatusCode)
			}
		})
	}
}

func manyBegun(n int) string {
	var all strings.Builder
	for i := range n {
		fmt.Fprintf(&all, "console-signin-%08x=x; ", i)
	}
	return all.String()
}

func TestS5_CookieRevealsNothing(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(agent)
	content := b.cookie(sessionCookie)
	token := b.session().AccessToken.Reveal()
	for range 3 { // what is encoded may be encoded again
		for _, word := range []string{"Mina", "Keller", agent, "access", c.userID(agent), "demo", token, token[:16]} {
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

// NEW,OLD opens what OLD sealed and seals under NEW; NEW alone signs out what OLD
// sealed.
func TestS6_KeysRotate(t *testing.T) {
	t.Parallel()
	newKey := []byte("the next key of thirty-two bytes")
	before := newConsole(t, withKeys(testKey))
	both := newConsole(t, besides(before), withKeys(newKey, testKey))
	after := newConsole(t, besides(before), withKeys(newKey))
	sealedByOld, sealedByBoth := before.signedIn(agent), both.signedIn(agent)
	for name, test := range map[string]struct {
		b     *browser
		opens bool
	}{
		"both open the old":      {sealedByOld.at(both), true},
		"new refuses the old":    {sealedByOld.fork().at(after), false},
		"new opens both's":       {sealedByBoth.fork().at(after), true},
		"old refuses what's new": {sealedByBoth.fork().at(before), false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := test.b.in(t).isSignedIn(); got != test.opens {
				t.Errorf("signed in: %v", got)
			}
		})
	}
}

func TestS3_SessionOfARegionNoLongerConfigured(t *testing.T) {
	t.Parallel()
	before := newConsole(t, withRegions("one.example", "two.example"))
	after := newConsole(t, besides(before), withRegions("two.example"))
	moved := before.signedIn(admin).at(after) // in one.example, the first
	for _, target := range []string{"/token", "/token/status", "/users?q=park"} {
		t.Run(target, func(t *testing.T) {
			moved := moved.in(t).fork()
			if a := moved.get(target); a.StatusCode != http.StatusSeeOther && a.StatusCode != http.StatusUnauthorized {
				t.Errorf("%d %s", a.StatusCode, a.title())
			}
		})
	}
	moved.get("/login").want(http.StatusOK).wantNoText("Ada Park")
	moved.get("/nowhere").want(http.StatusNotFound).wantNoText("Ada Park")
}
