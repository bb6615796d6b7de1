package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"tokenconsole/internal/database"
)

// Append adds e to the end of the chain and returns it with Seq, At, Previous and Hash filled in. When it returns without
// an error the entry is on disk; with one, treat it as not written and go no further. Texts are bounded, and what looks like
// a token in a reason, ticket or detail is removed first.
//
// An outcome must not be lost because the client has gone away: append it with context.WithoutCancel.
func (l *Log) Append(ctx context.Context, e Entry) (Entry, error) {
	e, err := clean(e)
	if err != nil {
		return Entry{}, err
	}
	e, err = l.write(ctx, e)
	if err != nil {
		return Entry{}, fmt.Errorf("writing the audit record: %w", err)
	}
	l.log.LogAttrs(ctx, slog.LevelInfo, "audit", attributes(e)...)
	return e, nil
}

func (l *Log) write(ctx context.Context, e Entry) (Entry, error) {
	err := l.locked(ctx, func(tx *sql.Tx, head Mark) (err error) {
		e, err = l.insert(ctx, tx, head, e)
		return err
	})
	return e, err
}

// locked runs change in a transaction that has the chain to itself: among this process's writers, and among all others
// through the head's lock. It commits when change succeeds.
func (l *Log) locked(ctx context.Context, change func(tx *sql.Tx, head Mark) error) error {
	select {
	case l.writer <- struct{}{}:
		defer func() { <-l.writer }()
	case <-ctx.Done():
		return ctx.Err()
	}
	tx, err := l.db.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	var head Mark
	var setting string
	if err := tx.QueryRowContext(ctx, l.headQuery()).Scan(&head.Seq, &head.Hash, &setting); err != nil {
		return fmt.Errorf("locking the head of the chain: %w", err)
	}
	if err := change(tx, head); err != nil {
		return err
	}
	return tx.Commit()
}

// headQuery reads the head and keeps every other writer waiting until the transaction ends. SQLite's transactions have the
// write lock from their start. On PostgreSQL it also undoes a server's synchronous_commit=off for this transaction.
func (l *Log) headQuery() string {
	if l.db.Dialect == database.SQLite {
		return "SELECT seq, hash, '' FROM audit_chain"
	}
	return `SELECT seq, hash, CASE current_setting('synchronous_commit')
		WHEN 'off' THEN set_config('synchronous_commit', 'on', true) ELSE '' END FROM audit_chain FOR UPDATE`
}

const insertEntry = `INSERT INTO audit_entries (seq, at, action, outcome, actor, organization_id, organization_name, region,
	subject, reason, ticket, detail, platform_status, correlation_id, request_id, client_address, asks, previous, hash)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// insert writes e as the successor of the head; a trigger then moves the head and the list of open entries.
func (l *Log) insert(ctx context.Context, tx *sql.Tx, head Mark, e Entry) (Entry, error) {
	if e.Asks > head.Seq {
		return Entry{}, fmt.Errorf("no entry %d to close", e.Asks)
	}
	actor, err := l.person(ctx, tx, e.OrganizationID, e.Actor)
	if err != nil {
		return Entry{}, err
	}
	subject, err := l.person(ctx, tx, e.OrganizationID, e.Subject)
	if err != nil {
		return Entry{}, err
	}
	e.Seq, e.Previous, e.Open = head.Seq+1, head.Hash, e.Outcome == Asked
	e.At = l.now().UTC().Truncate(time.Millisecond)
	e.Hash = hash(e)
	_, err = tx.ExecContext(ctx, l.db.Rebind(insertEntry), e.Seq, e.At.UnixMilli(), string(e.Action), string(e.Outcome), actor,
		e.OrganizationID, e.OrganizationName, e.Region, subject, e.Reason, e.Ticket, e.Detail, e.PlatformStatus,
		e.CorrelationID, e.RequestID, e.ClientAddress, e.Asks, e.Previous, e.Hash)
	return e, err
}

// person returns the reference of p, adding it when this spelling of the person is new.
func (l *Log) person(ctx context.Context, tx *sql.Tx, organization string, p Party) (ref int64, err error) {
	const find = `SELECT ref FROM audit_people WHERE organization_id = ? AND id = ? AND name = ? AND email = ?`
	const add = `INSERT INTO audit_people (organization_id, id, name, email, folded) VALUES (?, ?, ?, ?, ?) RETURNING ref`
	err = tx.QueryRowContext(ctx, l.db.Rebind(find), organization, p.ID, p.Name, p.Email).Scan(&ref)
	if errors.Is(err, sql.ErrNoRows) {
		folded := strings.ToLower(p.ID + "\n" + p.Name + "\n" + p.Email)
		err = tx.QueryRowContext(ctx, l.db.Rebind(add), organization, p.ID, p.Name, p.Email, folded).Scan(&ref)
	}
	if err != nil {
		return 0, fmt.Errorf("keeping a person: %w", err)
	}
	return ref, nil
}

// attributes are the entry as a SIEM gets it. The handlers of log/slog quote line breaks, so that no value forges a line;
// seq and hash let it notice later that the record was cut or rewritten.
func attributes(e Entry) []slog.Attr {
	party := func(key string, p Party) slog.Attr {
		return slog.Group(key, "id", p.ID, "name", p.Name, "email", p.Email)
	}
	return []slog.Attr{
		slog.Int64("seq", e.Seq), slog.String("at", e.At.Format(timeLayout)),
		slog.String("action", string(e.Action)), slog.String("outcome", string(e.Outcome)),
		party("actor", e.Actor), party("subject", e.Subject),
		slog.Group("organization", "id", e.OrganizationID, "name", e.OrganizationName), slog.String("region", e.Region),
		slog.String("reason", e.Reason), slog.String("ticket", e.Ticket), slog.String("detail", e.Detail),
		slog.Int("platform_status", e.PlatformStatus), slog.String("correlation_id", e.CorrelationID),
		slog.String("request_id", e.RequestID), slog.String("client_address", e.ClientAddress),
		slog.Int64("asks", e.Asks), slog.String("hash", e.Hash),
	}
}
