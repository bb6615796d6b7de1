package e2e

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tokenconsole/e2e/browser"
	"tokenconsole/e2e/program"
)

// openedTokenPage is a token page whose clock is in the test's hands.
func openedTokenPage(t *testing.T, console *program.Console, email string) *browser.Page {
	t.Helper()
	page := visitor(t, console)
	page.TakeClock()
	page.Plant(console.SignIn(email))
	page.Visit("/token")
	page.Heading("Your token").Shows()
	return page
}

// poll leaps to when the page asks for its token's status next, and waits for the answer.
func poll(t *testing.T, page *browser.Page) {
	t.Helper()
	_, err := page.ExpectResponse(func(address string) bool { return strings.HasSuffix(address, "/token/status") },
		func() error { page.Later(watchEvery); return nil })
	if err != nil {
		t.Fatal(err)
	}
}

// watchEvery is how often the token's page asks, by static/app.js.
const watchEvery = 10 * time.Second

func TestTokenPageTellsOfARevocationElsewhere(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := openedTokenPage(t, console, agent)
	page.Tolerate("fetch failed with 401")
	poll(t, page)
	page.CSS("[data-token-state]").Reads("Active")

	console.Emulator.Revoke(console.Emulator.UserID(agent))
	poll(t, page)
	page.CSS("[data-token-state]").Reads("Revoked")
	page.Status("This token is no longer valid.").Shows()
	page.Link("Sign in again").Click()
	page.Heading("Sign in").Shows()
	// Revoking leaves the log-in that Genesys Cloud remembers alone.
	page.Button("Sign in with Genesys Cloud").Click()
	page.At("/token")
	page.CSS("[data-token-state]").Reads("Active")
}

func TestTokenPageTellsOfASignOutInAnotherTab(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := openedTokenPage(t, console, agent)
	page.Tolerate("fetch failed with 401")
	other := page.Tab()
	other.Visit("/token")
	signOut(other)
	if err := page.BringToFront(); err != nil {
		t.Fatal(err)
	}
	// One tab tells the others.
	page.At("/signed-out")
	page.Heading("You are signed out").Shows()
}

// A page left open must not keep its token from idling out.
func TestTokenPageLeftOpenDoesNotResetTheIdleTime(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := openedTokenPage(t, console, agent)
	before := len(console.Emulator.Requests(""))
	for range 3 {
		poll(t, page)
	}
	asked := console.Emulator.Requests("")[before:]
	if len(asked) != 3 {
		t.Errorf("the platform was asked %d times in 3 polls: %v", len(asked), asked)
	}
	for _, r := range asked {
		if r.Method != http.MethodGet || r.Path != "/api/v2/tokens/me?preserveIdleTTL=true" {
			t.Errorf("the open page asked %s %s, which resets the idle time", r.Method, r.Path)
		}
	}
}
