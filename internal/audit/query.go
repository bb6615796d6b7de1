package audit

import (
	"context"
	"fmt"
	"math"
	"strings"
)

// columns and what follows read whole entries.
const columns = "e.body, EXISTS (SELECT 1 FROM audit_open o WHERE o.seq = e.seq) FROM audit_entries e"

func direction(after Cursor) string {
	if after.newer {
		return "ASC"
	}
	return "DESC"
}

// placesQuery finds up to limit acts, each search on its own and no further than needed. It is "" when nothing can be
// found.
func placesQuery(v view, after Cursor, limit int) (string, []any) {
	order := fmt.Sprintf("ORDER BY seq %s LIMIT %d", direction(after), limit)
	var places strings.Builder
	var args []any
	for _, arm := range v.arms {
		for _, s := range v.spans {
			if s = s.beyond(after); s.after+1 >= s.before {
				continue
			}
			if places.Len() > 0 {
				places.WriteString(" UNION ")
			}
			arm := arm.and("seq > ? AND seq < ?", s.after, s.before)
			if v.from != math.MinInt64 || v.to != math.MaxInt64 {
				arm = arm.and("at >= ? AND at < ?", v.from, v.to)
			}
			places.WriteString("SELECT * FROM (SELECT seq FROM audit_acts WHERE " + arm.sql + " " + order + ") AS arm")
			args = append(args, arm.args...)
		}
	}
	if places.Len() == 0 {
		return "", nil
	}
	return fmt.Sprintf("SELECT * FROM (%s) AS arms %s", places.String(), order), args
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
