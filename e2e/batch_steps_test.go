package e2e

import "testing"

// A playbook as a batch, from the plan to the report: first with a mistake in what has to be typed, then with the steps
// of another playbook for whoever was left.
func TestPlaybookAsABatch(t *testing.T) {
	t.Parallel()
	console := web.Start(t, "--demo-rate-limit=3000")
	page := signedIn(t, console, admin)
	const first, second = "vera.eriksson@demo.example", "chloe.petrov@demo.example"
	path := planned(page, first, second)
	page.CSS(".batch-steps > summary").Click()
	page.Link("Left the company").Click()
	inspect(t, page, "the steps of a batch")
	page.Button("Put these steps into the plan").Click()
	page.At(path)
	page.CSS(".start").Holds("2 people cannot sign in to anything any more")
	page.Field("To deactivate them, type: deactivate 2").Fill("deactivate")
	start(page, 2)
	page.CSS("#deactivate-error").Shows()
	inspect(t, page, "a batch with steps, and a mistake")
	page.Field("To deactivate them, type: deactivate 2").Fill("deactivate 2")
	page.CSS("label:has-text('Left')").Click()
	start(page, 2)
	page.CSS("h1 + .badge").Reads("Done")
	page.CSS(".report-table tbody tr:nth-child(1)").Holds("Deactivate the person: done")
	page.CSS(".report-table tbody tr:nth-child(2)").Holds("Free the station: done")
	page.CSS("main").Holds("Still to be done elsewhere")
	inspect(t, page, "the report of a batch with steps")
	page.Link("Printable sheet").Click()
	page.CSS(".sheet-table").Holds("Free the station: done")

	path = planned(page, agent, supervisor) // the first of them is in an interaction
	page.CSS(".batch-steps > summary").Click()
	page.Link("End of shift").Click()
	page.Button("Put these steps into the plan").Click()
	page.At(path)
	page.CSS("main").Holds("Who still is when their turn comes is skipped")
	start(page, 2)
	page.CSS("h1 + .badge").Reads("Done")
	page.CSS(".report-table tbody tr:nth-child(1)").Holds("They are in an interaction")
	page.CSS(".report-table tbody tr:nth-child(2)").Holds("Set presence to Offline: done")
}
