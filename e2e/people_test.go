package e2e

import (
	"fmt"
	"regexp"
	"testing"

	"tokenconsole/e2e/browser"
	"tokenconsole/e2e/program"
)

// The emulator's people, by what they may do.
const (
	admin      = "admin@demo.example"      // everything
	supervisor = "supervisor@demo.example" // oauth:token:delete, directory:user:view
	agent      = "agent@demo.example"      // nothing
)

// searchLabel names the search field for those who may search.
const searchLabel = "Name, email, department or user id"

// visitor opens a browser of its own at console, signed out.
func visitor(t *testing.T, console *program.Console, adjust ...func(*browser.Options)) *browser.Page {
	t.Helper()
	options := browser.Options{Origins: []string{console.URL, console.Emulator.URL}, Secret: console.Secret}
	for _, f := range adjust {
		f(&options)
	}
	return chromium.Context(t, options).Page()
}

// noScript is for visitor: a browser with JavaScript turned off.
func noScript(o *browser.Options) { o.NoScript = true }

// eitherWay runs test with and without script. Few tests are worth it: the tests of handlers send forms as they are written.
func eitherWay(t *testing.T, test func(t *testing.T, script bool, adjust func(*browser.Options))) {
	t.Run("with script", func(t *testing.T) { t.Parallel(); test(t, true, func(*browser.Options) {}) })
	t.Run("without script", func(t *testing.T) { t.Parallel(); test(t, false, noScript) })
}

// signedIn opens a browser of its own in which email is signed in, at no page yet. The sign-in draws no page: signing in by
// hand is for tests that are about it.
func signedIn(t *testing.T, console *program.Console, email string, adjust ...func(*browser.Options)) *browser.Page {
	t.Helper()
	page := visitor(t, console, adjust...)
	page.Plant(console.SignIn(email))
	return page
}

// atToken is signedIn, at the page of email's token.
func atToken(t *testing.T, console *program.Console, email string, adjust ...func(*browser.Options)) *browser.Page {
	t.Helper()
	page := signedIn(t, console, email, adjust...)
	page.Visit("/token")
	return page
}

// signedInByHand is atToken through every page on the way.
func signedInByHand(t *testing.T, console *program.Console, email string, adjust ...func(*browser.Options)) *browser.Page {
	t.Helper()
	page := visitor(t, console, adjust...)
	page.Visit("/login")
	signIn(page, email)
	page.At("/token")
	return page
}

// signIn goes on from the sign-in page through the platform's, to wherever that leads.
func signIn(page *browser.Page, email string) {
	page.Button("Sign in with Genesys Cloud").Click()
	choose(page, email)
}

// choose picks somebody on the platform's page.
func choose(page *browser.Page, email string) {
	page.CSS(fmt.Sprintf("button[name=email][value=%q]", email)).Click()
}

// openMenu opens the menu of the person at the top right.
func openMenu(page *browser.Page) { page.CSS("details.person summary").Click() }

// fromMenu follows a link of the menu More.
func fromMenu(page *browser.Page, label string) {
	page.CSS("details.more summary").Click()
	page.CSS("details.more a:has(.label:text-is('" + label + "'))").Click()
}

// signOut uses that menu.
func signOut(page *browser.Page) {
	openMenu(page)
	page.CSS("details.person button").Click()
	page.At("/signed-out")
}

var correlationID = regexp.MustCompile(`Genesys Cloud correlation id\s*[0-9a-f]{8}-[0-9a-f-]{27}`)

// showsCorrelationID fails the test unless the page names the platform's id of what failed.
func showsCorrelationID(t *testing.T, page *browser.Page) {
	t.Helper()
	text, err := page.CSS("main").InnerText()
	if err != nil {
		t.Fatal(err)
	}
	if !correlationID.MatchString(text) {
		t.Errorf("%s shows no correlation id: %s", page.URL(), text)
	}
}
