package handlers_test

import (
	"net/http"
	"testing"
	"time"
)

func TestL13_SignInAdoptsNoEarlierSession(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.newBrowser()
	planted := c.signedIn(supervisor).cookie(sessionCookie)
	b.plant(sessionCookie, planted)
	b.signIn(agent).wantTo(home)
	if b.cookie(sessionCookie) == planted {
		t.Fatal("the planted cookie was kept")
	}
	b.get("/token").want(http.StatusOK).wantText("Mina Keller")
	earlier := b.fork()
	if !earlier.isSignedIn() {
		t.Fatal("the new session does not open")
	}
	b.signIn(agent).wantTo(home)
	if earlier.isSignedIn() {
		t.Error("the earlier session of this browser lives on beside the new one")
	}
}

// The sign-in page says who is signed in, and claims nobody once the session has
// expired.
func TestL14_SignInPageClaimsNobodyWhoseSessionIsOver(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(agent)
	b.get("/login").want(http.StatusOK).wantText("Mina Keller")
	c.clock.advance(31 * time.Minute)
	b.get("/login").want(http.StatusOK).wantNoText("Mina Keller")
	if b.cookie(sessionCookie) != "" {
		t.Error("the cookie of an expired session is kept")
	}
}

// Whoever begins a sign-in gives up the session of before, whether the sign-in is
// finished or not.
func TestL14_BeginningASignInEndsTheOldSession(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(agent)
	copied, old := b.fork(), b.session()
	b.begin("")
	if b.cookie(sessionCookie) != "" || b.isSignedIn() {
		t.Error("the browser still claims the old session")
	}
	copied.get("/token").wantTo("/login?return_to=%2Ftoken&why=ended")
	c.handler.Wait()
	if c.lives(old.AccessToken.Reveal()) {
		t.Error("the token of the old session lives on")
	}
}

// A sign-in page that is only looked at ends nothing (S10: GET changes nothing).
func TestL14_LookingAtTheSignInPageEndsNothing(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(agent)
	b.get("/login").want(http.StatusOK)
	b.get("/oauth/callback?state=a&code=b").want(http.StatusBadRequest)
	c.handler.Wait()
	c.wantAsked(0, "DELETE ")
	if !b.isSignedIn() {
		t.Error("a page that was looked at signed out")
	}
}
