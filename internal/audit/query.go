package audit

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"strings"
	"time"
)

// A span is an open interval of places in the list.
type span struct{ fromAt, fromSeq, toAt, toSeq int64 }

func (f Filter) span() span {
	s := span{math.MinInt64, 0, math.MaxInt64, 0}
	if !f.From.IsZero() {
		s.fromAt = ceilMilli(f.From)
	}
	if !f.To.IsZero() {
		s.toAt = ceilMilli(f.To)
	}
	return s
}

// ceilMilli is the first whole millisecond that is not before t.
func ceilMilli(t time.Time) int64 { return t.Add(time.Millisecond - 1).UnixMilli() }

// beyond is the part of s that lies on from c, in its direction.
func (s span) beyond(c Cursor) span {
	switch {
	case !c.set:
	case c.newer && (c.at > s.fromAt || c.at == s.fromAt && c.seq > s.fromSeq):
		s.fromAt, s.fromSeq = c.at, c.seq
	case !c.newer && (c.at < s.toAt || c.at == s.toAt && c.seq < s.toSeq):
		s.toAt, s.toSeq = c.at, c.seq
	}
	return s
}

// listQuery finds the places first, each arm on its own and no further than needed, and only then reads the entries there.
func listQuery(arms []condition, s span, newer bool, limit int) (string, []any) {
	direction := "DESC"
	if newer {
		direction = "ASC"
	}
	order := fmt.Sprintf("ORDER BY at %s, seq %s LIMIT %d", direction, direction, limit)
	var places strings.Builder
	var args []any
	for i, arm := range arms {
		if i > 0 {
			places.WriteString(" UNION ")
		}
		places.WriteString("SELECT * FROM (SELECT at, seq FROM audit_entries WHERE ")
		places.WriteString(arm.sql)
		places.WriteString(" AND (at, seq) > (?, ?) AND (at, seq) < (?, ?) " + order + ") AS arm")
		args = append(append(args, arm.args...), s.fromAt, s.fromSeq, s.toAt, s.toSeq)
	}
	return fmt.Sprintf("SELECT %s FROM (SELECT * FROM (%s) AS arms %s) AS place CROSS JOIN %s AND e.seq = place.seq "+
		"ORDER BY e.at %s, e.seq %s", columns, places.String(), order, tables, direction, direction), args
}

// columns and tables read whole entries; CROSS JOIN has SQLite look people up for entries, and not the reverse.
const (
	columns = `e.seq, e.at, e.action, e.outcome, a.id, a.name, a.email, e.organization_id, e.organization_name, e.region,
		s.id, s.name, s.email, e.reason, e.ticket, e.detail, e.platform_status, e.correlation_id, e.request_id,
		e.client_address, e.asks, e.previous, e.hash, EXISTS (SELECT 1 FROM audit_open o WHERE o.seq = e.seq)`
	tables = `audit_entries e CROSS JOIN audit_people a CROSS JOIN audit_people s WHERE a.ref = e.actor AND s.ref = e.subject`
)

// query reads entries, and makes room for some of them at first.
func (l *Log) query(ctx context.Context, query string, room int, args ...any) ([]Entry, error) {
	rows, err := l.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	entries := make([]Entry, 0, room)
	for rows.Next() {
		e, err := scan(rows)
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	return entries, rows.Err()
}

func scan(rows *sql.Rows) (e Entry, err error) {
	var at int64
	err = rows.Scan(&e.Seq, &at, &e.Action, &e.Outcome, &e.Actor.ID, &e.Actor.Name, &e.Actor.Email,
		&e.OrganizationID, &e.OrganizationName, &e.Region, &e.Subject.ID, &e.Subject.Name, &e.Subject.Email,
		&e.Reason, &e.Ticket, &e.Detail, &e.PlatformStatus, &e.CorrelationID, &e.RequestID,
		&e.ClientAddress, &e.Asks, &e.Previous, &e.Hash, &e.Open)
	e.At = time.UnixMilli(at).UTC()
	return e, err
}
