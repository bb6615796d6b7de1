package audit

import "context"

// Each calls yield with every entry of the acts that f shows, and stops at its first error: the acts newest first, the
// entries of each oldest first, as EachAct gives them.
func (l *Log) Each(ctx context.Context, f Filter, yield func(Entry) error) error {
	return l.EachAct(ctx, f, func(a Act) error {
		for _, e := range a.Entries {
			if err := yield(e); err != nil {
				return err
			}
		}
		return nil
	})
}

// OpenEntries returns the entries that asked for the acts that f shows and that have no outcome, newest first: acts in
// flight, and those whose outcome a crash has swallowed.
func (l *Log) OpenEntries(ctx context.Context, f Filter) (open []Entry, err error) {
	f.Open = true
	err = l.EachAct(ctx, f, func(a Act) error {
		open = append(open, a.First())
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
