package handlers_test

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"testing"
	"time"

	"tokenconsole/internal/audit"
)

// renewing returns two replicas whose tokens live for five minutes, and what the token endpoint gave them.
func renewing(t *testing.T) (one, other *console, e *exchanges) {
	e = &exchanges{}
	through := withTransport(func(way http.RoundTripper) http.RoundTripper {
		if e.way == nil {
			e.way = way
		}
		return e
	})
	one = newConsole(t, withShortTokens, through)
	return one, newConsole(t, besides(one), through), e
}

// wantAllDead checks that n tokens were given, and that none of them lives.
func (e *exchanges) wantAllDead(t *testing.T, n int, replicas ...*console) {
	t.Helper()
	for _, c := range replicas {
		c.handler.Wait()
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.given) != n {
		t.Errorf("%d tokens were given, want %d", len(e.given), n)
	}
	for i, token := range e.given {
		if replicas[0].lives(token) {
			t.Errorf("token %d of %d lives on", i+1, n)
		}
	}
}

const nearlyOver = 4*time.Minute + 45*time.Second

// Whoever signs out with a cookie of before a renewal deletes the token of after it, at whichever replica that was made.
func TestS16_SignOutDeletesTheNewestToken(t *testing.T) {
	t.Parallel()
	for name, renewals := range map[string]int{"after one renewal": 1, "after three": 3} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one, other, e := renewing(t)
			b := one.signedIn(admin)
			first := b.session().AccessToken.Reveal()
			late := b.fork().at(other)
			for range renewals {
				one.clock.advance(nearlyOver)
				b.get("/audit").want(http.StatusOK)
			}
			late.follow(late.post("/logout", nil).wantTo("/signed-out")).wantTone("good")
			e.wantAllDead(t, renewals, one, other)
			if one.lives(first) {
				t.Error("the token of before lives on")
			}
			if b.isSignedIn() || b.at(other).isSignedIn() {
				t.Error("the session goes on")
			}
		})
	}
}

// So does the end of a session that was idle for too long in a browser that never got the new cookie.
func TestS16_IdleSessionDeletesTheNewestToken(t *testing.T) {
	t.Parallel()
	one, other, e := renewing(t)
	b := one.signedIn(admin)
	late := b.fork().at(other)
	one.clock.advance(28 * time.Minute)
	b.get("/audit").want(http.StatusOK)
	one.clock.advance(3 * time.Minute)
	late.get("/audit").wantTo("/login?")
	e.wantAllDead(t, 1, one, other)
}

// A token that is over has a refresh token that is not. It does not outlive the session: what it gives is deleted.
func TestS16_NoRefreshTokenOutlivesItsSession(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(c *console, b *browser){
		"signed out": func(c *console, b *browser) {
			c.clock.advance(6 * time.Minute)
			b.follow(b.post("/logout", nil).wantTo("/signed-out")).wantTone("good").wantText("confirmed")
		},
		"idled out": func(c *console, b *browser) {
			c.clock.advance(31 * time.Minute)
			b.get("/token").wantTo("/login?")
			c.handler.Wait()
		},
		"signed out, at the second try": func(c *console, b *browser) {
			c.clock.advance(6 * time.Minute)
			c.disturb(faultOf(exchange, http.StatusServiceUnavailable))
			b.follow(b.post("/logout", nil).wantTo("/signed-out")).wantTone("warning")
			c.calm()
			b.follow(b.post("/logout", nil).wantTo("/signed-out")).wantTone("good")
		},
		"signed out, while the client is refused": func(c *console, b *browser) {
			c.clock.advance(6 * time.Minute)
			refused := faultOf(exchange, http.StatusUnauthorized)
			refused.Body = json.RawMessage(`{"error":"invalid_client"}`)
			c.disturb(refused)
			b.follow(b.post("/logout", nil).wantTo("/signed-out")).wantTone("warning")
			c.calm()
			b.follow(b.post("/logout", nil).wantTo("/signed-out")).wantTone("good")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one, other, e := renewing(t)
			end(one, one.signedIn(admin))
			e.wantAllDead(t, 1, one, other)
			if e := one.lastEntry(); e.Action != audit.SignOut || e.Outcome != audit.Done {
				t.Errorf("the record says %s %s", e.Action, e.Outcome)
			}
		})
	}
}

// A sign-out at one replica during a renewal at the other leaves no token behind, in whichever order the two come
// to their ends, whether the browser waits for the renewal or not.
func TestS16_SignOutMeetsARenewal(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		age    time.Duration
		leaves bool
	}{
		"before the old token is over":           {nearlyOver, false},
		"after the old token is over":            {5 * time.Minute, false},
		"in a browser that does not wait for it": {5 * time.Minute, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one, other, e := renewing(t)
			b := one.signedIn(admin)
			one.clock.advance(test.age)
			late := b.fork().at(other)
			asked, out := make(chan struct{}), make(chan struct{})
			e.then = func(path string, _ map[string]any) {
				if path == exchange[len("POST "):] {
					close(asked)
					<-out
				}
			}
			gone, leave := context.WithCancel(t.Context())
			defer leave()
			var group sync.WaitGroup
			group.Go(func() { one.ask(b.with(b.request(http.MethodGet, "/audit", nil)).WithContext(gone)) })
			<-asked
			if test.leaves {
				leave()
			}
			late.post("/logout", nil).wantTo("/signed-out")
			close(out)
			group.Wait()
			e.wantAllDead(t, 1, one, other)
		})
	}
}

// A browser that left before a renewal was done has not lost its session: the other replica knows the new token.
func TestRefreshedTokenIsKnownToEveryReplica(t *testing.T) {
	t.Parallel()
	one, other, e := renewing(t)
	b := one.signedIn(admin)
	one.clock.advance(6 * time.Minute)
	gone, leave := context.WithCancel(t.Context())
	defer leave()
	e.then = func(path string, _ map[string]any) {
		if path == exchange[len("POST "):] {
			leave()
		}
	}
	one.ask(b.with(b.request(http.MethodGet, "/audit", nil)).WithContext(gone))
	one.handler.Wait()
	e.then = nil
	one.clock.advance(2 * time.Minute) // longer than a claim lasts
	b.at(other).get("/token").want(http.StatusOK)
	one.wantAsked(1, exchange)
	b.at(other).post("/logout", nil).wantTo("/signed-out")
	e.wantAllDead(t, 1, one, other)
}
