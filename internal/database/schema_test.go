package database_test

import (
	"maps"
	"strings"
	"testing"

	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
)

// A database as the migrations make it has nothing strange in it.
func TestNothingIsStrange(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		if strange, err := db.Strange(t.Context()); err != nil || len(strange) > 0 {
			t.Errorf("%q, %v", strange, err)
		}
	})
}

// Whatever is added to the schema, taken from it or altered is told.
func TestStrange(t *testing.T) {
	both := map[string][2]string{ // the statement, and what is told
		"an index dropped": {"DROP INDEX audit_acts_batch", "lost its index audit_acts_batch"},
		"an index altered": {"DROP INDEX audit_acts_batch; CREATE INDEX audit_acts_batch ON audit_acts (batch) WHERE batch <> ''",
			"index audit_acts_batch of the database was altered"},
		"a table dropped": {"DROP TABLE batch_people", "lost its "},
		"a table more":    {"CREATE TABLE stolen (token TEXT)", "is not the console's"},
		"a view":          {"CREATE VIEW spy AS SELECT token FROM batches", "view spy of the database is not the console's"},
	}
	sqlite := map[string][2]string{
		"a trigger":         {"CREATE TRIGGER z AFTER UPDATE ON batches BEGIN UPDATE batches SET hash = 'x'; END", "trigger z of the database is not the console's"},
		"a column more":     {"ALTER TABLE batches ADD COLUMN more TEXT", "table batches of the database was altered"},
		"a trigger dropped": {"DROP TRIGGER audit_entries_update", "lost its trigger audit_entries_update"},
	}
	postgres := map[string][2]string{
		"a trigger": {`CREATE FUNCTION z() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
			CREATE TRIGGER z BEFORE UPDATE ON batches FOR EACH ROW EXECUTE FUNCTION z()`, "trigger batches.z of the database is not the console's"},
		"a trigger disabled": {"ALTER TABLE audit_entries DISABLE TRIGGER ALL", "of the database was altered"},
		"a rule":             {"CREATE RULE z AS ON UPDATE TO batches DO INSTEAD NOTHING", "rule batches.z of the database is not the console's"},
	}
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		tests := maps.Clone(both)
		if db.Dialect == database.PostgreSQL {
			maps.Copy(tests, postgres)
		} else {
			maps.Copy(tests, sqlite)
		}
		for name, test := range tests {
			t.Run(name, func(t *testing.T) {
				address := databasetest.SQLite
				if db.Dialect == database.PostgreSQL {
					address = databasetest.PostgreSQL
				}
				own := databasetest.Open(t, address(t))
				if _, err := own.ExecContext(t.Context(), test[0]); err != nil {
					t.Fatal(err)
				}
				strange, err := own.Strange(t.Context())
				if err != nil || !strings.Contains(strings.Join(strange, "\n"), test[1]) {
					t.Errorf("told is %q, %v", strange, err)
				}
			})
		}
	})
}
