package e2e

import (
	"testing"

	"tokenconsole/e2e/program"
)

func TestADeadTokenIsExplainedAndLeadsBack(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*program.Console){
		"revoked": func(c *program.Console) { c.Emulator.Revoke(c.Emulator.UserID(supervisor)) },
		"not accepted": func(c *program.Console) {
			c.Emulator.Break(program.Fault{Match: "POST /api/v2/users/search", Status: 401, Times: 1})
		},
	} {
		t.Run(name, func(t *testing.T) {
			console := web.Start(t)
			page := signedIn(t, console, supervisor)
			end(console)
			if status := page.Visit("/users?q=keller"); status != 401 {
				t.Errorf("the page answered %d, want 401", status)
			}
			page.Heading("Your token is no longer valid").Shows()
			page.CSS("main").Holds("This session has ended.")
			showsCorrelationID(t, page)
			page.Link("Sign in").Click()
			page.Button("Sign in with Genesys Cloud").Click()
			page.At("/users?q=keller")
			page.Link("Mina Keller").Shows()
		})
	}
}

// A form that is sent after the session ended is not carried out; its page is come back to.
func TestAFormSentTooLateIsNotCarriedOut(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := signedIn(t, console, supervisor)
	id := userPage(console, page, agent)
	page.Visit("/users/" + id + "/revoke")
	page.Field("Reason").Fill("Lost her phone")
	if err := page.Context().ClearCookies(); err != nil { // as a browser does that was closed and opened again
		t.Fatal(err)
	}
	page.Button("Revoke Mina Keller’s tokens").Click()
	page.Heading("Sign in").Shows()
	signIn(page, supervisor)
	page.At("/users/" + id + "/revoke")
	console.Emulator.WasAsked("DELETE /api/v2/tokens/"+id, 0)
}
