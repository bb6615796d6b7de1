package batch_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/batch"
	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
	"tokenconsole/internal/emulator"
)

// A worker that died left the rows of people as asked. What the record says of each decides: who was never asked is asked, an
// act without an outcome is closed as unknown and tried once more, and an outcome on the record holds.
func TestAWorkerDied(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newFixture(t, db, newPlatform(t, emulator.Options{}))
		by, people := f.by(admin), f.everybody()[:4]
		t.Run("and the batch goes on", func(t *testing.T) {
			b := f.started(by, people)
			f.died(by, b, people)
			b, n := f.worked(by, b.ID)
			if b.State != batch.Done || b.Counts.Done != 4 || n != 3 {
				t.Errorf("%s %s: %+v, %d calls", b.State, b.Problem, b.Counts, n)
			}
			told := f.told(by, b.ID)
			for i, want := range [][]string{
				{"revoke done"}, {"revoke unknown", "revoke done"}, {"revoke done"}, {"revoke done"},
			} {
				if diff := cmp.Diff(want, told[people[i].ID.String()]); diff != "" {
					t.Errorf("of %d: %s", i+1, diff)
				}
			}
			for i, p := range f.rows(by, b.ID) {
				if p.Tries != []int{1, 2, 1, 1}[i] || p.Run != batch.Revoked {
					t.Errorf("row %d: %s after %d tries", i+1, p.Run, p.Tries)
				}
			}
			f.agree()
		})
		t.Run("and the batch was cancelled", func(t *testing.T) {
			b := f.started(by, people)
			f.died(by, b, people)
			must[batch.Batch](t)(f.Cancel(t.Context(), by, b.ID))
			before := len(f.deletions())
			b, n := f.worked(by, b.ID)
			if b.State != batch.Cancelled || n != before {
				t.Errorf("%s: %d were revoked", b.State, n-before)
			}
			want := []batch.Run{batch.Skipped, batch.Unknown, batch.Revoked, batch.Skipped}
			for i, p := range f.rows(by, b.ID) {
				if p.Run != want[i] {
					t.Errorf("row %d: %s, want %s", i+1, p.Run, want[i])
				}
			}
			if b.Counts.Done != 1 || b.Counts.Unknown != 1 || b.Counts.Skipped != 2 || b.Counts.Asked+b.Counts.Waiting != 0 {
				t.Errorf("%+v", b.Counts)
			}
			f.agree()
		})
	})
}

// died leaves a batch as a worker does that dies in the middle of its calls: it was about to ask about the first person, had
// asked about the second, and knew the outcome of the third; the fourth waits.
func (f *fixture) died(by batch.By, b batch.Batch, people []batch.Person) {
	f.Helper()
	for i, p := range people[1:3] {
		e := audit.Entry{
			Action: audit.Revoke, Outcome: audit.Asked, Actor: by.Person, Organization: by.Organization, Region: region,
			Subject: audit.Party{ID: p.ID.String(), Name: p.Name, Email: p.Email}, Reason: b.Reason, Ticket: b.Ticket, Batch: b.ID,
		}
		asked := must[audit.Entry](f)(f.record.Append(f.Context(), e))
		if i == 1 {
			e.Outcome, e.Closes, e.PlatformStatus = audit.Done, asked.Seq, 204
			must[audit.Entry](f)(f.record.Append(f.Context(), e))
		}
	}
	f.tamper("UPDATE batch_people SET run = 'asked' WHERE batch = ? AND position < 4", b.ID)
	f.tamper("UPDATE batches SET runner = 'dead', runner_until = 1 WHERE id = ?", b.ID)
}

// agree holds that the rows of all batches are as the record has them.
func (f *fixture) agree() {
	f.Helper()
	if wrong := must[[]string](f)(batch.Contradictions(f.Context(), f.db, f.record, time.Time{})); len(wrong) > 0 {
		f.Errorf("the verification says %s", strings.Join(wrong, "\n"))
	}
}

// The same of a step: one that was asked for and has no outcome is closed as unknown and taken once more, and one with an
// outcome is not.
func TestAWorkerDiedBetweenSteps(t *testing.T) {
	t.Parallel()
	f := newFixture(t, databasetest.Open(t, databasetest.SQLite(t)), newPlatform(t, emulator.Options{}))
	by, people := f.by(admin), f.agents(2)
	b := f.withSteps(by, people, "left", "station", "offline")
	for i, p := range people {
		e := audit.Entry{
			Action: audit.Revoke, Outcome: audit.Asked, Actor: by.Person, Organization: by.Organization, Region: region,
			Subject: audit.Party{ID: p.ID.String(), Name: p.Name, Email: p.Email}, Reason: b.Reason, Batch: b.ID,
		}
		e.Closes, e.Outcome = must[audit.Entry](t)(f.record.Append(t.Context(), e)).Seq, audit.Done
		must[audit.Entry](t)(f.record.Append(t.Context(), e))
		e.Action, e.Outcome, e.Closes = audit.FreeStation, audit.Asked, 0
		asked := must[audit.Entry](t)(f.record.Append(t.Context(), e))
		if i == 1 {
			e.Outcome, e.Closes = audit.Done, asked.Seq
			must[audit.Entry](t)(f.record.Append(t.Context(), e))
		}
	}
	f.tamper("UPDATE batch_people SET run = 'asked' WHERE batch = ?", b.ID)
	f.tamper("UPDATE batches SET runner = 'dead', runner_until = 1 WHERE id = ?", b.ID)
	b, n := f.worked(by, b.ID)
	if b.State != batch.Done || b.Counts.Done != 2 || b.Counts.Undone != 0 || n != 0 {
		t.Errorf("%s %s: %+v, %d calls for their tokens", b.State, b.Problem, b.Counts, n)
	}
	called := f.stepsCalled()
	for i, want := range []int{1, 0} {
		if n := called[people[i].ID.String()+" station"]; n != want {
			t.Errorf("%d calls for the station of %d, want %d", n, i+1, want)
		}
		if n := called[people[i].ID.String()+" offline"]; n != 1 {
			t.Errorf("%d calls to show %d as offline", n, i+1)
		}
	}
	for i, p := range f.rows(by, b.ID) {
		if s := p.Step("station"); s.Run != batch.Revoked || s.Tries != 2-i || s.Unclear {
			t.Errorf("the station of %d: %+v", i+1, s)
		}
	}
	f.agree()
}
