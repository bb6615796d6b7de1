package audit_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
)

// changeOf is an entry of a batch that pauses it.
func changeOf(batch string) audit.Entry {
	e := entry(ada, audit.Party{}, audit.Done)
	e.Action, e.Batch, e.Change = audit.ChangeBatch, batch, audit.Change{From: "running", To: "paused"}
	return e
}

// batchRead is what a reader finds of a batch, by seq.
func batchRead(t *testing.T, r *audit.BatchReader) (seqs []int64, err error) {
	t.Helper()
	err = r.Read(t.Context(), func(e audit.Entry) { seqs = append(seqs, e.Seq) })
	return seqs, err
}

// A reader finds every entry of its batch once, as they are appended.
func TestReadBatch(t *testing.T) {
	each(t, func(t *testing.T, _ *database.DB, l *audit.Log) {
		five(t, l)
		reader := l.ReadBatch(organization.ID, "b")
		if _, err := batchRead(t, reader); !errors.Is(err, audit.ErrNotFound) {
			t.Errorf("a batch that is not there: %v", err)
		}
		add(t, l, changeOf("b"), changeOf("another"), changeOf("b"))
		want := "[6 8]"
		for range 2 {
			if seqs, err := batchRead(t, reader); err != nil || fmt.Sprint(seqs) != want {
				t.Errorf("%v, %v; want %s", seqs, err, want)
			}
			want = "[]"
		}
		add(t, l, changeOf("b"))
		if seqs, err := batchRead(t, reader); err != nil || fmt.Sprint(seqs) != "[9]" {
			t.Errorf("later: %v, %v", seqs, err)
		}
		if seqs, err := batchRead(t, l.ReadBatch("other", "b")); err != nil || len(seqs) > 0 {
			t.Errorf("for another organization: %v, %v", seqs, err)
		}
	})
}

// Retention may have removed what is older than the batch.
func TestReadBatchAfterAPruning(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, _ *audit.Log) {
		c := newCalendar(db)
		c.wrote(t, 0, 1, 2)
		c.now = start.Add(10 * day)
		add(t, c.Log, changeOf("b"))
		if n, err := c.Prune(t.Context(), 9*day, c.now.Add(time.Minute)); err != nil || n != 1 {
			t.Fatalf("removed %d, %v", n, err)
		}
		if seqs, err := batchRead(t, c.ReadBatch(organization.ID, "b")); err != nil || fmt.Sprint(seqs) != "[4]" {
			t.Errorf("%v, %v", seqs, err)
		}
	})
}

// An entry of a batch that is too old for the check before every act can neither be hidden, nor changed, nor cut off.
func TestReadBatchTampered(t *testing.T) {
	tests := map[string]struct {
		change string
		want   string
		broken bool
	}{
		"filed under nothing":       {"UPDATE audit_acts SET batch = '' WHERE seq = 2", "[1 2 153]", false},
		"filed under another batch": {"UPDATE audit_acts SET batch = 'x', action = 'revoke' WHERE seq = 2", "[1 2 153]", false},
		"says another batch":        {"UPDATE audit_entries SET body = CAST('x' AS BLOB) WHERE seq = 2", "", true},
		"a stranger's":              {"UPDATE audit_entries SET body = (SELECT body FROM audit_entries WHERE seq = 2) WHERE seq = 40", "", true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
				add(t, l, changeOf("b"), changeOf("b"))
				for range 150 {
					add(t, l, entry(ada, ben, audit.Done))
				}
				add(t, l, changeOf("b"))
				unguard(t, db)
				change := test.change
				if db.Dialect == database.PostgreSQL { // its cast is to bytea
					change = strings.ReplaceAll(change, "CAST('x' AS BLOB)", "'x'")
				}
				execute(t, db, change)
				seqs, err := batchRead(t, newLog(db).ReadBatch(organization.ID, "b"))
				if errors.Is(err, audit.ErrBroken) != test.broken || test.broken == (err == nil) || !test.broken && fmt.Sprint(seqs) != test.want {
					t.Errorf("%v, %v", seqs, err)
				}
			})
		})
	}
}

