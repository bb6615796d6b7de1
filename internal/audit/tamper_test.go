package audit_test

import (
	"testing"

	"tokenconsole/internal/database"
)

// unguard does what an owner of the database can: it takes the triggers and references away.
func unguard(t *testing.T, db *database.DB) {
	t.Helper()
	if db.Dialect == database.PostgreSQL {
		for _, table := range []string{"audit_entries", "audit_tree", "audit_head", "audit_people"} {
			execute(t, db, "ALTER TABLE "+table+" DISABLE TRIGGER ALL")
		}
		return
	}
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

// execute runs statements one after the other, on a connection that does not mind references.
func execute(t *testing.T, db *database.DB, statements ...string) {
	t.Helper()
	conn, err := db.SQL().Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if db.Dialect == database.SQLite {
		statements = append(append([]string{"PRAGMA foreign_keys = 0"}, statements...), "PRAGMA foreign_keys = 1")
	}
	for _, statement := range statements {
		if _, err := conn.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}
