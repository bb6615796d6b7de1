package batch_test

import (
	"strings"
	"testing"
	"time"

	"tokenconsole/internal/batch"
	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
	"tokenconsole/internal/emulator"
)

// Rows of a batch that contradict the record are told in words, and those of a batch that was carried out are not.
func TestContradictions(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newFixture(t, db, newPlatform(t, emulator.Options{}))
		by, people := f.by(admin), f.everybody()
		done := f.started(by, people[:3])
		f.worked(by, done.ID)
		cancelled := f.started(by, people[3:5])
		must[batch.Batch](t)(f.Cancel(t.Context(), by, cancelled.ID))
		must[batch.Batch](t)(f.Prepare(t.Context(), by, rule, people))
		told := func() string {
			t.Helper()
			return strings.Join(must[[]string](t)(batch.Contradictions(t.Context(), db, f.record, time.Time{})), "\n")
		}
		if words := told(); words != "" {
			t.Errorf("as it was carried out: %s", words)
		}
		for _, test := range []struct{ change, undo, want string }{
			{"UPDATE batches SET state = 'running' WHERE id = ?", "UPDATE batches SET state = 'done' WHERE id = ?",
				"says that it is running, and the record that it is done"},
			{"UPDATE batch_people SET run = 'failed' WHERE batch = ? AND position = 2",
				"UPDATE batch_people SET run = 'done' WHERE batch = ? AND position = 2", "what came of 1 people is not what the record says, the first of them in row 2"},
			{"UPDATE batch_people SET name = name || 'x' WHERE batch = ? AND position = 1",
				"UPDATE batch_people SET name = substr(name, 1, length(name) - 1) WHERE batch = ? AND position = 1", "the people, or where they come from"},
			{`UPDATE batches SET counts = '{"done":9}' WHERE id = ?`, "UPDATE batches SET hash = hash WHERE id = ?", "its counts"},
			{"UPDATE batches SET started_by = '{}' WHERE id = ?", "UPDATE batches SET hash = hash WHERE id = ?", "who started it"},
		} {
			f.tamper(test.change, done.ID)
			if words := told(); !strings.Contains(words, test.want) || !strings.Contains(words, done.ID) {
				t.Errorf("after %s: %q", test.change, words)
			}
			f.tamper(test.undo, done.ID)
		}
		f.tamper("DELETE FROM batch_people WHERE batch = ?", cancelled.ID)
		f.tamper("DELETE FROM batches WHERE id = ?", cancelled.ID)
		want := "batch " + cancelled.ID + ": it is not in the database, and the record says that it was prepared"
		if words := told(); !strings.Contains(words, want) {
			t.Errorf("once it is deleted: %q, want %q", words, want)
		}
	})
}
