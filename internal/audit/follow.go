package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"tokenconsole/internal/signing"
)

// follow finds out whether the stored end continues what this process knows, and knows it from then on. Only the
// writer may call it.
func (l *Log) follow(ctx context.Context, q querier, h head) error {
	t := l.trusted
	if t.known && h.checkpoint == t.checkpoint && h.size == t.edge.size {
		return nil
	}
	if h.checkpoint == "" {
		return l.followEmpty(ctx, q, h)
	}
	c, err := signing.Open(h.checkpoint, l.public)
	switch {
	case err != nil:
		return l.breaks(badEnd(h.size, fmt.Errorf("%w (CONSOLE_RECORD_KEY)", err)))
	case c.Size != h.size:
		return l.breaks(faultf(c.Size, "the end of the record was moved from entry %d to entry %d", c.Size, h.size))
	case c.Size < t.edge.size:
		return l.breaks(faultf(c.Size+1, "the record was cut off after entry %d, or replaced by an older one: "+
			"it had reached entry %d", c.Size, t.edge.size))
	}
	if t.known && c.Size-t.edge.size > recentEntries {
		if err := l.consistent(ctx, q, t.edge, c); err != nil {
			return err
		}
		t.known = false
	}
	if !t.known {
		if t, err = l.edgeBefore(ctx, q, c.Size); err != nil {
			return err
		}
	}
	return l.replay(ctx, q, t, c)
}

// followEmpty accepts a record without any entry, where this process knows of none.
func (l *Log) followEmpty(ctx context.Context, q querier, h head) error {
	if l.trusted.edge.size > 0 {
		return l.breaks(faultf(1, "the record was emptied: it had reached entry %d", l.trusted.edge.size))
	}
	// The end is read again in the same question: another replica may have written the first entry since.
	const query = `SELECT EXISTS (SELECT 1 FROM audit_entries) OR EXISTS (SELECT 1 FROM audit_tree)
		FROM audit_head WHERE checkpoint = ''`
	var unsigned bool
	switch err := q.QueryRowContext(ctx, query).Scan(&unsigned); {
	case errors.Is(err, sql.ErrNoRows):
		return nil // whoever takes the head follows it
	case err != nil:
		return fmt.Errorf("looking for entries: %w", err)
	}
	if unsigned || h.size != 0 {
		return l.breaks(faultf(1, "entries stand on the record that no console signed"))
	}
	l.publish(trust{known: true})
	return nil
}

// edgeBefore is the stored edge of the tree recentEntries before size.
func (l *Log) edgeBefore(ctx context.Context, q querier, size int64) (trust, error) {
	before := max(0, size-recentEntries)
	t := trust{known: true, edge: edge{size: before}, pruned: l.trusted.pruned, unread: before}
	hashes, err := l.readHashes(ctx, q, edgePlaces(t.edge.size))
	t.edge.roots = hashes
	return t, err
}

// consistent proves that the tree with checkpoint c continues the one with edge e.
func (l *Log) consistent(ctx context.Context, q querier, e edge, c signing.Checkpoint) error {
	proof, err := tlog.ProveTree(c.Size, e.size, l.hashReader(ctx, q))
	if err != nil {
		return err
	}
	if tlog.CheckTree(proof, c.Size, c.Root, e.size, e.root()) != nil {
		return l.rewritten(e.size)
	}
	return nil
}

func (l *Log) rewritten(size int64) error {
	return l.breaks(faultf(1, "the record was rewritten: its first %d entries are not those that were there", size))
}

// replay adds the entries after t to it, and trusts the outcome if it has the root that c signs.
func (l *Log) replay(ctx context.Context, q querier, t trust, c signing.Checkpoint) error {
	before, e := t.edge.size, t.edge.clone()
	leaves, err := l.readLeaves(ctx, q, before, c)
	if err != nil {
		return err
	}
	for _, leaf := range leaves {
		e.add(leaf)
	}
	if e.root() != c.Root {
		return l.rewritten(c.Size)
	}
	if f := l.broken.Load(); f != nil {
		return &BrokenError{*f}
	}
	next := t.grown(c.Text, e, leaves...)
	next.pruned = max(next.pruned, l.trusted.pruned)
	l.publish(next)
	return nil
}

// publish makes t what this process knows.
func (l *Log) publish(t trust) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.trusted = t
}

// readThrough is how far the record was read without a gap, when all up to entry walked was.
func (l *Log) readThrough(walked int64) int64 {
	if t := l.snapshot(); walked >= t.unread {
		return max(walked, t.edge.size)
	}
	return walked
}

func (l *Log) snapshot() trust {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.trusted
}
