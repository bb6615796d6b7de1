// Package databasetest gives tests real databases: a SQLite file each, and databases of a throw-away PostgreSQL server that
// the first test to need one starts and that dies with the test process.
package databasetest

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"tokenconsole/internal/database"
)

// Each runs test against an empty, migrated database of every dialect, as parallel subtests. Without PostgreSQL's programs
// its subtest is skipped with words, and fails where the environment variable CI is set.
func Each(t *testing.T, test func(t *testing.T, db *database.DB)) {
	t.Helper()
	each(t, func(t *testing.T) { test(t, Open(t, SQLite(t))) }, func(t *testing.T) { test(t, Open(t, tables(t))) })
}

// EachURL is Each for tests that open the database themselves: url names an empty database that exists until the test ends.
func EachURL(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	each(t, func(t *testing.T) { test(t, SQLite(t)) }, func(t *testing.T) { test(t, PostgreSQL(t)) })
}

func each(t *testing.T, sqlite, postgresql func(*testing.T)) {
	t.Helper()
	for name, test := range map[string]func(*testing.T){"sqlite": sqlite, "postgresql": postgresql} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t)
		})
	}
}

// Open opens the database at url, a SQLite file that is missing as an empty one, and closes it when the test ends, unless
// the test did.
func Open(t testing.TB, url string) *database.DB {
	t.Helper()
	putMissing(t, url)
	db, err := database.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil && !errors.Is(err, sql.ErrConnDone) {
			t.Error(err)
		}
	})
	return db
}

// SQLite returns the URL of a SQLite database that does not exist yet.
func SQLite(t testing.TB) string {
	return "sqlite:" + filepath.Join(Directory(t), "console.db")
}

var databases atomic.Int64

// PostgreSQL returns the URL of an empty PostgreSQL database, for benchmarks on disk; see Each for when there is no
// PostgreSQL.
func PostgreSQL(t testing.TB) string {
	t.Helper()
	return server(t).make(t, "template1")
}

// tables is PostgreSQL with all the console's tables.
func tables(t testing.TB) string {
	t.Helper()
	s := server(t)
	name, err := prepared()
	if err != nil {
		t.Fatal(err)
	}
	return s.make(t, name)
}

func server(t testing.TB) *postgres {
	t.Helper()
	start := start
	if _, ok := t.(*testing.B); ok {
		start = startDurable
	}
	s, err := start()
	if err != nil && os.Getenv("CI") == "" && errors.Is(err, errMissing) {
		t.Skipf("%v: make setup gets them", err)
	}
	if err != nil {
		t.Fatalf("PostgreSQL for tests: %v", err)
	}
	return s
}

// make makes a database as a copy of another, and returns its URL.
func (s *postgres) make(t testing.TB, template string) string {
	t.Helper()
	name := fmt.Sprintf("test%d", databases.Add(1))
	if _, err := s.admin.ExecContext(t.Context(), "CREATE DATABASE "+name+" TEMPLATE "+template); err != nil {
		t.Fatal(err)
	}
	return s.url(name)
}
