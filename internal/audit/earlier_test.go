package audit_test

import (
	"context"
	"database/sql"
	"embed"
	"strings"
	"testing"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
	"tokenconsole/internal/signing"
)

// earlier are databases as the console left them at the schema 00002: twelve acts, a sign-in, an act that stays open, an
// ended session. They were written by an earlier version, and hold the statements of that schema.
//
//go:embed testdata/earlier
var earlier embed.FS

const earlierKey = "earlier+0c0770b6+AXQpnxDbZceQ1NoVa1hEkYzqbdZ6kMbxVFBdAPmMJ6x8"

// An earlier version's database is brought up to date with everything that it holds: the record is whole, is read and
// goes on, and who was signed out stays so.
func TestDatabaseOfAnEarlierVersion(t *testing.T) {
	t.Parallel()
	databasetest.EachURL(t, func(t *testing.T, url string) {
		driver, source, dump := "pgx", url, "postgres-00002.sql"
		if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
			driver, source, dump = "sqlite", path, "sqlite-00002.sql"
		}
		restore(t, driver, source, dump)
		db, err := database.Open(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		before, err := signing.ParsePublicKey(earlierKey)
		if err != nil {
			t.Fatal(err)
		}
		l := audit.New(audit.Options{DB: db, Keys: key.keys, Public: []signing.PublicKey{before}, Log: discard})
		if _, err := l.Undertake(t.Context(), entry(ada, ben, audit.Asked), func(context.Context) audit.Result {
			return audit.Result{Outcome: audit.Done, Status: 204}
		}); err != nil {
			t.Fatal(err)
		}
		report, err := l.Verify(t.Context())
		if err != nil || len(report.Faults) > 0 || report.Size != 28 || report.OpenCount != 1 || report.Open[0] != 26 {
			t.Errorf("%+v, %v", report, err)
		}
		old, err := l.Get(t.Context(), "d1a1cba6-9080-57d5-a445-66833a79c8b0", 23)
		if err != nil || old.Reason != "phone lost, case 11; ünïcode" || old.Subject.Name != "Mina Keller" {
			t.Errorf("an old entry reads %+v, %v", old, err)
		}
		var ended int
		if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM ended").Scan(&ended); err != nil || ended != 1 {
			t.Errorf("%d ended sessions are remembered, %v", ended, err)
		}
	})
}

func restore(t *testing.T, driver, source, dump string) {
	t.Helper()
	statements, err := earlier.ReadFile("testdata/earlier/" + dump)
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), string(statements)); err != nil {
		t.Fatal(err)
	}
}
