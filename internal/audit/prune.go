package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"
)

// maxSkew is how far the console's clock and the one that is asked beside it may be apart.
const maxSkew = 5 * time.Minute

// ErrClock reports that the console's clock is not to be trusted, so that nothing was pruned.
var ErrClock = errors.New("audit: the clock cannot be trusted")

// Prune removes the bodies of the entries that are older than retention, from the oldest on, and returns how many.
// Their hashes stay, so the tree stays whole. The pruning itself is on the record before anything is removed, without
// an organization.
//
// witness is what another clock says now, such as the Date of the platform's latest answer. Without one (the zero
// time), or when the console's clock differs from it by more than five minutes, nothing is removed and the error
// wraps ErrClock: a clock that jumps must not empty the record. For the same reason an entry is removed only if it,
// or one written after it, has a time that fits in among the others and is older than retention.
func (l *Log) Prune(ctx context.Context, retention time.Duration, witness time.Time) (int64, error) {
	now := l.now()
	switch skew := now.Sub(witness).Abs(); {
	case witness.IsZero():
		return 0, fmt.Errorf("%w: no other clock was asked", ErrClock)
	case skew > maxSkew:
		return 0, fmt.Errorf("%w: it differs by %s from the one that was asked", ErrClock, skew.Round(time.Second))
	}
	before := now
	if witness.Before(now) {
		before = witness
	}
	before = before.Add(-retention).UTC().Truncate(time.Millisecond)
	through, err := l.prunable(ctx, before, now.Add(maxSkew))
	if err != nil || through == 0 {
		return 0, err
	}
	var removeErr error
	pruning := Entry{Action: Prune, Pruned: Pruned{through, before}}
	settled, err := l.Undertake(ctx, pruning, func(ctx context.Context) Result {
		var n int64
		if n, removeErr = l.remove(ctx, through); removeErr != nil {
			return Result{Outcome: Failed, Count: n, Problem: "record-unwritable"}
		}
		return Result{Outcome: Done, Count: n}
	})
	if removeErr != nil {
		removeErr = fmt.Errorf("pruning the record: %w", removeErr)
	}
	return settled.Result.Count, errors.Join(err, removeErr, settled.Unrecorded)
}

// prunable is the last entry that may be removed, or 0. Times are believed that go forward: not those of a clock that
// was set back, nor those that lie in the future.
func (l *Log) prunable(ctx context.Context, before, future time.Time) (through int64, err error) {
	latest, err := l.prunedBefore(ctx)
	if err != nil {
		return 0, err
	}
	for after := int64(math.MinInt64); ; {
		times, err := l.timesAfter(ctx, after)
		if err != nil || len(times) == 0 {
			return through, err
		}
		for _, e := range times {
			if e.at < latest || e.at > future.UnixMilli() {
				continue
			}
			if e.at >= before.UnixMilli() {
				return through, nil
			}
			through, latest = e.seq, e.at
		}
		after = times[len(times)-1].seq
	}
}

type entryTime struct{ seq, at int64 }

func (l *Log) timesAfter(ctx context.Context, seq int64) (times []entryTime, err error) {
	const query = "SELECT seq, at FROM audit_entries WHERE seq > ? ORDER BY seq LIMIT 2000"
	rows, err := l.db.QueryContext(ctx, l.db.Rebind(query), seq)
	if err != nil {
		return nil, fmt.Errorf("finding what to prune: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var e entryTime
		if err := rows.Scan(&e.seq, &e.at); err != nil {
			return nil, fmt.Errorf("finding what to prune: %w", err)
		}
		times = append(times, e)
	}
	return times, rows.Err()
}

const selectLastPruning = `SELECT e.body FROM audit_acts a JOIN audit_entries e ON e.act = a.seq AND e.outcome = 'done', audit_head h
		WHERE a.organization_id = '' AND a.action = 'prune' AND a.outcome = 'done' AND h.pruned > 0 ORDER BY a.seq DESC LIMIT 1`

// prunedBefore is the time before which earlier prunings removed entries; what is older and still there has a false
// time.
func (l *Log) prunedBefore(ctx context.Context) (int64, error) {
	var body []byte
	err := l.db.QueryRowContext(ctx, selectLastPruning).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return math.MinInt64, nil
	}
	if err != nil {
		return 0, fmt.Errorf("finding the last pruning: %w", err)
	}
	e, err := decode(body)
	if err != nil {
		return 0, err
	}
	return e.Pruned.Before.UnixMilli(), nil
}
