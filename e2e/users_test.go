package e2e

import (
	"sync"
	"testing"

	"github.com/playwright-community/playwright-go"

	"tokenconsole/e2e/browser"
)

func TestSearchAsYouTypeByKeyboardAlone(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := atToken(t, console, supervisor)
	page.Keys("/")
	page.Field("Find people or pages").HasFocus()
	page.Type("mina")
	page.Keys("Enter")
	page.At("/users?q=mina")
	search := page.Field(searchLabel)
	page.Keys("/")
	search.HasFocus()
	page.Type("park")
	page.Link("Ada Park").Shows()
	page.At("/users?q=park")
	search.HasFocus()
	page.Keys("ArrowDown")
	page.Link("Ada Park").HasFocus()
	page.Keys("ArrowUp")
	search.HasFocus()
	page.Keys("ControlOrMeta+a")
	page.Type("mina keller")
	page.Link("Mina Keller").Shows()
	page.Link("Ada Park").Hides()
	page.Keys("ArrowDown", "Enter")
	page.Heading("Mina Keller").Shows()
	page.CSS("main").Holds(agent)
	page.Keys("/")
	page.Field("Find people or pages").HasFocus()
	page.Type("timeout")
	page.Keys("Enter")
	page.At("/timeout")
}

func TestWhatIsTypedBeforeTheScriptRunsIsLookedFor(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := signedIn(t, console, supervisor)
	typeBefore(t, page, "people", "/users", searchLabel, "mina kel")
	page.CSS("caption").Reads("1 person")
	if disabled := page.CSS("[data-ticked]").Attribute("aria-disabled"); disabled != "true" {
		t.Errorf("nobody is ticked, and the button is disabled: %q", disabled)
	}
	page.Field("Select all on this page").Click()
	page.Button("Revoke the 1 selected…").Shows()
	typeBefore(t, page, "app", "/", "Find people or pages", "timeout")
	page.CSS("#found").Holds("Find people: timeout")
	page.Keys("Enter")
	page.At("/timeout")
}

// typeBefore opens address and types text into the field that has the focus there, before the script of that name runs.
func typeBefore(t *testing.T, page *browser.Page, script, address, field, text string) {
	t.Helper()
	asked, typed := make(chan struct{}), make(chan struct{})
	tell, release := sync.OnceFunc(func() { close(asked) }), sync.OnceFunc(func() { close(typed) })
	t.Cleanup(release)
	pattern := "**/static/" + script + ".*.js"
	err := page.Route(pattern, func(route playwright.Route) {
		go func() {
			tell()
			<-typed
			_ = route.Continue()
		}()
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := page.Goto(address, playwright.PageGotoOptions{WaitUntil: playwright.WaitUntilStateCommit}); err != nil {
		t.Fatal(err)
	}
	<-asked
	page.Field(field).HasFocus()
	if err := page.Keyboard().Type(text); err != nil {
		t.Fatal(err)
	}
	release()
}

// The home page has the focus in its search: the key that leads there is not looked for.
func TestTheKeyOfTheSearchIsNotTypedIntoIt(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := signedIn(t, console, supervisor)
	page.Visit("/")
	search := page.Field("Find people or pages")
	search.HasFocus()
	page.Keys("/")
	page.Type("1/2")
	search.HasValue("1/2")
}

func TestSearchLeadsThroughPages(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := signedIn(t, console, supervisor)
	page.Visit("/users?q=demo.example")
	page.CSS("caption").Reads("60 people, 1 to 50")
	page.Link("Next page").Click()
	page.CSS("caption").Reads("60 people, 51 to 60")
	page.Link("Next page").Hides()
	page.Link("Previous page").Click()
	page.CSS("caption").Reads("60 people, 1 to 50")
}

func TestSearchForAUserIDLeadsToThePerson(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := signedIn(t, console, supervisor)
	id := console.Emulator.UserID(agent)
	page.Visit("/users")
	page.Field(searchLabel).Fill(id)
	page.Field(searchLabel).Press("Enter")
	page.At("/users/" + id)
	page.Heading("Mina Keller").Shows()
}

// hostile is the name of somebody from a careless directory import.
const hostile = `"><img src=x onerror=alert(1)>`

func TestHostileNamesAreText(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := signedIn(t, console, supervisor)
	page.Visit("/users")
	page.Field(searchLabel).Fill("imported.record@demo.example")

	page.CSS("caption").Reads("1 person")
	page.CSS("tbody").Holds(hostile)
	page.CSS("tbody .who").Click()
	page.Heading(hostile).Shows()
	page.Link("Revoke tokens…").Click()
	page.CSS("dialog[open]").Holds("Revoke " + hostile + "’s tokens")
	page.CSS("img").Hides()
}

// One question while somebody types, one more once they have stopped, and one for the evidence.
func TestTypingAsksThePlatformThreeTimes(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := signedIn(t, console, supervisor)
	page.Visit("/users")
	search := page.Field(searchLabel)
	search.HasFocus()
	searches, evidence := len(console.Emulator.Requests("POST /api/v2/users/search")), len(console.Emulator.Requests("GET /api/v2/users?"))
	page.Type("agent@demo.example")
	page.CSS("caption").Reads("1 person")
	page.CSS("tbody td[data-label='Last token']").Holds("ago")
	console.Emulator.WasAsked("POST /api/v2/users/search", searches+2)
	console.Emulator.WasAsked("GET /api/v2/users?", evidence+1)
	// A search announces its count, not its rows.
	page.CSS("[role=status]").Reads("1 person")
	page.At("/users?q=agent%40demo.example")
}

// From one's token to "revoked", for a known email: four keys beside the address and the reason.
func TestRevokingAKnownEmailTakesFourKeys(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := signedIn(t, console, supervisor)
	page.Visit("/token")
	page.Keys("/")
	page.Type(agent)
	page.Keys("Enter")
	page.Heading("Mina Keller").Shows()
	page.Keys("r")
	page.Field("Reason").HasFocus()
	page.Type("Lost her phone")
	page.Keys("ControlOrMeta+Enter")
	page.Status("All tokens of Mina Keller are revoked").Shows()
	console.Emulator.WasAsked("DELETE /api/v2/tokens/"+console.Emulator.UserID(agent), 1)
	page.Link("← Back to the results").Press("Enter")
	page.CSS("tr:target").Holds("Mina Keller")
}

func TestKeysAreListed(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := atToken(t, console, agent)
	page.Keys("?")
	page.Heading("Keyboard").Shows()
	page.Keys("Escape")
	page.Heading("Keyboard").Hides()
	page.CSS("[data-keys]").Click()
	page.Heading("Keyboard").Shows()
	page.Button("Close").Click()
	page.Heading("Keyboard").Hides()
	openMenu(page)
	page.CSS("details.person button").Shows()
	page.Keys("Escape")
	page.CSS("details.person button").Hides()
	page.CSS("details.person summary").HasFocus()
	page.Keys("/") // there is nothing that this person may search
	page.At("/token")
}
