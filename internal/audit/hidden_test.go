package audit_test

import (
	"context"
	"errors"
	"testing"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database"
)

// Whoever owns the database can hide what is written, at once or from then on. Nothing is done on such a record.
func TestNothingIsDoneOnARecordThatHides(t *testing.T) {
	tests := map[string]struct {
		sqlite   string
		at       int // of the acts after it, the first that must not be done
		postgres string
	}{
		"entries filed under another organization": {"UPDATE audit_entries SET organization_id = 'x' WHERE action = 'revoke'", 0,
			"UPDATE audit_entries SET organization_id = 'x' WHERE action = 'revoke'"},
		"another outcome":                    {"UPDATE audit_entries SET outcome = 'failed' WHERE seq = 2", 0, "UPDATE audit_entries SET outcome = 'failed' WHERE seq = 2"},
		"the actor exchanged":                {"UPDATE audit_acts SET actor = subject", 0, "UPDATE audit_acts SET actor = subject"},
		"people renamed":                     {"UPDATE audit_people SET name = 'Eve'", 0, "UPDATE audit_people SET name = 'Eve' WHERE id = 'ada-id'"},
		"an act taken off the list":          {"DELETE FROM audit_acts WHERE seq = 1", 0, "DELETE FROM audit_acts WHERE seq = 1"},
		"an act listed under another person": {"UPDATE audit_acts SET subject = actor", 0, "UPDATE audit_acts SET subject = actor"},
		"an act listed with a false outcome": {"UPDATE audit_acts SET outcome = 'refused'", 0, "UPDATE audit_acts SET outcome = 'refused'"},
		"an open act listed as done":         {"UPDATE audit_acts SET outcome = 'done' WHERE seq = 4", 0, "UPDATE audit_acts SET outcome = 'done' WHERE seq = 4"},
		"a trigger lists open acts as done": {`CREATE TRIGGER z AFTER UPDATE ON audit_head
			BEGIN UPDATE audit_acts SET outcome = 'done' WHERE outcome = 'asked' AND seq = NEW.size; END`, 0, ""},
		"a trigger takes acts off the list": {"CREATE TRIGGER z AFTER UPDATE ON audit_head BEGIN DELETE FROM audit_acts; END", 0, ""},
		"a trigger swallows entries":        {"CREATE TRIGGER z BEFORE INSERT ON audit_entries BEGIN SELECT RAISE(IGNORE); END", 0, ""},
		"a trigger removes entries":         {"CREATE TRIGGER z AFTER UPDATE ON audit_head BEGIN DELETE FROM audit_entries WHERE seq = NEW.size; END", 0, ""},
		"a trigger files them falsely": {`CREATE TRIGGER z AFTER UPDATE ON audit_head WHEN NEW.size > OLD.size
			BEGIN UPDATE audit_entries SET organization_id = 'x' WHERE seq <= NEW.size - 2; END`, 1, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
				five(t, l)
				unguard(t, db)
				statement := test.sqlite
				if db.Dialect == database.PostgreSQL {
					if statement = test.postgres; statement == "" {
						t.Skip("SQLite's triggers are tried on SQLite")
					}
				}
				execute(t, db, statement)
				done := 0
				var err error
				for range test.at + 1 {
					_, err = l.Undertake(t.Context(), entry(ada, ben, ""), func(context.Context) audit.Result {
						done++
						return audit.Result{Outcome: audit.Done}
					})
				}
				if done != test.at || !errors.Is(err, audit.ErrBroken) || !errors.Is(err, audit.ErrNotRecorded) {
					t.Errorf("%d acts were done, %v", done, err)
				}
				if err := l.Ready(t.Context()); !errors.Is(err, audit.ErrBroken) {
					t.Errorf("it says that it is ready: %v", err)
				}
			})
		})
	}
}
