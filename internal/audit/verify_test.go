package audit_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
)

// unguard does what only an owner of the database can: it takes the triggers and references away.
func unguard(t *testing.T, db *database.DB) {
	t.Helper()
	if db.Dialect == database.PostgreSQL {
		for _, table := range []string{"audit_entries", "audit_chain", "audit_people"} {
			execute(t, db, "ALTER TABLE "+table+" DISABLE TRIGGER ALL")
		}
		return
	}
	db.SetMaxOpenConns(1)
	execute(t, db, "PRAGMA foreign_keys = 0")
	rows, err := db.QueryContext(t.Context(), "SELECT name FROM sqlite_schema WHERE type = 'trigger'")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		execute(t, db, "DROP TRIGGER "+name)
	}
}

func execute(t *testing.T, db *database.DB, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

func five(t *testing.T, l *audit.Log) []audit.Entry {
	return add(t, l, revocation(ada, ben, audit.Asked), revocation(ada, ben, audit.Done), revocation(ben, cleo, audit.Refused),
		revocation(cleo, ada, audit.Done), revocation(ada, cleo, audit.Failed))
}

const copyEntry = `INSERT INTO audit_entries SELECT 6, at, action, outcome, actor, organization_id, organization_name, region,
	subject, reason, ticket, detail, platform_status, correlation_id, request_id, client_address, asks, hash, hash
	FROM audit_entries WHERE seq = 5`

func TestVerifyNamesTheFirstBrokenEntry(t *testing.T) {
	tests := map[string]struct {
		tamper []string
		seq    int64
		why    string
	}{
		"untouched":                   {},
		"changed field":               {[]string{"UPDATE audit_entries SET reason = 'none' WHERE seq IN (3, 5)"}, 3, "changed"},
		"changed time":                {[]string{"UPDATE audit_entries SET at = at + 1 WHERE seq = 1"}, 1, "changed"},
		"renamed person":              {[]string{"UPDATE audit_people SET name = 'Eve' WHERE id = 'cleo-id'"}, 3, "changed"},
		"exchanged person":            {[]string{"UPDATE audit_entries SET actor = subject WHERE seq = 2"}, 2, "changed"},
		"text moved to its neighbour": {[]string{"UPDATE audit_entries SET reason = 'lost', ticket = ' phone' WHERE seq = 2"}, 2, "changed"},
		"forgotten person":            {[]string{"DELETE FROM audit_people WHERE id = 'cleo-id'"}, 3, "missing"},
		"deleted in between":          {[]string{"DELETE FROM audit_entries WHERE seq = 3"}, 3, "missing"},
		"deleted first":               {[]string{"DELETE FROM audit_entries WHERE seq = 1"}, 1, "missing"},
		"deleted last":                {[]string{"DELETE FROM audit_entries WHERE seq = 5"}, 5, "cut off"},
		"deleted all":                 {[]string{"DELETE FROM audit_entries"}, 1, "cut off"},
		"deleted, renumbered": {[]string{"DELETE FROM audit_entries WHERE seq = 3",
			"UPDATE audit_entries SET seq = 3 WHERE seq = 4", "UPDATE audit_entries SET seq = 4 WHERE seq = 5"}, 3, "changed"},
		"swapped": {[]string{"UPDATE audit_entries SET seq = 99 WHERE seq = 2", "UPDATE audit_entries SET seq = 2 WHERE seq = 3",
			"UPDATE audit_entries SET seq = 3 WHERE seq = 99"}, 2, "changed"},
		"inserted at the end": {[]string{copyEntry}, 6, "changed"},
		"inserted in between": {[]string{"UPDATE audit_entries SET seq = 7 WHERE seq = 5", copyEntry[:len(copyEntry)-1] + "7"}, 5, "missing"},
		"inserted in front":   {[]string{"UPDATE audit_entries SET seq = 0 WHERE seq = 1"}, 0, "retention"},
		"false mark":          {[]string{"UPDATE audit_chain SET pruned_seq = 2", "DELETE FROM audit_entries WHERE seq < 3"}, 3, "does not continue"},
		"head moved back":     {[]string{"UPDATE audit_chain SET seq = 4"}, 5, "after the head"},
		"head rewritten":      {[]string{"UPDATE audit_chain SET hash = 'x'"}, 5, "head"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
				five(t, l)
				unguard(t, db)
				execute(t, db, test.tamper...)
				chain, err := l.Verify(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if chain.Broken == nil {
					chain.Broken = &audit.Break{}
				}
				if chain.Broken.Seq != test.seq || !strings.Contains(chain.Broken.Why, test.why) {
					t.Errorf("broken: entry %d %s; want entry %d, %q", chain.Broken.Seq, chain.Broken.Why, test.seq, test.why)
				}
			})
		})
	}
}

// Who owns the database can cut the end off and make the head agree. A mark kept elsewhere, such as a log line, tells.
func TestVerifyAgainstAMarkKeptElsewhere(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		e := five(t, l)
		logged := audit.Mark{Seq: e[4].Seq, Hash: e[4].Hash}
		unguard(t, db)
		execute(t, db, "DELETE FROM audit_entries WHERE seq > 3",
			"UPDATE audit_chain SET seq = 3, hash = (SELECT hash FROM audit_entries WHERE seq = 3)")
		if chain, err := l.Verify(t.Context()); err != nil || chain.Broken != nil {
			t.Fatalf("%+v, %v; this forgery is perfect from inside", chain.Broken, err)
		}
		if chain, err := l.Verify(t.Context(), logged); err != nil || chain.Broken == nil || chain.Broken.Seq != 4 {
			t.Errorf("cut off: %+v, %v; want entry 4 missing", chain.Broken, err)
		}
		rewritten := audit.Mark{Seq: 2, Hash: e[3].Hash}
		if chain, err := l.Verify(t.Context(), rewritten); err != nil || chain.Broken == nil || chain.Broken.Seq != 2 {
			t.Errorf("rewritten: %+v, %v; want entry 2 broken", chain.Broken, err)
		}
	})
}

