package audit

import (
	"context"
	"database/sql"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"tokenconsole/internal/signing"
)

// readLeaves reads the leaf hashes of the entries after a size up to c, from the entries themselves where they are
// still there.
func (l *Log) readLeaves(ctx context.Context, q querier, after int64, c signing.Checkpoint) ([]tlog.Hash, error) {
	const query = `SELECT t.seq, t.hashes, e.body FROM audit_tree t LEFT JOIN audit_entries e ON e.seq = t.seq
		WHERE t.seq > ? AND t.seq <= ? ORDER BY t.seq`
	rows, err := q.QueryContext(ctx, l.db.Rebind(query), after, c.Size)
	if err != nil {
		return nil, fmt.Errorf("reading the newest entries: %w", err)
	}
	defer func() { _ = rows.Close() }()
	leaves := make([]tlog.Hash, 0, c.Size-after)
	missing := int64(0) // the last entry without a body
	for rows.Next() {
		var seq int64
		var packed, body []byte
		if err := rows.Scan(&seq, &packed, &body); err != nil {
			return nil, fmt.Errorf("reading the newest entries: %w", err)
		}
		leaf, ok := unpackHash(packed, 0)
		if want := after + int64(len(leaves)) + 1; seq != want || !ok {
			return nil, l.breaks(faultf(want, "the tree has lost entry %d", want))
		}
		if body == nil {
			missing = seq
		} else if tlog.RecordHash(body) != leaf {
			return nil, l.breaks(changed(seq))
		}
		leaves = append(leaves, leaf)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading the newest entries: %w", err)
	}
	if end := after + int64(len(leaves)); end < c.Size {
		return nil, l.breaks(faultf(end+1, "the tree has lost entry %d", end+1))
	}
	_ = rows.Close()
	return leaves, l.covered(ctx, q, missing, c)
}

func changed(seq int64) Fault {
	return faultf(seq, "entry %d was changed after it was written", seq)
}

// covered reports a fault if no recorded pruning covers entry seq, which is missing.
func (l *Log) covered(ctx context.Context, q querier, seq int64, c signing.Checkpoint) error {
	if seq <= l.snapshot().pruned {
		return nil
	}
	through, err := l.recordedPruning(ctx, q, c)
	if err != nil {
		return err
	}
	if seq > through {
		// Another replica may be pruning: what it recorded before it began is newer than c.
		h, err := l.readHead(ctx, q)
		if err != nil {
			return err
		}
		if c, err = signing.Open(h.checkpoint, l.public); err != nil {
			return l.breaks(faultf(seq, "entry %d is missing, and the end of the record %s", seq, err))
		}
		if through, err = l.recordedPruning(ctx, q, c); err != nil {
			return err
		}
	}
	if seq > through {
		return l.breaks(faultf(seq, "entry %d is missing, and no pruning on the record covers it", seq))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.trusted.pruned = max(l.trusted.pruned, through)
	return nil
}

const selectPrunings = `SELECT e.seq, e.body FROM audit_acts a JOIN audit_entries e ON e.seq = a.seq AND e.outcome = 'asked'
		WHERE a.organization_id = '' AND a.action = 'prune' AND a.seq <= ? ORDER BY a.seq DESC LIMIT 20`

// recordedPruning is how far the newest pruning goes that is on the record which c signs.
func (l *Log) recordedPruning(ctx context.Context, q querier, c signing.Checkpoint) (through int64, err error) {
	candidates, err := l.bodies(ctx, q, selectPrunings, c.Size)
	if err != nil {
		return 0, err
	}
	// Where replicas prune at the same moment, the newest is not always the one that goes furthest.
	var furthest stored
	for _, s := range candidates {
		e, err := decode(s.body)
		if err != nil {
			return 0, l.breaks(changed(s.seq))
		}
		if e.Pruned.Through > through {
			through, furthest = e.Pruned.Through, s
		}
	}
	if through == 0 {
		return 0, nil
	}
	_, err = l.proof(ctx, q, c, furthest)
	return through, err
}

// checkRecent compares the newest entries with what this process knows of them.
func (l *Log) checkRecent(ctx context.Context, q querier) error {
	missing, err := l.compareRecent(ctx, q)
	if err != nil {
		return err
	}
	if err := l.checkFiled(ctx, q); err != nil {
		return err
	}
	if missing > l.snapshot().pruned {
		c, err := signing.Open(l.snapshot().checkpoint, l.public)
		if err != nil {
			return err
		}
		if err := l.covered(ctx, q, missing, c); err != nil {
			return err
		}
	}
	return l.countRecentTree(ctx, q)
}

// countRecentTree reports a fault if the tree has lost one of the newest entries. Hashes that were changed there are left to
// Verify: what the entries say is known here without them.
func (l *Log) countRecentTree(ctx context.Context, q querier) error {
	t := l.snapshot()
	const query = "SELECT COUNT(*) FROM audit_tree WHERE seq > ? AND seq <= ?"
	var count int64
	if err := q.QueryRowContext(ctx, l.db.Rebind(query), t.from(), t.edge.size).Scan(&count); err != nil {
		return fmt.Errorf("counting the newest entries of the tree: %w", err)
	}
	if count == t.edge.size-t.from() {
		return nil
	}
	c, err := signing.Open(t.checkpoint, l.public)
	if err != nil {
		return err
	}
	_, err = l.readLeaves(ctx, q, t.from(), c) // says which
	return err
}

// compareRecent returns the newest entry that is missing.
func (l *Log) compareRecent(ctx context.Context, q querier) (missing int64, err error) {
	t := l.snapshot()
	if len(t.recent) > recentEntries {
		t.recent = t.recent[len(t.recent)-recentEntries:]
	}
	const query = "SELECT seq, body FROM audit_entries WHERE seq > ? AND seq <= ? ORDER BY seq"
	rows, err := q.QueryContext(ctx, l.db.Rebind(query), t.from(), t.edge.size)
	if err != nil {
		return 0, fmt.Errorf("checking the newest entries: %w", err)
	}
	defer func() { _ = rows.Close() }()
	next := t.from() + 1
	var body sql.RawBytes
	for rows.Next() {
		var seq int64
		if err := rows.Scan(&seq, &body); err != nil {
			return 0, fmt.Errorf("checking the newest entries: %w", err)
		}
		if seq > next {
			missing = seq - 1
		}
		if tlog.RecordHash(body) != t.recent[seq-t.from()-1] {
			return 0, l.breaks(changed(seq))
		}
		next = seq + 1
	}
	if err := rows.Err(); err != nil {
		return 0, fmt.Errorf("checking the newest entries: %w", err)
	}
	if next <= t.edge.size {
		missing = t.edge.size
	}
	return missing, nil
}
