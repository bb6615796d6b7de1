package audit

import (
	"slices"
	"strings"
	"testing"

	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
)

// No filter may make SQLite read all acts, or sort some: their indexes hold them in order.
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
		for _, newer := range []bool{false, true} {
			query, args := placesQuery(db.Dialect, v, Cursor{500, newer, true}, 51)
			if query == "" {
				continue
			}
			plan := explain(t, db, query, args)
			for line := range strings.Lines(plan) {
				if strings.Contains(line, "SCAN audit_acts") || strings.Contains(line, "TEMP B-TREE") {
					t.Errorf("%s: %q\n%s\n%s", name, strings.TrimSpace(line), plan, query)
				}
			}
		}
	}
}

// What is read beside the lists goes by an index, too: an act's entries, and what is looked at before it is written.
func TestNoOtherQueryReadsTheWholeRecord(t *testing.T) {
	t.Parallel()
	db := databasetest.Open(t, databasetest.SQLite(t))
	for name, query := range map[string]string{
		"the entries of acts":     "SELECT " + columns + " WHERE e.act IN (?, ?) ORDER BY e.seq LIMIT ?",
		"the newest, as filed":    selectFilings,
		"the last pruning":        selectLastPruning,
		"prunings that cover":     selectPrunings,
		"a batch":                 selectOfBatch,
		"where a batch begins":    selectBatchBegin,
		"the beginning of an act": selectListed,
		"acts nothing has closed": "WITH RECURSIVE " + openActs + "SELECT count(*), min(at) FROM open",
	} {
		args := make([]any, strings.Count(query, "?"))
		for i := range args {
			args[i] = 1
		}
		for line := range strings.Lines(explain(t, db, query, args)) {
			if strings.Contains(line, "SCAN") && !slices.Contains([]string{"h", "part", "organizations"}, strings.Fields(line)[1]) {
				t.Errorf("%s: %s", name, line)
			}
		}
	}
}

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
		plan.WriteString(detail + "\n")
	}
	return plan.String()
}
