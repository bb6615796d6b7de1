package handlers_test

import (
	"fmt"
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

// Whoever signs out while the database is away is signed out: the cookie is gone, and a copy of it opens nothing. At
// another replica that is from when the database takes it: the token does not count, whatever the platform says of it.
func TestS10_SignOutWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	for name, away := range map[string]func(c *console, on bool){
		"away": func(c *console, on bool) {
			if on {
				c.execute("ALTER TABLE ended RENAME TO away")
			} else {
				c.execute("ALTER TABLE away RENAME TO ended")
			}
		},
		"read only": (*console).readOnly,
	} {
		for _, answer := range []int{http.StatusOK, http.StatusServiceUnavailable} {
			t.Run(fmt.Sprintf("%s, deletion answered %d", name, answer), func(t *testing.T) {
				t.Parallel()
				endedWhileAway(t, away, answer)
			})
		}
	}
}

func endedWhileAway(t *testing.T, away func(c *console, on bool), answer int) {
	c, other := besideEachOther(t)
	b := c.signedIn(supervisor)
	here, there, token := b.fork(), b.fork().at(other), b.session().AccessToken.Reveal()
	for _, copied := range []*browser{here, there} {
		copied.get("/audit").want(http.StatusOK) // which proves the token for a while
	}
	away(c, true)
	if answer != http.StatusOK {
		c.disturb(faultOf(ownToken, answer))
	}
	a := b.follow(b.post("/logout", nil).wantTo("/signed-out"))
	away(c, false)
	switch {
	case b.cookie(sessionCookie) != "":
		t.Error("the cookie is still there")
	case answer == http.StatusOK:
		if a.wantTone("good"); c.lives(token) {
			t.Error("the token lives")
		}
	default:
		a.wantTone("warning").wantText("could not write down yet that your session has ended")
	}
	c.forget()
	here.wantNothingOpen()
	if err := c.handler.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	there.wantNothingOpen()
	c.wantAsked(0, "")
}

// besideEachOther are two consoles on one database.
func besideEachOther(t *testing.T) (one, other *console) {
	url := databasetest.SQLite(t)
	one = newConsole(t, withDatabase(databasetest.Open(t, url)))
	return one, newConsole(t, besides(one), withDatabase(databasetest.Open(t, url)))
}

// wantNothingOpen holds that the session has ended, for pages that ask the platform and for those that do not.
func (b *browser) wantNothingOpen() {
	b.c.t.Helper()
	for _, target := range []string{"/token", "/audit", "/audit.csv", "/inspect", "/users"} {
		b.fork().get(target).wantTo("/login?")
	}
	deleteFound(b.fork(), "sealed long ago").wantTo("/login?")
}

// Trying a sign-out again writes its end too, at whichever replica, though the first that knew of it is gone.
func TestS10_SignOutTriedAgainEndsTheSessionToo(t *testing.T) {
	t.Parallel()
	c, other := besideEachOther(t)
	b := c.signedIn(supervisor)
	copied := b.fork().at(other)
	c.readOnly(true)
	c.disturb(faultOf(ownToken, http.StatusServiceUnavailable))
	b.post("/logout", nil).wantTo("/signed-out")
	c.readOnly(false)
	b = b.at(other)
	b.follow(b.post("/logout", nil).wantTo("/signed-out")).wantTone("warning").wantNoText("write down")
	copied.wantNothingOpen()
}

// A person who was revoked while the database was away is out as well.
func TestS14_RevokedWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	c, other := besideEachOther(t)
	victim, b := c.signedIn(agent), c.signedIn(supervisor)
	c.clock.advance(time.Second)
	c.execute("CREATE TRIGGER full_ended BEFORE INSERT ON ended BEGIN SELECT RAISE(ABORT, 'no room'); END")
	b.post(c.revocationOf(agent), reason).wantTo("/users/")
	c.execute("DROP TRIGGER full_ended")
	c.forget()
	victim.fork().get("/token").wantTo("/login?return_to=%2Ftoken&why=ended")
	c.wantAsked(0, "")
	if err := c.handler.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	victim.fork().at(other).get("/token").wantTo("/login?return_to=%2Ftoken&why=ended")
	c.clock.advance(time.Second)
	if !c.signedIn(agent).at(other).isSignedIn() {
		t.Error("the person cannot sign in again")
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
