package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tokenconsole/internal/database/databasetest"
)

// What ended stays ended: at the replica beside it, and after a restart, which is
// another console on the same database too.
func TestS14_WhatEndedStaysEnded(t *testing.T) {
	t.Parallel()
	databasetest.EachURL(t, func(t *testing.T, url string) {
		one := newConsole(t, withDatabase(databasetest.Open(t, url)))
		other := newConsole(t, besides(one), withDatabase(databasetest.Open(t, url)))
		for name, end := range map[string]func(b *browser){
			"signed out":    func(b *browser) { b.post("/logout", nil).wantTo("/signed-out") },
			"begun anew":    func(b *browser) { b.begin("") },
			"token deleted": func(b *browser) { b.follow(deleteFound(b, inspected(b, b.session().AccessToken.Reveal()))) },
			"token refused": func(b *browser) {
				b.c.revoke(agent)
				b.get("/token").wantProblem(http.StatusUnauthorized, "token-invalid")
			},
		} {
			t.Run(name, func(t *testing.T) { endedEverywhere(t, one.in(t), other.in(t), end) })
		}
		t.Run("revoked person", func(t *testing.T) { revokedEverywhere(t, one.in(t), other.in(t)) })
		t.Run("sign-in that was used", func(t *testing.T) { usedEverywhere(t, one.in(t), other.in(t)) })
	})
}

// endedEverywhere holds that after end copies of the cookie open nothing, and that
// the platform is not even asked.
func endedEverywhere(t *testing.T, one, other *console, end func(b *browser)) {
	one.clock.advance(time.Second)
	b := one.signedIn(agent)
	here, there := b.fork(), b.fork().at(other)
	if !there.isSignedIn() {
		t.Fatal("the replica does not know the session")
	}
	end(b)
	one.handler.Wait()
	one.forget()
	for _, copied := range []*browser{here, there} {
		copied.get("/token").wantTo("/login?return_to=%2Ftoken&why=ended")
		copied.getJSON("/session").want(http.StatusUnauthorized)
	}
	one.wantAsked(0, "")
}

// revokedEverywhere holds that a revocation ends the person's sessions at once,
// those of others not, and not those that the person begins afterwards.
func revokedEverywhere(t *testing.T, one, other *console) {
	one.clock.advance(time.Second)
	victim, bystander, b := one.signedIn(agent), one.signedIn(admin), one.signedIn(supervisor)
	one.clock.advance(time.Second)
	b.post(one.revocationOf(agent), reason).wantTo("/users/")
	one.forget()
	victim.fork().get("/token").wantTo("/login?return_to=%2Ftoken&why=ended")
	victim.fork().at(other).get("/token").wantTo("/login?return_to=%2Ftoken&why=ended")
	one.wantAsked(0, "")
	if !bystander.at(other).isSignedIn() {
		t.Error("somebody else was signed out")
	}
	one.clock.advance(time.Second)
	if !one.signedIn(agent).at(other).isSignedIn() {
		t.Error("the person cannot sign in again")
	}
}

// usedEverywhere holds that one callback makes one exchange, whichever replica
// gets it first.
func usedEverywhere(t *testing.T, one, other *console) {
	one.clock.advance(time.Second)
	one.forget()
	b := one.newBrowser()
	callback := b.authorize(b.begin(""), agent)
	copied := b.fork().at(other)
	b.get(callback).wantTo(home)
	copied.get(callback).wantProblem(http.StatusBadRequest, "sign-in-used")
	one.wantAsked(1, exchange)
	if copied.isSignedIn() || !b.at(other).isSignedIn() {
		t.Error("the copy is signed in, or the browser is not")
	}
}

// While the database cannot tell whether a session was ended, it opens nothing,
// and is not lost.
func TestS14_NobodyIsLetInWhileNobodyCanTell(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(supervisor)
	c.execute("ALTER TABLE ended RENAME TO away")
	for _, target := range []string{"/token", "/users?q=park", "/audit", "/"} {
		t.Run(target, func(t *testing.T) {
			b.in(t).get(target).wantProblem(http.StatusServiceUnavailable, "sessions-away")
		})
	}
	b.post(c.revocationOf(agent), reason).wantProblem(http.StatusServiceUnavailable, "sessions-away")
	c.wantAsked(0, "")
	c.execute("ALTER TABLE away RENAME TO ended")
	if !b.isSignedIn() {
		t.Error("the session was lost over it")
	}
}

// Pages for everybody lose no session while the database cannot tell: its token would live on.
func TestS16_NoSessionIsLostWhileNobodyCanTell(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(supervisor)
	c.execute("ALTER TABLE ended RENAME TO away")
	for _, target := range []string{"/login", "/settings", "/signed-out", "/nothing"} {
		if a := b.get(target); a.set(sessionCookie) != nil || strings.Contains(a.body, "Samuel") {
			t.Errorf("%s, status %d: it writes the cookie, or shows whose it is", target, a.StatusCode)
		}
	}
	b.post("/login", nil).wantProblem(http.StatusServiceUnavailable, "sessions-away")
	c.handler.Wait()
	c.execute("ALTER TABLE away RENAME TO ended")
	if !b.isSignedIn() {
		t.Error("the session was lost over it")
	}
}

// Whoever signs out while the database is away is signed out: the token is deleted, and the cookie is gone.
func TestS10_SignOutWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(supervisor)
	copied, token := b.fork(), b.session().AccessToken.Reveal()
	c.execute("ALTER TABLE ended RENAME TO away")
	b.follow(b.post("/logout", nil).wantTo("/signed-out")).wantTone("good")
	if c.lives(token) || b.cookie(sessionCookie) != "" {
		t.Error("the token or the cookie is still there")
	}
	c.execute("ALTER TABLE away RENAME TO ended")
	if copied.isSignedIn() {
		t.Error("a copy of the cookie opens the session")
	}
}

func TestS12_ReplicasWithTheSameKeysShareSessions(t *testing.T) {
	t.Parallel()
	one := newConsole(t)
	other, stranger := newConsole(t, besides(one)), newConsole(t, besides(one), withKeys([]byte("a stranger's key, 32 bytes long.")))
	b := one.signedIn(agent)
	b.fork().at(other).get("/token").want(http.StatusOK).wantText("Mina Keller")
	b.fork().at(stranger).get("/token").wantTo("/login?")
}
