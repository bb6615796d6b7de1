package e2e

import (
	"strings"
	"testing"
	"time"

	"tokenconsole/e2e/program"
	"tokenconsole/internal/database/databasetest"
)

// The console dies between the question and its outcome: the record says that nobody knows.
func TestACrashLeavesAnOpenEntry(t *testing.T) {
	t.Parallel()
	database := "--database-url=" + databasetest.SQLite(t)
	console := web.Start(t, database)
	page := signedIn(t, console, supervisor)
	page.Tolerate("net::ERR_")
	console.Emulator.Break(program.Fault{Match: "DELETE /api/v2/tokens/", Delay: "20s"})
	page.Visit("/users/" + console.Emulator.UserID(agent) + "/revoke")
	page.Field("Reason").Fill("Lost her phone")
	// A click would wait for the answer that never comes.
	if _, err := page.Evaluate("setTimeout(() => document.querySelector('button.danger').click())"); err != nil {
		t.Fatal(err)
	}
	for limit := time.Now().Add(10 * time.Second); len(console.Emulator.Requests("DELETE /api/v2/tokens/")) == 0; {
		if time.Now().After(limit) {
			t.Fatal("the platform was not called")
		}
	}
	console.Kill()

	stdout, stderr, status := web.Run(t, "audit", "verify", database)
	if status != 0 || !strings.HasPrefix(stdout, "whole: the record of 2 entries") || !strings.Contains(stdout, "open: 1, of which nobody recorded what came: 2\n") {
		t.Errorf("web audit verify: %d %q %q", status, stdout, stderr)
	}
	again := web.Start(t, database)
	page = signedIn(t, again, admin)
	if log := again.Log(); !strings.Contains(log, "entries are open") {
		t.Errorf("the log does not tell of the open entry: %s", log)
	}
	page.Visit("/")
	page.Heading("Acts with no known outcome").Shows()
	page.Link("Record").Click()
	page.Link("Open").Click()
	row := page.CSS("table.record tbody tr")
	for _, text := range []string{"Samuel Ortiz", "Revocation", "asked", "outcome not known", "Mina Keller", "Lost her phone"} {
		row.Holds(text)
	}
	inspect(t, page, "the record with an open entry")
}

func TestAuditVerifyTellsByItsStatus(t *testing.T) {
	t.Parallel()
	stdout, stderr, status := web.Run(t, "audit", "verify", missingRecord(t))
	if status != 1 || stdout != "" || !strings.Contains(stderr, "there is no record to read") {
		t.Errorf("without a record: %d %q %q", status, stdout, stderr)
	}
	stdout, stderr, status = web.Run(t, "audit", "verify", missingRecord(t), "--key=odd")
	if status != 2 || stdout != "" || !strings.Contains(stderr, "--key") {
		t.Errorf("with an odd key: %d %q %q", status, stdout, stderr)
	}
}

func missingRecord(t *testing.T) string { return "--database-url=" + databasetest.SQLite(t) }

// Several replicas share a PostgreSQL: the whole journey once, end to end.
func TestTheRecordInPostgreSQL(t *testing.T) {
	t.Parallel()
	database := "--database-url=" + databasetest.PostgreSQL(t)
	console := web.Start(t, database)
	page := signedIn(t, console, supervisor)
	id := userPage(console, page, agent)
	page.Link("Revoke tokens…").Click()
	page.Field("Reason").Fill("Lost her phone")
	page.CSS("dialog button.danger").Click()
	page.Status("All tokens of Mina Keller are revoked").Shows()
	page.Visit("/audit?person=" + id)
	page.CSS("table.record").Holds("Lost her phone")
	page.CSS("main").Holds("Intact up to entry")
	// PostgreSQL takes neither NUL nor bytes that are no text.
	for _, odd := range []string{"%00", "%FF%FE", strings.Repeat("%C3%BC", 300), "%5C", "%25"} {
		for _, name := range []string{"person", "actor"} {
			if status := page.Visit("/audit?" + name + "=" + odd); status != 200 {
				t.Errorf("/audit?%s=%.20s answered %d", name, odd, status)
			}
		}
	}
	if status := page.Visit("/audit?action=%00"); status != 422 {
		t.Errorf("an action that is none is answered %d", status)
	}
	stdout, stderr, status := web.Run(t, "audit", "verify", database)
	if status != 0 || !strings.HasPrefix(stdout, "whole: the record of 4 entries") || !strings.Contains(stdout, "open: none\n") {
		t.Errorf("web audit verify: %d %q %q", status, stdout, stderr)
	}
}
