package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tokenconsole/internal/emulator"
)

// While the database does not answer, the pages about batches say that, as the pages about the record do.
func TestBatchesWithoutTheirDatabase(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	path := b.prepared(list(agent)).batchPath()
	for name, gone := range map[string]string{"people": "batch_people", "batches": "batches"} {
		t.Run(name, func(t *testing.T) {
			c.tamper("ALTER TABLE " + gone + " RENAME TO gone")
			defer c.tamper("ALTER TABLE gone RENAME TO " + gone)
			for _, page := range []string{"/batches", path, path + "/sheet", path + "/report.csv"} {
				if page == "/batches" && gone == "batch_people" {
					page += "?person=x"
				}
				b.in(t).get(page).wantProblem(http.StatusServiceUnavailable, "batches-away")
			}
			b.in(t).post(path+"/cancel", nil).wantProblem(http.StatusServiceUnavailable, "batches-away")
		})
	}
	b.get(path).want(http.StatusOK).wantText("Prepared")
}

// Whoever watches a batch while Genesys Cloud is away sees nothing of the organization, is told that the batch does not need
// them, and is led back to it.
func TestABatchIsWatchedWhileThePlatformIsAway(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	path := b.prepared(list(agent)).batchPath()
	b.get(path).wantText("A pasted list")
	c.disturb(emulator.Fault{Match: "GET /api/v2/tokens/me", Status: 503})
	c.clock.advance(time.Minute)
	for _, page := range []string{path, path + "/live"} {
		a := b.get(page).wantProblem(http.StatusBadGateway, "platform-failed")
		a.wantText("goes on by itself")
		if !strings.Contains(a.body, `http-equiv="refresh" content="15; url=`+path+`"`) {
			t.Errorf("%s leads nowhere by itself: %s", page, a.body)
		}
	}
	if a := b.get("/batches"); strings.Contains(a.body, `http-equiv="refresh"`) {
		t.Error("the list is loaded again by itself")
	}
}
