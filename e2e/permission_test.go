package e2e

import (
	"testing"

	"tokenconsole/e2e/program"
)

func TestSomebodyWithoutPermissionsIsTold(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := signedIn(t, console, agent)
	page.Link("Token").Shows()
	page.Link("People").Hides()
	page.Link("Sign out everywhere…").Hides()
	page.CSS("main").Holds("It needs the permission oauth:token:delete, which you do not hold")

	someone := "/users/" + console.Emulator.UserID(supervisor)
	for address, permission := range map[string]string{
		"/users?q=park":     "directory:user:view",
		someone:             "directory:user:view",
		someone + "/revoke": "oauth:token:delete",
	} {
		if status := page.Visit(address); status != 403 {
			t.Errorf("%s answered %d, want 403", address, status)
		}
		page.Heading("You are not allowed to do that").Shows()
		page.CSS("main").Holds("Your roles in Genesys Cloud do not include the permission " + permission + ".")
	}
	page.Keys("/") // there is nothing to search
	page.Link("Your token").Click()
	page.At("/token")
	console.Emulator.WasAsked("DELETE ", 0)
	console.Emulator.WasAsked("POST /api/v2/users/search", 0)
}

// A missing scope is the OAuth client's, not the person's: the mend is another.
func TestAMissingScopeIsToldFromAMissingPermission(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := signedIn(t, console, supervisor)
	console.Emulator.Break(program.Fault{Match: "POST /api/v2/users/search", Status: 403, Body: program.Text(`{"status": 403,
		"code": "app.not.authorized.for.scope", "message": "The application lacks the scope users:readonly"}`)})
	page.Visit("/users?q=park")
	page.Heading("This console is not allowed to do that").Shows()
	page.CSS("main").Holds("Its OAuth client lacks the scope users:readonly")
	page.CSS("main").Holds("Your own permissions are not the cause.")
	showsCorrelationID(t, page)
}
