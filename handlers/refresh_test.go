package handlers_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"tokenconsole/internal/emulator"
	"tokenconsole/session"
)

const exchange = "POST /oauth/token"

func withShortTokens(s *setup) { s.emulator.TokenLifetime = 5 * time.Minute }

// Many tabs that find the token expired renew it once, latecomers with the old
// cookie too.
func TestRefreshOnceForAllTabs(t *testing.T) {
	t.Parallel()
	c := newConsole(t, withShortTokens)
	b := c.signedIn(admin)
	before := b.session().AccessToken
	c.clock.advance(5 * time.Minute)
	old := b.fork()
	answers := make([]*answer, 10)
	var group sync.WaitGroup
	for i := range answers {
		group.Go(func() { answers[i] = b.fork().get("/token") })
	}
	group.Wait()
	for _, a := range answers {
		if a.want(http.StatusOK).set(sessionCookie) == nil {
			t.Error("a renewed token is not kept")
		}
	}
	c.wantAsked(1, exchange)
	c.clock.advance(50 * time.Second)
	old.get("/token").want(http.StatusOK)
	c.wantAsked(1, exchange)
	if old.session().AccessToken == before {
		t.Error("the token was not renewed")
	}
}

func TestRefreshOnlyWhenDue(t *testing.T) {
	t.Parallel()
	c := newConsole(t, withShortTokens)
	b := c.signedIn(admin)
	c.clock.advance(4 * time.Minute)
	b.get("/token").want(http.StatusOK)
	c.wantAsked(0, exchange)
}

// A page that looks by itself renews nothing.
func TestRefreshIsForPeople(t *testing.T) {
	t.Parallel()
	c := newConsole(t, withShortTokens)
	b := c.signedIn(admin)
	c.clock.advance(6 * time.Minute)
	if a := b.get("/token/status").want(http.StatusOK); !strings.Contains(a.body, `"expired"`) || len(a.Cookies()) > 0 {
		t.Errorf("status: %s", a.body)
	}
	c.wantAsked(0, "")
}

func TestRefreshRefused(t *testing.T) {
	t.Parallel()
	c := newConsole(t, withShortTokens)
	b := c.signedIn(admin)
	c.disturb(emulator.Fault{Match: exchange, Status: 400, Body: body(map[string]string{"error": "invalid_grant"})})
	c.clock.advance(6 * time.Minute)
	b.get("/users?q=park").wantTo("/login?return_to=%2Fusers%3Fq%3Dpark&why=token")
	if b.cookie(sessionCookie) != "" {
		t.Error("the session's cookie is not cleared")
	}
}

// While the log-in server is away a token that lives is used, and one that does
// not costs nobody the session.
func TestRefreshWhileThePlatformIsAway(t *testing.T) {
	t.Parallel()
	c := newConsole(t, withShortTokens)
	b := c.signedIn(admin)
	c.disturb(faultOf(exchange, 503))
	c.clock.advance(5*time.Minute - 10*time.Second)
	b.get("/token").want(http.StatusOK)
	c.clock.advance(time.Minute)
	b.get("/token").wantProblem(http.StatusBadGateway, "login-server-away")
	c.calm()
	b.get("/token").want(http.StatusOK)
}

func TestWithoutARefreshTokenTheEndIsTheEnd(t *testing.T) {
	t.Parallel()
	c := newConsole(t, withShortTokens, func(s *setup) { s.emulator.IdleTimeout = time.Hour })
	b := c.signedIn(admin)
	c.clock.advance(5*time.Minute - time.Second)
	b.get("/token").want(http.StatusOK)
	c.clock.advance(2 * time.Second)
	b.get("/token").wantTo("/login?return_to=%2Ftoken&why=token")
	c.wantAsked(0, exchange)
}

// A 401 is how a revocation shows: it is never retried behind anybody's back.
func TestRevokedTokenIsNotRenewed(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	victim := c.signedIn(agent)
	c.revoke(agent)
	c.forget()
	victim.get("/token").wantProblem(http.StatusUnauthorized, "token-invalid")
	c.wantAsked(1, "")
}

func TestTokenWithoutAKnownEnd(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.newBrowser()
	b.plant(sessionCookie, c.sealed(admin, func(s *session.Session) { s.TokenExpiry = time.Time{} }))
	c.clock.advance(20 * time.Minute)
	b.get("/token").want(http.StatusOK).wantText("Not reported")
	c.wantAsked(0, exchange)
}
