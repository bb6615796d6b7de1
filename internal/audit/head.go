package audit

import (
	"context"
	"database/sql"
	"fmt"

	"tokenconsole/internal/database"
)

// querier is a database or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// lockHead reads the head and keeps every other writer waiting until the transaction ends. SQLite's transactions have
// the write lock from their start. On PostgreSQL it also undoes a server's synchronous_commit=off for this
// transaction, and keeps a process that hangs from holding the lock for long.
func (l *Log) lockHead(ctx context.Context, tx *sql.Tx) (h head, err error) {
	query := "SELECT size, checkpoint, pruned FROM audit_head"
	if l.db.Dialect == database.PostgreSQL {
		query = `SELECT size, checkpoint, pruned FROM audit_head,
			(SELECT CASE current_setting('synchronous_commit') WHEN 'off' THEN
				set_config('synchronous_commit', 'on', true) END,
				set_config('idle_in_transaction_session_timeout', '10s', true)) AS settings
			FOR UPDATE OF audit_head`
	}
	if err := tx.QueryRowContext(ctx, query).Scan(&h.size, &h.checkpoint, &h.pruned); err != nil {
		return head{}, fmt.Errorf("locking the end of the record: %w", err)
	}
	return h, nil
}

// readHead reads the head without keeping anybody waiting.
func (l *Log) readHead(ctx context.Context, q querier) (h head, err error) {
	const query = "SELECT size, checkpoint, pruned FROM audit_head"
	if err := q.QueryRowContext(ctx, query).Scan(&h.size, &h.checkpoint, &h.pruned); err != nil {
		return head{}, fmt.Errorf("reading the end of the record: %w", err)
	}
	return h, nil
}