func TestVerifySinceWalksTheRest(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		five(t, l)
		known, err := l.Verify(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		e := add(t, l, revocation(ada, ben, audit.Done))[0]
		chain, err := l.VerifySince(t.Context(), known.Last)
		if want := (audit.Mark{Seq: e.Seq, Hash: e.Hash}); err != nil || chain.Broken != nil || chain.Entries != 1 || chain.Last != want {
			t.Errorf("%+v %+v, %v; want one entry, up to %v", chain, chain.Broken, err, want)
		}
	})
}

func TestTheDatabaseRefusesChanges(t *testing.T) {
	statements := map[string]string{
		"update":        "UPDATE audit_entries SET reason = 'none' WHERE seq = 2",
		"delete":        "DELETE FROM audit_entries WHERE seq = 2",
		"delete first":  "DELETE FROM audit_entries WHERE seq = 1",
		"insert":        strings.Replace(copyEntry, "SELECT 6", "SELECT 7", 1),
		"rename":        "UPDATE audit_people SET name = 'Eve'",
		"forget person": "DELETE FROM audit_people",
		"move head":     "UPDATE audit_chain SET seq = 4, hash = (SELECT hash FROM audit_entries WHERE seq = 4)",
		"rewrite head":  "UPDATE audit_chain SET hash = 'x'",
		"false mark":    "UPDATE audit_chain SET pruned_seq = 2, pruned_hash = 'x', pruned_at = 1",
		"forget chain":  "DELETE FROM audit_chain",
		"second chain":  "INSERT INTO audit_chain VALUES (2, 0, '', 0, '', 0)",
	}
	dialect := map[database.Dialect]map[string]string{
		database.SQLite:     {"replace": strings.Replace(strings.Replace(copyEntry, "INSERT", "INSERT OR REPLACE", 1), "SELECT 6", "SELECT 2", 1)},
		database.PostgreSQL: {"truncate": "TRUNCATE audit_entries"},
	}
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		five(t, l)
		for _, set := range []map[string]string{statements, dialect[db.Dialect]} {
			for name, statement := range set {
				if _, err := db.ExecContext(t.Context(), statement); err == nil {
					t.Errorf("%s went through", name)
				}
			}
		}
		if chain, err := l.Verify(t.Context()); err != nil || chain.Broken != nil || chain.Entries != 5 {
			t.Errorf("%+v %+v, %v", chain, chain.Broken, err)
		}
	})
}

func TestPruneKeepsTheChainVerifiable(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		e := five(t, l)
		n, err := l.Prune(t.Context(), e[3].At)
		if err != nil || n != 3 {
			t.Fatalf("removed %d, %v; want the three entries before", n, err)
		}
		page := list(t, l, audit.Filter{OrganizationID: organization}, audit.Cursor{}, 50)
		if diff := cmp.Diff([]int64{5, 4}, seqs(page.Entries)); diff != "" {
			t.Error(diff)
		}
		chain, err := l.Verify(t.Context(), audit.Mark{Seq: 1, Hash: e[0].Hash})
		want := audit.Chain{Entries: 4, First: audit.Mark{Seq: 4, Hash: e[3].Hash}, Last: chain.Last, Pruned: audit.Mark{Seq: 3, Hash: e[2].Hash}}
		if diff := cmp.Diff(want, chain); diff != "" || err != nil {
			t.Errorf("%v\n%s", err, diff)
		}
		pruning, err := l.Get(t.Context(), "", 7)
		if err != nil || pruning.Action != audit.Prune || pruning.Outcome != audit.Done || pruning.Detail != "3 entries removed" {
			t.Errorf("the pruning is not on the record: %+v, %v", pruning, err)
		}
		if n, err := l.Prune(t.Context(), e[3].At); err != nil || n != 0 {
			t.Errorf("once more: removed %d, %v; want nothing", n, err)
		}
		if open, err := l.OpenEntries(t.Context(), audit.Filter{OrganizationID: organization}); err != nil || len(open) != 0 {
			t.Errorf("open after pruning: %v, %v", seqs(open), err)
		}
	})
}

// A long-neglected record is pruned in several transactions.
func TestPruneForgetsPeopleNobodyNames(t *testing.T) {
	t.Parallel()
	db := databasetest.Open(t, databasetest.SQLite(t))
	l := newLog(db)
	for range 2100 {
		add(t, l, revocation(ada, ben, audit.Done))
	}
	if n, err := l.Prune(t.Context(), start.Add(time.Hour)); err != nil || n != 2100 {
		t.Errorf("removed %d, %v; want all 2100", n, err)
	}
	var people int
	err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM audit_people WHERE organization_id <> ''").Scan(&people)
	if err != nil || people != 0 {
		t.Errorf("%d people are left, %v", people, err)
	}
	if chain, err := l.Verify(t.Context()); err != nil || chain.Broken != nil || chain.Entries != 2 {
		t.Errorf("%+v %+v, %v; want the two entries on the pruning", chain, chain.Broken, err)
	}
}
