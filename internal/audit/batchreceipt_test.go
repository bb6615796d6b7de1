package audit_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database"
)

// A receipt of a batch proves all its entries, and nothing is written where there are none.
func TestReceiptOfABatch(t *testing.T) {
	each(t, func(t *testing.T, _ *database.DB, l *audit.Log) {
		none := func(when, organization, batch string) {
			t.Helper()
			var file bytes.Buffer
			if err := l.WriteBatchReceipt(t.Context(), organization, batch, &file); !errors.Is(err, audit.ErrNotFound) || file.Len() > 0 {
				t.Errorf("%s: %v, %d bytes", when, err, file.Len())
			}
		}
		none("of an empty record", organization.ID, "b")
		five(t, l)
		add(t, l, changeOf("b"), changeOf("another"), changeOf("b"))
		asked := changeOf("b")
		asked.Outcome = audit.Asked
		about := changeOf("b")
		about.Action, about.Change, about.About = audit.ReadEvidence, audit.Change{}, 9
		add(t, l, asked, changeOf("another"), closing(changeOf("b"), 9), about, asked)
		none("of no batch", organization.ID, "")
		none("of a batch that is not there", organization.ID, "c")
		none("of another organization's", "another", "b")
		var file bytes.Buffer
		if err := l.WriteBatchReceipt(t.Context(), organization.ID, "b", &file); err != nil {
			t.Fatal(err)
		}
		proven, err := audit.Prove(file.Bytes(), key.public)
		if got := fmt.Sprint(seqs(proven.Entries)); err != nil || got != "[6 8 9 11 12 13]" || fmt.Sprint(proven.Open) != "[13]" {
			t.Errorf("%s, open %v, %v", got, proven.Open, err)
		}
	})
}

// A batch of more entries than are read at a time is proven whole.
func TestReceiptOfALargeBatch(t *testing.T) {
	t.Parallel()
	_, _, l := fileOf(t, t.TempDir())
	addMany(t, l, 1001, changeOf("b"))
	var file bytes.Buffer
	if err := l.WriteBatchReceipt(t.Context(), organization.ID, "b", &file); err != nil {
		t.Fatal(err)
	}
	if proven, err := audit.Prove(file.Bytes(), key.public); err != nil || len(proven.Entries) != 1001 {
		t.Errorf("%d entries, %v", len(proven.Entries), err)
	}
}

// What was tampered with is not proven.
func TestReceiptOfABatchTampered(t *testing.T) {
	for name, changes := range map[string][]string{
		"an entry changed": inBody(6, "lost phone", "fun"),
		"a false end":      {"UPDATE audit_head SET checkpoint = 'x'"},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
				five(t, l)
				add(t, l, changeOf("b"), changeOf("b"))
				unguard(t, db)
				execute(t, db, ofDialect(db, changes)...)
				err := l.WriteBatchReceipt(t.Context(), organization.ID, "b", new(bytes.Buffer))
				if !errors.Is(err, audit.ErrBroken) {
					t.Errorf("%v", err)
				}
			})
		})
	}
}
