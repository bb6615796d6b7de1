package batch_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/batch"
	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
	"tokenconsole/internal/emulator"
	"tokenconsole/internal/revocation"
)

// These tests are attacks by somebody who can write the database, and has neither the record's key nor the session keys.

// tamper changes the database; what it reads is kept by the statement's own doing.
func (f *fixture) tamper(statement string, args ...any) {
	f.Helper()
	if _, err := f.db.ExecContext(f.Context(), f.db.Rebind(statement), args...); err != nil {
		f.Fatalf("%s: %v", statement, err)
	}
}

// worked lets a batch work until it has nothing more to do, and returns it with how many people were revoked.
func (f *fixture) worked(by batch.By, id string) (batch.Batch, int) {
	f.Helper()
	for range 20 {
		if again, more := f.Work(f.Context(), id); !more || again > time.Minute {
			break
		}
	}
	return must[batch.Batch](f)(f.Find(f.Context(), by.Organization.ID, id)), len(f.deletions())
}

// rowsOf are rows of a plan of which the last three are left out: not found, inactive, and oneself.
func (f *fixture) rowsOf(by batch.By) []batch.Person {
	f.Helper()
	all := f.everybody()
	inactive := all[4]
	inactive.Plan = batch.Inactive
	return []batch.Person{all[0], all[1], all[2], {ID: all[3].ID, Input: "nobody", Plan: batch.NotFound}, inactive, self(by)}
}

// A plan that was changed in the database, be it before or after the start, is not carried out: no row can be swapped,
// moved, added or made one to be revoked.
func TestTamperedPlan(t *testing.T) {
	t.Parallel()
	const where = " WHERE batch = ? AND position = "
	tests := map[string][]string{
		"somebody else in a row":    {"UPDATE batch_people SET user_id = (SELECT user_id FROM batch_people" + where + "5)" + where + "2"},
		"left out, to be revoked":   {"UPDATE batch_people SET plan = 'to-revoke', run = 'waiting'" + where + "5"},
		"to be revoked for another": {"UPDATE batch_people SET plan = 'to-revoke', run = 'waiting'" + where + "6", "UPDATE batch_people SET plan = 'inactive', run = ''" + where + "1"},
		"other order": {"UPDATE batch_people SET position = 100" + where + "1", "UPDATE batch_people SET position = 1" + where + "2",
			"UPDATE batch_people SET position = 2" + where + "100"},
		"another name":   {"UPDATE batch_people SET name = 'Somebody Else'" + where + "1"},
		"a row taken":    {"DELETE FROM batch_people" + where + "6"},
		"another region": {"UPDATE batches SET region = 'elsewhere' WHERE id = ?"},
	}
	for name, changes := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, databasetest.Open(t, databasetest.SQLite(t)), newPlatform(t, emulator.Options{}))
			by := f.by(admin)
			change := func(id string) {
				for _, statement := range changes {
					args := []any{id, id}
					f.tamper(statement, args[:strings.Count(statement, "?")]...)
				}
			}
			b := must[batch.Batch](t)(f.Prepare(t.Context(), by, rule, f.rowsOf(by)))
			change(b.ID)
			if _, err := f.Start(t.Context(), by, b.ID, batch.Form{Reason: "Laptops stolen", Count: 3}); err == nil {
				t.Error("it starts")
			}
			b = must[batch.Batch](t)(f.Prepare(t.Context(), by, rule, f.rowsOf(by)))
			must[batch.Batch](t)(f.Start(t.Context(), by, b.ID, batch.Form{Reason: "Laptops stolen", Count: 3}))
			change(b.ID)
			want := batch.PlanChanged
			if name == "another region" {
				want = batch.RowDiffers
			}
			if b, n := f.worked(by, b.ID); n > 0 || b.State != batch.Paused || b.Problem != want {
				t.Errorf("started before: %d were revoked, %s %s", n, b.State, b.Problem)
			}
		})
	}
}

