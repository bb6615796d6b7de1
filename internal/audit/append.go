package audit

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"tokenconsole/internal/signing"
)

// Append adds e to the end of the record and returns it with Seq and At filled in. When it returns without an error
// the entry is on disk, under a signed checkpoint. An error wraps ErrNotRecorded: treat the entry as not written and
// go no further. Texts are bounded, and what looks like a token in what people wrote is removed first.
func (l *Log) Append(ctx context.Context, e Entry) (Entry, error) {
	return l.AppendIf(ctx, e, func(context.Context) error { return nil })
}

// AppendIf is Append if still returns nil, and returns its error otherwise. Nobody else writes to the record between
// the two, so what still reads there holds when e is written. It must not write to the record itself.
func (l *Log) AppendIf(ctx context.Context, e Entry, still func(context.Context) error) (Entry, error) {
	e, err := clean(e)
	if err != nil {
		return Entry{}, fmt.Errorf("%w: %w", ErrNotRecorded, err)
	}
	if len(l.keys) == 0 {
		return Entry{}, fmt.Errorf("%w: there is no key to sign it with", ErrNotRecorded)
	}
	var root tlog.Hash
	var refused error
	begun := time.Now()
	err = l.locked(ctx, func(tx *sql.Tx, h head) (func(), error) {
		looking, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		if refused = still(looking); refused != nil {
			return nil, errUnchanged
		}
		written, next, err := l.insert(ctx, tx, h, e)
		return func() { e, root = written, next.edge.root(); l.publish(next) }, err
	})
	if err != nil {
		return Entry{}, fmt.Errorf("%w: %w", ErrNotRecorded, err)
	}
	if refused != nil {
		return Entry{}, refused
	}
	l.appended(e, time.Since(begun))
	l.log.LogAttrs(ctx, slog.LevelInfo, "audit", attributes(e, root)...)
	return e, nil
}

const (
	insertEntry = `INSERT INTO audit_entries (seq, at, act, action, outcome, organization_id, body)
		VALUES (?, ?, ?, ?, ?, ?, ?)`
	insertHashes = "INSERT INTO audit_tree (seq, hashes) VALUES (?, ?)"
	insertTime   = `INSERT INTO audit_times (block, earliest, latest) VALUES (?, ?, ?) ON CONFLICT (block) DO UPDATE SET
		earliest = CASE WHEN excluded.earliest < audit_times.earliest THEN excluded.earliest ELSE audit_times.earliest END,
		latest = CASE WHEN excluded.latest > audit_times.latest THEN excluded.latest ELSE audit_times.latest END`
	updateHead = "UPDATE audit_head SET size = ?, checkpoint = ?"
)

// insert writes e after the last entry, with everything that follows from it, and returns what is to be trusted once
// that is on disk.
func (l *Log) insert(ctx context.Context, tx *sql.Tx, h head, e Entry) (Entry, trust, error) {
	of, err := l.belonging(ctx, tx, h, e)
	if err != nil {
		return Entry{}, trust{}, err
	}
	e.Seq, e.At, e.Open = h.size+1, l.now().UTC().Truncate(time.Millisecond), e.Outcome == Asked
	body, err := encode(e)
	if err != nil {
		return Entry{}, trust{}, err
	}
	leaf, grown := tlog.RecordHash(body), l.trusted.edge.clone()
	gained := grown.add(leaf)
	signed, err := signing.Sign(l.keys[0], grown.size, grown.root())
	if err != nil {
		return Entry{}, trust{}, err
	}
	if err := l.store(ctx, tx, e, body, gained, of); err != nil {
		return Entry{}, trust{}, err
	}
	if _, err := tx.ExecContext(ctx, l.db.Rebind(updateHead), signed.Size, signed.Text); err != nil {
		return Entry{}, trust{}, fmt.Errorf("writing the end of the record: %w", err)
	}
	if err := l.readBack(ctx, tx, e, body, gained, signed, of); err != nil {
		return Entry{}, trust{}, err
	}
	return e, l.trusted.grown(signed.Text, grown, leaf), nil
}

// store writes an entry, what it adds to the tree, and what it is found by.
func (l *Log) store(
	ctx context.Context, tx *sql.Tx, e Entry, body []byte, gained []tlog.Hash, of belonging,
) error {
	at := e.At.UnixMilli()
	statements := []condition{
		{insertEntry, []any{e.Seq, at, e.Act(), string(e.Action), string(e.Outcome),
			e.Organization.ID, body}},
		{insertHashes, []any{e.Seq, packHashes(gained)}},
		{insertTime, []any{blockOf(e.Seq), at, at}},
	}
	if listing, needed := of.listing(e); needed {
		statements = append(statements, listing)
	}
	if e.counted() {
		statements = append(statements, condition{addCount, []any{e.Organization.ID, quarterOf(e.At), string(e.Outcome)}})
	}
	for _, s := range statements {
		if _, err := tx.ExecContext(ctx, l.db.Rebind(s.sql), s.args...); err != nil {
			return fmt.Errorf("writing an entry: %w", err)
		}
	}
	return nil
}
