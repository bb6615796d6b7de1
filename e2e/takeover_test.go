package e2e

import (
	"testing"

	"github.com/playwright-community/playwright-go"

	"tokenconsole/e2e/browser"
	"tokenconsole/e2e/program"
)

// A batch that waits for the rate limit is paused, taken over by somebody else, and cancelled. These two begin early, not
// after all the others as what eitherWay runs: most of the first is waiting.
func TestABatchIsTakenOver(t *testing.T) {
	t.Parallel()
	newJourney(t, true, func(*browser.Options) {}).pausedAndCancelled()
}

func TestABatchIsTakenOverWithoutScript(t *testing.T) {
	t.Parallel()
	newJourney(t, false, noScript).pausedAndCancelled()
}

func (j journey) pausedAndCancelled() {
	limited := program.Fault{
		Match: "DELETE /api/v2/tokens/" + j.console.Emulator.UserID(chloe), Status: 429, RetryAfter: 50, Times: 9,
	}
	j.console.Emulator.Break(limited)
	first, second := j.first, j.second
	path := planned(first, vera, chloe)
	start(first, 2)
	j.inState(first, "Running")
	if j.script {
		first.CSS("#progress .tag").Holds("Waits for: rate limit")
	}
	j.look(first, "a batch that waits for the rate limit")
	if j.script {
		j.console.Emulator.Break(program.Fault{Match: "GET /api/v2/tokens/me", Status: 503})
		first.Tolerate("events?after=")
		if err := first.Locator("[data-away]").WaitFor(playwright.LocatorWaitForOptions{Timeout: playwright.Float(40_000)}); err != nil {
			j.t.Fatal(err) // the token's last proof serves for a while
		}
		first.CSS("#progress").Shows()
		j.look(first, "a batch while the platform is away")
		j.console.Emulator.Mend()
		j.console.Emulator.Break(limited) // it waits until it is cancelled, however long this has taken
		first.CSS("[data-away]").Hides()
	}
	first.Button("Pause").Click()
	j.inState(first, "Paused")
	j.look(first, "a batch that is paused")
	second.Visit(path)
	second.CSS(".confirm:has-text('Take over') summary").Click()
	j.look(second, "a batch to take over")
	second.Button("Take over and resume").Click()
	j.inState(second, "Running")
	j.inState(first, "Running") // by itself
	second.CSS(".confirm:has-text('Cancel') summary").Click()
	second.Button("Cancel the batch").Click()
	j.inState(second, "Cancelled")
	j.inState(first, "Cancelled")
}
