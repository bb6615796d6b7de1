package batch_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/batch"
	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
	"tokenconsole/internal/emulator"
)

// carriedOut runs the worker until the test ends.
func (f *fixture) carriedOut() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { f.Run(ctx); close(done) }()
	f.Cleanup(func() { cancel(); <-done })
}

// until waits until a batch is in one of these states.
func (f *fixture) until(by batch.By, id string, states ...batch.State) batch.Batch {
	f.Helper()
	return f.untilIn(90*time.Second, by, id, states...)
}

func (f *fixture) untilIn(limit time.Duration, by batch.By, id string, states ...batch.State) batch.Batch {
	f.Helper()
	ctx, cancel := context.WithTimeout(f.Context(), limit)
	defer cancel()
	for b := (batch.Batch{}); ; {
		next, err := f.awaited(ctx, by, id, b.Version)
		if err != nil {
			f.Fatalf("waiting for %v: %v, last %s %s %+v %+v", states, err, b.State, b.Problem, b.Counts, b.Progress)
		}
		b = next
		for _, state := range states {
			if b.State == state {
				return b
			}
		}
	}
}

// awaited is Await, again and again while the database does not answer.
func (f *fixture) awaited(ctx context.Context, by batch.By, id string, after int64) (batch.Batch, error) {
	for {
		b, err := f.Await(ctx, by.Organization.ID, id, after)
		if err == nil || ctx.Err() != nil {
			return b, err
		}
	}
}

func (f *fixture) started(by batch.By, people []batch.Person) batch.Batch {
	f.Helper()
	b := must[batch.Batch](f)(f.Prepare(f.Context(), by, rule, people))
	if b.Counts.Yourself > 0 {
		b = must[batch.Batch](f)(f.IncludeYourself(f.Context(), by, b.ID, true))
	}
	return must[batch.Batch](f)(f.Start(f.Context(), by, b.ID, batch.Form{Reason: "Laptops stolen", Ticket: "INC-1", Count: b.Counts.ToRevoke}))
}

// rows are the people of a batch.
func (f *fixture) rows(by batch.By, id string) (people []batch.Person) {
	f.Helper()
	if _, err := f.Report(f.Context(), by.Organization.ID, id, func(p batch.Person) error {
		people = append(people, p)
		return nil
	}); err != nil {
		f.Fatal(err)
	}
	return people
}

// checkRecord holds the rows of a batch against the record and the platform's journal: everybody was asked about as often
// as the record says, and what the row says came of it stands there.
func (f *fixture) checkRecord(by batch.By, id string, before map[string]int) {
	f.Helper()
	asked, interrupted, outcomes := map[string]int{}, map[string]int{}, map[int64]audit.Entry{}
	entries := f.entries(by, id)
	f.receiptProves(by, id, len(entries))
	for _, e := range entries {
		switch {
		case e.Action == audit.Revoke && e.Outcome == audit.Asked:
			asked[e.Subject.ID]++
			if e.Open {
				f.Errorf("entry %d is open", e.Seq)
			}
		case e.Action == audit.Revoke:
			outcomes[e.Seq] = e
			if e.Problem == batch.Interrupted || e.Problem == "platform-away" {
				interrupted[e.Subject.ID]++ // whether the platform got the call is open
			}
		}
	}
	called := f.deletions()
	for _, p := range f.rows(by, id) {
		if p.Plan != batch.ToRevoke {
			continue
		}
		id := p.ID.String()
		made := called[id] - before[id]
		if p.Tries != asked[id] || made > asked[id] || made < asked[id]-interrupted[id] {
			f.Errorf("%s: %d tries, asked %d times on the record, %d of them interrupted, %d calls", p.Email, p.Tries, asked[id], interrupted[id], made)
		}
		if p.Run == batch.Revoked && outcomes[p.Entry].Outcome != audit.Done {
			f.Errorf("%s: done, and entry %d says %+v", p.Email, p.Entry, outcomes[p.Entry])
		}
		if p.Run == batch.Waiting || p.Run == batch.Asked {
			f.Errorf("%s: %s", p.Email, p.Run)
		}
	}
}

// receiptProves holds that the receipt of a batch proves so many entries to a stranger who has the public key alone.
func (f *fixture) receiptProves(by batch.By, id string, entries int) {
	f.Helper()
	var file bytes.Buffer
	if err := f.Receipt(f.Context(), by.Organization.ID, id, &file); err != nil {
		f.Fatal(err)
	}
	proven, err := audit.Prove(file.Bytes(), f.key)
	if err != nil || len(proven.Entries) != entries {
		f.Errorf("the receipt proves %d entries of %d: %v", len(proven.Entries), entries, err)
	}
}

// Everybody of a batch is revoked, one's own tokens last, and what is read about them afterwards is on the record.
func TestRun(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newFixture(t, db, newPlatform(t, emulator.Options{}))
		f.carriedOut()
		by := f.by(admin)
		people := append([]batch.Person{self(by)}, f.everybody()...)
		b := f.started(by, people)
		b = f.until(by, b.ID, batch.Done, batch.DoneWithFailures, batch.Paused)
		if b.State != batch.Done || b.Counts.Done != len(people) || b.RunBy != by.Person || b.EndedAt.IsZero() {
			t.Errorf("%s %s: %+v", b.State, b.Problem, b.Counts)
		}
		f.checkRecord(by, b.ID, nil)
		rows := f.rows(by, b.ID)
		for i, p := range rows {
			if p.Tries != 1 || p.Status != 204 || p.CorrelationID == "" || i > 0 && p.EvidenceAt.IsZero() {
				t.Errorf("%+v", p)
			}
			if i > 0 && p.Entry > rows[0].Entry {
				t.Errorf("%s comes after oneself", p.Email)
			}
		}
		var evidence int
		entries := f.entries(by, b.ID)
		for _, e := range entries {
			if e.Action == audit.ReadEvidence {
				evidence++
			}
		}
		last := entries[len(entries)-1]
		if want := (audit.Tally{Done: len(people)}); last.Change.To != string(batch.Done) || last.Tally != want || last.Outcome != audit.Done {
			t.Errorf("the last entry is %+v", last)
		}
		if evidence != len(people)-1 {
			t.Errorf("evidence of %d people is on the record", evidence)
		}
		f.isWiped(b.ID)
	})
}

// isWiped holds that no token is left in the row of a batch.
func (f *fixture) isWiped(id string) {
	f.Helper()
	var size int
	query := f.db.Rebind("SELECT length(token) FROM batches WHERE id = ?")
	if err := f.db.QueryRowContext(f.Context(), query, id).Scan(&size); err != nil || size != 0 {
		f.Errorf("%d bytes of the token are left, %v", size, err)
	}
}
