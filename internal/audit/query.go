package audit

import (
	"context"
	"fmt"
	"math"
	"strings"

	"tokenconsole/internal/database"
)

// columns and what follows read whole entries.
const columns = "e.body, e.outcome = 'asked' AND EXISTS (SELECT 1 FROM audit_acts o " +
	"WHERE o.seq = e.seq AND o.outcome = 'asked') FROM audit_entries e"

func direction(after Cursor) string {
	if after.newer {
		return "ASC"
	}
	return "DESC"
}

// placesQuery finds up to limit acts. It is "" when nothing can be found.
func placesQuery(dialect database.Dialect, v view, after Cursor, limit int) (string, []any) {
	order := fmt.Sprintf(" ORDER BY seq %s LIMIT %d", direction(after), limit)
	var arms []string
	var args []any
	for _, s := range v.searches {
		for _, part := range v.spans {
			if part = part.beyond(after); part.after+1 >= part.before {
				continue
			}
			here := search{s.column, s.values, s.rest.and(v.within(part))}
			if dialect == database.PostgreSQL {
				arms, args = here.firstOnes(arms, args, order)
			} else {
				arms, args = here.inOrder(arms, args)
			}
		}
	}
	if len(arms) == 0 {
		return "", nil
	}
	return strings.Join(arms, " UNION ALL ") + order, args
}

// inOrder adds an arm for each of the values. SQLite merges the arms while it reads them, and none further than needed.
func (s search) inOrder(arms []string, args []any) ([]string, []any) {
	for _, value := range s.values {
		arms = append(arms, "SELECT seq FROM audit_acts WHERE "+s.column+" = ? AND "+s.rest.sql)
		args = append(append(args, value), s.rest.args...)
	}
	return arms, args
}

// firstOnes adds arms that find as many acts as are wanted, as PostgreSQL does not always merge them. Planning an arm
// for each person would take it longer than finding the acts, so one arm looks people up in turn. Outcomes differ too
// much in how frequent they are for that.
func (s search) firstOnes(arms []string, args []any, order string) ([]string, []any) {
	const first, all = "(SELECT seq FROM audit_acts WHERE ", "SELECT arm.seq FROM "
	if s.column != "outcome" && len(s.values) > 1 {
		arms = append(arms, all+"unnest(?::bigint[]) AS v(value) CROSS JOIN LATERAL "+
			first+s.column+" = v.value AND "+s.rest.sql+order+") AS arm")
		return arms, append(append(args, s.values), s.rest.args...)
	}
	for _, value := range s.values {
		arms = append(arms, all+first+s.column+" = ? AND "+s.rest.sql+order+") AS arm")
		args = append(append(args, value), s.rest.args...)
	}
	return arms, args
}

// within is the condition of being in a span, at the times of v.
func (v view) within(s span) condition {
	c := condition{"seq > ? AND seq < ?", []any{s.after, s.before}}
	if v.from != math.MinInt64 || v.to != math.MaxInt64 {
		c = c.and(condition{"at >= ? AND at < ?", []any{v.from, v.to}})
	}
	return c
}

// query reads entries, and makes room for some of them at first.
func (l *Log) query(ctx context.Context, query string, room int, args ...any) ([]Entry, error) {
	rows, err := l.db.QueryPlanned(ctx, l.db.Rebind(query), args...)
	if err != nil {
		return nil, fmt.Errorf("reading the record: %w", err)
	}
	defer func() { _ = rows.Close() }()
	entries := make([]Entry, 0, room)
	for rows.Next() {
		var body []byte
		var open bool
		if err := rows.Scan(&body, &open); err != nil {
			return nil, fmt.Errorf("reading the record: %w", err)
		}
		e, err := decode(body)
		if err != nil {
			return nil, err
		}
		e.Open = open
		entries = append(entries, e)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading the record: %w", err)
	}
	return entries, nil
}