// However long the record is, a reader finds the batch's entries at its end, and goes on from there.
func TestReadBatchOfALongRecord(t *testing.T) {
	t.Parallel()
	l := newLog(databasetest.Open(t, databasetest.SQLite(t)))
	add(t, l, changeOf("b"))
	addMany(t, l, 1999, entry(ada, ben, audit.Done))
	add(t, l, changeOf("b"))
	addMany(t, l, 2100, entry(ada, ben, audit.Done))
	add(t, l, changeOf("b"))
	reader := l.ReadBatch(organization.ID, "b")
	if seqs, err := batchRead(t, reader); err != nil || fmt.Sprint(seqs) != "[1 2001 4102]" {
		t.Errorf("%v, %v", seqs, err)
	}
	addMany(t, l, 2000, entry(ada, ben, audit.Done))
	add(t, l, changeOf("b"))
	if seqs, err := batchRead(t, reader); err != nil || fmt.Sprint(seqs) != "[6103]" {
		t.Errorf("later: %v, %v", seqs, err)
	}
}

// Nothing after the batch's first entry can be lost without being told, not even what is of no batch.
func TestReadBatchWithoutAPart(t *testing.T) {
	for name, test := range map[string]struct {
		change string
		want   error
		says   string
	}{
		"a hash":        {"DELETE FROM audit_tree WHERE seq = 7", audit.ErrBroken, "lost entry 7"},
		"the last hash": {"DELETE FROM audit_tree WHERE seq = 11", audit.ErrBroken, "lost entry 11"},
		"half a hash":   {"UPDATE audit_tree SET hashes = substr(hashes, 1, 31) WHERE seq = 7", audit.ErrBroken, "lost entry 7"},
		"a body":        {"DELETE FROM audit_entries WHERE seq = 7", audit.ErrNotFound, "entry 7 is not there any more"},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
				five(t, l)
				add(t, l, changeOf("b"))
				other := entry(ada, ben, audit.Done)
				add(t, l, other, other, other, changeOf("b"), other)
				unguard(t, db)
				execute(t, db, test.change)
				_, err := batchRead(t, newLog(db).ReadBatch(organization.ID, "b"))
				if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.says) || errors.Is(err, audit.ErrBroken) != (test.want == audit.ErrBroken) {
					t.Errorf("%v; want %q", err, test.says)
				}
				if broken, ok := errors.AsType[*audit.BrokenError](err); ok && test.says != fmt.Sprintf("lost entry %d", broken.Fault.Seq) {
					t.Errorf("the fault is at entry %d: %v", broken.Fault.Seq, err)
				}
			})
		})
	}
}

// Batches are those that were prepared, of every organization, in the order in which they were first prepared.
func TestBatchesAreThoseThatWerePrepared(t *testing.T) {
	each(t, func(t *testing.T, _ *database.DB, l *audit.Log) {
		prepared := func(batch string, outcome audit.Outcome) audit.Entry {
			e := changeOf(batch)
			e.Action, e.Change, e.Outcome = audit.PrepareBatch, audit.Change{}, outcome
			return e
		}
		elsewhere := prepared("c", audit.Done)
		elsewhere.Organization.ID = "another"
		add(t, l, entry(ada, ben, audit.Done), prepared("z", audit.Done), prepared("refused", audit.Refused), elsewhere, prepared("a", audit.Done), prepared("z", audit.Done), changeOf("b"))
		batches, err := l.Batches(t.Context())
		if want := []string{"z", "c", "a"}; err != nil || !slices.Equal(batches, want) {
			t.Errorf("%v, %v; want %v", batches, err, want)
		}
	})
}

// A reader that has read further than the record now goes tells that it was cut off.
func TestReadBatchOfAnOlderCopy(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		add(t, l, changeOf("b"))
		old := checkpoint(t, l)
		add(t, l, changeOf("b"))
		stranger := newLog(db)
		reader := stranger.ReadBatch(organization.ID, "b")
		if seqs, err := batchRead(t, reader); err != nil || len(seqs) != 2 {
			t.Fatal(seqs, err)
		}
		unguard(t, db)
		execute(t, db, "DELETE FROM audit_tree WHERE seq > 1", "UPDATE audit_head SET size = 1, checkpoint = '"+old+"'")
		if _, err := batchRead(t, reader); !errors.Is(err, audit.ErrBroken) || !strings.Contains(err.Error(), "cut off after entry 1") {
			t.Errorf("%v", err)
		}
	})
}
