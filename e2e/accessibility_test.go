package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/playwright-community/playwright-go"

	"tokenconsole/e2e/browser"
	"tokenconsole/e2e/program"
)

// inspect fails the test when a page as it is now breaks a rule of axe in light or dark,
// wide or narrow, or scrolls sideways where WCAG 1.4.10 has it reflow.
func inspect(t *testing.T, page *browser.Page, state string) {
	t.Helper()
	t.Logf("looking at: %s", state)
	page.Accessible() // which leaves it 320 px wide
	across, err := page.Evaluate("document.documentElement.scrollWidth")
	if err != nil {
		t.Fatal(err)
	}
	if across != 320 {
		t.Errorf("the page is %v px wide in a window of 320", across)
	}
	page.Resize(1280)
}

func TestAccessibleSigningInAndOut(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := visitor(t, console)
	page.Visit("/login?why=expired&return_to=%2Fusers")
	inspect(t, page, "sign-in page with a reason")
	page.Text("Go straight to your company’s sign-in").Click()
	page.Field("Organization").Fill("democc")
	page.Button("Sign in with Genesys Cloud").Click()
	page.CSS("#provider-error").Shows()
	inspect(t, page, "sign-in page with an error")
	continuePage(t, console, page)
	inspect(t, page, "on the way to the company's sign-in")
	page.Link("use this link").Click()
	page.Heading("Choose who signs in with okta").Shows()
	page.Button("Do not sign in").Click()
	page.Heading("The sign-in was refused").Shows()
	inspect(t, page, "sign-in refused")
	page.Visit("/signed-out")
	inspect(t, page, "signed out: nobody was signed in")

	page.Visit("/login")
	signIn(page, supervisor)
	page.At("/token")
	page.Visit("/login")
	inspect(t, page, "sign-in page for somebody signed in")
	console.Emulator.Break(program.Fault{Match: "DELETE /api/v2/tokens/me", Status: 503, Times: 1})
	page.Visit("/token")
	signOut(page)
	inspect(t, page, "signed out, not confirmed")
	page.Button("Try again to delete the token").Click()
	page.Heading("You are signed out").Shows()
	inspect(t, page, "signed out, confirmed")
}

// continuePage stops at the page that leads on to an identity provider.
func continuePage(t *testing.T, console *program.Console, page *browser.Page) {
	t.Helper()
	// A 204 leaves a browser on the page it is on.
	err := page.Route(console.Emulator.URL+"/oauth/authorize?**", func(route playwright.Route) {
		_ = route.Fulfill(playwright.RouteFulfillOptions{Status: playwright.Int(http.StatusNoContent)})
	}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := page.Field("Identity provider").SelectOption(playwright.SelectOptionValues{Values: &[]string{"okta"}}); err != nil {
		t.Fatal(err)
	}
	left, err := page.ExpectRequest(console.Emulator.URL+"/oauth/authorize?**", func() error {
		page.Button("Sign in with Genesys Cloud").Click()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(left.URL(), "org=democc") || !strings.Contains(left.URL(), "provider=okta") {
		t.Errorf("led on to %s, want org and provider in it", left.URL())
	}
	page.Heading("Continue to your company’s sign-in").Shows()
}

func TestAccessibleTokenPage(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := openedTokenPage(t, console, supervisor)
	page.Tolerate("fetch failed with 401")
	inspect(t, page, "token page")
	page.Text("Raw reply from Genesys Cloud").Click()
	page.Button("Verify with Genesys Cloud").Click()
	page.Status("Genesys Cloud confirms the token").Shows()
	page.Text("Raw reply from Genesys Cloud").Click()
	openMenu(page)
	inspect(t, page, "token page with a notice, the raw reply and the menu open")
	page.Keys("Escape", "?")
	page.Heading("Keyboard").Shows()
	inspect(t, page, "keys dialog")
	page.Keys("Escape")
	console.Emulator.Revoke(console.Emulator.UserID(supervisor))
	poll(t, page)
	page.CSS("[data-token-state]").Reads("Revoked")
	inspect(t, page, "token page that tells of a revocation")
	page.Visit("/token")
	page.Heading("Sign in").Shows()
}

func TestAccessibleTokenOfATrustee(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := atToken(t, console, "trustee@partner.example")
	page.CSS("main").Holds("This token works in Demo Contact Centre, but its owner belongs to Partner Consulting.")
	inspect(t, page, "token page away from home")
}

func TestAccessibleUsers(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := signedIn(t, console, supervisor)
	page.Visit("/users")
	inspect(t, page, "search, nothing asked")
	page.Visit("/users?q=demo.example&page=2")
	page.CSS("caption").Shows()
	inspect(t, page, "search with results")
	page.Visit("/users?q=kelelr%20mina")
	page.CSS("caption").Shows()
	inspect(t, page, "search with near misses")
	page.Visit("/users?q=nobody%20at%20all")
	inspect(t, page, "search without results")
	userPage(console, page, agent)
	inspect(t, page, "a person in an interaction")
}

func TestAccessibleRevoking(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := signedIn(t, console, supervisor)
	id := userPage(console, page, agent)
	page.Link("Revoke tokens…").Click()
	page.CSS("dialog[open]").Shows()
	inspect(t, page, "confirmation in a dialog")
	page.Visit("/users/" + id + "/revoke")
	page.Field("Reason").Fill(" ")
	page.Button("Revoke Mina Keller’s tokens").Click()
	page.CSS("#reason-error").Shows()
	inspect(t, page, "confirmation without a reason")
	console.Emulator.Break(program.Fault{Match: "DELETE /api/v2/tokens/", Status: 503, Times: 1})
	page.Field("Reason").Fill("Lost her phone")
	page.Button("Revoke Mina Keller’s tokens").Click()
	page.Alert("It is unknown").Shows()
	showsCorrelationID(t, page)
	inspect(t, page, "confirmation after a failure")
	page.Button("Revoke Mina Keller’s tokens").Click()
	page.Status("All tokens of Mina Keller are revoked").Shows()
	inspect(t, page, "a person whose tokens were revoked")
	page.Visit("/users/" + console.Emulator.UserID(supervisor) + "/revoke")
	inspect(t, page, "confirmation about oneself")
}

// All problems have the same page.
func TestAccessibleProblems(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := signedIn(t, console, agent)
	for _, problem := range []struct {
		state, address string
		status         int
		fault          program.Fault
	}{
		{state: "no permission", address: "/users", status: 403},
		{"platform failed", "/token", 502, program.Fault{Status: 500}},
		{"dead token", "/token", 401, program.Fault{Status: 401}},
	} {
		if problem.fault.Status != 0 {
			problem.fault.Match, problem.fault.Times = "GET /api/v2/tokens/me", 1
			console.Emulator.Break(problem.fault)
		}
		if status := page.Visit(problem.address); status != problem.status {
			t.Errorf("%s: %s answered %d, want %d", problem.state, problem.address, status, problem.status)
		}
		if problem.fault.Status != 0 {
			showsCorrelationID(t, page)
		}
		inspect(t, page, problem.state)
	}
	page.Visit("/users/me")
	page.Heading("Sign in").Shows()
}
