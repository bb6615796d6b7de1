package handlers_test

import (
	"path/filepath"
	"testing"

	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
)

// newDatabase opens an empty database of the test's own, and says where its file
// is.
func newDatabase(t testing.TB) (*database.DB, string) {
	t.Helper()
	path := filepath.Join(databasetest.Directory(t), "console.db")
	return databasetest.Open(t, "sqlite:"+path), path
}

// everyConnection runs statement on each connection that db may have.
func everyConnection(t testing.TB, db *database.DB, statement string) {
	t.Helper()
	for range db.SQL().Stats().MaxOpenConnections - db.SQL().Stats().InUse { // one of SQLite's stays with the file that it watches
		conn, err := db.SQL().Conn(t.Context())
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
	return databasetest.Open(c.t, "sqlite:"+path)
}
