package audit

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
)

func TestMain(m *testing.M) {
	code := m.Run()
	if path := built.Load(); path != nil {
		_ = os.RemoveAll(filepath.Dir(*path))
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
		Action: Revoke, Outcome: Asked, OrganizationID: "organization", OrganizationName: "Demo", Region: "mypurecloud.ie",
		Actor:   Party{fmt.Sprintf("actor-%d", actor), fmt.Sprintf("Actor %d", actor), fmt.Sprintf("actor %d@demo.example", actor)},
		Subject: Party{fmt.Sprintf("person-%d", person), fmt.Sprintf("Person %d of Demo", person), fmt.Sprintf("p%d@demo.example", person)},
		Reason:  "phone lost on the train", Ticket: fmt.Sprintf("SEC-%d", n), RequestID: fmt.Sprintf("%032x", n), ClientAddress: "192.0.2.7",
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
	return e
}

// filters are all the kinds there are.
func filters() map[string]Filter {
	filters := map[string]Filter{
		"all":            {},
		"person":         {Person: "person 77 "},
		"person-common":  {Person: "person"},
		"person-of-many": {Person: "99"},
		"nobody":         {Person: "nobody of that name"},
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
	if built.Load() == nil {
		directory, err := os.MkdirTemp("", "audit-million")
		if err != nil {
			b.Fatal(err)
		}
		path := filepath.Join(directory, "console.db")
		built.Store(&path)
		db := databasetest.Open(b, "sqlite:"+path)
		began := time.Now()
		if err := fill(b.Context(), db); err != nil {
			b.Fatal(err)
		}
		b.Logf("%d entries written in %v", size, time.Since(began).Round(time.Second))
	}
	return databasetest.Open(b, "sqlite:"+*built.Load())
}

// fill writes the large record in one transaction, with its hashes, and as fast as triggers and indexes that are made at
// the end allow.
func fill(ctx context.Context, db *database.DB) error {
	tx, err := db.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	restore, err := strip(ctx, tx)
	if err != nil {
		return err
	}
	insert, err := tx.PrepareContext(ctx, insertEntry)
	if err != nil {
		return err
	}
	l, refs, open, previous := New(db, nil, nil), map[Party]int64{}, map[int64]bool{}, ""
	for n := range size {
		e := sample(n)
		e.Seq, e.At, e.Previous = int64(n)+1, epoch.Add(time.Duration(n)*time.Second), previous
		if e.Outcome == Asked {
			open[e.Seq] = true
		} else if open[e.Seq-1] && n%50_001 != 1 {
			e.Asks = e.Seq - 1
			delete(open, e.Asks)
		}
		for _, p := range []Party{e.Actor, e.Subject} {
			if refs[p] == 0 {
				if refs[p], err = l.person(ctx, tx, e.OrganizationID, p); err != nil {
					return err
				}
			}
		}
		e.Hash = hash(e)
		previous = e.Hash
		_, err := insert.ExecContext(ctx, e.Seq, e.At.UnixMilli(), string(e.Action), string(e.Outcome), refs[e.Actor],
			e.OrganizationID, e.OrganizationName, e.Region, refs[e.Subject], e.Reason, e.Ticket, e.Detail, e.PlatformStatus,
			e.CorrelationID, e.RequestID, e.ClientAddress, e.Asks, e.Previous, e.Hash)
		if err != nil {
			return err
		}
	}
	for seq := range open {
		if _, err := tx.ExecContext(ctx, "INSERT INTO audit_open VALUES (?)", seq); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, "UPDATE audit_chain SET seq = ?, hash = ?", size, previous); err != nil {
		return err
	}
	for _, statement := range restore {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return tx.Commit()
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

// millionInPostgreSQL fills a PostgreSQL database much alike, by the server itself and without true hashes: those cost a
// page nothing.
func millionInPostgreSQL(b *testing.B) *database.DB {
	b.Helper()
	db := databasetest.Open(b, databasetest.PostgreSQL(b))
	db.SetMaxOpenConns(1)
	for _, statement := range []string{
		"SET session_replication_role = replica",
		`INSERT INTO audit_people (organization_id, id, name, email, folded) SELECT 'organization', id, name, email,
			lower(id || E'\n' || name || E'\n' || email) FROM (
			SELECT 'actor-' || n id, 'Actor ' || n AS name, 'actor ' || n || '@demo.example' email FROM generate_series(0, 39) n UNION ALL
			SELECT 'person-' || n, 'Person ' || n || ' of Demo', 'p' || n || '@demo.example' FROM generate_series(0, 4999) n) p`,
		fmt.Sprintf(`INSERT INTO audit_entries SELECT n + 1, %d + n * 1000,
			CASE WHEN n %% 10 = 0 THEN 'sign-in' ELSE 'revoke' END,
			CASE WHEN n %% 10 = 0 THEN 'done' WHEN n %% 2 = 0 THEN 'asked' WHEN n %% 1001 = 0 THEN 'unknown'
				WHEN n %% 99 = 0 THEN 'refused' WHEN n %% 97 = 0 THEN 'failed' ELSE 'done' END,
			n / 2 %% 40 + 1, 'organization', 'Demo', 'mypurecloud.ie', n / 2 * 7919 %% 5000 + 41,
			'phone lost on the train', 'SEC-' || n, '', 204, md5(n::text), md5(n::text), '192.0.2.7', 0,
			md5(n::text) || md5(n::text), md5(n::text) || md5(n::text) FROM generate_series(0::bigint, %d) n`,
			epoch.UnixMilli(), size-1),
		"INSERT INTO audit_open SELECT n * 50000 + 3 FROM generate_series(1, 19) n",
		"SET session_replication_role = DEFAULT",
		"ANALYZE",
	} {
		if _, err := db.ExecContext(b.Context(), statement); err != nil {
			b.Fatal(err)
		}
	}
	return db
}
