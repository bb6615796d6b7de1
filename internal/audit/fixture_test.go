package audit

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"go.uber.org/goleak"
	"golang.org/x/mod/sumdb/tlog"

	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
	"tokenconsole/internal/signing"
)

func TestMain(m *testing.M) {
	if url := os.Getenv(crashURL); url != "" {
		askAndHang(url)
	}
	code := m.Run()
	if path := built.Load(); path != nil {
		_ = os.RemoveAll(filepath.Dir(*path))
	}
	if err := goleak.Find(databasetest.Leaves()...); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// size is the number of entries of the large record, written a second apart from epoch on.
const size = 1_000_000

var (
	epoch = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	built atomic.Pointer[string]
)

// sample makes entry n of a record with 40 actors and 5,000 people: mostly revocations, asked and then closed.
func sample(n int) Entry {
	actor, person := n/2%40, n/2*7919%5000
	e := Entry{
		Action: Revoke, Outcome: Asked, Organization: Organization{"organization", "Demo"}, Region: "mypurecloud.ie",
		Actor:   Party{fmt.Sprintf("actor-%d", actor), fmt.Sprintf("Actor %d", actor), fmt.Sprintf("actor %d@demo.example", actor)},
		Subject: Party{fmt.Sprintf("person-%d", person), fmt.Sprintf("Person %d of Demo", person), fmt.Sprintf("p%d@demo.example", person)},
		Reason:  "phone lost on the train", Ticket: fmt.Sprintf("SEC-%d", n), RequestID: fmt.Sprintf("%032x", n), Address: "192.0.2.7",
	}
	if n%2 == 1 {
		e.Outcome, e.PlatformStatus, e.CorrelationID = Done, 204, fmt.Sprintf("%036x", n)
		switch {
		case n%1001 == 0:
			e.Outcome = Unknown
		case n%99 == 0:
			e.Outcome = Refused
		case n%97 == 0:
			e.Outcome = Failed
		}
	} else if n%10 == 0 {
		e.Action, e.Outcome, e.Subject = SignIn, Done, Party{}
	}
	if n%1000 < 20 {
		e.Batch = fmt.Sprintf("batch-%d", n/1000)
	}
	return e
}

// filters are all the kinds there are.
func filters() map[string]Filter {
	filters := map[string]Filter{
		"all":            {},
		"person":         {Person: "person 77 "},
		"person-common":  {Person: "person"},
		"person-of-many": {Person: "99"},
		"unknown-person": {Person: "nobody of that name"},
		"subject":        {SubjectID: "person-77"},
		"actor":          {Actor: "actor 7@"},
		"own":            {Own: "actor-7"},
		"action":         {Action: Revoke},
		"outcome":        {Outcome: Unknown},
		"action-outcome": {Action: Revoke, Outcome: Refused},
		"actor-outcome":  {Actor: "actor 7@", Outcome: Refused},
		"time":           {From: epoch.Add(size / 5 * time.Second), To: epoch.Add(size / 4 * time.Second)},
		"time-outcome":   {From: epoch.Add(size / 5 * time.Second), To: epoch.Add(size / 4 * time.Second), Outcome: Failed},
		"open":           {Open: true},
		"batch":          {Batch: "batch-500"},
		"nobody":         {Nobody: true},
		"own-time":       {Own: "person-77", From: epoch.Add(size / 5 * time.Second), To: epoch.Add(size / 2 * time.Second)},
		"person-time":    {Person: "person 7", From: epoch.Add(size / 5 * time.Second), To: epoch.Add(size / 2 * time.Second)},
	}
	for name, filter := range filters {
		filter.OrganizationID = "organization"
		filters[name] = filter
	}
	return filters
}

// million opens a record of size entries, built once for each run.
func million(b *testing.B) *database.DB {
	b.Helper()
	if path := os.Getenv("TOKENCONSOLE_LARGE_RECORD"); path != "" {
		return databasetest.Open(b, "sqlite:"+path) // written before, by TestWriteLargeRecord
	}
	if built.Load() == nil {
		directory, err := os.MkdirTemp("", "audit-million")
		if err != nil {
			b.Fatal(err)
		}
		path := filepath.Join(directory, "console.db")
		built.Store(&path)
		db := databasetest.Open(b, "sqlite:"+path)
		began := time.Now()
		if err := fill(b.Context(), db, size); err != nil {
			b.Fatal(err)
		}
		b.Logf("%d entries written in %v", size, time.Since(began).Round(time.Second))
	}
	return databasetest.Open(b, "sqlite:"+*built.Load())
}

// testPrivateKey signs the large record, and testKeys are the keys made of it.
var testPrivateKey = sync.OnceValue(func() string {
	if text, err := os.ReadFile(os.Getenv("TOKENCONSOLE_LARGE_RECORD") + ".key"); err == nil {
		return string(text)
	}
	private, _, err := signing.GenerateKey("bench")
	if err != nil {
		panic(err)
	}
	return private
})

var testKeys = sync.OnceValue(func() []signing.Key {
	keys, err := signing.ParseKeys(testPrivateKey())
	if err != nil {
		panic(err)
	}
	return keys
})

func benchLog(db *database.DB) *Log { return New(Options{DB: db, Keys: testKeys(), Now: time.Now}) }

// fill writes the first n entries of the large record in one transaction, as Append would have, and as fast as triggers and indexes that are made
// at the end allow.
func fill(ctx context.Context, db *database.DB, entries int) error {
	tx, err := db.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	restore, err := strip(ctx, tx)
	if err != nil {
		return err
	}
	f := filler{l: benchLog(db), tx: tx, entries: entries, refs: map[Party]int64{}, open: map[int64]bool{}}
	if f.entry, err = tx.PrepareContext(ctx, insertEntry); err != nil {
		return err
	}
	if f.hashes, err = tx.PrepareContext(ctx, insertHashes); err != nil {
		return err
	}
	if f.act, err = tx.PrepareContext(ctx, insertAct); err != nil {
		return err
	}
	for n := range entries {
		if err := f.add(ctx, n); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO audit_times SELECT (seq - 1) / 1000, min(at), max(at) FROM audit_entries
		GROUP BY (seq - 1) / 1000`); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO audit_counts SELECT organization_id, at / 900000, outcome, count(*)
		FROM audit_entries WHERE action = 'revoke' AND outcome <> 'asked' GROUP BY 1, 2, 3`); err != nil {
		return err
	}
	signed, err := signing.Sign(testKeys()[0], f.edge.size, f.edge.root())
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, updateHead, signed.Size, signed.Text); err != nil {
		return err
	}
	for _, statement := range restore {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return tx.Commit()
}

type filler struct {
	l             *Log
	tx            *sql.Tx
	entry, hashes *sql.Stmt
	act           *sql.Stmt
	entries       int
	refs          map[Party]int64
	open          map[int64]bool
	edge          edge
}

func (f *filler) add(ctx context.Context, n int) (err error) {
	e := sample(n)
	e.Seq, e.At = int64(n)+1, epoch.Add(time.Duration(n)*time.Second)
	if e.Outcome == Asked {
		f.open[e.Seq] = true
	} else if f.open[e.Seq-1] && n%50_001 != 1 {
		e.Closes = e.Seq - 1
		delete(f.open, e.Closes)
	}
	for _, p := range []Party{e.Actor, e.Subject} {
		if f.refs[p] == 0 {
			if f.refs[p], err = f.l.person(ctx, f.tx, e.Organization.ID, p); err != nil {
				return err
			}
		}
	}
	body, err := encode(e)
	if err != nil {
		return err
	}
	if _, err := f.hashes.ExecContext(ctx, e.Seq, packHashes(f.edge.add(tlog.RecordHash(body)))); err != nil {
		return err
	}
	if _, err := f.entry.ExecContext(ctx, e.Seq, e.At.UnixMilli(), e.Act(), string(e.Action), string(e.Outcome),
		e.Organization.ID, body); err != nil || e.Act() != e.Seq {
		return err
	}
	outcome := e.Outcome
	if next := sample(n + 1).Outcome; outcome == Asked && next != Asked && (n+1)%50_001 != 1 && n+1 < f.entries {
		outcome = next // the next entry closes it
	}
	_, err = f.act.ExecContext(ctx, e.Seq, e.At.UnixMilli(), string(e.Action), string(outcome), f.refs[e.Actor],
		f.refs[e.Subject], e.Organization.ID, e.Batch)
	return err
}

// strip drops the record's triggers and indexes and returns the statements that make them anew.
func strip(ctx context.Context, tx *sql.Tx) (restore []string, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT type, name, sql FROM sqlite_schema
		WHERE tbl_name LIKE 'audit%' AND type IN ('trigger', 'index') AND sql IS NOT NULL`)
	if err != nil {
		return nil, err
	}
	var drop []string
	for rows.Next() {
		var kind, name, create string
		if err := rows.Scan(&kind, &name, &create); err != nil {
			return nil, err
		}
		drop, restore = append(drop, "DROP "+kind+" "+name), append(restore, create)
	}
	if err := rows.Close(); err != nil {
		return nil, err
	}
	for _, statement := range drop {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return nil, err
		}
	}
	return restore, nil
}

// copied is where the large record is in PostgreSQL, once it is.
var copied atomic.Pointer[string]

// millionInPostgreSQL opens a copy of the large record in a PostgreSQL database, made once for each run.
func millionInPostgreSQL(b *testing.B) *database.DB {
	b.Helper()
	if url := copied.Load(); url != nil {
		return databasetest.Open(b, *url)
	}
	url := databasetest.PostgreSQL(b)
	to := databasetest.Open(b, url)
	conn, err := to.SQL().Conn(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	execute := func(statement string) {
		b.Helper()
		if _, err := conn.ExecContext(b.Context(), statement); err != nil {
			b.Fatal(err)
		}
	}
	execute("SET session_replication_role = replica")
	execute("DELETE FROM audit_head")
	from := million(b)
	for _, table := range []string{"audit_people", "audit_entries", "audit_times", "audit_counts", "audit_acts", "audit_tree", "audit_head"} {
		if err := copyTable(b.Context(), from, conn, table); err != nil {
			b.Fatal(table, err)
		}
	}
	execute("SELECT setval(pg_get_serial_sequence('audit_people', 'ref'), (SELECT max(ref) FROM audit_people))")
	execute("SET session_replication_role = DEFAULT")
	execute("VACUUM ANALYZE") // as autovacuum does
	copied.Store(&url)
	return to
}

// copyTable streams a table's rows from SQLite into PostgreSQL.
func copyTable(ctx context.Context, from *database.DB, to *sql.Conn, table string) error {
	rows, err := from.QueryContext(ctx, "SELECT * FROM "+table)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	return to.Raw(func(c any) error {
		_, err := c.(*stdlib.Conn).Conn().CopyFrom(ctx, pgx.Identifier{table}, names, pgx.CopyFromFunc(func() ([]any, error) {
			if !rows.Next() {
				return nil, rows.Err()
			}
			values, to := make([]any, len(names)), make([]any, len(names))
			for i := range values {
				to[i] = &values[i]
			}
			return values, rows.Scan(to...)
		}))
		return err
	})
}