// Of rows that were changed in the database nobody makes another plan: its hash would be signed, and hide the change.
func TestTamperedPlanIsNotMadeAnew(t *testing.T) {
	t.Parallel()
	f := newFixture(t, databasetest.Open(t, databasetest.SQLite(t)), newPlatform(t, emulator.Options{}))
	by, rows := f.by(admin), f.rowsOf(f.by(admin))
	twin := f.everybody()[5]
	rows[3] = batch.Person{Input: "twin", Plan: batch.Ambiguous, Candidates: []batch.Candidate{{ID: twin.ID, Name: twin.Name, Email: twin.Email}}}
	const swap = "UPDATE batch_people SET user_id = (SELECT user_id FROM batch_people WHERE batch = ? AND position = 5) WHERE batch = ? AND position = 2"
	tests := map[string]func(id string) (batch.Batch, error){
		"other steps": func(id string) (batch.Batch, error) {
			return f.ChooseSteps(t.Context(), by, id, "left", []string{"station"})
		},
		"oneself":      func(id string) (batch.Batch, error) { return f.IncludeYourself(t.Context(), by, id, true) },
		"who is meant": func(id string) (batch.Batch, error) { return f.Choose(t.Context(), by, id, 4, twin.ID) },
		"retry":        func(id string) (batch.Batch, error) { return f.Retry(t.Context(), by, id) },
	}
	for name, again := range tests {
		t.Run(name, func(t *testing.T) {
			b := must[batch.Batch](t)(f.Prepare(t.Context(), by, rule, rows))
			if name == "retry" {
				must[batch.Batch](t)(f.Start(t.Context(), by, b.ID, batch.Form{Reason: "Laptops stolen", Count: 3}))
				must[batch.Batch](t)(f.Cancel(t.Context(), by, b.ID))
			}
			f.tamper(swap, b.ID, b.ID)
			signed := len(f.entries(by, b.ID))
			if made, err := again(b.ID); err == nil {
				t.Errorf("made anew: %+v", made)
			}
			if n := len(f.entries(by, b.ID)); n != signed {
				t.Errorf("%d more entries", n-signed)
			}
		})
	}
}

// A row that is left out is not revoked because its outcome says that it waits.
func TestTamperedRunOfLeftOut(t *testing.T) {
	t.Parallel()
	f := newFixture(t, databasetest.Open(t, databasetest.SQLite(t)), newPlatform(t, emulator.Options{}))
	by := f.by(admin)
	b := must[batch.Batch](t)(f.Prepare(t.Context(), by, rule, f.rowsOf(by)))
	must[batch.Batch](t)(f.Start(t.Context(), by, b.ID, batch.Form{Reason: "Laptops stolen", Count: 3}))
	f.tamper("UPDATE batch_people SET run = 'waiting' WHERE batch = ?", b.ID)
	if b, n := f.worked(by, b.ID); n != 3 || b.State != batch.Done || b.Counts.Done != 3 {
		t.Errorf("%d were revoked, %s: %+v", n, b.State, b.Counts)
	}
}

// A person whose row says that they are done, and who never was asked about, is revoked all the same; so is one whose
// row says that they failed.
func TestTamperedOutcomes(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newFixture(t, db, newPlatform(t, emulator.Options{}))
		by := f.by(admin)
		b := f.started(by, f.everybody()[:6])
		f.tamper("UPDATE batch_people SET run = 'done', tries = 1, evidence_at = 1 WHERE batch = ? AND position = 2", b.ID)
		f.tamper("UPDATE batch_people SET run = 'failed' WHERE batch = ? AND position = 3", b.ID)
		f.tamper("UPDATE batches SET counts = ? WHERE id = ?", `{"toRevoke":6,"done":6}`, b.ID)
		if b, n := f.worked(by, b.ID); n != 6 || b.State != batch.Done || b.Counts.Done != 6 {
			t.Errorf("%d were revoked, %s: %+v", n, b.State, b.Counts)
		}
		f.checkRecord(by, b.ID, nil)
		entries := f.entries(by, b.ID)
		if last := entries[len(entries)-1]; last.Tally.Done != 6 {
			t.Errorf("the record says %+v", last.Tally)
		}
	})
}

// A batch that the record has paused, cancelled or waiting for approval does not run because its row says so, though its
// token was kept from a time at which it was there; however old the entry is that stopped it, and whatever that is filed
// under.
func TestTamperedState(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		stop func(*fixture, batch.By, string) (batch.Batch, error)
		want batch.State
	}{
		"paused":    {func(f *fixture, by batch.By, id string) (batch.Batch, error) { return f.Pause(f.Context(), by, id) }, batch.Paused},
		"cancelled": {func(f *fixture, by batch.By, id string) (batch.Batch, error) { return f.Cancel(f.Context(), by, id) }, batch.Cancelled},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, databasetest.Open(t, databasetest.SQLite(t)), newPlatform(t, emulator.Options{}))
			by := f.by(admin)
			b := f.started(by, f.everybody()[:3])
			f.tamper("CREATE TABLE stolen AS SELECT * FROM batches")
			must[batch.Batch](t)(test.stop(f, by, b.ID))
			f.entries(by, b.ID)
			for range 120 { // more than are compared with their columns before every act
				if _, err := f.record.Append(t.Context(), audit.Entry{Action: audit.SignIn, Outcome: audit.Done, Organization: by.Organization}); err != nil {
					t.Fatal(err)
				}
			}
			f.tamper("DROP TRIGGER audit_entries_update")
			f.tamper("UPDATE audit_acts SET batch = '' WHERE action = 'change-batch' AND seq > (SELECT set_going + 1 FROM stolen)")
			f.tamper(`UPDATE batches SET (state, problem, token, token_expires, version) =
				(SELECT state, problem, token, token_expires, version + 9 FROM stolen) WHERE id = ?`, b.ID)
			f.tamper("UPDATE batch_people SET run = 'waiting' WHERE batch = ?", b.ID)
			other := newFixture(t, f.db, f.platform) // a console that remembers nothing
			if b, n := other.worked(by, b.ID); n > 0 || b.State != test.want {
				t.Errorf("%d were revoked, %s %s", n, b.State, b.Problem)
			}
			f.isWipedNow(b.ID)
		})
	}
}

