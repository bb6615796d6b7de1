package e2e

import "testing"

func TestSignOut(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := atToken(t, console, agent)
	signOut(page)
	page.Heading("You are signed out").Shows()
	page.Status("Genesys Cloud confirmed that your token is deleted.").Shows()
	console.Emulator.WasAsked("DELETE /api/v2/tokens/me", 1)
	// Neither Back nor the address leads in again.
	if _, err := page.GoBack(); err != nil {
		t.Fatal(err)
	}
	page.Heading("Sign in").Shows()
	page.Visit("/token")
	page.Heading("Sign in").Shows()
}

// After a sign-out nobody is signed straight back in by what Genesys Cloud remembers.
func TestSignInAfterSignOutAsks(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := atToken(t, console, agent)
	signOut(page)
	page.Link("Sign in again").Click()
	page.Button("Sign in with Genesys Cloud").Click()
	page.Heading("Choose who signs in").Shows()
	choose(page, supervisor)
	page.At("/token")
	page.CSS("header").Holds("Samuel Ortiz")
}

func TestRememberedLogInPassesWithoutSignOut(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := signedIn(t, console, agent)
	page.Visit("/login?return_to=%2Ftoken")
	page.CSS("main").Holds("You are signed in as Mina Keller.")
	page.Button("Sign in with Genesys Cloud").Click()
	page.At("/token")
	page.CSS("header").Holds("Mina Keller")
	console.Emulator.WasAsked("POST /oauth/token", 2)
}

func TestSignOutOfGenesysCloudInThisBrowser(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := atToken(t, console, agent)
	signOut(page)
	page.Link("Sign out of Genesys Cloud in this browser").Click()
	page.At("/signed-out")
	console.Emulator.WasAsked("GET /logout", 1)
	page.Heading("You are signed out").Shows()
}
