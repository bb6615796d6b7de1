package e2e

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/playwright-community/playwright-go"

	"tokenconsole/e2e/browser"
	"tokenconsole/e2e/program"
)

// planned prepares a batch of a pasted list, and leaves page on its plan.
func planned(page *browser.Page, lines ...string) (path string) {
	page.Visit("/batches/new")
	page.Field("The list").Fill(strings.Join(lines, "\n"))
	page.Button("Show the people").Click()
	page.CSS("#start").Shows()
	_, path, _ = strings.Cut(page.URL(), "/batches/")
	return "/batches/" + path
}

// start fills in the form of a plan and sends it.
func start(page *browser.Page, count int) {
	page.CSS("textarea#reason").Fill("End of shift")
	page.Field("How many people?").Fill(fmt.Sprint(count))
	page.CSS(".start form .danger").Click()
}

// inState waits until the page says that the batch is in a state; without script it has to be asked.
func (j journey) inState(page *browser.Page, state string) {
	j.t.Helper()
	if j.script {
		page.CSS("h1 + .badge").Reads(state)
		return
	}
	for range 100 {
		if text, err := page.Locator("h1 + .badge").InnerText(); err == nil && text == state {
			return
		}
		time.Sleep(300 * time.Millisecond) // a person does not ask more often
		if _, err := page.Reload(); err != nil {
			j.t.Fatal(err)
		}
	}
	page.CSS("h1 + .badge").Reads(state)
}

// People from every source.
func TestBatchesFromEverySource(t *testing.T) {
	t.Parallel()
	newJourney(t, true, func(*browser.Options) {}).everySource()
}

// From a pasted list to the report, with and without script; with it, also what may come in between.
func TestBatches(t *testing.T) {
	t.Parallel()
	eitherWay(t, func(t *testing.T, script bool, adjust func(*browser.Options)) {
		j := newJourney(t, script, adjust)
		j.fromTheListToTheReport()
		if script {
			j.declined()
			j.triedAgain()
		}
	})
}

// journey is what one browser of each of two people goes through.
type journey struct {
	t             *testing.T
	console       *program.Console
	script        bool
	first, second *browser.Page
}

func newJourney(t *testing.T, script bool, adjust func(*browser.Options)) journey {
	t.Helper()
	console := web.Start(t, "--approval-over=2", "--demo-rate-limit=3000")
	return journey{
		t: t, console: console, script: script,
		first: signedIn(t, console, admin, adjust), second: signedIn(t, console, supervisor, adjust),
	}
}

// look inspects a page, once.
func (j journey) look(page *browser.Page, state string) {
	j.t.Helper()
	if j.script {
		inspect(j.t, page, state)
	}
}

// The emulator's people that batches are about.
const (
	vera   = "vera.eriksson@demo.example"
	chloe  = "chloe.petrov@demo.example"
	jurgen = "jurgen.okafor@demo.example"
)

// everySource chooses people in every way there is, but for sets that are chosen as queues are.
func (j journey) everySource() {
	page := j.first
	for _, from := range []string{"queue", "division"} {
		page.Visit("/batches/new?from=" + from)
		if from == "queue" {
			j.look(page, "queues to choose from")
		}
		if err := page.Locator("label.set").First().Click(); err != nil {
			j.t.Fatal(err)
		}
		page.Button("Show the people").Click()
		page.CSS("#start").Holds("Revoke the tokens of")
	}
	page.Visit("/batches/new?from=department")
	page.Field("Department").Fill("Nowhere at all")
	page.Button("Show the people").Click()
	page.CSS("#name-error").Shows()
	j.look(page, "a department that is none")
	page.Field("Department").Fill("claims")
	page.Button("Show the people").Click()
	page.CSS("h1").Holds("claims")
	page.CSS(".plan-table tr:has(.plan-to-revoke):nth-child(5)").Shows()
	j.look(page, "a plan")

	file := filepath.Join(j.t.TempDir(), "leavers.csv")
	if err := os.WriteFile(file, []byte("Name;Email\nMina;"+agent+"\n"), 0o600); err != nil {
		j.t.Fatal(err)
	}
	page.Visit("/batches/new")
	j.look(page, "a list to paste")
	if err := page.Locator("#file").SetInputFiles(file); err != nil {
		j.t.Fatal(err)
	}
	page.Button("Show the people").Click()
	page.CSS("#start").Reads("Revoke the tokens of 1 person")
	page.Visit("/users?q=claims")
	page.CSS(".found-head form button").Click()
	page.CSS("h1").Holds("A search for “claims”")

	j.second.Visit("/batches/new?from=queue")
	j.second.CSS("main").Holds("routing:queue:view")
	j.look(j.second, "queues that may not be read")
}

