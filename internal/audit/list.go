package audit

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// MaxPage is the most entries that List returns.
const MaxPage = 1000

// Page is a part of a list, newest first. Older and Newer lead to its neighbours and are zero where there is none.
type Page struct {
	Entries      []Entry
	Older, Newer Cursor
}

// List returns up to limit (at most MaxPage) of the entries that f shows, by time and newest first, from the place after.
// It takes as long on the last page as on the first.
func (l *Log) List(ctx context.Context, f Filter, after Cursor, limit int) (Page, error) {
	arms, err := l.arms(ctx, f)
	if err != nil {
		return Page{}, err
	}
	return l.list(ctx, arms, f.span(), after, min(max(limit, 1), MaxPage))
}

// Each calls yield with every entry that f shows, newest first, and stops at its first error. It reads a part at a time and
// holds neither memory nor a connection in between, however slow yield is; what is appended meanwhile does not appear.
func (l *Log) Each(ctx context.Context, f Filter, yield func(Entry) error) error {
	arms, err := l.arms(ctx, f)
	if err != nil {
		return err
	}
	for after, more := (Cursor{}), true; more; {
		page, err := l.list(ctx, arms, f.span(), after, MaxPage)
		if err != nil {
			return err
		}
		for _, e := range page.Entries {
			if err := yield(e); err != nil {
				return err
			}
		}
		after, more = page.Older, !page.Older.IsZero()
	}
	return nil
}

// OpenEntries returns the Asked entries that f shows and nothing has closed, newest first: requests in flight, and those
// whose outcome a crash has swallowed.
func (l *Log) OpenEntries(ctx context.Context, f Filter) (open []Entry, err error) {
	f.Open = true
	err = l.Each(ctx, f, func(e Entry) error {
		open = append(open, e)
		return nil
	})
	return open, err
}

// Get returns the entry seq of an organization, or ErrNotFound.
func (l *Log) Get(ctx context.Context, organizationID string, seq int64) (Entry, error) {
	query := l.db.Rebind("SELECT " + columns + " FROM " + tables + " AND e.seq = ? AND e.organization_id = ?")
	entries, err := l.query(ctx, query, 1, seq, organizationID)
	if err != nil {
		return Entry{}, fmt.Errorf("reading the audit record: %w", err)
	}
	if len(entries) == 0 {
		return Entry{}, ErrNotFound
	}
	return entries[0], nil
}

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

// list reads one entry more than limit to learn whether the list goes on.
func (l *Log) list(ctx context.Context, arms []condition, s span, after Cursor, limit int) (Page, error) {
	if len(arms) == 0 {
		return Page{}, nil
	}
	query, args := listQuery(arms, s.beyond(after), after.newer, limit+1)
	entries, err := l.query(ctx, l.db.Rebind(query), limit+1, args...)
	if err != nil {
		return Page{}, fmt.Errorf("reading the audit record: %w", err)
	}
	more := len(entries) > limit
	entries = entries[:min(limit, len(entries))]
	if after.newer {
		slices.Reverse(entries)
	}
	page := Page{Entries: entries}
	if len(entries) == 0 {
		return page, nil
	}
	first, last := entries[0], entries[len(entries)-1]
	if after.newer && more || !after.newer && after.set {
		page.Newer = Cursor{first.At.UnixMilli(), first.Seq, true, true}
	}
	if !after.newer && more || after.newer {
		page.Older = Cursor{last.At.UnixMilli(), last.Seq, false, true}
	}
	return page, nil
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
