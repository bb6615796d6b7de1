package handlers_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
)

// template is an empty SQLite database with all its tables, as a file. Making the
// tables anew would take longer than most tests.
var template = sync.OnceValues(func() ([]byte, error) {
	directory, err := os.MkdirTemp("", "handlers")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(directory)
	path := filepath.Join(directory, "template.db")
	db, err := database.Open(context.Background(), "sqlite:"+path)
	if err != nil {
		return nil, err
	}
	if err := db.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// newDatabase opens an empty database of the test's own, and says where its file
// is.
func newDatabase(t testing.TB) (*database.DB, string) {
	t.Helper()
	path := filepath.Join(databasetest.Directory(t), "console.db")
	putTemplate(t, path)
	return openDatabase(t, "sqlite:"+path), path
}

// putTemplate makes path an empty database.
func putTemplate(t testing.TB, path string) {
	t.Helper()
	content, err := template()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// openDatabase opens the database at url until the test ends. It does not wait
// for the disk: that entries survive a power cut is not asked here.
func openDatabase(t testing.TB, url string) *database.DB {
	t.Helper()
	db, err := database.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if db.Dialect == database.SQLite {
		db.SetMaxOpenConns(4) // each costs a test some time
		everyConnection(t, db, "PRAGMA synchronous = OFF")
	}
	return db
}

// everyConnection runs statement on each connection that db may have.
func everyConnection(t testing.TB, db *database.DB, statement string) {
	t.Helper()
	for range db.Stats().MaxOpenConnections - db.Stats().InUse { // one of SQLite's stays with the file that it watches
		conn, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close() // back into the pool, once all of it was reached
		if _, err := conn.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}

// copyOfDatabase opens a copy of c's database as it is now.
func (c *console) copyOfDatabase() *database.DB {
	c.t.Helper()
	path := filepath.Join(databasetest.Directory(c.t), "copy.db")
	if _, err := c.db.ExecContext(c.t.Context(), "VACUUM INTO ?", path); err != nil {
		c.t.Fatal(err)
	}
	return openDatabase(c.t, "sqlite:"+path)
}
