package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// pruneBatch is how many entries one transaction removes: few enough that a revocation hardly waits for it.
const pruneBatch = 2000

// Prune removes the entries written before before, from the oldest on and up to the first newer one, and returns how many.
// The chain stays verifiable: it remembers the last entry removed. The pruning itself goes on the record, without an
// organization. Use context.WithoutCancel, as for Append.
func (l *Log) Prune(ctx context.Context, before time.Time) (int64, error) {
	_, pruned, err := l.ends(ctx)
	if err != nil {
		return 0, err
	}
	last, err := l.lastBefore(ctx, before)
	if err != nil || last <= pruned.Seq {
		return 0, err
	}
	asked, err := l.Append(ctx, Entry{Action: Prune, Outcome: Asked, Detail: fmt.Sprintf(
		"entries %d to %d, written before %s", pruned.Seq+1, last, before.UTC().Format(timeLayout))})
	if err != nil {
		return 0, err
	}
	removed, err := l.prune(ctx, last)
	outcome := Entry{Action: Prune, Outcome: Done, Asks: asked.Seq, Detail: fmt.Sprintf("%d entries removed", removed)}
	if err != nil {
		outcome.Outcome = Failed
		err = fmt.Errorf("pruning the audit record: %w", err)
	}
	_, appendErr := l.Append(ctx, outcome)
	return removed, errors.Join(err, appendErr)
}

// lastBefore is the Seq of the entry before the first that is not older than before.
func (l *Log) lastBefore(ctx context.Context, before time.Time) (seq int64, err error) {
	const query = "SELECT seq - 1 FROM audit_entries WHERE at >= ? ORDER BY seq LIMIT 1"
	err = l.db.QueryRowContext(ctx, l.db.Rebind(query), ceilMilli(before)).Scan(&seq)
	if errors.Is(err, sql.ErrNoRows) {
		head, _, err := l.ends(ctx)
		return head.Seq, err
	}
	if err != nil {
		return 0, fmt.Errorf("finding what to prune: %w", err)
	}
	return seq, nil
}

func (l *Log) prune(ctx context.Context, last int64) (removed int64, err error) {
	for done := false; !done; {
		var n int64
		err := l.locked(ctx, func(tx *sql.Tx, _ Mark) (err error) {
			var pruned int64
			if err := tx.QueryRowContext(ctx, "SELECT pruned_seq FROM audit_chain").Scan(&pruned); err != nil {
				return err
			}
			to := min(pruned+pruneBatch, last)
			if done = to == last; to <= pruned {
				done = true
				return nil // another replica has been here
			}
			n, err = l.pruneTo(ctx, tx, to)
			return err
		})
		if err != nil {
			return removed, err
		}
		removed += n
	}
	return removed, l.forget(ctx)
}

// pruneTo moves the pruning mark to an entry and removes it with all before it; triggers refuse any other order.
func (l *Log) pruneTo(ctx context.Context, tx *sql.Tx, to int64) (int64, error) {
	const mark = `UPDATE audit_chain SET pruned_seq = e.seq, pruned_hash = e.hash, pruned_at = e.at
		FROM audit_entries e WHERE e.seq = ?`
	if _, err := tx.ExecContext(ctx, l.db.Rebind(mark), to); err != nil {
		return 0, err
	}
	if _, err := tx.ExecContext(ctx, l.db.Rebind("DELETE FROM audit_open WHERE seq <= ?"), to); err != nil {
		return 0, err
	}
	result, err := tx.ExecContext(ctx, l.db.Rebind("DELETE FROM audit_entries WHERE seq <= ?"), to)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// forget removes the people whom no entry names any more.
func (l *Log) forget(ctx context.Context) error {
	return l.locked(ctx, func(tx *sql.Tx, _ Mark) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM audit_people
			WHERE NOT EXISTS (SELECT 1 FROM audit_entries e WHERE e.actor = audit_people.ref)
			AND NOT EXISTS (SELECT 1 FROM audit_entries e WHERE e.subject = audit_people.ref)`)
		return err
	})
}
