package e2e

import (
	"testing"

	"tokenconsole/e2e/program"
)

// misbehaviour is what a platform may answer, or not, and how the console takes it.
type misbehaviour struct {
	name       string
	fault      program.Fault // Match is the test's
	status     int
	title      string // of a page that could not be shown
	words      string
	unknown    bool // whether a revocation took effect
	correlated bool // an answer came, which names its correlation id
}

var misbehaviours = []misbehaviour{
	{"unavailable", program.Fault{Status: 503}, 502, "Genesys Cloud failed", "internal error (503)", true, true},
	{"rate limited", program.Fault{Status: 429, RetryAfter: 7}, 429, "Too many requests", "Try again in 7 seconds", false, true},
	{"timed out there", program.Fault{Status: 504}, 504, "Genesys Cloud took too long", "gave up on the request", true, true},
	{"connection reset", program.Fault{Reset: true}, 502, "Genesys Cloud gave no usable answer", "The connection was lost", true, false},
}

var garbage = misbehaviour{
	"garbage", program.Fault{Status: 200, Body: program.Text("<html>It works!</html>")},
	502, "Genesys Cloud gave no usable answer", "could not be understood", true, true,
}

func TestATokenPageThatThePlatformFails(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := signedIn(t, console, agent)
	for _, m := range append(misbehaviours, garbage) {
		m.fault.Match = "GET /api/v2/tokens/me"
		console.Emulator.Mend()
		console.Emulator.Break(m.fault)
		if status := page.Visit("/token"); status != m.status {
			t.Errorf("%s: the page answered %d, want %d", m.name, status, m.status)
		}
		page.Heading(m.title).Shows()
		page.CSS("main").Holds(m.words)
		page.CSS("main").Holds("Request id of this console")
		if m.correlated {
			showsCorrelationID(t, page)
		}
	}
	console.Emulator.Mend()
	page.Link("Your token").Click()
	page.CSS("[data-token-state]").Reads("Active")
}

func TestARevocationThatThePlatformFails(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := signedIn(t, console, supervisor)
	id := userPage(console, page, agent)
	for i, m := range append(misbehaviours, garbage) {
		m.fault.Match = "DELETE /api/v2/tokens/" + id
		console.Emulator.Mend()
		console.Emulator.Break(m.fault)
		page.Visit("/users/" + id + "/revoke")
		page.Field("Reason").Fill("Lost her phone")
		page.Button("Revoke Mina Keller’s tokens").Click()
		heading := "The tokens were not revoked"
		if m.unknown {
			heading = "It is unknown whether the tokens were revoked"
		}
		page.Alert(heading).Holds(m.words)
		page.Field("Reason").HasValue("Lost her phone")
		if m.correlated {
			showsCorrelationID(t, page)
		}
		// Asked once each: a request that may have taken effect is not repeated blindly.
		console.Emulator.WasAsked("DELETE /api/v2/tokens/"+id, i+1)
	}
	console.Emulator.Mend()
	page.Button("Revoke Mina Keller’s tokens").Click()
	page.Status("All tokens of Mina Keller are revoked").Shows()
}

// Who somebody is may be unknown; that must not stop a revocation in an emergency.
func TestSomebodyWhoCannotBeLookedUpCanBeRevoked(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := signedIn(t, console, supervisor)
	id := console.Emulator.UserID(agent)
	console.Emulator.Break(program.Fault{Match: "GET /api/v2/users/" + id, Status: 503})
	page.Visit("/users/" + id)
	page.CSS("main").Holds("This person could not be looked up.")
	page.Link("Revoke tokens…").Click()
	page.CSS("dialog[open]").Holds("Check the id before you continue.")
	page.Field("Reason").Fill("Lost her phone")
	page.Button("Revoke " + id + "’s tokens").Click()
	page.Status("All tokens of " + id + " are revoked").Shows()
}

func TestASearchThatThePlatformFails(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := signedIn(t, console, supervisor)
	console.Emulator.Break(program.Fault{Match: "GET /api/v2/users?", Status: 503})
	page.Visit("/users?q=keller")
	page.CSS("main").Holds("did not report the last tokens")
	page.Link("Mina Keller").Shows()
	console.Emulator.Break(program.Fault{Match: "POST /api/v2/users/search", Status: 429, RetryAfter: 9})
	page.Visit("/users?q=keller")
	page.Heading("Too many requests").Shows()
	page.CSS("main").Holds("Try again in 9 seconds")
}

func TestASignInThatThePlatformFails(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := visitor(t, console)
	for i, test := range []struct {
		fault program.Fault
		title string
	}{
		{program.Fault{Match: "POST /oauth/token", Status: 500, Times: 1}, "Genesys Cloud is not answering"},
		{program.Fault{Match: "POST /oauth/token", Status: 400, Body: program.Text(`{"error": "invalid_grant"}`), Times: 1}, "Genesys Cloud refused to finish the sign-in"},
		{program.Fault{Match: "GET /api/v2/users/me", Status: 503, Times: 1}, "Genesys Cloud failed"},
	} {
		console.Emulator.Break(test.fault)
		page.Visit("/login")
		page.Button("Sign in with Genesys Cloud").Click()
		if i == 0 {
			choose(page, agent) // remembered from then on
		}
		page.Heading(test.title).Shows()
		page.Link("Sign in").Click()
		page.Heading("Sign in").Shows()
	}
	page.Button("Sign in with Genesys Cloud").Click()
	page.At("/token")
}
