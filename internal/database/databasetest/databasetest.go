// Package databasetest gives tests real databases: a SQLite file each, and databases of a throw-away PostgreSQL server that
// the first test to need one starts and that dies with the test process.
package databasetest

import (
	"errors"
	"fmt"
	"net/url"
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
	EachURL(t, func(t *testing.T, url string) { test(t, Open(t, url)) })
}

// EachURL is Each for tests that open the database themselves: url names an empty database that exists until the test ends.
func EachURL(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, SQLite(t))
	})
	t.Run("postgresql", func(t *testing.T) {
		t.Parallel()
		test(t, PostgreSQL(t))
	})
}

// Open opens the database at url and closes it when the test ends.
func Open(t testing.TB, url string) *database.DB {
	t.Helper()
	db, err := database.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
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

// PostgreSQL returns the URL of an empty PostgreSQL database; see Each for when there is no PostgreSQL.
func PostgreSQL(t testing.TB) string {
	t.Helper()
	s, err := start()
	if err != nil && os.Getenv("CI") == "" && errors.Is(err, errMissing) {
		t.Skipf("%v: make setup gets them", err)
	}
	if err != nil {
		t.Fatalf("PostgreSQL for tests: %v", err)
	}
	name := fmt.Sprintf("test%d", databases.Add(1))
	if _, err := s.admin.ExecContext(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	query := url.Values{"host": {s.directory}, "user": {superuser}}
	return (&url.URL{Scheme: "postgres", Path: "/" + name, RawQuery: query.Encode()}).String()
}
