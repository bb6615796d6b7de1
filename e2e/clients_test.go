package e2e

import (
	"testing"
)

// From a found token to its client, and to the end of all of its tokens.
func TestALeakedClientIsDisabled(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := signedIn(t, console, admin)
	page.Visit("/clients")
	page.CSS("caption").Holds("9 clients")
	inspect(t, page, "all OAuth clients")
	page.Link("Workforce export").Click()
	page.Heading("Workforce export").Shows()
	page.CSS("main").Holds("wide role Master Admin")
	inspect(t, page, "an OAuth client")
	page.Link("Disable it").Click()
	page.Field("Reason").Fill("Its secret was in a repository")
	page.CSS("#ticket").Fill("SEC-12")
	page.Button("Disable Workforce export").Click()
	page.Status("The client is disabled").Shows()
	showsCorrelationID(t, page)
	inspect(t, page, "a disabled client")
	page.Visit("/audit?action=change-client")
	page.CSS("main").Holds("Workforce export")
	page.Visit("/clients/demo-console/disable")
	page.CSS("main").Holds("This is this console’s own client.")
	inspect(t, page, "confirmation of disabling the console's own client")
}
