package batch_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/batch"
	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
	"tokenconsole/internal/emulator"
)

// fault makes the platform misbehave.
func (f *fixture) fault(fault emulator.Fault) {
	f.Helper()
	f.send("POST", "/emulator/faults", fault, nil)
}

func (f *fixture) mend() {
	f.Helper()
	f.send("DELETE", "/emulator/faults", nil, nil)
}

// isWhole holds that nobody finds anything wrong with the record.
func (f *fixture) isWhole() {
	f.Helper()
	report, err := f.record.Verify(f.Context())
	if err != nil || len(report.Faults) > 0 {
		f.Errorf("the record: %v %v", report.Faults, err)
	}
}

// Failures that pass by themselves cost attempts, and nobody: each is on the record.
func TestPassingFaults(t *testing.T) {
	t.Parallel()
	const revocations = "DELETE /api/v2/tokens/"
	faults := map[string]emulator.Fault{
		"503":      {Match: revocations, Status: 503, Times: 3},
		"reset":    {Match: revocations, Reset: true, Times: 3},
		"garbage":  {Match: revocations, Status: 200, Body: json.RawMessage(`"<html>"`), Times: 3},
		"429":      {Match: revocations, Status: 429, RetryAfter: 1, Times: 2},
		"408":      {Match: revocations, Status: 408, Times: 2},
		"evidence": {Match: "GET /api/v2/users?", Status: 503, Times: 2},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, databasetest.Open(t, databasetest.SQLite(t)), newPlatform(t, emulator.Options{}))
			f.carriedOut()
			by, people := f.by(admin), f.everybody()
			f.fault(fault)
			b := f.started(by, people)
			b = f.until(by, b.ID, batch.Done, batch.DoneWithFailures, batch.Paused)
			if b.State != batch.Done || b.Counts.Done != len(people) {
				t.Errorf("%s %s: %+v", b.State, b.Problem, b.Counts)
			}
			f.checkRecord(by, b.ID, nil)
		})
	}
}

// A platform that is away for a while is waited for, without asking about anybody meanwhile.
func TestPlatformAway(t *testing.T) {
	t.Parallel()
	f := newFixture(t, databasetest.Open(t, databasetest.SQLite(t)), newPlatform(t, emulator.Options{}))
	f.carriedOut()
	by, people := f.by(admin), f.everybody()
	f.fault(emulator.Fault{Match: "DELETE /api/v2/tokens/", Delay: "20ms"})
	b := f.started(by, people)
	f.atLeast(by, b.ID, 12)
	f.mend()
	f.fault(emulator.Fault{Match: "* /api/", Status: 503})
	for b.Progress.WaitsFor != batch.Platform {
		b = must[batch.Batch](t)(f.Await(t.Context(), by.Organization.ID, b.ID, b.Version))
	}
	f.mend()
	b = f.until(by, b.ID, batch.Done, batch.DoneWithFailures, batch.Paused)
	if b.State != batch.Done || b.Counts.Done != len(people) {
		t.Errorf("%s %s: %+v", b.State, b.Problem, b.Counts)
	}
	f.checkRecord(by, b.ID, nil)
}

// When many fail the batch pauses by itself, and says why; who was not done can be tried again in another batch.
func TestCanary(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newFixture(t, db, newPlatform(t, emulator.Options{}))
		f.carriedOut()
		f.fault(emulator.Fault{Match: "DELETE /api/v2/tokens/", Status: 403})
		by, people := f.by(admin), f.everybody()
		b := f.started(by, people)
		b = f.until(by, b.ID, batch.Done, batch.DoneWithFailures, batch.Paused)
		if b.State != batch.Paused || b.Problem != batch.TooManyFailures || b.Counts.Failed < 3 || b.Counts.Failed > 6 {
			t.Errorf("%s %s: %+v", b.State, b.Problem, b.Counts)
		}
		f.isWiped(b.ID)
		f.mend()
		failed := b.Counts.Failed
		must[batch.Batch](t)(f.Resume(t.Context(), by, b.ID))
		b = f.until(by, b.ID, batch.Done, batch.DoneWithFailures, batch.Paused)
		if b.State != batch.DoneWithFailures || b.Counts.Failed != failed || b.Counts.Done != len(people)-failed {
			t.Errorf("resumed: %s %s: %+v", b.State, b.Problem, b.Counts)
		}
		f.checkRecord(by, b.ID, nil)
		before := f.deletions()
		again := must[batch.Batch](t)(f.Retry(t.Context(), by, b.ID))
		again = must[batch.Batch](t)(f.Start(t.Context(), by, again.ID, batch.Form{Reason: "Laptops stolen", Count: failed}))
		again = f.until(by, again.ID, batch.Done, batch.DoneWithFailures, batch.Paused)
		if again.State != batch.Done || again.Parent != b.ID {
			t.Errorf("tried again: %s of %s: %+v", again.State, again.Parent, again.Counts)
		}
		f.checkRecord(by, again.ID, before)
	})
}

