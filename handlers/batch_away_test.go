package handlers_test

import (
	"net/http"
	"testing"
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