func (f *fixture) isWipedNow(id string) {
	f.Helper()
	var sealed []byte
	if err := f.db.QueryRowContext(f.Context(), f.db.Rebind("SELECT token FROM batches WHERE id = ?"), id).Scan(&sealed); err != nil || len(sealed) > 0 {
		f.Errorf("the token stays: %d bytes, %v", len(sealed), err)
	}
}

// Whether a batch was approved, by somebody else and in time, is read from the record.
func TestTamperedApproval(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		late := time.Duration(0)
		f := newFixture(t, db, newPlatform(t, emulator.Options{}), func(o *batch.Options) {
			o.Policy.ApprovalOver, o.Policy.ApprovalWithin = 2, time.Hour
			o.Now = func() time.Time { return time.Now().Add(late) }
		})
		by, other := f.by(admin), f.by(supervisor)
		b := f.started(by, f.everybody()[:3])
		f.tamper("UPDATE batches SET state = 'running' WHERE id = ?", b.ID)
		if b, n := f.worked(by, b.ID); n > 0 || b.State != batch.WaitingApproval {
			t.Errorf("set running in the database: %d were revoked, %s", n, b.State)
		}
		f.tamper("CREATE TABLE kept AS SELECT * FROM batches")
		f.tamper("UPDATE batches SET prepared_by = '{}', started_by = '{}', run_by = '{}' WHERE id = ?", b.ID)
		if _, err := f.Approve(t.Context(), by, b.ID, "Fine"); !errors.Is(err, batch.ErrPlan) {
			t.Errorf("approved by who prepared and started it: %v", err)
		}
		f.tamper("UPDATE batches SET (prepared_by, started_by, run_by) = (SELECT prepared_by, started_by, run_by FROM kept) WHERE id = ?", b.ID)
		if _, err := f.Approve(t.Context(), by, b.ID, "Fine"); !errors.Is(err, batch.ErrSamePerson) {
			t.Errorf("approved by who prepared and started it: %v", err)
		}
		f.tamper("UPDATE batches SET approve_until = 1 WHERE id = ?", b.ID)
		if b := must[batch.Batch](t)(f.Find(t.Context(), by.Organization.ID, b.ID)); b.State != batch.WaitingApproval || time.Until(b.ApproveBy) < 59*time.Minute {
			t.Errorf("its time taken away, it is %s until %v", b.State, b.ApproveBy)
		}
		late = 2 * time.Hour
		f.tamper("UPDATE batches SET approve_until = ? WHERE id = ?", time.Now().Add(9*time.Hour).UnixMilli(), b.ID)
		if _, err := f.Approve(t.Context(), other, b.ID, "Fine"); !errors.Is(err, batch.ErrState) {
			t.Errorf("approved too late: %v", err)
		}
		if b := must[batch.Batch](t)(f.Find(t.Context(), by.Organization.ID, b.ID)); b.State != batch.Expired {
			t.Errorf("then it is %s", b.State)
		}
	})
}

