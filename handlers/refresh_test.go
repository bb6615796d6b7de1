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

// Requests that find the token nearly over at two replicas make one exchange: the
// others go on with the token that still lives, and leave alone the cookie that the
// first one gives.
func TestRefreshOnceForAllReplicas(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		age  time.Duration
		want func(a *answer)
	}{
		"nearly over": {4*time.Minute + 45*time.Second, func(a *answer) { a.want(http.StatusOK) }},
		"over":        {5 * time.Minute, func(a *answer) { a.wantProblem(http.StatusConflict, "token-renewed") }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one := newConsole(t, withShortTokens)
			other := newConsole(t, besides(one))
			b := one.signedIn(admin)
			one.clock.advance(test.age)
			asked, answered := make(chan struct{}), make(chan struct{})
			one.calls.each(func(r *http.Request) {
				if r.URL.Path == "/oauth/token" {
					close(asked)
					<-answered
				}
			})
			late := b.fork().at(other)
			var group sync.WaitGroup
			group.Go(func() { b.get("/audit").want(http.StatusOK) })
			<-asked
			a := late.get("/audit")
			close(answered)
			group.Wait()
			if test.want(a); a.set(sessionCookie) != nil {
				t.Error("it writes the cookie")
			}
			one.wantAsked(1, exchange)
			b.get("/token").want(http.StatusOK)
			b.at(other).get("/token").want(http.StatusOK)
		})
	}
}

// Nor does a platform that ends the old token at once end the session by it.
func TestRefreshElsewhereEndsNoSession(t *testing.T) {
	t.Parallel()
	one := newConsole(t, withShortTokens)
	other := newConsole(t, besides(one))
	b := one.signedIn(admin)
	one.clock.advance(4*time.Minute + 45*time.Second)
	late := b.fork().at(other)
	asked, answered := make(chan struct{}), make(chan struct{})
	one.calls.each(func(r *http.Request) {
		if r.URL.Path == "/oauth/token" {
			close(asked)
			<-answered
		}
	})
	var group sync.WaitGroup
	group.Go(func() { b.get("/audit").want(http.StatusOK) })
	<-asked
	other.disturb(emulator.Fault{Match: "GET /api/v2/tokens/me", Status: 401, Times: 1})
	if a := late.get("/audit").wantProblem(http.StatusConflict, "token-renewed"); a.set(sessionCookie) != nil {
		t.Error("it writes the cookie")
	}
	close(answered)
	group.Wait()
	b.get("/token").want(http.StatusOK)
	late.get("/token").want(http.StatusOK) // with the new token, that the other replica kept
	one.wantAsked(1, exchange)
}

// A replica that could not renew it keeps nobody else from that.
func TestRefreshThatFailedIsTriedAgainElsewhere(t *testing.T) {
	t.Parallel()
	one := newConsole(t, withShortTokens)
	other := newConsole(t, besides(one))
	b := one.signedIn(admin)
	one.clock.advance(5 * time.Minute)
	one.disturb(emulator.Fault{Match: exchange, Status: 503, Times: 1})
	b.get("/token").want(http.StatusBadGateway)
	b.at(other).get("/token").want(http.StatusOK)
}