// fromTheListToTheReport goes over the plan and a second person's approval.
func (j journey) fromTheListToTheReport() {
	first, second := j.first, j.second
	path := planned(first, "email,name", agent+",", ",Jun Zhang", "nobody@demo.example,", admin+",", vera+",")
	first.CSS(".filter-tabs a:has-text('Ambiguous')").Click()
	if _, err := first.Locator("select[name=person]").SelectOption(playwright.SelectOptionValues{Indexes: &[]int{1}}); err != nil {
		j.t.Fatal(err)
	}
	first.Button("Choose").Click()
	first.CSS("#start").Reads("Revoke the tokens of 3 people")
	first.CSS("label:has-text('Left')").Click()
	start(first, 4)
	first.CSS("#count-error").Shows()
	first.CSS("textarea#reason").HasValue("End of shift")
	j.look(first, "a plan with a mistake")
	start(first, 3)
	first.Heading("Waiting for a second person").Shows()

	second.Visit("/")
	second.CSS("section:has(#under-way) a.who[href='" + path + "']").Click()
	second.CSS(".start").Holds("Left: End of shift")
	j.look(second, "a batch that waits, for a second person")
	second.Field("Reason for your decision").Fill("Agreed with the desk")
	second.Button("Approve, and revoke 3 people").Click()
	j.inState(second, "Done")
	j.inState(first, "Done")
	first.CSS(".report-table tbody tr:nth-child(1)").Holds("revoked")
	j.look(first, "the report")
	j.reports()
}

// reports looks at every form of the report of a batch of three people among five lines.
func (j journey) reports() {
	page, t := j.first, j.t
	name, content := download(t, page, "CSV")
	lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(content, "\ufeff"))).ReadAll()
	if err != nil || len(lines) != 6 || !strings.HasSuffix(name, ".csv") {
		t.Errorf("%s has %d lines (%v): %s", name, len(lines), err, content)
	}
	_, content = download(t, page, "JSON")
	var report struct {
		State  string
		Counts map[string]int
		People []struct {
			Email, State, CorrelationID string
			Entry                       int64
		}
	}
	if err := json.Unmarshal([]byte(content), &report); err != nil || report.State != "done" || report.Counts["done"] != 3 || len(report.People) != 5 {
		t.Fatalf("%v: %s", err, content)
	}
	if one := report.People[0]; one.Email != agent || one.State != "done" || one.CorrelationID == "" || one.Entry == 0 {
		t.Errorf("the report says %+v", one)
	}
	if _, content := download(t, page, "Signed receipt"); !strings.Contains(content, "checkpoint") {
		t.Errorf("the receipt is %.200s", content)
	}
	page.Link("Printable sheet").Click()
	page.CSS(".sheet-table tbody tr:nth-child(5)").Shows()
	j.look(page, "the sheet")
}

// declined: a second person says no, and who started it is told.
func (j journey) declined() {
	const revocations = "DELETE /api/v2/tokens/"
	before := len(j.console.Emulator.Requests(revocations))
	path := planned(j.first, vera, chloe, jurgen)
	start(j.first, 3)
	j.first.Heading("Waiting for a second person").Shows()
	j.second.Visit(path)
	j.second.Field("Reason for your decision").Fill("Not these people")
	j.second.Button("Decline").Click()
	j.second.Status("The batch is declined").Shows()
	j.inState(j.first, "Cancelled")
	j.first.CSS("main").Holds("Samuel Ortiz declined it: Not these people")
	j.console.Emulator.WasAsked(revocations, before)
}

// triedAgain: who could not be revoked is tried again by another batch, linked to the first.
func (j journey) triedAgain() {
	j.console.Emulator.Break(program.Fault{
		Match: "DELETE /api/v2/tokens/" + j.console.Emulator.UserID(chloe), Status: 400, Times: 1,
		Body: json.RawMessage(`{"status": 400, "code": "bad.request", "message": "No."}`),
	})
	page := j.first
	path := planned(page, jurgen, chloe)
	start(page, 2)
	j.inState(page, "Done with failures")
	page.CSS(".failures").Holds("failed")
	j.look(page, "a batch with a failure")
	page.Button("Prepare another try for 1 person").Click()
	page.CSS("#start").Reads("Revoke the tokens of 1 person")
	start(page, 1)
	j.inState(page, "Done")
	page.Link("The batch that this one tries again").Click()
	page.At(path)
}
