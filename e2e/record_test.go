package e2e

import "testing"

func TestAccessibleRecord(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := signedIn(t, console, supervisor)
	id := userPage(console, page, agent)
	page.Visit("/users/" + id + "/revoke")
	page.Field("Reason").Fill("Lost her phone")
	page.CSS("#ticket").Fill("INC-4711")
	page.Button("Revoke Mina Keller’s tokens").Click()
	page.Status("All tokens of Mina Keller are revoked").Shows()
	page.Link("Record").Click()
	page.CSS("table").Holds("Lost her phone")
	page.CSS("table").Holds("INC-4711")
	inspect(t, page, "record with entries")
	page.Visit("/audit?actor=nobody%20at%20all")
	page.Heading("No entries").Shows()
	inspect(t, page, "record without entries")
}

func TestAccessibleInspection(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	found := console.Emulator.Token(agent)
	page := signedIn(t, console, supervisor)
	fromMenu(page, "Inspect")
	inspect(t, page, "inspection, nothing asked")
	page.Field("Access token").Fill(found.AccessToken)
	page.Button("Inspect").Click()
	page.Heading("This token works").Shows()
	inspect(t, page, "inspection of a token that lives")
	page.CSS("main button.danger").Click()
	page.CSS("main .notice-good").Shows()
	if found.Lives() {
		t.Error("the token lives on")
	}
	page.Visit("/inspect")
	page.Field("Access token").Fill(found.AccessToken)
	page.Button("Inspect").Click()
	page.Heading("This token no longer works").Shows()
	inspect(t, page, "inspection of a dead token")
}

func TestAccessibleTimeout(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := signedIn(t, console, admin)
	fromMenu(page, "Timeout")
	page.Heading("Idle timeout").Shows()
	inspect(t, page, "idle timeout")
	page.Visit("/timeout/change?enabled=on&minutes=10")
	page.Button("Change it to 10 min").Shows()
	inspect(t, page, "confirmation of another idle timeout")
}
