package batch_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/batch"
	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
	"tokenconsole/internal/emulator"
	"tokenconsole/internal/signing"
)

// interrupted returns batches in the same database, whose first act comes to a halt when it is asked on the record: what
// meanwhile does then happens before it goes on.
func (f *fixture) interrupted(meanwhile func()) *fixture {
	f.Helper()
	keys, err := signing.ParseKeys(recordKey())
	if err != nil {
		f.Fatal(err)
	}
	once := meanwhile
	record := audit.New(audit.Options{DB: f.db, Keys: keys, Log: slog.New(slog.DiscardHandler), Appended: func(audit.Entry, time.Duration) {
		if do := once; do != nil {
			once = nil
			do()
		}
	}})
	return newFixture(f.TB, f.db, f.platform, func(o *batch.Options) { o.Record = record })
}

// Of two who change a plan, start it or discard it at the same time one is told that it changed meanwhile. The plan is
// then what the other one made of it, and it can be carried out.
func TestAStartRacesAChangeOfThePlan(t *testing.T) {
	t.Parallel()
	type act func(*fixture, batch.By, batch.Batch) (batch.Batch, error)
	start := func(f *fixture, by batch.By, b batch.Batch) (batch.Batch, error) {
		return f.Start(f.Context(), by, b.ID, batch.Form{Reason: "Laptops stolen", Count: b.Counts.ToRevoke})
	}
	changes := map[string]act{
		"steps": func(f *fixture, by batch.By, b batch.Batch) (batch.Batch, error) {
			return f.ChooseSteps(f.Context(), by, b.ID, "left", []string{"station"})
		},
		"include": func(f *fixture, by batch.By, b batch.Batch) (batch.Batch, error) {
			return f.IncludeYourself(f.Context(), by, b.ID, true)
		},
		"choose": func(f *fixture, by batch.By, b batch.Batch) (batch.Batch, error) {
			return f.Choose(f.Context(), by, b.ID, 7, f.everybody()[6].ID)
		},
	}
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newFixture(t, db, newPlatform(t, emulator.Options{}))
		by := f.by(admin)
		twin := f.everybody()[6]
		rows := append(f.rowsOf(by), batch.Person{Input: "twin", Plan: batch.Ambiguous, Candidates: []batch.Candidate{{ID: twin.ID, Name: twin.Name}}})
		for name, change := range changes {
			for order, acts := range map[string][2]act{"start first": {change, start}, "change first": {start, change}} {
				t.Run(name+", "+order, func(t *testing.T) {
					by := f.by(admin) // whose tokens the batch before may have ended
					b := must[batch.Batch](t)(f.Prepare(t.Context(), by, rule, rows))
					loser, winner := acts[0], acts[1]
					var won batch.Batch
					slow := f.interrupted(func() { won = must[batch.Batch](t)(winner(f, by, b)) })
					if _, err := loser(slow, by, b); !errors.Is(err, batch.ErrState) {
						t.Errorf("the slower one: %v", err)
					}
					now := must[batch.Batch](t)(f.Find(t.Context(), by.Organization.ID, b.ID))
					if now.Hash != won.Hash || now.State != won.State || now.State == batch.Prepared && now.Reason != "" {
						t.Errorf("the plan is %+v, not what the other one made of it", now)
					}
					if now.State == batch.Prepared {
						now = must[batch.Batch](t)(start(f, by, now))
					}
					if now, _ = f.worked(by, b.ID); now.State != batch.Done {
						t.Errorf("%s %s", now.State, now.Problem)
					}
					wrong := must[[]string](t)(batch.Contradictions(t.Context(), f.db, f.record, time.Time{}))
					if len(wrong) > 0 {
						t.Errorf("the verification says %s", strings.Join(wrong, "\n"))
					}
				})
			}
		}
	})
}

// A worker that meets a pause which was asked for just now leaves the batch to whoever pauses it, and looks again soon.
func TestAWorkerMeetsAPauseInTheMaking(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newFixture(t, db, newPlatform(t, emulator.Options{}))
		by := f.by(admin)
		b := f.started(by, f.everybody()[:3])
		var again time.Duration
		var more bool
		slow := f.interrupted(func() { again, more = f.Work(t.Context(), b.ID) })
		b, err := slow.Pause(t.Context(), by, b.ID)
		if err != nil || b.State != batch.Paused || b.Problem != "" {
			t.Errorf("paused: %s %s, %v", b.State, b.Problem, err)
		}
		if n := len(f.deletions()); !more || again <= 0 || again > time.Minute || n > 0 {
			t.Errorf("the worker looks again after %s, %t, and revoked %d", again, more, n)
		}
		f.agree()
	})
}
