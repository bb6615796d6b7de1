package audit

import (
	"context"
	"database/sql"
	"slices"
)

// AppendAll is Append for many entries, fifty in one transaction, for tests of large records.
func (l *Log) AppendAll(ctx context.Context, entries []Entry) error {
	for some := range slices.Chunk(entries, 10) { // a transaction has a limit of time
		err := l.locked(ctx, func(tx *sql.Tx, h head) (func(), error) {
			for _, e := range some {
				e, err := clean(e)
				if err != nil {
					return nil, err
				}
				_, next, err := l.insert(ctx, tx, h, e)
				if err != nil {
					return nil, err
				}
				l.publish(next) // a transaction that fails ends the test
				h.size, h.checkpoint = next.edge.size, next.checkpoint
			}
			return func() {}, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
