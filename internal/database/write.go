package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strings"
	"sync"
	"time"
)

// longestWait bounds how long a writer waits for its turn where its context does not.
const longestWait = 10 * time.Second

// turns lets the writers of one process write to a SQLite file one after the other, in the order in which they came.
// SQLite itself has them try again after pauses that grow, so that under load whoever came first may come last.
// Readers need no turn. A nil *turns, as for PostgreSQL, holds up nobody.
type turns struct{ busy chan struct{} }

func newTurns() *turns { return &turns{make(chan struct{}, 1)} }

// A turn is the right to write, until it is left.
type turn struct {
	leave func()
	kept  bool // whoever took it leaves it; else the transaction or statement that it is for does
}

type turnKey struct{}

// take waits for a turn.
func (w *turns) take(ctx context.Context) (turn, error) {
	if w == nil {
		return turn{leave: func() {}}, nil
	}
	wait, cancel := context.WithTimeout(ctx, longestWait)
	defer cancel()
	select {
	case w.busy <- struct{}{}:
		return turn{leave: sync.OnceFunc(func() { <-w.busy })}, nil
	case <-wait.Done():
		return turn{}, fmt.Errorf("waiting for others who write to the database: %w", wait.Err())
	}
}

// of is the turn that ctx carries, or a new one. The driver calls it, so that nobody writes out of turn.
func (w *turns) of(ctx context.Context) (turn, error) {
	t, ok := ctx.Value(turnKey{}).(turn)
	switch {
	case !ok:
		return w.take(ctx)
	case t.kept:
		return turn{leave: func() {}}, nil
	}
	return t, nil
}

// Turn waits until it is the caller's turn to write. What is written with the context that it returns needs no other
// turn, until leave is called. It is for those who have to read before they begin a transaction; all others get their
// turn from Begin and ExecContext.
func (db *DB) Turn(ctx context.Context) (held context.Context, leave func(), err error) {
	t, err := db.turns.take(ctx)
	if err != nil {
		return nil, nil, err
	}
	t.kept = true
	return context.WithValue(ctx, turnKey{}, t), t.leave, nil
}

// inTurn waits for a turn, before a connection is taken from those who read, and hands it on to the driver.
func (db *DB) inTurn(ctx context.Context) (context.Context, turn, error) {
	if _, held := ctx.Value(turnKey{}).(turn); held {
		return ctx, turn{leave: func() {}}, nil
	}
	t, err := db.turns.take(ctx)
	return context.WithValue(ctx, turnKey{}, t), t, err
}

// ExecContext carries out a statement by itself, in its turn if it writes. A SQLite file that was replaced is ErrReplaced
// then.
func (db *DB) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if !writes(query) {
		return db.pool.ExecContext(ctx, query, args...)
	}
	ctx, t, err := db.inTurn(ctx)
	if err != nil {
		return nil, err
	}
	defer t.leave()
	if db.file != nil {
		if err := db.file.check(); err != nil {
			return nil, err
		}
	}
	return db.pool.ExecContext(ctx, query, args...)
}

// Begin starts a transaction that is meant to write. On SQLite it holds the write lock from its start, and a file
// that was replaced is ErrReplaced. On PostgreSQL it is READ COMMITTED whatever the server's default, so that a row
// locked with FOR UPDATE is read as the last holder left it.
func (db *DB) Begin(ctx context.Context) (*sql.Tx, error) {
	if db.Dialect == PostgreSQL {
		return db.pool.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	}
	if db.file == nil {
		return nil, errReadOnly
	}
	ctx, t, err := db.inTurn(ctx)
	if err != nil {
		return nil, err
	}
	tx, err := db.begin(ctx)
	if err != nil {
		t.leave() // else the driver does, when the transaction ends
	}
	return tx, err
}

func (db *DB) begin(ctx context.Context) (*sql.Tx, error) {
	if err := db.file.check(); err != nil {
		return nil, err
	}
	db.file.shorten(ctx)
	return db.pool.BeginTx(ctx, nil)
}

// writes reports whether a statement may write.
func writes(query string) bool {
	for { // comments before it, as generated queries have them
		query = strings.TrimSpace(query)
		if !strings.HasPrefix(query, "--") {
			break
		}
		_, query, _ = strings.Cut(query, "\n")
	}
	switch operation(query) {
	case "SELECT", "PRAGMA":
		return false
	case "WITH":
		upper := strings.ToUpper(query)
		return strings.Contains(upper, "INSERT ") || strings.Contains(upper, "UPDATE ") || strings.Contains(upper, "DELETE ")
	}
	return true
}

// turnRows are what a statement that writes returns: it has written all once they are closed.
type turnRows struct {
	driver.Rows
	turn turn
}

// Close implements [driver.Rows].
func (r turnRows) Close() error {
	defer r.turn.leave()
	return r.Rows.Close()
}
