package e2e

import (
	"fmt"
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

// signedIn opens a browser of its own and signs email in.
func signedIn(t *testing.T, console *program.Console, email string, adjust ...func(*browser.Options)) *browser.Page {
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
	page.CSS(fmt.Sprintf("button[name=email][value=%q]", email)).Click()
}
