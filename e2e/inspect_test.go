package e2e

import (
	"testing"

	"tokenconsole/e2e/program"
)

func TestInspectAndDeleteAFoundToken(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := atToken(t, console, agent)
	found, other := console.Emulator.Token(supervisor), console.Emulator.Token(supervisor)
	fromMenu(page, "Inspect")
	// First, while the proof of one's own token is fresh: else the fault meets the next one.
	console.Emulator.Break(program.Fault{Match: "GET /api/v2/tokens/me", Status: 503, Times: 1})
	page.Field("Access token").Fill(found.AccessToken)
	page.Button("Inspect").Click()
	page.Heading("It is not known whether this token works").Shows()
	inspect(t, page, "a found token of which nothing is known")
	page.Link("Inspect another").Click()
	inspect(t, page, "inspect")
	page.Field("Access token").Fill("two words, no token")
	page.Button("Inspect").Click()
	page.CSS("#token-error").Holds("That is not an access token")
	page.Field("Access token").HasValue("")
	inspect(t, page, "inspection refused")
	page.Field("Access token").Fill("Bearer " + found.AccessToken)
	page.Button("Inspect").Click()
	page.Heading("This token works").Shows()
	page.CSS("main").Holds("Demo Contact Centre")
	inspect(t, page, "a found token that lives")
	page.CSS("button.danger").Click()
	page.At("/inspect")
	page.Status("is deleted").Shows()
	if found.Lives() || !other.Lives() {
		t.Errorf("the found token lives: %v, another of the same person: %v", found.Lives(), other.Lives())
	}
	page.Field("Access token").Fill(found.AccessToken)
	page.Button("Inspect").Click()
	page.Heading("This token no longer works").Shows()
	inspect(t, page, "a found token that is dead")
	page.Visit("/audit")
	page.CSS("table.record").Holds("Deletion of a found token")
}
