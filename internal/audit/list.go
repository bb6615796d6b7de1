package audit

import (
	"context"
	"slices"
)

// MaxPage is the most entries that List returns.
const MaxPage = 1000

// Page is a part of a list, newest first. Older and Newer lead to its neighbours and are zero where there is none.
type Page struct {
	Entries      []Entry
	Older, Newer Cursor
}

// List returns up to limit (at most MaxPage) of the entries that f shows, newest first, from the place after. It
// takes as long on the last page as on the first. What f.Own did not do themselves, they read without what is not
// theirs to know.
func (l *Log) List(ctx context.Context, f Filter, after Cursor, limit int) (Page, error) {
	v, err := l.view(ctx, f)
	if err != nil {
		return Page{}, err
	}
	return l.list(ctx, v, after, min(max(limit, 1), MaxPage))
}

// Each calls yield with every entry that f shows, newest first, and stops at its first error. It reads a part at a
// time and holds neither memory nor a connection in between, however slow yield is; what is appended meanwhile does
// not appear.
func (l *Log) Each(ctx context.Context, f Filter, yield func(Entry) error) error {
	v, err := l.view(ctx, f)
	if err != nil {
		return err
	}
	for after, more := (Cursor{}), true; more; {
		page, err := l.list(ctx, v, after, MaxPage)
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

// OpenEntries returns the Asked entries that f shows and nothing has closed, newest first: acts in flight, and those
// whose outcome a crash has swallowed.
func (l *Log) OpenEntries(ctx context.Context, f Filter) (open []Entry, err error) {
	f.Open = true
	err = l.Each(ctx, f, func(e Entry) error {
		open = append(open, e)
		return nil
	})
	return open, err
}

// Get returns entry seq of an organization, or ErrNotFound. The entries of no organization have the id "".
func (l *Log) Get(ctx context.Context, organizationID string, seq int64) (Entry, error) {
	entries, err := l.query(ctx, "SELECT "+columns+" WHERE e.seq = ? AND e.organization_id = ?", 1, seq, organizationID)
	if err != nil {
		return Entry{}, err
	}
	if len(entries) == 0 {
		return Entry{}, ErrNotFound
	}
	return entries[0], nil
}

// Act returns the entries of the act that entry seq of an organization belongs to, oldest first: asked, outcome,
// evidence. Retention may have removed the first of them. Without any it returns ErrNotFound.
func (l *Log) Act(ctx context.Context, organizationID string, seq int64) ([]Entry, error) {
	const act = ` WHERE e.act = (SELECT act FROM audit_entries WHERE seq = ?) AND e.organization_id = ?
		ORDER BY e.seq LIMIT 100`
	entries, err := l.query(ctx, "SELECT "+columns+act, 3, seq, organizationID)
	if err == nil && len(entries) == 0 {
		err = ErrNotFound
	}
	return entries, err
}

// OwnAct is Act for a person who may read only what they did and what concerned them.
func (l *Log) OwnAct(ctx context.Context, organizationID, own string, seq int64) ([]Entry, error) {
	entries, err := l.Act(ctx, organizationID, seq)
	if err != nil {
		return nil, err
	}
	var shown []Entry
	for _, e := range entries {
		if own != "" && (e.Actor.ID == own || e.Subject.ID == own) {
			shown = append(shown, e.as(own))
		}
	}
	if len(shown) == 0 {
		return nil, ErrNotFound
	}
	return shown, nil
}

// view is what a filter shows: the entries that fit one of its arms, in one of its spans, and its times.
type view struct {
	arms     []condition
	spans    []span
	from, to int64 // milliseconds
	own      string
}

func (l *Log) view(ctx context.Context, f Filter) (v view, err error) {
	if v.arms, err = l.arms(ctx, f); err != nil {
		return view{}, err
	}
	v.own = f.Own
	v.from, v.to = milliseconds(f)
	v.spans, err = l.spans(ctx, v.from, v.to, len(v.arms))
	return v, err
}

// list reads one entry more than limit to learn whether the list goes on.
func (l *Log) list(ctx context.Context, v view, after Cursor, limit int) (Page, error) {
	query, args := listQuery(v, after, limit+1)
	if query == "" {
		return Page{}, nil
	}
	entries, err := l.query(ctx, query, limit+1, args...)
	if err != nil {
		return Page{}, err
	}
	more := len(entries) > limit
	entries = entries[:min(limit, len(entries))]
	if after.newer {
		slices.Reverse(entries)
	}
	for i := range entries {
		entries[i] = entries[i].as(v.own)
	}
	page := Page{Entries: entries}
	if len(entries) == 0 {
		return page, nil
	}
	if after.newer && more || !after.newer && after.set {
		page.Newer = Cursor{entries[0].Seq, true, true}
	}
	if !after.newer && more || after.newer {
		page.Older = Cursor{entries[len(entries)-1].Seq, false, true}
	}
	return page, nil
}
