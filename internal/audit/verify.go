package audit

import (
	"context"
	"database/sql"
	"fmt"
)

// Verify walks over the whole record and reports everything that is not as the console wrote it: entries changed,
// removed, inserted, moved or cut off, hashes, the signature, and every column and list that entries are found by.
// Checkpoints that were kept elsewhere must fit, and one that cannot be checked is a fault. It needs only to read. An
// error says that the walk could not be finished.
//
// Without a checkpoint kept elsewhere it cannot tell a record from an older copy of the same record.
func (l *Log) Verify(ctx context.Context, kept ...Kept) (Report, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	fresh := l.db.Fresh()
	defer func() { _ = fresh.Close() }()
	w, err := l.newWalk(ctx, fresh, kept)
	if err != nil {
		return Report{}, err
	}
	for next := int64(0); ; {
		h, err := l.readHead(ctx, fresh)
		if err != nil {
			return Report{}, err
		}
		if next == 0 {
			w.pruned = h.pruned
		}
		end := h.size / blockSize
		if end <= next {
			break
		}
		if err := w.blocks(ctx, next, end); err != nil {
			return Report{}, fmt.Errorf("walking over the record: %w", err)
		}
		next = end
	}
	if err := w.finish(ctx); err != nil {
		return Report{}, fmt.Errorf("walking over the record: %w", err)
	}
	return w.report, w.people.err
}

// finish walks over what is left in one short transaction, so that the end of the record and the list of acts
// are of one moment, and then judges.
func (w *walk) finish(ctx context.Context) error {
	tx, err := w.db.BeginRead(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	h, err := w.log.readHead(ctx, tx)
	if err != nil {
		return err
	}
	for block := w.stored.size / blockSize; block*blockSize < h.size; block++ {
		c, err := w.read(ctx, tx, block, h.size)
		if err != nil {
			return err
		}
		w.take(w.examine(c))
	}
	if err := w.strays(ctx, tx, h); err != nil {
		return err
	}
	w.report.OpenCount, w.report.Open = int64(len(w.open)), sortedKeys(w.open)[:min(100, len(w.open))]
	if err := w.listedOnes(ctx, tx); err != nil {
		return err
	}
	w.judge(h)
	return w.countedOnes(ctx, tx, h)
}

// strays are entries before the first or after the last.
func (w *walk) strays(ctx context.Context, q querier, h head) error {
	const query = `SELECT seq FROM audit_entries WHERE seq > ? OR seq < 1
		UNION SELECT seq FROM audit_tree WHERE seq > ? OR seq < 1 ORDER BY seq LIMIT 100`
	strays, err := seqsOf(q.QueryContext(ctx, w.log.db.Rebind(query), h.size, h.size))
	for _, seq := range strays {
		w.report.fault(faultf(seq, "entry %d stands outside of the record: the console did not write it", seq))
	}
	return err
}

func seqsOf(rows *sql.Rows, err error) ([]int64, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var seqs []int64
	for rows.Next() {
		var seq int64
		if err := rows.Scan(&seq); err != nil {
			return nil, err
		}
		seqs = append(seqs, seq)
	}
	return seqs, rows.Err()
}
