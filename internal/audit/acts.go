package audit

import (
	"context"
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

// Acts returns up to limit of the acts that have an entry which f shows, each once and with all its entries. An act
// stands where it was asked; where f names an outcome, where that came.
func (l *Log) Acts(ctx context.Context, f Filter, after Cursor, limit int) (Acts, error) {
	if f.Outcome == Asked {
		f.Open = true // of all acts that were asked, those without another outcome
	}
	h, err := l.readHead(ctx, l.db)
	if err != nil {
		return Acts{}, err
	}
	v, err := l.view(ctx, f)
	if err != nil {
		return Acts{}, err
	}
	limit = min(max(limit, 1), MaxPage/perAct)
	shown, err := l.standing(ctx, v, after, limit+1, func(e Entry) bool { return stands(e, f, h.pruned) })
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
		page.Newer = Cursor{shown[0].Seq, true, true}
	}
	if !after.newer && more || after.newer {
		page.Older = Cursor{shown[len(shown)-1].Seq, false, true}
	}
	page.Acts, err = l.whole(ctx, f, shown)
	return page, err
}

// perAct is about how many entries an act has.
const perAct = 3

// stands reports whether an act is listed where its entry e is. Retention removes entries up to pruned, perhaps the
// first of an act.
func stands(e Entry, f Filter, pruned int64) bool {
	switch {
	case f.Action == ReadEvidence || f.Open:
		return true
	case f.Outcome != "":
		return e.Action != ReadEvidence
	}
	return e.Act() == e.Seq || e.Act() <= pruned
}

// standing returns the next limit entries of v, in the direction of after, where acts stand.
func (l *Log) standing(ctx context.Context, v view, after Cursor, limit int, stand func(Entry) bool) ([]Entry, error) {
	var shown []Entry
	seen := map[int64]bool{}
	for len(shown) < limit {
		page, err := l.list(ctx, v, after, perAct*limit)
		if err != nil {
			return nil, err
		}
		entries := page.Entries
		if after.newer {
			slices.Reverse(entries)
		}
		for _, e := range entries {
			if stand(e) && !seen[e.Act()] && len(shown) < limit {
				shown, seen[e.Act()] = append(shown, e), true
			}
		}
		if len(entries) < perAct*limit {
			break
		}
		after = Cursor{entries[len(entries)-1].Seq, after.newer, true}
	}
	return shown, nil
}

// whole returns the acts of entries, each with all the entries that f's reader may see.
func (l *Log) whole(ctx context.Context, f Filter, entries []Entry) ([]Act, error) {
	organization := f.OrganizationID
	if f.Nobody {
		organization = ""
	}
	args := make([]any, 0, len(entries)+1)
	place := make(map[int64]int, len(entries))
	for i, e := range entries {
		args, place[e.Act()] = append(args, e.Act()), i
	}
	const most = 20 // entries of an act, on average
	// The organization is compared below: asked for here, it would lead through all of its entries.
	query := "SELECT " + columns + " WHERE e.act IN (?" + strings.Repeat(", ?", len(entries)-1) + ") ORDER BY e.seq LIMIT ?"
	all, err := l.query(ctx, query, perAct*len(entries), append(args, most*len(entries))...)
	if err != nil {
		return nil, err
	}
	acts := make([]Act, len(entries))
	for _, e := range all {
		if e.Organization.ID == organization && (f.Own == "" || e.Actor.ID == f.Own || e.Subject.ID == f.Own) {
			at := place[e.Act()]
			acts[at].Entries = append(acts[at].Entries, e.as(f.Own))
		}
	}
	return slices.DeleteFunc(acts, func(a Act) bool { return len(a.Entries) == 0 }), nil
}