// Nobody can resume a batch for another person because its row names them, and a batch whose row names another actor does
// not go on until it says again what the record says.
func TestTamperedActor(t *testing.T) {
	t.Parallel()
	f := newFixture(t, databasetest.Open(t, databasetest.SQLite(t)), newPlatform(t, emulator.Options{}))
	by, other := f.by(admin), f.by(supervisor)
	b := f.started(by, f.everybody()[:3])
	must[batch.Batch](t)(f.Pause(t.Context(), by, b.ID))
	f.entries(by, b.ID)
	f.tamper("UPDATE batches SET run_by = ? WHERE id = ?", `{"id":"`+other.Person.ID+`"}`, b.ID)
	if _, err := f.Resume(t.Context(), other, b.ID); !errors.Is(err, batch.ErrPlan) {
		t.Errorf("resumed by somebody whom the database names: %v", err)
	}
	f.tamper("UPDATE batches SET run_by = started_by WHERE id = ?", b.ID)
	must[batch.Batch](t)(f.TakeOver(t.Context(), other, b.ID))
	f.tamper("CREATE TABLE kept AS SELECT * FROM batches")
	f.tamper("UPDATE batches SET run_by = started_by, reason = 'x', ticket = 'x', address = 'x', request_id = 'x' WHERE id = ?", b.ID)
	if b, n := f.worked(by, b.ID); n > 0 || b.State != batch.Paused || b.Problem != batch.RowDiffers {
		t.Errorf("%d were revoked, %s %s", n, b.State, b.Problem)
	}
	f.tamper("UPDATE batches SET (run_by, reason, ticket, address, request_id) = (SELECT run_by, reason, ticket, address, request_id FROM kept)")
	must[batch.Batch](t)(f.Resume(t.Context(), other, b.ID))
	if b, n := f.worked(by, b.ID); n != 3 || b.State != batch.Done {
		t.Errorf("%d were revoked, %s %s", n, b.State, b.Problem)
	}
	for _, e := range f.entries(by, b.ID) {
		if e.Action == audit.Revoke && (e.Actor != other.Person || e.Reason != "Laptops stolen" || e.Ticket != "INC-1" || e.Address != other.Address) {
			t.Errorf("entry %d: %+v for %q, %q, from %s", e.Seq, e.Actor, e.Reason, e.Ticket, e.Address)
		}
	}
}

// A batch that was moved to another organization is stopped without a word on the record of that organization; moved back,
// and set to the state that the record has, it can go on.
func TestTamperedOrganization(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newFixture(t, db, newPlatform(t, emulator.Options{}))
		by := f.by(admin)
		b := f.started(by, f.everybody()[:3])
		f.tamper("UPDATE batches SET organization_id = 'another' WHERE id = ?", b.ID)
		elsewhere := by
		elsewhere.Organization.ID = "another"
		if b, n := f.worked(elsewhere, b.ID); n > 0 || b.State != batch.Paused || b.Problem != batch.RowDiffers {
			t.Errorf("%d were revoked, %s %s", n, b.State, b.Problem)
		}
		if n := len(f.entriesNow(elsewhere, b.ID)); n > 0 {
			t.Errorf("%d entries on the record of the other organization", n)
		}
		told := must[[]string](t)(batch.Contradictions(t.Context(), f.db, f.record, time.Time{}))
		if len(told) != 1 || !strings.Contains(told[0], "its preparation is not on the record") {
			t.Errorf("the verification says %q", told)
		}
		f.isWiped(b.ID)
		f.tamper("UPDATE batches SET organization_id = ?, state = 'running', problem = '' WHERE id = ?", by.Organization.ID, b.ID)
		if b, _ := f.worked(by, b.ID); b.State != batch.Paused || b.Problem != "token-invalid" {
			t.Errorf("moved back: %s %s", b.State, b.Problem)
		}
		must[batch.Batch](t)(f.Resume(t.Context(), by, b.ID))
		if b, n := f.worked(by, b.ID); n != 3 || b.State != batch.Done {
			t.Errorf("resumed: %d were revoked, %s %s", n, b.State, b.Problem)
		}
	})
}

// Whoever the settings protect is spared when their turn comes, though they were not protected when the batch was
// prepared, or its rows say so.
func TestProtectedAtTheirTurn(t *testing.T) {
	t.Parallel()
	f := newFixture(t, databasetest.Open(t, databasetest.SQLite(t)), newPlatform(t, emulator.Options{}))
	by, people := f.by(admin), f.everybody()[:4]
	b := f.started(by, people)
	later := newFixture(t, f.db, f.platform, func(o *batch.Options) {
		o.Revocations.Protected = revocation.NewProtected([]string{people[1].Email, people[2].ID.String()})
	})
	b, n := later.worked(by, b.ID)
	if n != 2 || b.State != batch.DoneWithFailures || b.Counts.Done != 2 || b.Counts.Failed != 2 {
		t.Errorf("%d were revoked, %s: %+v", n, b.State, b.Counts)
	}
	refused := map[string]bool{}
	for _, e := range f.entries(by, b.ID) {
		if e.Outcome == audit.Refused && e.Problem == revocation.PersonProtected {
			refused[e.Subject.ID] = true
		}
	}
	if !refused[people[1].ID.String()] || !refused[people[2].ID.String()] || len(refused) != 2 {
		t.Errorf("the record says of %v that they are protected", refused)
	}
}
