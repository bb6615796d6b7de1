package audit

import (
	"context"
	"fmt"
	"slices"
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