// A batch whose token dies pauses, and goes on with another one: of the same person, or of somebody who takes it over.
func TestDeadToken(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newFixture(t, db, newPlatform(t, emulator.Options{}))
		f.carriedOut()
		f.fault(emulator.Fault{Match: "DELETE /api/v2/tokens/", Delay: "30ms"})
		by, other, people := f.by(admin), f.by(supervisor), f.everybody()
		b := f.started(by, people)
		f.atLeast(by, b.ID, 12)
		f.send("DELETE", "/api/v2/tokens/"+by.Person.ID, nil, nil, f.token(supervisor))
		b = f.until(by, b.ID, batch.Done, batch.DoneWithFailures, batch.Paused)
		if b.State != batch.Paused || b.Problem != "token-invalid" || b.Counts.Failed+b.Counts.Unknown > 0 {
			t.Errorf("%s %s: %+v", b.State, b.Problem, b.Counts)
		}
		f.isWiped(b.ID)
		if _, err := f.Resume(t.Context(), other, b.ID); !errors.Is(err, batch.ErrSamePerson) {
			t.Errorf("somebody else resumes: %v", err)
		}
		must[batch.Batch](t)(f.TakeOver(t.Context(), other, b.ID))
		b = f.until(by, b.ID, batch.Done, batch.DoneWithFailures, batch.Paused)
		if b.State != batch.Done || b.RunBy != other.Person {
			t.Errorf("taken over: %s %s by %+v: %+v", b.State, b.Problem, b.RunBy, b.Counts)
		}
		actors := map[string]int{}
		for _, e := range f.entries(by, b.ID) {
			if e.Action == audit.Revoke && e.Outcome == audit.Done {
				actors[e.Actor.ID]++
			}
		}
		if actors[by.Person.ID] < 12 || actors[by.Person.ID]+actors[other.Person.ID] != len(people) {
			t.Errorf("the record says who revoked: %v", actors)
		}
	})
}

// A paused batch asks about nobody, and a cancelled one skips who is left.
func TestPauseAndCancel(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newFixture(t, db, newPlatform(t, emulator.Options{}))
		f.carriedOut()
		f.fault(emulator.Fault{Match: "DELETE /api/v2/tokens/", Delay: "30ms"})
		by, people := f.by(admin), f.everybody()
		b := f.started(by, people)
		f.atLeast(by, b.ID, 12)
		must[batch.Batch](t)(f.Pause(t.Context(), by, b.ID))
		quiet := f.noneAsked(by, b.ID)
		must[batch.Batch](t)(f.Cancel(t.Context(), by, b.ID))
		b = must[batch.Batch](t)(f.Find(t.Context(), by.Organization.ID, b.ID))
		if n := len(f.deletions()); n != quiet || b.Counts.Done != n || b.Counts.Skipped != len(people)-n || b.Counts.Waiting != 0 {
			t.Errorf("%d calls after %d while paused, %s: %+v", n, quiet, b.State, b.Counts)
		}
		f.checkRecord(by, b.ID, nil)
	})
}

// noneAsked waits until no call of a batch is under way and returns how many people were revoked by then.
func (f *fixture) noneAsked(by batch.By, id string) int {
	f.Helper()
	for b := (batch.Batch{}); ; {
		next, err := f.Await(f.Context(), by.Organization.ID, id, b.Version)
		if err != nil {
			f.Fatal(err)
		}
		if b = next; b.Counts.Asked == 0 {
			return len(f.deletions())
		}
	}
}

// While the database is locked nothing is asked; then the work goes on.
func TestDatabaseLocked(t *testing.T) {
	t.Parallel()
	db := databasetest.Open(t, databasetest.SQLite(t))
	f := newFixture(t, db, newPlatform(t, emulator.Options{}))
	f.carriedOut()
	f.fault(emulator.Fault{Match: "DELETE /api/v2/tokens/", Delay: "30ms"})
	by, people := f.by(admin), f.everybody()
	b := f.started(by, people)
	f.atLeast(by, b.ID, 12)
	tx, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
	defer cancel()
	<-ctx.Done()
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	b = f.until(by, b.ID, batch.Done, batch.DoneWithFailures, batch.Paused)
	if b.State != batch.Done || b.Counts.Done != len(people) {
		t.Errorf("%s %s: %+v", b.State, b.Problem, b.Counts)
	}
	f.checkRecord(by, b.ID, nil)
	f.isWhole()
}

// Whoever can write the database cannot add people to a batch that somebody else has started.
func TestPlanChangedInDatabase(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newFixture(t, db, newPlatform(t, emulator.Options{}))
		by, people := f.by(admin), f.everybody()
		b := f.started(by, people[:3])
		update := db.Rebind("UPDATE batch_people SET user_id = ? WHERE batch = ? AND position = 2")
		if _, err := db.ExecContext(t.Context(), update, people[5].ID.String(), b.ID); err != nil {
			t.Fatal(err)
		}
		f.carriedOut()
		b = f.until(by, b.ID, batch.Done, batch.DoneWithFailures, batch.Paused)
		if n := len(f.deletions()); b.State != batch.Paused || b.Problem != batch.PlanChanged || n > 0 {
			t.Errorf("%s %s, %d people were revoked", b.State, b.Problem, n)
		}
	})
}

// The connections to PostgreSQL break in the middle, as when its server is restarted: the work goes on.
func TestConnectionsCut(t *testing.T) {
	t.Parallel()
	db := databasetest.Open(t, databasetest.PostgreSQL(t))
	f := newFixture(t, db, newPlatform(t, emulator.Options{}))
	f.carriedOut()
	f.fault(emulator.Fault{Match: "DELETE /api/v2/tokens/", Delay: "30ms"})
	by, people := f.by(admin), f.everybody()
	b := f.started(by, people)
	for _, settled := range []int{12, 25, 40} {
		f.atLeast(by, b.ID, settled)
		const cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
		if _, err := db.ExecContext(t.Context(), cut); err != nil {
			t.Fatal(err)
		}
	}
	b = f.until(by, b.ID, batch.Done, batch.DoneWithFailures, batch.Paused)
	if b.State != batch.Done || b.Counts.Done != len(people) {
		t.Errorf("%s %s: %+v", b.State, b.Problem, b.Counts)
	}
	f.checkRecord(by, b.ID, nil)
	f.isWhole()
}
