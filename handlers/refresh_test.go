package handlers_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"tokenconsole/session"
)

func withShortTokens(s *setup) { s.emulator.TokenLifetime = 5 * time.Minute }

func TestRefresh_OncePerToken(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t, withShortTokens)
	b := ts.signedIn(admin)
	before := b.get("/token/status").body
	ts.clock.advance(5 * time.Minute)
	ts.forget()
	old := b.fork()
	answers := make([]*answer, 10)
	var group sync.WaitGroup
	for i := range answers {
		group.Go(func() { answers[i] = b.fork().get("/token") })
	}
	group.Wait()
	for _, a := range answers {
		a.want(http.StatusOK)
		if a.set(sessionCookie) == nil {
			t.Error("a renewed token is not kept")
		}
	}
	ts.wantAsked(1, "POST /oauth/token")
	ts.clock.advance(50 * time.Second)
	old.get("/token").want(http.StatusOK) // a latecomer with the old cookie
	ts.wantAsked(1, "POST /oauth/token")
	if after := old.get("/token/status").body; after == before || !strings.Contains(after, `"active"`) {
		t.Errorf("the token was not renewed: %s", after)
	}
}

func TestRefresh_NotYetDue(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t, withShortTokens)
	b := ts.signedIn(admin)
	ts.forget()
	ts.clock.advance(4 * time.Minute)
	b.get("/token").want(http.StatusOK)
	ts.wantAsked(0, "POST /oauth/token")
}

func TestRefresh_StatusDoesNotRenew(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t, withShortTokens)
	b := ts.signedIn(admin)
	ts.forget()
	ts.clock.advance(6 * time.Minute)
	if a := b.get("/token/status").want(http.StatusOK); !strings.Contains(a.body, `"expired"`) || len(a.Cookies()) > 0 {
		t.Errorf("status: %s", a.body)
	}
	ts.wantAsked(0, "")
}

func TestRefresh_Refused(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t, withShortTokens)
	b := ts.signedIn(admin)
	ts.disturb(fault{Match: "POST /oauth/token", Status: 400, Body: map[string]string{"error": "invalid_grant"}, Times: 1})
	ts.clock.advance(6 * time.Minute)
	b.follow(b.get("/users?q=park").wantTo("/login?return_to=%2Fusers%3Fq%3Dpark&why=token")).wantText("Your token has expired")
	if b.cookie(sessionCookie) != "" {
		t.Error("the session's cookie is not cleared")
	}
}

func TestRefresh_PlatformDown(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t, withShortTokens)
	b := ts.signedIn(admin)
	ts.disturb(fault{Match: "POST /oauth/token", Status: 503})
	ts.clock.advance(5*time.Minute - 10*time.Second)
	b.get("/token").want(http.StatusOK) // it still lives
	ts.clock.advance(time.Minute)
	b.get("/token").want(http.StatusBadGateway).wantText("Genesys Cloud does not answer")
	ts.calm()
	b.get("/token").want(http.StatusOK) // and no session was lost over it
}

func TestRefresh_WithoutRefreshTokens(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t, withShortTokens, func(s *setup) { s.emulator.IdleTimeout = time.Hour })
	b := ts.signedIn(admin)
	ts.clock.advance(5*time.Minute - time.Second)
	b.get("/token").want(http.StatusOK).wantText("By the OAuth client’s token duration")
	ts.clock.advance(2 * time.Second)
	b.get("/token").wantTo("/login?return_to=%2Ftoken&why=token")
	ts.wantAsked(1, "POST /oauth/token") // the sign-in's
}

func TestRefresh_RevokedTokenIsNotRenewed(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	victim, b := ts.signedIn(agent), ts.signedIn(supervisor)
	b.post(revocationOf(ts, agent), reason).wantTo("/users/")
	ts.forget()
	victim.get("/token").want(http.StatusUnauthorized)
	ts.wantAsked(0, "POST /oauth/token") // a 401 is never retried behind anybody's back
	ts.wantAsked(1, "")
}

func TestRefresh_TokenWithoutExpiry(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.newBrowser()
	b.plant(sessionCookie, sealSession(t, ts, func(s *session.Session) { s.TokenExpiry = time.Time{} }, admin))
	ts.disturb(fault{Match: "GET /api/v2/tokens/me", Body: map[string]any{"organization": map[string]string{"id": "1", "name": "Demo"}}})
	b.get("/token").want(http.StatusOK).wantText("Not told")
}
