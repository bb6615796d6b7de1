package audit

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Act is something that somebody did, as far as a reader may see it: its entries, oldest first. They are the one that
// asked, the outcome, and evidence read afterwards; some acts are one entry.
type Act struct{ Entries []Entry }

// First is the entry that began the act, or the oldest that retention left.
func (a Act) First() Entry { return a.Entries[0] }

// Last is the entry that says what came of the act: its outcome, or what was asked while there is none.
func (a Act) Last() Entry {
	last := a.Entries[0]
	for _, e := range a.Entries[1:] {
		if e.About == 0 {
			last = e
		}
	}
	return last
}

// Evidence is what the platform told after the act; it is the zero Evidence if nothing was read.
func (a Act) Evidence() Evidence {
	for _, e := range slices.Backward(a.Entries) {
		if e.Action == ReadEvidence {
			return e.Evidence
		}
	}
	return Evidence{}
}

// Acts is a part of a list of acts, newest first. Older and Newer lead to its neighbours, as those of Page.
type Acts struct {
	Acts         []Act
	Older, Newer Cursor
}

// Acts returns up to limit (at most MaxActs) of the acts that f shows, newest first, each with all its entries that f's
// reader may see. An act stands where it was asked. It takes as long on the last page as on the first.
func (l *Log) Acts(ctx context.Context, f Filter, after Cursor, limit int) (Acts, error) {
	v, err := l.view(ctx, f)
	if err != nil {
		return Acts{}, err
	}
	return l.acts(ctx, f, v, after, min(max(limit, 1), MaxActs))
}

// acts reads one place more than limit to learn whether the list goes on.
func (l *Log) acts(ctx context.Context, f Filter, v view, after Cursor, limit int) (Acts, error) {
	shown, err := l.places(ctx, v, after, limit+1)
	if err != nil || len(shown) == 0 {
		return Acts{}, err
	}
	more := len(shown) > limit
	shown = shown[:min(limit, len(shown))]
	if after.newer {
		slices.Reverse(shown)
	}
	var page Acts
	if after.newer && more || !after.newer && after.set {
		page.Newer = Cursor{shown[0], true, true}
	}
	if !after.newer && more || after.newer {
		page.Older = Cursor{shown[len(shown)-1], false, true}
	}
	page.Acts, err = l.whole(ctx, f, shown)
	return page, err
}

// EachAct calls yield with every act that f shows, newest first, and stops at its first error. It reads a part at a time
// and holds neither memory nor a connection in between, however slow yield is; what is begun meanwhile does not appear.
func (l *Log) EachAct(ctx context.Context, f Filter, yield func(Act) error) error {
	v, err := l.view(ctx, f)
	if err != nil {
		return err
	}
	for after, more := (Cursor{}), true; more; {
		page, err := l.acts(ctx, f, v, after, MaxActs)
		if err != nil {
			return err
		}
		for _, a := range page.Acts {
			if err := yield(a); err != nil {
				return err
			}
		}
		after, more = page.Older, !page.Older.IsZero()
	}
	return nil
}

const (
	// MaxActs is the most acts that Acts returns.
	MaxActs = 333
	perAct  = 3 // about how many entries an act has
)

// view is what a filter shows: the acts that its searches find, in one of its spans, and its times.
type view struct {
	searches []search
	spans    []span
	from, to int64 // milliseconds
}

func (l *Log) view(ctx context.Context, f Filter) (v view, err error) {
	if v.searches, err = l.searches(ctx, f); err != nil {
		return view{}, err
	}
	each := 0
	for _, s := range v.searches {
		each += len(s.values)
	}
	v.from, v.to = milliseconds(f)
	v.spans, err = l.spans(ctx, v.from, v.to, each)
	return v, err
}

// places returns the next limit acts of v, in the direction of after.
func (l *Log) places(ctx context.Context, v view, after Cursor, limit int) ([]int64, error) {
	query, args := placesQuery(l.db.Dialect, v, after, limit)
	if query == "" {
		return nil, nil
	}
	shown, err := seqsOf(l.db.QueryPlanned(ctx, l.db.Rebind(query), args...))
	if err != nil {
		return nil, fmt.Errorf("reading the list of acts: %w", err)
	}
	return shown, nil
}

// whole returns acts, each with all the entries that f's reader may see.
func (l *Log) whole(ctx context.Context, f Filter, shown []int64) ([]Act, error) {
	organization := f.OrganizationID
	if f.Nobody {
		organization = ""
	}
	args := make([]any, 0, len(shown)+1)
	place := make(map[int64]int, len(shown))
	for i, seq := range shown {
		args, place[seq] = append(args, seq), i
	}
	const most = 20 // entries of an act, on average
	// The organization is compared below: asked for here, it would lead through all of its entries.
	query := "SELECT " + columns + " WHERE e.act IN (?" + strings.Repeat(", ?", len(shown)-1) + ") ORDER BY e.seq LIMIT ?"
	all, err := l.query(ctx, query, perAct*len(shown), append(args, most*len(shown))...)
	if err != nil {
		return nil, err
	}
	acts := make([]Act, len(shown))
	for _, e := range all {
		if e.Organization.ID == organization && (f.Own == "" || e.Actor.ID == f.Own || e.Subject.ID == f.Own) {
			at := place[e.Act()]
			acts[at].Entries = append(acts[at].Entries, e.as(f.Own))
		}
	}
	return slices.DeleteFunc(acts, func(a Act) bool { return len(a.Entries) == 0 }), nil
}
