package e2e

import "testing"

// Everything once more as people see it whose company turns JavaScript off.
func TestTheWholeJobWithoutScript(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := visitor(t, console, noScript)
	page.Visit("/")
	page.Heading("Sign in").Shows()
	signIn(page, supervisor)

	page.At("/")
	page.Visit("/token")
	page.CSS("main").Holds("Samuel Ortiz")
	page.CSS("[data-deadline=expires]").Holds("in 23 h 59 min")
	page.CSS(".copy").Hides()
	page.Button("Keyboard ?").Hides()
	page.Button("Verify with Genesys Cloud").Click()
	page.Status("Genesys Cloud confirms the token").Shows()

	page.Link("People").Click()
	page.Field(searchLabel).Fill("keller")
	page.Button("Find").Click()
	page.At("/users?q=keller&state=&department=&division=&open=1")
	page.Link("Mina Keller").Click()
	page.Heading("Mina Keller").Shows()

	page.Link("Revoke tokens…").Click()
	id := console.Emulator.UserID(agent)
	page.At("/users/" + id + "/revoke?from=q%3Dkeller")
	page.Link("Cancel").Click()
	page.At("/users/" + id + "?from=q%3Dkeller")
	page.Link("Revoke tokens…").Click()
	page.Field("Reason").Fill("Lost her phone")
	page.Button("Revoke Mina Keller’s tokens").Click()
	page.At("/users/" + id + "?from=q%3Dkeller")
	page.Status("All tokens of Mina Keller are revoked").Shows()
	console.Emulator.WasAsked("DELETE /api/v2/tokens/"+id, 1)

	signOut(page)
	page.Heading("You are signed out").Shows()
	page.Visit("/users")
	page.Heading("Sign in").Shows()
}
