package e2e

import "testing"

// What was typed survives Esc and a sign-in in between, and is gone once it was sent.
func TestNothingTypedIsLost(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := signedIn(t, console, supervisor)
	id := userPage(console, page, agent)
	page.Keys("r")
	page.Field("Reason").HasFocus()
	page.Type("Lost her phone")
	page.Keys("Escape")
	page.CSS("dialog[open]").Hides()
	page.Keys("r")
	page.Field("Reason").HasValue("Lost her phone")

	if err := page.Context().ClearCookies(); err != nil {
		t.Fatal(err)
	}
	page.Visit("/users/" + id + "/revoke")
	page.Heading("Sign in").Shows()
	signIn(page, supervisor)
	page.Field("Reason").HasValue("Lost her phone")
	console.Emulator.WasAsked("DELETE /api/v2/tokens/"+id, 0)
	page.Keys("ControlOrMeta+Enter")
	page.Status("All tokens of Mina Keller are revoked").Shows()
	page.Visit("/users/" + id + "/revoke")
	page.Field("Reason").HasValue("")

	page.Visit("/batches/new")
	page.Field("The list").Fill(agent)
	if err := page.Context().ClearCookies(); err != nil {
		t.Fatal(err)
	}
	page.Button("Show the people").Click()
	page.Heading("Sign in").Shows()
	signIn(page, supervisor)
	page.Field("The list").HasValue(agent)
	page.Button("Show the people").Click()
	page.CSS("#start").Shows()
	page.Visit("/batches/new")
	page.Field("The list").HasValue("")

	// Who signs out leaves nothing to the next person at this browser, in whatever tab.
	page.Field("The list").Fill(agent)
	other := page.Tab()
	other.Visit("/token")
	signOut(other)
	page.At("/signed-out")
	kept, err := page.Evaluate("() => sessionStorage.length")
	if err != nil || kept != 0 {
		t.Errorf("%v drafts are left after a sign-out, %v", kept, err)
	}
}
