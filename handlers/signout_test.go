package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/emulator"
)

const ownToken = "DELETE /api/v2/tokens/me"

// Signing out is a guarded POST; afterwards a copy of the cookie opens nothing,
// and the platform is not even asked.
func TestS10_SignOut(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(agent)
	copied := b.fork()
	if got := b.get("/logout").want(http.StatusMethodNotAllowed).Header.Get("Allow"); got != "POST" {
		t.Errorf("Allow is %q", got)
	}
	b.post("/logout", nil, "Origin", "https://evil.example").want(http.StatusForbidden)
	b.post("/logout", nil, "Sec-Fetch-Site", "cross-site").want(http.StatusForbidden)
	c.wantAsked(0, "DELETE ")
	if !b.isSignedIn() {
		t.Fatal("signed out without a guarded POST")
	}
	b.follow(b.post("/logout", nil).wantTo("/signed-out")).wantTone("good")
	c.wantAsked(1, ownToken)
	c.forget()
	copied.get("/token").wantTo("/login?return_to=%2Ftoken&why=ended")
	copied.getJSON("/token/status").want(http.StatusUnauthorized)
	c.wantAsked(0, "")
}

func TestS10_SignOutWithADeadToken(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(agent)
	c.disturb(emulator.Fault{Match: ownToken, Status: 401})
	a := b.follow(b.post("/logout", nil).wantTo("/signed-out")).wantTone("good")
	if a.page().Find("form[action='/logout']").Length() != 0 {
		t.Error("a sign-out with nothing left to delete is offered again")
	}
}

// What the platform did not confirm can be tried again, with the same token, until
// it is confirmed.
func TestS10_SignOutUnconfirmed(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(agent)
	copied := b.fork()
	c.disturb(emulator.Fault{Match: ownToken, Status: 503, Times: 2})
	for range 2 { // and again, still without an answer
		a := b.follow(b.post("/logout", nil).wantTo("/signed-out")).wantTone("warning")
		if a.page().Find("form[action='/logout'] button").Length() != 1 || a.page().Find("main code.id").Length() != 1 {
			t.Errorf("no way to try again, or no correlation id: %s", a.text())
		}
	}
	if copied.isSignedIn() || b.isSignedIn() {
		t.Error("the session lives on")
	}
	a := b.follow(b.post("/logout", nil).wantTo("/signed-out")).wantTone("good")
	if a.page().Find("form[action='/logout']").Length() != 0 {
		t.Error("a confirmed sign-out is offered again")
	}
	tries := c.asked(ownToken)
	for _, try := range tries {
		if try.Bearer != tries[0].Bearer {
			t.Errorf("the tries have different bearers: %v", tries)
		}
	}
	c.forget()
	b.post("/logout", nil).wantTo("/signed-out")
	c.wantAsked(0, "")
}

func TestS10_SignOutOfAnExpiredSessionStillDeletes(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(agent)
	c.clock.advance(31 * time.Minute)
	b.follow(b.post("/logout", nil).wantTo("/signed-out")).wantTone("good")
	c.wantAsked(1, ownToken)
}

// Whoever has a cookie or farewell of a session that is signed out puts nothing on the record with it, in its person's name.
func TestS14_NothingSignsOutASecondTime(t *testing.T) {
	t.Parallel()
	for name, failed := range map[string]int{"a cookie that has idled out since": 0, "a farewell that was tried again since": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newConsole(t)
			b := c.signedIn(agent)
			copied := b.fork()
			c.disturb(emulator.Fault{Match: ownToken, Status: 503, Times: failed})
			if failed == 0 {
				c.calm()
			}
			b.post("/logout", nil).wantTo("/signed-out")
			if failed > 0 {
				copied = b.fork()
				b.follow(b.post("/logout", nil).wantTo("/signed-out")).wantTone("good")
			}
			c.clock.advance(31 * time.Minute)
			before := c.recorded()
			c.forget()
			copied.follow(copied.post("/logout", nil).wantTo("/signed-out")).wantTone("good")
			c.wantAsked(0, "")
			if more := c.since(before); len(more) != 0 {
				t.Errorf("it is on the record: %v", more)
			}
		})
	}
}

// A farewell that goes on failing is tried again at a pace.
func TestS14_SigningOutAgainHasAPace(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(agent)
	c.disturb(emulator.Fault{Match: ownToken, Status: 503})
	b.post("/logout", nil).wantTo("/signed-out")
	for range 30 {
		b.post("/logout", nil).wantTo("/signed-out")
	}
	a := b.post("/logout", nil).wantProblem(http.StatusTooManyRequests, "sign-outs-too-many").wantNoText("Mina Keller", "Sign out")
	if a.page().Find("main a[href='/signed-out']").Length() != 1 {
		t.Error("nothing leads back to where it can be tried again")
	}
}

// A sign-out that is tried again is still that person's, though the session is gone.
func TestR16_SignOutTriedAgainNamesItsPerson(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(agent)
	c.disturb(emulator.Fault{Match: ownToken, Status: 503, Times: 1})
	b.post("/logout", nil).wantTo("/signed-out")
	b.post("/logout", nil).wantTo("/signed-out")
	var outcomes []string
	for _, e := range c.entries() {
		outcomes = append(outcomes, string(e.Outcome))
		if e.Action != audit.SignOut || e.Actor != partyOf(t, agent) || e.Organization != demo(t) {
			t.Errorf("entry %d: %s by %+v in %+v", e.Seq, e.Action, e.Actor, e.Organization)
		}
	}
	if got := strings.Join(outcomes, " "); got != "asked unknown asked done" {
		t.Errorf("the record says %s", got)
	}
}

// The signed-out page leads to the platform's own log-out, which ends what the
// platform remembers in this browser and leads back.
func TestSignOutOfThePlatformToo(t *testing.T) {
	t.Parallel()
	for name, form := range map[string]url.Values{"afterwards": nil, "at once": {"platform": {"on"}}} {
		t.Run(name, func(t *testing.T) {
			c := newConsole(t, withHTTPS)
			b := c.newBrowser()
			b.signIn(agent)
			link, _ := b.follow(b.post("/logout", form)).page().Find("main a[href*='/logout?']").Attr("href")
			u, err := url.Parse(link)
			if err != nil || !strings.HasPrefix(link, c.url+"/logout?") || u.Query().Get("client_id") != emulator.DemoClientID {
				t.Fatalf("the platform's log-out is %q", link)
			}
			if got := b.follow(b.get(link)); got.Request.URL.Path != "/signed-out" || got.Request.URL.Host != c.public.Host {
				t.Errorf("the platform leads to %s", got.Request.URL)
			}
			if b.isSignedIn() {
				t.Error("still signed in here")
			}
		})
	}
}
