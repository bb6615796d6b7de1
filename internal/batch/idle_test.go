package batch_test

import (
	"errors"
	"testing"

	"tokenconsole/internal/batch"
	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
	"tokenconsole/internal/emulator"
)

// A batch that would pause, and in which nobody is left to be asked about, has ended.
func TestNobodyIsLeftToPauseFor(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newFixture(t, db, newPlatform(t, emulator.Options{}))
		by, people := f.by(admin), f.everybody()
		t.Run("too many failed", func(t *testing.T) {
			f.fault(emulator.Fault{Match: "DELETE /api/v2/tokens/", Status: 403})
			b, _ := f.worked(by, f.started(by, people[:3]).ID)
			f.mend()
			if b.State != batch.DoneWithFailures || b.Counts.Failed != 3 || b.EndedAt.IsZero() {
				t.Errorf("%s %s: %+v", b.State, b.Problem, b.Counts)
			}
			f.isWiped(b.ID)
		})
		t.Run("paused by a person in the middle of the last call", func(t *testing.T) {
			f.fault(emulator.Fault{Match: "DELETE /api/v2/tokens/", Delay: "1s"})
			b := f.started(by, people[3:4])
			worked := make(chan struct{})
			go func() { f.Work(t.Context(), b.ID); close(worked) }()
			for f.deletions()[people[3].ID.String()] == 0 && t.Context().Err() == nil { // until the call is under way
			}
			must[batch.Batch](t)(f.Pause(t.Context(), by, b.ID))
			<-worked
			f.mend()
			b = must[batch.Batch](t)(f.Find(t.Context(), by.Organization.ID, b.ID))
			if b.State != batch.Done || b.Counts.Done != 1 {
				t.Errorf("%s %s: %+v", b.State, b.Problem, b.Counts)
			}
			f.checkRecord(by, b.ID, nil)
			if _, err := f.Retry(t.Context(), by, b.ID); !errors.Is(err, batch.ErrNobody) {
				t.Errorf("tried again for nobody: %v", err)
			}
		})
		t.Run("paused by a person before the evidence was read again", func(t *testing.T) {
			b := f.started(by, people[4:5])
			f.fault(emulator.Fault{Match: "GET /api/v2/users", Delay: "2s"})
			worked := make(chan struct{})
			go func() { f.Work(t.Context(), b.ID); close(worked) }()
			for b.Counts.Done == 0 {
				b = must[batch.Batch](t)(f.Await(t.Context(), by.Organization.ID, b.ID, b.Version))
			}
			b, err := f.Pause(t.Context(), by, b.ID)
			if err != nil || b.State != batch.Done || b.Counts.Done != 1 {
				t.Errorf("%s %s: %+v, %v", b.State, b.Problem, b.Counts, err)
			}
			<-worked
			f.mend()
			if _, differs, err := f.Held(t.Context(), by.Organization.ID, b.ID); differs != nil || err != nil {
				t.Errorf("afterwards: %v, %v", differs, err)
			}
		})
	})
}

// Whoever a worker was about to ask when the batch was cancelled is skipped; the calls that are under way are seen through.
func TestCancelledInTheMiddleOfCalls(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newFixture(t, db, newPlatform(t, emulator.Options{}))
		by, people := f.by(admin), f.everybody()[:8]
		f.fault(emulator.Fault{Match: "DELETE /api/v2/tokens/", Delay: "1s"})
		b := f.started(by, people)
		worked := make(chan struct{})
		go func() { f.Work(t.Context(), b.ID); close(worked) }()
		for len(f.deletions()) == 0 && t.Context().Err() == nil { // until a call is under way
		}
		must[batch.Batch](t)(f.Cancel(t.Context(), by, b.ID))
		<-worked
		b = must[batch.Batch](t)(f.Find(t.Context(), by.Organization.ID, b.ID))
		n := len(f.deletions())
		want := batch.Counts{ToRevoke: 8, Done: n, Skipped: 8 - n}
		if b.State != batch.Cancelled || b.Counts != want || n == 0 || n == 8 {
			t.Errorf("%s: %+v, want %+v", b.State, b.Counts, want)
		}
		f.checkRecord(by, b.ID, nil)
		f.agree()
	})
}

// A paused batch does not end because its rows say that nobody is left, and the record does not.
func TestTamperedRowsDoNotEndAPausedBatch(t *testing.T) {
	t.Parallel()
	f := newFixture(t, databasetest.Open(t, databasetest.SQLite(t)), newPlatform(t, emulator.Options{}))
	by := f.by(admin)
	b := f.started(by, f.everybody()[:3])
	f.tamper("UPDATE batch_people SET run = 'done', tries = 1 WHERE batch = ?", b.ID)
	f.tamper(`UPDATE batches SET counts = '{"toRevoke":3,"done":3}' WHERE id = ?`, b.ID)
	b = must[batch.Batch](t)(f.Pause(t.Context(), by, b.ID))
	if b.State != batch.Paused {
		t.Errorf("it is %s: %+v", b.State, b.Counts)
	}
	must[batch.Batch](t)(f.Resume(t.Context(), by, b.ID))
	if b, n := f.worked(by, b.ID); n != 3 || b.State != batch.Done {
		t.Errorf("%d were revoked, %s: %+v", n, b.State, b.Counts)
	}
}
