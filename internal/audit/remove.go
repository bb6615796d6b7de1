package audit

import (
	"context"
	"database/sql"
)

// pruneBatch is how many entries one transaction removes: few enough that a revocation hardly waits for it.
const pruneBatch = 2000

// remove removes the bodies of the entries up to through, a batch at a time.
func (l *Log) remove(ctx context.Context, through int64) (removed int64, err error) {
	for done := false; !done; {
		var n int64
		err := l.locked(ctx, func(tx *sql.Tx, h head) (func(), error) {
			to := min(h.pruned+pruneBatch, through)
			if done = to >= through; to <= h.pruned {
				return nil, errUnchanged // another replica has been here
			}
			var err error
			n, err = l.removeTo(ctx, tx, to)
			return func() {}, err
		})
		if err != nil {
			return removed, err
		}
		removed += n
	}
	return removed, l.forget(ctx)
}

func (l *Log) removeTo(ctx context.Context, tx *sql.Tx, to int64) (removed int64, err error) {
	for _, s := range []condition{
		{"UPDATE audit_head SET pruned = ?", []any{to}},
		{"DELETE FROM audit_times WHERE block < ?", []any{to / blockSize}},
		{subtractCounts, []any{to}},
		{deleteCounts, nil},
	} {
		if _, err := tx.ExecContext(ctx, l.db.Rebind(s.sql), s.args...); err != nil {
			return 0, err
		}
	}
	result, err := tx.ExecContext(ctx, l.db.Rebind("DELETE FROM audit_entries WHERE seq <= ?"), to)
	if err != nil {
		return 0, err
	}
	if removed, err = result.RowsAffected(); err != nil {
		return 0, err
	}
	_, err = tx.ExecContext(ctx, l.db.Rebind(unlistActs), to)
	return removed, err
}

// forgetBatch is how many people one transaction looks at.
const forgetBatch = 5000

// forget removes the people whom no act that is left names any more, some at a time.
func (l *Log) forget(ctx context.Context) error {
	defer l.names.forget()
	for after, more := int64(0), true; more; {
		err := l.locked(ctx, func(tx *sql.Tx, _ head) (func(), error) {
			const last = "SELECT max(ref) FROM (SELECT ref FROM audit_people WHERE ref > ? ORDER BY ref LIMIT ?) AS few"
			var to sql.NullInt64
			if err := tx.QueryRowContext(ctx, l.db.Rebind(last), after, forgetBatch).Scan(&to); err != nil {
				return nil, err
			}
			if more = to.Valid; !more {
				return nil, errUnchanged
			}
			_, err := tx.ExecContext(ctx, l.db.Rebind(`DELETE FROM audit_people WHERE ref > ? AND ref <= ?
				AND NOT EXISTS (SELECT 1 FROM audit_acts a WHERE a.actor = audit_people.ref)
				AND NOT EXISTS (SELECT 1 FROM audit_acts a WHERE a.subject = audit_people.ref)`), after, to.Int64)
			after = to.Int64
			return func() {}, err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
