package e2e

import (
	"strings"
	"testing"

	"github.com/playwright-community/playwright-go"

	"tokenconsole/e2e/browser"
)

func TestSignIn(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := signedInByHand(t, console, supervisor)
	page.Heading("Your token").Shows()
	console.Emulator.WasAsked("POST /oauth/token", 1)
}

func TestSignInLeadsBackToThePageAskedFor(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := visitor(t, console)
	const deep = "/users?q=a%26b+c%3D%22d%22"
	page.Visit(deep)
	page.Heading("Sign in").Shows()
	page.CSS("main").Holds("You then continue to /users.")
	signIn(page, supervisor)
	page.At(deep)
	page.Field(searchLabel).HasValue(`a&b c="d"`)
}

func TestTwoTabsSignInAndFinishInReverseOrder(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	first := visitor(t, console)
	second := first.Tab()
	for tab, address := range map[*browser.Page]string{first: "/token", second: "/users"} {
		tab.Visit(address)
		tab.Button("Sign in with Genesys Cloud").Click()
		tab.Heading("Choose who signs in").Shows()
	}
	choose(second, supervisor)
	second.At("/users")
	choose(first, supervisor)
	first.At("/token")
	second.Visit("/users")
	second.Heading("People").Shows()
	console.Emulator.WasAsked("POST /oauth/token", 2)
}

func TestSignInIsFinishedOnce(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := visitor(t, console)
	var callback string
	page.OnRequest(func(r playwright.Request) {
		if strings.Contains(r.URL(), "/oauth/callback") {
			callback = r.URL()
		}
	})
	page.Visit("/login")
	signIn(page, agent)
	page.At("/token")
	page.Visit(callback)
	page.Heading("That sign-in was already used").Shows()
	page.Link("Your token").Click()
	page.Heading("Your token").Shows()
	console.Emulator.WasAsked("POST /oauth/token", 1)
}

// A person may type localhost although the console calls itself 127.0.0.1.
func TestSignInFromLocalhost(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	other := strings.Replace(console.URL, "127.0.0.1", "localhost", 1)
	page := visitor(t, console, func(o *browser.Options) { o.Origins = append(o.Origins, other) })
	page.Visit(other + "/users?q=keller")
	signIn(page, supervisor)
	page.At("/users?q=keller")
	if !strings.HasPrefix(page.URL(), console.URL) {
		t.Errorf("the browser ended at %s, want a page of %s", page.URL(), console.URL)
	}
	page.Visit(other + "/token")
	page.Heading("Your token").Shows()
}
