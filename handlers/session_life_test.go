package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tokenconsole/handlers"
	"tokenconsole/internal/audit"
)

func TestS8_IdleSessionsEnd(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(agent)
	copied := b.fork()
	for range 4 {
		c.clock.advance(20 * time.Minute)
		b.get("/token").want(http.StatusOK) // use keeps it
	}
	copied.get("/token").wantTo("/login?return_to=%2Ftoken&why=expired")
	c.clock.advance(31 * time.Minute)
	if a := b.follow(b.get("/token").wantTo("/login?return_to=%2Ftoken&why=expired")); a.tone() != "warning" {
		t.Errorf("the sign-in page does not say why: %s", a.text())
	}
}

func TestS8_NoUseOutlivesTheTotal(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(agent)
	for range 35 {
		c.clock.advance(20 * time.Minute)
		if !b.isSignedIn() {
			t.Fatalf("it ended after %s of use", c.clock.now().Sub(noon))
		}
	}
	c.clock.advance(20 * time.Minute)
	b.get("/token").wantTo("/login?return_to=%2Ftoken&why=expired")
}

// An open page that looks by itself keeps neither the session nor the token
// alive.
func TestS8_LookingByItselfIsNoUse(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/token/status", "/session"} {
		t.Run(path, func(t *testing.T) {
			c := newConsole(t)
			b := c.signedIn(agent)
			for range 29 {
				c.clock.advance(time.Minute)
				if a := b.getJSON(path).want(http.StatusOK); len(a.Cookies()) > 0 {
					t.Fatal("it renews a cookie")
				}
			}
			if got, all := len(c.asked("GET /api/v2/tokens/me?preserveIdleTTL=true")), len(c.asked("")); got != all {
				t.Errorf("%d of %d requests preserve the idle time", got, all)
			}
			c.clock.advance(2 * time.Minute)
			if a := b.getJSON(path).want(http.StatusUnauthorized); !strings.Contains(a.body, `"signed-out"`) {
				t.Errorf("an idle session is told %s", a.body)
			}
		})
	}
}

// Nor does a browser that loads a page ahead, by a guess of its own: it gets none,
// and nothing that it could show once the session is over.
func TestS8_LoadingAheadIsNoUse(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	c.clock.advance(5 * time.Minute)
	gets := func(r handlers.Route) bool { return !isPost(r) && needsSession(r) }
	c.eachRoute(t, 20, gets, func(t *testing.T, r handlers.Route) {
		for _, purpose := range []string{"prefetch", "prefetch;prerender", "prefetch;anonymous-client-ip"} {
			a := b.in(t).get(c.example(r), "Sec-Purpose", purpose).wantProblem(http.StatusServiceUnavailable, "loaded-ahead")
			if len(a.Cookies()) > 0 || strings.Contains(a.body, "admin@") {
				t.Errorf("it says who is signed in: %s", a.text())
			}
		}
	})
	c.wantAsked(0, "")
}

func TestS8_ExpiredSessionShowsNobodyOnErrorPages(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(agent)
	c.clock.advance(13 * time.Hour)
	for name, a := range map[string]*answer{
		"no such page": b.get("/nowhere").want(http.StatusNotFound), "no such method": b.post("/token", nil).want(http.StatusMethodNotAllowed),
	} {
		t.Run(name, func(t *testing.T) {
			if strings.Contains(a.body, "Mina Keller") {
				t.Error("it shows whose session it was")
			}
		})
	}
}

