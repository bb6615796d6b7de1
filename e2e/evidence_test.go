package e2e

import "testing"

func TestEvidenceAndProof(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := signedIn(t, console, supervisor)
	page.Visit("/users")
	page.Type("mina kel")
	page.CSS("caption").Reads("1 person")
	page.Keys("ArrowDown", "Enter")
	page.Heading("Last token issued").Shows()
	page.CSS("main").Holds("By user name and password only; people on single sign-on have none.")
	page.Heading("Last revocation").Hides()
	page.Link("Revoke tokens…").Click()
	page.Field("Reason").Fill("Lost her phone")
	page.Field("Ticket reference optional").Fill("INC-4711")
	page.Button("Revoke Mina Keller’s tokens").Click()

	page.Status("All tokens of Mina Keller are revoked").Shows()
	page.Heading("Last revocation").Shows()
	page.CSS("#proof").Holds("Nothing since")
	page.CSS("main").Holds("by Samuel Ortiz")
	table := page.CSS("table.record")
	for _, text := range []string{"asked", "done", "no new token", "Lost her phone", "Ticket INC-4711"} {
		table.Holds(text)
	}
	inspect(t, page, "a person with proof of a revocation")
}
