package e2e

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/playwright-community/playwright-go"

	"tokenconsole/e2e/browser"
)

// download follows a link to a file and returns what is in it.
func download(t *testing.T, page *browser.Page, link string) (name, content string) {
	t.Helper()
	file, err := page.ExpectDownload(func() error { page.Link(link).Click(); return nil })
	if err != nil {
		t.Fatal(err)
	}
	path, err := file.Path()
	if err != nil {
		t.Fatal(err)
	}
	read, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return file.SuggestedFilename(), string(read)
}

func TestAuditFilterAndExport(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := signedIn(t, console, supervisor)
	page.Visit("/users/" + console.Emulator.UserID(agent) + "/revoke")
	page.Field("Reason").Fill(`=HYPERLINK("https://evil.example")`)
	page.CSS("#ticket").Fill("INC-4711")
	page.CSS("button.danger").Click()
	page.Link("Record").Click()
	page.CSS("table.record tbody tr:nth-child(2)").Holds("Sign-in")
	page.CSS("table.record").Holds(`=HYPERLINK("https://evil.example")`)
	page.CSS("table.record").Holds("INC-4711")
	page.Field("Person").Fill("keller")
	choice(t, page, "Outcome", "done")
	page.Button("Filter").Click()
	page.At("/audit?person=keller&actor=&action=&outcome=done&from=&to=")
	page.CSS("table.record tbody tr:nth-child(2)").Hides()
	page.CSS("table.record tbody tr:nth-child(1)").Holds("Mina Keller")
	page.Field("Person").HasValue("keller")
	inspect(t, page, "the record, filtered")
	name, content := download(t, page, "Export as CSV")
	records, err := csv.NewReader(strings.NewReader(content)).ReadAll()
	if err != nil || len(records) != 4 || !strings.HasPrefix(name, "audit-") || !strings.HasSuffix(name, ".csv") {
		t.Fatalf("%s holds %d lines (%v): %s", name, len(records), err, content)
	}
	// An act comes whole: asked, done, and the evidence.
	if n := strings.Count(content, `"'=HYPERLINK(`); n < 1 || strings.Contains(content, `"=HYPERLINK(`) {
		t.Errorf("a spreadsheet would run %s", content)
	}
	_, content = download(t, page, "Export as JSON")
	var entries []struct{ Outcome, Reason string }
	if err := json.Unmarshal([]byte(content), &entries); err != nil || len(entries) != 3 || entries[0].Outcome != "asked" || entries[1].Outcome != "done" {
		t.Errorf("the JSON holds %v (%v)", entries, err)
	}
	page.Link("Show all").Click()
	page.CSS("table.record tbody tr:nth-child(2)").Shows()
	page.Visit("/audit?person=nobody-of-that-name")
	page.Heading("No entries").Shows()
	inspect(t, page, "the record, nothing found")
	page.Visit("/audit?from=yesterday&action=fine")
	page.CSS("#from-error").Shows()
	inspect(t, page, "the record, bad filter")
}

func choice(t *testing.T, page *browser.Page, label, value string) {
	t.Helper()
	if _, err := page.Field(label).SelectOption(playwright.SelectOptionValues{Values: &[]string{value}}); err != nil {
		t.Fatal(err)
	}
}

func TestAuditPages(t *testing.T) {
	t.Parallel()
	console := web.Start(t, "--demo-rate-limit=10000")
	if _, err := atToken(t, console, supervisor).Evaluate(`async (path) => {
		const body = new URLSearchParams({ reason: "End of shift" });
		for (let n = 0; n < 60; n++) await fetch(path, { method: "POST", body, redirect: "manual" });
	}`, "/users/"+console.Emulator.UserID(agent)+"/revoke"); err != nil {
		t.Fatal(err)
	}
	page := atToken(t, console, agent)
	page.Link("Record").Click()
	page.CSS("main").Holds("You see the entries about yourself.")
	page.CSS("table.record tbody tr:nth-child(50)").Shows()
	page.Link("Newer").Hides()
	page.Link("Older").Click()
	page.CSS("table.record tbody tr:nth-child(11)").Holds("Revocation")
	page.Link("Older").Hides()
	inspect(t, page, "an older page of the record")
	page.Link("Newer").Click()
	page.CSS("table.record tbody tr:nth-child(50)").Shows()
}

// A person without any permission has a first page that serves them.
func TestSelfService(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := atToken(t, console, agent)
	page.Button("Verify with Genesys Cloud").Shows()
	page.Link("Sign out everywhere…").Hides()
	page.Link("People").Hides()
	main := page.CSS("main")
	main.Holds("Your other applications and devices stay signed in")
	main.Holds("It needs the permission oauth:token:delete, which you do not hold")
	main.Holds("Your company’s single sign-on may still sign you in without a password.")
	fromMenu(page, "Timeout")
	page.CSS("main").Holds("Changing it needs the permission directory:organization:admin")
	inspect(t, page, "idle timeout for people who may not change it")
	page.Visit("/token")
	signOut(page)
	page.Link("Sign out of Genesys Cloud in this browser").Shows()

	page = atToken(t, console, supervisor)
	page.Link("Sign out everywhere…").Click()
	page.Heading("Sign out everywhere").Shows()
	page.CSS("main").Holds("These are your own tokens.")
}