func TestS9_TokenDiesBeforeTheSession(t *testing.T) {
	t.Parallel()
	c := newConsole(t, func(s *setup) { s.emulator.TokenLifetime, s.emulator.IdleTimeout = 5*time.Minute, time.Hour })
	b := c.newBrowser()
	b.signIn(agent)
	c.clock.advance(5*time.Minute + time.Second)
	if a := b.get("/token/status").want(http.StatusOK); !strings.Contains(a.body, `"expired"`) {
		t.Errorf("status: %s", a.body)
	}
	a := b.follow(b.get("/token").wantTo("/login?return_to=%2Ftoken&why=token"))
	if a.Request.URL.Path != "/login" || a.tone() != "warning" {
		t.Errorf("led to %s: %s", a.Request.URL, a.text())
	}
	b.signIn(agent).wantTo(home)
	if !b.isSignedIn() {
		t.Error("signing in again does not help")
	}
}

// A session that is over takes its token along, so that it does not live on where
// nobody can reach it. That is on the record, and done once.
func TestS16_TokenOfASessionThatIsOverIsDeleted(t *testing.T) {
	t.Parallel()
	for name, over := range map[string]func(c *console, b *browser){
		"idled out": func(c *console, b *browser) {
			c.clock.advance(31 * time.Minute)
			b.get("/token").wantTo("/login?")
		},
		"idled out, seen by a page that is open to everybody": func(c *console, b *browser) {
			c.clock.advance(31 * time.Minute)
			b.get("/login").want(http.StatusOK)
		},
		"reached its total": func(c *console, b *browser) {
			c.clock.advance(12 * time.Hour)
			b.getJSON("/session").want(http.StatusUnauthorized)
		},
		"replaced when a sign-in begins": func(_ *console, b *browser) { b.begin("") },
		"replaced by a sign-in in another tab": func(c *console, b *browser) {
			tab := c.newBrowser()
			callback := tab.authorize(tab.begin(""), supervisor)
			for _, begun := range tab.cookies() {
				b.plant(begun.Name, begun.Value)
			}
			b.get(callback).wantTo(home)
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newConsole(t)
			b := c.signedIn(agent)
			copies, token := []*browser{b.fork(), b.fork()}, b.session().AccessToken
			over(c, b)
			for _, copied := range copies {
				copied.get("/token").wantTo("/login?")
			}
			c.handler.Wait()
			deleted := c.asked("DELETE ")
			if len(deleted) != 1 || deleted[0].Path != "/api/v2/tokens/me" || deleted[0].Bearer != token.Fingerprint() {
				t.Fatalf("the platform was asked %v, want one deletion of token %s", deleted, token.Fingerprint())
			}
			if c.lives(token.Reveal()) {
				t.Error("the token lives on")
			}
			var outcomes []audit.Outcome
			for _, e := range c.entries() {
				if e.Action == audit.SignOut && e.Actor == partyOf(t, agent) && e.Token == token.Fingerprint() {
					outcomes = append(outcomes, e.Outcome)
				}
			}
			if len(outcomes) != 2 || outcomes[0] != audit.Asked || outcomes[1] != audit.Done {
				t.Errorf("the record says %v of it", outcomes)
			}
		})
	}
}

// A token is deleted once though nobody can write down that its session is over, nor put that on the record.
func TestS16_NoTokenIsLeftWhileTheDatabaseTakesNothing(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(agent)
	c.clock.advance(31 * time.Minute)
	c.readOnly(true)
	for range 2 {
		b.fork().get("/token").wantTo("/login?")
		c.handler.Wait()
	}
	c.wantAsked(1, ownToken)
}

// The page does not wait for that, nor fail with it.
func TestS16_PlatformAwayWhenASessionIsOver(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(agent)
	held := make(chan struct{})
	c.calls.each(func(r *http.Request) {
		if r.Method == http.MethodDelete {
			<-held
			r.URL.Host = "127.0.0.1:1"
		}
	})
	c.clock.advance(31 * time.Minute)
	b.get("/token").wantTo("/login?return_to=%2Ftoken&why=expired")
	close(held)
	c.handler.Wait()
	if e := c.lastEntry(); e.Action != audit.SignOut || e.Outcome != audit.Failed {
		t.Errorf("the record says %s %s", e.Action, e.Outcome)
	}
}
