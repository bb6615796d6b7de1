package e2e

import (
	"testing"

	"tokenconsole/e2e/browser"
	"tokenconsole/e2e/program"
)

// userPage opens the page of the person with that email address.
func userPage(console *program.Console, page *browser.Page, email string) (id string) {
	id = console.Emulator.UserID(email)
	page.Visit("/users/" + id)
	return id
}

func TestRevokingByKeyboardEndsTheVictimsAccess(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	victim := atToken(t, console, agent)
	victim.Tolerate("fetch failed with 401") // of her open page, once her session has ended
	elsewhere := console.Emulator.Token(agent)
	page := signedIn(t, console, supervisor)
	id := userPage(console, page, agent)
	page.Text("In an interaction").Shows()
	page.Link("Revoke tokens…").Press("Enter")
	dialog := page.CSS("dialog[open]")
	dialog.Holds("Revoke Mina Keller’s tokens")
	dialog.Holds("Revoking ends it.")
	page.Field("Reason").HasFocus()
	page.Type("Lost her phone")
	page.Keys("Tab")
	page.Type("INC-4711")
	page.Keys("Tab", "Tab", "Tab", "Enter") // past what can be unfolded

	page.At("/users/" + id)
	page.Status("All tokens of Mina Keller are revoked").Shows()
	// The result is told once: it has the focus, the title says it, and nothing ticks in a live region.
	page.CSS("main > .notice").HasFocus()
	page.Titled("All tokens of Mina Keller are revoked · Mina Keller · tokenconsole")
	page.CSS(":is([role=status], [role=alert], [aria-live]) [data-relative]").Hides()
	showsCorrelationID(t, page)
	console.Emulator.WasAsked("DELETE /api/v2/tokens/"+id, 1)
	if elsewhere.Lives() {
		t.Error("a token of hers in another application lives on")
	}
	// A reload does not revoke again, nor tell of it again.
	page.Visit("/users/" + id)
	page.Status("All tokens of Mina Keller are revoked").Hides()
	console.Emulator.WasAsked("DELETE /api/v2/tokens/"+id, 1)

	// Her open page goes to the sign-in page by itself, which says why.
	victim.Heading("Sign in").Shows()
	victim.Status("Your session was ended").Shows()
	victim.CSS("main").Holds("your tokens were revoked")
}

func TestRevokingOneselfEndsAtTheSignedOutPage(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := atToken(t, console, supervisor)
	page.Link("Sign out everywhere…").Click()
	page.CSS("#confirm").Holds("These are your own tokens.")
	page.Field("Reason").Fill("End of shift")
	page.Button("Sign me out everywhere").Click()
	page.At("/signed-out")
	page.Heading("You are signed out everywhere").Shows()
	page.Visit("/token")
	page.Heading("Sign in").Shows()
	console.Emulator.WasAsked("DELETE /api/v2/tokens/"+console.Emulator.UserID(supervisor), 1)
}

func TestTheConfirmationIsADialogThatEscapeLeaves(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := signedIn(t, console, supervisor)
	userPage(console, page, agent)
	link := page.Link("Revoke tokens…")
	for _, leave := range []func(){
		func() { page.Keys("Escape") },
		func() { page.Link("Cancel").Click() },
	} {
		link.Click()
		page.CSS("dialog[open]").Holds("Revoke Mina Keller’s tokens")
		leave()
		page.CSS("dialog[open]").Hides()
		link.HasFocus()
	}
	console.Emulator.WasAsked("DELETE ", 0)
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
