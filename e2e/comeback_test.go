package e2e

import (
	"regexp"
	"testing"
	"time"

	"github.com/playwright-community/playwright-go"

	"tokenconsole/e2e/browser"
	"tokenconsole/e2e/program"
)

// revoke revokes the tokens of email on their page.
func revoke(console *program.Console, page *browser.Page, email, name string) {
	id := console.Emulator.UserID(email)
	page.Visit("/users/" + id + "/revoke")
	page.Field("Reason").Fill("Lost her phone")
	page.Button("Revoke " + name + "’s tokens").Click()
	page.Status("All tokens of " + name + " are revoked").Shows()
}

// shownWithin is how soon a new token has to show on an open page.
const shownWithin = 3 * time.Second

// Whoever comes back while the page is open shows within seconds, on the page and in its navigation.
func TestSomebodyComesBackWhileThePageIsOpen(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := signedIn(t, console, admin)
	revoke(console, page, agent, "Mina Keller")
	page.Visit("/watch")
	page.CSS("[data-live-state]").Reads("Live")
	page.CSS("#waiting").Shows()
	// What is within a second of the revocation is only perhaps a return.
	if err := page.CSS("table.watch").GetByText(regexp.MustCompile(`\b([2-9]|\d\d) s ago`)).First().WaitFor(); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	console.Emulator.Token(agent)
	err := page.CSS(".came-back").WaitFor(playwright.LocatorWaitForOptions{Timeout: playwright.Float(float64(shownWithin.Milliseconds()))})
	if err != nil {
		t.Fatalf("it did not show within %s: %v", shownWithin, err)
	}
	t.Logf("it showed after %s", time.Since(begun).Round(time.Millisecond))
	page.CSS("table.watch").Holds("with this console")
	page.CSS("nav li.gives-way .count").Reads("1") // without the page being loaded again
	page.CSS("[role=status] [data-live-back]").Reads("Mina Keller came back.")
	page.Titled("(1) Who came back · tokenconsole")
	inspect(t, page, "somebody came back")
	console.Emulator.CutConnections()
	page.CSS("[data-live-state]").Reads("Live again")

	page.Visit("/")
	page.CSS("#came-back").Shows()
	page.Link("See all of them, and what to do").Click()
	page.Link("Clear Mina Keller").Click()
	inspect(t, page, "clearing a return")
	inSight(t, page, "clearing a return", ".sheet-foot > button")
	page.Field("What was done about it").Fill("It is her new phone")
	page.Button("Clear").Click()
	page.Status("Cleared: Mina Keller").Shows()
	page.CSS("main").Holds("It is her new phone")
	inspect(t, page, "a return that is cleared")
}

// Who may not hear of tokens live is told so, and looks again.
func TestTheWatchWithoutLive(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := signedIn(t, console, supervisor)
	page.Visit("/watch")
	page.Heading("Nobody is watched").Shows()
	inspect(t, page, "nobody is watched")
	revoke(console, page, agent, "Mina Keller")
	page.Visit("/watch")
	page.CSS("[data-live-text]").Holds("does not send you live updates")
	inspect(t, page, "the watch without live")
}

// Whoever came back sees themselves on the list, and that somebody else has to clear it.
func TestOneselfOnTheWatch(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	boss := signedIn(t, console, admin)
	revoke(console, boss, supervisor, "Samuel Ortiz")
	boss.Visit("/watch")
	ago := boss.CSS("table.watch").GetByText(regexp.MustCompile(`\b([2-9]|\d\d) s ago`)).First()
	if err := ago.WaitFor(); err != nil { // what is within a second of the revocation is only perhaps a return
		t.Fatal(err)
	}
	page := signedIn(t, console, supervisor)
	console.Emulator.Token(supervisor)
	boss.CSS(".came-back").Shows()
	revoke(console, page, agent, "Mina Keller")
	page.Visit("/watch")
	page.CSS("section[aria-labelledby=back]").Holds("Somebody else has to clear it")
	page.CSS("section[aria-labelledby=waiting]").Holds("Mina Keller")
	inspect(t, page, "one's own return")
}
