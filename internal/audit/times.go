package audit

import (
	"context"
	"fmt"
	"math"
	"time"
)

// blockSize is how many entries share a row of audit_times.
const blockSize = 1000

func blockOf(seq int64) int64 { return (seq - 1) / blockSize }

// A span is an open interval of entries.
type span struct{ after, before int64 }

// everything is the span of all entries.
var everything = span{0, math.MaxInt64}

// maxSearches bounds the searches that one list is made of.
const maxSearches = 32

// milliseconds are the times of f: at or after from, and before to.
func milliseconds(f Filter) (from, to int64) {
	from, to = math.MinInt64, math.MaxInt64
	if !f.From.IsZero() {
		from = ceilMilli(f.From)
	}
	if !f.To.IsZero() {
		to = ceilMilli(f.To)
	}
	return from, to
}

// ceilMilli is the first whole millisecond that is not before t.
func ceilMilli(t time.Time) int64 { return t.Add(time.Millisecond - 1).UnixMilli() }

// spans are where entries of a time may stand: entries are in the order in which they were written, and mostly that
// of their times. As clocks are now and then set back, it can be several spans; too many for so many searches become one.
func (l *Log) spans(ctx context.Context, from, to int64, searches int) ([]span, error) {
	if from == math.MinInt64 && to == math.MaxInt64 {
		return []span{everything}, nil
	}
	const query = `SELECT min(block), max(block) FROM
		(SELECT block, block - row_number() OVER (ORDER BY block) AS island FROM audit_times
			WHERE latest >= ? AND earliest < ?) AS blocks
		GROUP BY island ORDER BY 1`
	rows, err := l.db.QueryContext(ctx, l.db.Rebind(query), from, to)
	if err != nil {
		return nil, fmt.Errorf("finding entries by time: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var spans []span
	for rows.Next() {
		var first, last int64
		if err := rows.Scan(&first, &last); err != nil {
			return nil, fmt.Errorf("finding entries by time: %w", err)
		}
		spans = append(spans, span{first * blockSize, (last+1)*blockSize + 1})
	}
	if len(spans) > 1 && len(spans)*searches > maxSearches {
		spans = []span{{spans[0].after, spans[len(spans)-1].before}}
	}
	return spans, rows.Err()
}

// beyond is the part of s that lies on from c, in its direction.
func (s span) beyond(c Cursor) span {
	switch {
	case !c.set:
	case c.newer:
		s.after = max(s.after, c.seq)
	default:
		s.before = min(s.before, c.seq)
	}
	return s
}
