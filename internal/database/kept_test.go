package database_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
)

// Statements that a connection keeps do what new ones would: while one of the same text is being read, after the table
// has changed, and when there are more than are kept.
func TestKeptStatements(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		tx, err := db.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = tx.Rollback() }()
		execute := func(statement string, args ...any) {
			t.Helper()
			if _, err := tx.ExecContext(t.Context(), db.Rebind(statement), args...); err != nil {
				t.Fatal(err)
			}
		}
		sum := func(query string, args ...any) (sum int64) {
			t.Helper()
			if err := tx.QueryRowContext(t.Context(), db.Rebind(query), args...).Scan(&sum); err != nil {
				t.Fatal(err)
			}
			return sum
		}
		const insert = "INSERT INTO ended (name, at, until) VALUES (?, ?, ?)"
		const total = "SELECT sum(at) FROM ended WHERE at > ?"
		for n := range 200 {
			execute(insert, fmt.Sprint(n), n, n)
		}
		if got := sum(total, 0); got != 19900 {
			t.Errorf("%d are there, want 19900", got)
		}
		if _, err := tx.ExecContext(t.Context(), "SAVEPOINT before"); err != nil {
			t.Fatal(err)
		}
		if _, err := tx.ExecContext(t.Context(), db.Rebind(insert), "1", 5, 5); err == nil {
			t.Fatal("a name twice")
		}
		if _, err := tx.ExecContext(t.Context(), "ROLLBACK TO before"); err != nil {
			t.Fatal(err)
		}
		execute("ALTER TABLE ended ADD COLUMN more INTEGER NOT NULL DEFAULT 7")
		execute(insert, "after an error and a change", 100, 1)
		for n := range 200 { // more than are kept
			if got := sum(fmt.Sprintf("SELECT more + %d FROM ended WHERE name = ?", n), "7"); got != int64(7+n) {
				t.Errorf("%d, want %d", got, 7+n)
			}
		}
		if got := sum(total, 0); got != 20000 {
			t.Errorf("%d are there, want 20000", got)
		}
	})
}

func TestAKeptStatementIsReadTwiceAtATime(t *testing.T) {
	t.Parallel()
	db := databasetest.Open(t, databasetest.SQLite(t))
	conn, err := db.SQL().Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	const query = "SELECT n FROM (SELECT 1 AS n UNION ALL SELECT 2) WHERE n > ?"
	found := 0
	for range 2 { // the second time they are kept
		outer, err := conn.QueryContext(t.Context(), query, 0)
		if err != nil {
			t.Fatal(err)
		}
		for outer.Next() {
			inner, err := conn.QueryContext(t.Context(), query, 1)
			if err != nil {
				t.Fatal(err)
			}
			for inner.Next() {
				found++
			}
			if err := errors.Join(inner.Err(), inner.Close()); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(outer.Err(), outer.Close()); err != nil {
			t.Fatal(err)
		}
	}
	if found != 4 {
		t.Errorf("%d rows, want 4", found)
	}
}

func TestAKeptStatementEndsWithItsContext(t *testing.T) {
	t.Parallel()
	db := databasetest.Open(t, databasetest.SQLite(t))
	tx, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	const query = "DELETE FROM ended WHERE name = ?"
	if _, err := tx.ExecContext(ended, query, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("after its context ended: %v", err)
	}
	if _, err := tx.ExecContext(t.Context(), query, ""); err != nil {
		t.Errorf("with another one: %v", err)
	}
}
