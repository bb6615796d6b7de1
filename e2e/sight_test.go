package e2e

import (
	"strings"
	"testing"

	"github.com/playwright-community/playwright-go"

	"tokenconsole/e2e/browser"
	"tokenconsole/e2e/program"
)

// windows are those in which the button that acts is easily lost: laptops with few lines, a phone, and one of the
// laptops at a zoom of 200 %.
var windows = []struct{ width, height int }{{1280, 720}, {1366, 625}, {360, 640}, {683, 312}}

// inSight fails the test if what selector finds is not within the window, at the place that the page was opened at.
func inSight(t *testing.T, page *browser.Page, state, selector string) {
	t.Helper()
	for _, w := range windows {
		if err := page.SetViewportSize(w.width, w.height); err != nil {
			t.Fatal(err)
		}
		if _, err := page.Evaluate("scrollTo(0, 0)"); err != nil {
			t.Fatal(err)
		}
		seen, err := page.Evaluate(`selector => [...document.querySelectorAll(selector)].some((button) => {
			const box = button.getBoundingClientRect();
			return box.height > 0 && box.top >= 0 && box.bottom <= innerHeight
				&& button.contains(document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2));
		})`, selector)
		if err != nil {
			t.Fatal(err)
		}
		if seen != true {
			t.Errorf("%s: the button is out of sight in a window of %d × %d", state, w.width, w.height)
		}
	}
	page.Resize(1280)
}

// Whoever has to act sees at once where.
func TestTheButtonOfAnActIsInSight(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := signedIn(t, console, admin)
	const foot, danger = ".sheet-foot > button", ".sheet-foot > .danger, .to-start > .danger"
	id := userPage(console, page, agent)
	page.Link("Revoke tokens…").Click()
	page.CSS("dialog[open]").Shows()
	inSight(t, page, "revoking in a dialog", "dialog "+danger)
	for state, address := range map[string]string{
		"revoking":             "/users/" + id + "/revoke",
		"a playbook":           "/users/" + id + "/playbooks/compromised",
		"disabling a client":   "/clients/demo-console/disable",
		"changing the timeout": "/timeout/change?choice=15",
	} {
		page.Visit(address)
		inSight(t, page, state, foot)
	}
	path := planned(page, supervisor, "amara.vasquez@demo.example", "keller")
	inSight(t, page, "a plan", danger)
	page.Visit(path)
	page.CSS(".batch-steps > summary").Click()
	page.Link("Left the company").Click()
	page.Button("Put these steps into the plan").Click()
	page.CSS(".steps-told").Shows()
	inSight(t, page, "a plan with steps", danger)
}

// Who chooses whom ambiguous lines mean goes on with the next, then with those that were passed over.
func TestTheFocusGoesOnAmongAmbiguousLines(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := signedIn(t, console, admin)
	planned(page, "Jun Zhang", agent, "jun zhang", "Jun  Zhang")
	choose := func(position string) {
		t.Helper()
		choice := page.CSS("#choice-" + position)
		if _, err := choice.SelectOption(playwright.SelectOptionValues{Indexes: &[]int{1}}); err != nil {
			t.Fatal(err)
		}
		if err := page.Locator("tr:has(#choice-" + position + ") button").Click(); err != nil {
			t.Fatal(err)
		}
	}
	choose("3")
	page.CSS("#choice-4").HasFocus()
	choose("4")
	page.CSS("#choice-1").HasFocus()
	choose("1")
	page.CSS("main > .notice:has-text('Nobody is ambiguous any more')").HasFocus()
}

// After an act the focus is on its result, and after a mistake on the field that has it.
func TestTheFocusAfterAnAct(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := signedIn(t, console, admin)
	page.Visit("/inspect")
	page.CSS("#token").HasFocus()
	for state, c := range map[string]struct{ paste, focus string }{
		"nothing of a token": {"x", "#token[aria-invalid]"},
		"a dead token":       {"abcdefghijklmnopqrstuvwxyz", "h1:has-text('This token no longer works')"},
		"a token that lives": {console.Emulator.Token(agent).AccessToken, "h1:has-text('This token works')"},
	} {
		page.Visit("/inspect")
		page.CSS("#token").Fill(c.paste)
		page.Button("Inspect").Click()
		t.Log(state)
		page.CSS(c.focus).HasFocus()
	}
	id := userPage(console, page, agent)
	page.Visit("/users/" + id + "/revoke")
	page.Field("Reason").Fill(" ")
	page.Button("Revoke Mina Keller’s tokens").Click()
	page.CSS("#reason[aria-invalid]").HasFocus()
	page.Field("Reason").Fill("Lost her phone")
	page.Button("Revoke Mina Keller’s tokens").Click()
	page.CSS(".notice:has-text('All tokens of Mina Keller are revoked')").HasFocus()
	if n, err := page.CSS("[role=status]:has-text('All tokens of Mina Keller are revoked')").Count(); err != nil || n != 1 {
		t.Errorf("the result stands in %d live regions (%v), want one", n, err)
	}
	page.Link("Lost phone…").Click()
	page.Field("Reason").Fill("Lost her phone")
	page.CSS(".sheet-foot > button").Click()
	page.CSS(".notice:has-text('Everything is done')").HasFocus()
	planned(page, supervisor)
	start(page, 7)
	page.CSS("#count[aria-invalid]").HasFocus()
	// It waits: where it is done at once, its page shows that instead.
	console.Emulator.Break(program.Fault{Match: "DELETE /api/v2/tokens/", Status: 429, RetryAfter: 50, Times: 9})
	start(page, 1)
	page.CSS(".notice:has-text('The batch has started')").HasFocus()
	if title, err := page.Title(); err != nil || !strings.HasPrefix(title, "The batch has started · ") {
		t.Errorf("the title is %q (%v)", title, err)
	}
}
