package e2e

import (
	"testing"

	"tokenconsole/e2e/browser"
	"tokenconsole/e2e/program"
)

// Each playbook, from the person's page to its sheet: two with script, two without.
func TestPlaybooks(t *testing.T) {
	t.Parallel()
	eitherWay(t, func(t *testing.T, script bool, adjust func(*browser.Options)) {
		console := web.Start(t)
		page := signedIn(t, console, admin, adjust)
		for _, book := range []struct {
			title, button       string
			deactivates, script bool
		}{
			{"Lost phone", "Secure Samuel Ortiz", false, false},
			{"End of shift", "End the shift of Samuel Ortiz", false, true},
			{"Left the company", "Shut out Samuel Ortiz", true, false},
			{"Compromised account", "Shut out whoever uses the account of Samuel Ortiz", true, true},
		} {
			if book.script != script {
				continue
			}
			look := func(state string) {
				if script {
					inspect(t, page, state)
				}
			}
			console.Emulator.Token(supervisor)
			id := userPage(console, page, supervisor)
			page.Link(book.title + "…").Click()
			page.Heading(book.title + ": Samuel Ortiz").Shows()
			look("playbook: " + book.title)
			page.Field("Reason").Fill("A test of the playbook")
			if book.deactivates { // else it is not asked for
				page.Field("To deactivate, type their email address").Fill(supervisor)
			}
			page.Button(book.button).Click()
			page.Status("Everything is done").Shows()
			page.CSS("main").Holds("They are watched until")
			look("sheet: " + book.title)
			page.CSS("main .actions a[href='/users/" + id + "']").Click()
			page.At("/users/" + id)
		}
		page.CSS("main").Holds("inactive")
	})
}

// Next steps go along with a revocation, in its dialog; one that the platform does not
// allow stops nothing, and the sheet says who can do it and how.
func TestNextStepsWithARevocation(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := signedIn(t, console, supervisor)
	userPage(console, page, agent)
	page.CSS("summary:has-text('Single steps')").Click()
	inspect(t, page, "next steps on a person's page")
	page.Link("Revoke tokens…").Click()
	page.Field("Reason").Fill("End of shift")
	page.CSS("dialog[open] summary:has-text('Next steps')").Click()
	page.CSS("dialog[open] label:has-text('Free the station')").Click()
	page.CSS("dialog[open] label:has-text('Take off queue')").Click()
	inspect(t, page, "next steps in the dialog")
	console.Emulator.Break(program.Fault{Match: "PUT /api/v2/users/", Status: 403, Body: program.Text(
		`{"status": 403, "code": "app.not.authorized.for.scope", "message": "App not authorized to use scope users"}`)})
	page.Button("Revoke Mina Keller’s tokens").Click()
	page.Heading("Next steps: Mina Keller").Shows()
	page.Status("1 of 3 steps done, 2 not").Shows()
	page.CSS("main").Holds("Somebody whose role has telephony:station:disassociate can")
	page.CSS("main").Holds("lacks the scope users")
	inspect(t, page, "sheet of steps that could not be done")
	console.Emulator.Mend()
	page.Link("Try these again…").Click()
	page.CSS("#confirm").Holds("Take off queue")
}

// A form about somebody who could not be looked up comes back as it was filled in, on its page and in the dialog, and
// what was left out stands on the sheet.
func TestStepsComeBackAfterAFailedLookUp(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := signedIn(t, console, admin)
	page.Tolerate("502")
	id := userPage(console, page, supervisor)
	page.Link("Revoke tokens…").Click()
	page.Field("Reason").Fill("They left on Friday")
	page.CSS("#confirm summary:has-text('Next steps')").Click()
	page.CSS("#confirm label:has-text('Deactivate the person')").Click()
	page.Field("To deactivate, type their email address").Fill(supervisor)
	console.Emulator.Break(program.Fault{Match: "GET /api/v2/users/" + id, Status: 503})
	page.Button("Revoke Samuel Ortiz’s tokens").Click()
	page.CSS("#confirm").Holds("They could not be looked up: Genesys Cloud failed")
	inspect(t, page, "a revocation whose person could not be looked up")
	page.Field("Reason").HasValue("They left on Friday")
	console.Emulator.Mend()
	page.Visit("/users/" + id + "/playbooks/left")
	page.Field("Reason").Fill("They left on Friday")
	page.CSS("label:has-text('Free the station')").Click()
	page.Field("To deactivate, type their email address").Fill(supervisor)
	console.Emulator.Break(program.Fault{Match: "GET /api/v2/users/" + id, Status: 503})
	page.Button("Shut out Samuel Ortiz").Click()
	page.CSS("main").Holds("They could not be looked up: Genesys Cloud failed")
	inspect(t, page, "a playbook whose person could not be looked up")
	console.Emulator.Mend()
	page.CSS("#confirm button.danger").Click()
	page.Status("1 step of this playbook was left out").Shows()
}
