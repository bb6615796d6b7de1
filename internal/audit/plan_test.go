package audit

import (
	"strings"
	"testing"

	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
)

// No filter may make SQLite read all entries, or sort more of them than a page has. (A temporary tree merges the arms.)
func TestEveryFilterIsServedByAnIndex(t *testing.T) {
	t.Parallel()
	db := databasetest.Open(t, databasetest.SQLite(t))
	l := New(Options{DB: db})
	if _, err := db.ExecContext(t.Context(), `INSERT INTO audit_people (organization_id, id, name, email, folded)
		WITH RECURSIVE n(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < 99)
		SELECT 'organization', 'actor-' || n, '', '', 'actor ' || n || '@person ' || n FROM n`); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), "INSERT INTO audit_times VALUES (0, 0, ?)", int64(1)<<60); err != nil {
		t.Fatal(err)
	}
	for name, filter := range filters() {
		v, err := l.view(t.Context(), filter)
		if err != nil {
			t.Fatal(err)
		}
		if !filter.Open { // of acts, that is an outcome
			for _, arm := range v.arms {
				one := v
				one.arms = []condition{arm}
				query, args := placesQuery("audit_acts", one, Cursor{500, false, true}, 51)
				if plan := explain(t, db, "SELECT seq FROM ("+query+") AS places", args); strings.Contains(plan, "SCAN audit_acts") {
					t.Errorf("acts, %s:\n%s\n%s", name, plan, query)
				}
			}
		}
		for _, newer := range []bool{false, true} {
			for _, arm := range v.arms {
				one := v
				one.arms = []condition{arm}
				query, args := listQuery(one, Cursor{500, newer, true}, 51)
				plan := explain(t, db, query, args)
				for line := range strings.Lines(plan) {
					// Few entries are open: those are found one by one and sorted.
					if strings.Contains(line, "SCAN audit_entries") || strings.Contains(line, "TEMP B-TREE") && !filter.Open &&
						!strings.HasPrefix(line, "after the places: ") {
						t.Errorf("%s: %q\n%s\n%s", name, strings.TrimSpace(line), plan, query)
					}
				}
			}
		}
	}
}

// explain marks the lines that come after the places are found: there no more than a page is left.
func explain(t *testing.T, db *database.DB, query string, args []any) string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var plan strings.Builder
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		if parent == 0 {
			plan.WriteString("after the places: ")
		}
		plan.WriteString(detail + "\n")
	}
	return plan.String()
}
