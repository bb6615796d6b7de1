package respond

import (
	"fmt"
	"strings"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/batch"
	"tokenconsole/internal/playbook"
	"tokenconsole/views"
)

// batchProblems are the problems of batches in words.
var batchProblems = map[string]string{
	batch.TooManyFailures: "Too many of its revocations failed",
	batch.PlatformAway:    "Genesys Cloud gave no usable answer for a quarter of an hour",
	batch.PlanChanged:     "Its people in the database are not those of the plan on the record",
	batch.RowDiffers:      "The database says something else of it than the record",
	batch.RowUnreadable:   "A part of it in the database cannot be read",
	batch.Changed:         "Somebody else changed it in the meantime",
	batch.Interrupted:     "The console was stopped before the answer came",
}

// stepProblems are the problems of playbooks in words.
var stepProblems = map[string]string{
	playbook.Busy:       "They are in an interaction",
	playbook.NoTime:     "The steps before took too long",
	batch.Oneself:       "It is their token that the batch ran with",
	playbook.NoPresence: "The organization has no presence that means Offline",

	playbook.AlreadyInactive: "They were inactive already: there was nothing to do",
	playbook.AlreadyDeleted:  "They are deleted: there was nothing to do",
}

// ofBatch reports whether e is about a batch as a whole.
func ofBatch(e audit.Entry) bool {
	return e.Action == audit.PrepareBatch || e.Action == audit.ChangeBatch
}

// batchDetail says in words what an entry about a whole batch holds.
func batchDetail(e audit.Entry) string {
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	if e.Change != (audit.Change{}) {
		add("from %s to %s", inWords(e.Change.From), inWords(e.Change.To))
	}
	if e.Query != "" {
		add("%s", e.Query)
	}
	if e.Playbook != "" {
		add("%s", StepsInWords(e.Playbook, playbook.Parse(e.Steps)))
	}
	add("%s to be revoked", views.People(int(e.Count)))
	if t := e.Tally; t != (audit.Tally{}) {
		add("%d done, %d failed, %d unknown, %d skipped", t.Done, t.Failed, t.Unknown, t.Skipped)
	}
	if e.Problem != "" {
		add("%s", ProblemTitle(e.Problem))
	}
	return strings.Join(parts, "; ")
}

// inWords is a state of a batch for people.
func inWords(state string) string { return strings.ReplaceAll(state, "-", " ") }
