package batch_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"tokenconsole/internal/batch"
	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
	"tokenconsole/internal/emulator"
)

// A running batch with a row that cannot be read pauses and says so; it can still be looked at and cancelled, and the
// row keeps what stands there. The verification names it, and goes on with the others.
func TestUnreadableRows(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ change, want string }{
		"who prepared it": {"UPDATE batches SET prepared_by = '{' WHERE id = ?", "prepared_by of the batch"},
		"who started it":  {"UPDATE batches SET started_by = '' WHERE id = ?", "started_by of the batch"},
		"who decided":     {"UPDATE batches SET decided_by = '[]' WHERE id = ?", "decided_by of the batch"},
		"whose token":     {"UPDATE batches SET run_by = 'x' WHERE id = ?", "run_by of the batch"},
		"counts":          {`UPDATE batches SET counts = '{"toRevoke":"3"}' WHERE id = ?`, "counts of the batch"},
		"candidates":      {"UPDATE batch_people SET candidates = '[' WHERE batch = ? AND position = 2", "row 2 of its people"},
		"steps":           {"UPDATE batch_people SET steps = '{}' WHERE batch = ? AND position = 3", "row 3 of its people"},
		"an id":           {"UPDATE batch_people SET user_id = 'x' WHERE batch = ? AND position = 4", "row 4 of its people"},
	}
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newFixture(t, db, newPlatform(t, emulator.Options{}))
		by := f.by(admin)
		for name, test := range tests {
			t.Run(name, func(t *testing.T) {
				before := len(f.deletions())
				b := must[batch.Batch](t)(f.Prepare(t.Context(), by, rule, f.rowsOf(by)))
				must[batch.Batch](t)(f.Start(t.Context(), by, b.ID, batch.Form{Reason: "Laptops stolen", Count: 3}))
				f.tamper(test.change, b.ID)
				b, n := f.worked(by, b.ID)
				if n > before || b.State != batch.Paused || b.Problem != batch.RowUnreadable {
					t.Errorf("%d were revoked, %s %s", n-before, b.State, b.Problem)
				}
				if _, differs, err := f.Held(t.Context(), by.Organization.ID, b.ID); err != nil || differs == nil || !strings.Contains(differs.Words(), test.want) {
					t.Errorf("it says %v, %v", differs, err)
				}
				told := strings.Join(must[[]string](t)(batch.Contradictions(t.Context(), f.db, f.record, time.Time{})), "\n")
				if strings.Count(told, b.ID) == 0 || !strings.Contains(told, "cannot be read: "+test.want) && !strings.Contains(told, test.want) {
					t.Errorf("the verification says %q", told)
				}
				if _, err := f.Resume(t.Context(), by, b.ID); !errors.Is(err, batch.ErrPlan) {
					t.Errorf("resumed: %v", err)
				}
				f.rows(by, b.ID)
				b = must[batch.Batch](t)(f.Cancel(t.Context(), by, b.ID))
				told = strings.Join(must[[]string](t)(batch.Contradictions(t.Context(), f.db, f.record, time.Time{})), "\n")
				if !strings.Contains(told, test.want) {
					t.Errorf("what stood there was written over: %q", told)
				}
			})
		}
		told := must[[]string](t)(batch.Contradictions(t.Context(), f.db, f.record, time.Time{}))
		if len(told) < len(tests) {
			t.Errorf("of %d batches the verification names %q", len(tests), told)
		}
	})
}

// A row that becomes unreadable while a worker has the batch is not asked about, nor written over.
func TestARowBecomesUnreadableMeanwhile(t *testing.T) {
	t.Parallel()
	f := newFixture(t, databasetest.Open(t, databasetest.SQLite(t)), newPlatform(t, emulator.Options{}))
	by := f.by(admin)
	b := f.started(by, f.everybody()[:6])
	f.tamper(`CREATE TRIGGER meanwhile AFTER UPDATE OF known_at ON batch_people WHEN NEW.position = 6 AND NEW.known_at > 0 BEGIN
		UPDATE batch_people SET steps = 'x' WHERE position = 6; END`)
	b, _ = f.worked(by, b.ID)
	if b.State != batch.Paused || b.Problem != batch.RowUnreadable {
		t.Errorf("%s %s: %+v", b.State, b.Problem, b.Counts)
	}
	if last := f.rows(by, b.ID)[5]; !last.Unreadable || f.deletions()[last.ID.String()] > 0 {
		t.Errorf("its row is %+v", last)
	}
}

// A token whose seal is wrong does not open: the batch pauses and says that, and goes on once somebody resumes it.
func TestAWrongSeal(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newFixture(t, db, newPlatform(t, emulator.Options{}))
		by := f.by(admin)
		b := f.started(by, f.everybody()[:3])
		f.tamper("UPDATE batches SET token = ? WHERE id = ?", []byte("sealed by nobody"), b.ID)
		b, n := f.worked(by, b.ID)
		if n > 0 || b.State != batch.Paused || b.Problem != batch.RowUnreadable {
			t.Errorf("%d were revoked, %s %s", n, b.State, b.Problem)
		}
		must[batch.Batch](t)(f.Resume(t.Context(), by, b.ID))
		if b, n := f.worked(by, b.ID); n != 3 || b.State != batch.Done {
			t.Errorf("resumed: %d were revoked, %s %s", n, b.State, b.Problem)
		}
	})
}
