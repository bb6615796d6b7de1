package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/emulator"
)

func TestTokenShowsWhatItIs(t *testing.T) {
	t.Parallel()
	c := newConsole(t, func(s *setup) { s.emulator.IdleTimeout = time.Hour })
	b := c.signedIn(supervisor)
	a := b.get("/token").want(http.StatusOK)
	for label, want := range map[string]string{
		"Email": supervisor, "User id": c.userID(supervisor), "Grant": "Authorization code", "State": "active", "Belongs to": demo(t).Name,
	} {
		if got := a.value(label); got != want {
			t.Errorf("%s is %q, want %q", label, got, want)
		}
	}
	page := a.page()
	deadlines := page.Find(".deadline time").Map(func(_ int, s *goquery.Selection) string { return s.AttrOr("datetime", "") })
	var want []string
	for _, life := range []time.Duration{24 * time.Hour, time.Hour, 12 * time.Hour} { // token, its idle time, session
		want = append(want, noon.Add(life).Format(time.RFC3339))
	}
	if diff := cmp.Diff(want, deadlines); diff != "" {
		t.Errorf("deadlines (-want +got):\n%s", diff)
	}
	scopes := page.Find(".chips code").Map(func(_ int, s *goquery.Selection) string { return s.Text() })
	if len(scopes) < 4 || scopes[0] != "user-basic-info" {
		t.Errorf("scopes %q", scopes)
	}
	if got, want := page.Find(".fingerprint code").Text(), b.session().AccessToken.Fingerprint(); got != want {
		t.Errorf("the fingerprint is %q, want %q", got, want)
	}
	if !strings.Contains(page.Find("details.raw code").Text(), `"dateTokenIdles"`) {
		t.Error("the raw reply is not shown")
	}
}

// lives are the bars of a page: how much is left, in words.
func (a *answer) lives() []string {
	a.t.Helper()
	return a.page().Find("[data-life] svg").Map(func(_ int, s *goquery.Selection) string { return s.AttrOr("aria-label", "") })
}

// Every life that ends has a bar of what is left of it, that of a renewed token too.
func TestTokenLives(t *testing.T) {
	t.Parallel()
	t.Run("with an idle timeout", func(t *testing.T) {
		t.Parallel()
		c := newConsole(t, func(s *setup) { s.emulator.IdleTimeout, s.emulator.TokenLifetime = time.Hour, time.Hour })
		b := c.signedIn(agent)
		c.clock.advance(15 * time.Minute)
		want := []string{"75 % of it is left", "100 % of it is left", "97 % of it is left"} // token, its idle time, session
		if diff := cmp.Diff(want, b.get("/token").want(http.StatusOK).lives()); diff != "" {
			t.Errorf("bars (-want +got):\n%s", diff)
		}
	})
	t.Run("renewable", func(t *testing.T) {
		t.Parallel()
		c := newConsole(t, withShortTokens)
		b := c.signedIn(agent)
		for _, want := range []string{"20 % of it is left", "100 % of it is left"} {
			c.clock.advance(4 * time.Minute)
			if got := b.get("/token").want(http.StatusOK).lives(); len(got) != 2 || got[0] != want {
				t.Errorf("bars %q, want %q first", got, want)
			}
		}
	})
}

// Whoever works in another organization than their own is told on every page.
func TestTokenAwayFromHome(t *testing.T) {
	t.Parallel()
	a := newConsole(t).signedIn(trustee).get("/token").want(http.StatusOK).wantText("Partner Consulting", "Clone of")
	if strip := a.page().Find(".strip-away").Text(); !strings.Contains(strip, "Demo Contact Centre") || !strings.Contains(strip, "Partner Consulting") {
		t.Errorf("the strip says %q", strip)
	}
}

func TestTokenVerified(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(agent)
	a := b.follow(verifyToken(b).wantTo("/token")).wantTone("good")
	if got := a.page().Find("main .notice code.id").Text(); got == "" || got != c.calls.correlation(http.MethodHead) {
		t.Errorf("the correlation id is %q", got)
	}
	c.wantAsked(1, "HEAD /api/v2/tokens/me")
	for status, want := range map[int]int{503: 502, 429: 429, 403: 403, 504: 504} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			c.in(t).disturb(emulator.Fault{Match: "HEAD ", Status: status, Times: 1})
			if a := verifyToken(b.in(t)).want(want); a.problem() == "" || a.tone() != "" {
				t.Errorf("it is told as %q", a.text())
			}
		})
	}
	c.disturb(emulator.Fault{Match: "HEAD ", Status: 401, Times: 1})
	verifyToken(b).wantProblem(http.StatusUnauthorized, "token-invalid")
	b.get("/token").wantTo("/login?")
}

// Each fault of the platform has its own problem, on the page and for an open page
// that asks by itself, and costs nobody the session.
func TestTokenWhenThePlatformFails(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(agent)
	for name, test := range map[string]struct {
		fault   emulator.Fault
		status  int
		problem string
	}{
		"429":     {emulator.Fault{Status: 429, RetryAfter: 9}, 429, "rate-limited"},
		"500":     {emulator.Fault{Status: 500}, 502, "platform-failed"},
		"503":     {emulator.Fault{Status: 503}, 502, "platform-failed"},
		"504":     {emulator.Fault{Status: 504}, 504, "platform-slow"},
		"408":     {emulator.Fault{Status: 408}, 504, "platform-slow"},
		"404":     {emulator.Fault{Status: 404}, 404, "not-found"},
		"418":     {emulator.Fault{Status: 418}, 502, "platform-refused"},
		"garbage": {emulator.Fault{Body: body("garbage")}, 502, "platform-garbled"},
		"reset":   {emulator.Fault{Reset: true}, 502, "platform-garbled"},
	} {
		t.Run(name, func(t *testing.T) {
			c, b := c.in(t), b.in(t)
			test.fault.Match = "GET /api/v2/tokens/me"
			c.disturb(test.fault)
			b.get("/token").wantProblem(test.status, test.problem)
			b.getJSON("/token").wantProblem(test.status, test.problem)
			if status := b.get("/token/status").want(test.status); !strings.Contains(status.body, `"unknown"`) {
				t.Errorf("the status is %s", status.body)
			}
			c.calm()
			if !b.isSignedIn() {
				t.Error("it ended the session")
			}
		})
	}
}

// Home is for those who may revoke; everybody else has their token.
func TestHome(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.threeEntries()
	for _, who := range []string{admin, supervisor, trustee} {
		t.Run(who, func(t *testing.T) {
			a := c.in(t).signedIn(who).get("/").want(http.StatusOK)
			if a.title() != "Home" || len(a.seqs()) != 3 || a.page().Find("header form[action='/users'] input[autofocus]").Length() != 1 {
				t.Errorf("home shows %v: %s", a.seqs(), a.text())
			}
		})
	}
	c.signedIn(agent).get("/").wantTo("/token")
	c.newBrowser().get("/").wantTo("/login?return_to=%2F")
}
