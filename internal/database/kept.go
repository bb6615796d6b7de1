package database

import (
	"context"
	"database/sql/driver"
)

// mostKept is how many statements a connection keeps.
const mostKept = 64

// keptConnector opens SQLite connections that keep the statements they have prepared. SQLite takes longer to read a
// short statement than to carry it out. (pgx does the same for PostgreSQL.)
type keptConnector struct {
	driver.Connector
	turns *turns
}

// Connect implements [driver.Connector].
func (c keptConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	if inner, ok := conn.(sqliteConn); ok {
		return &keptConn{sqliteConn: inner, kept: map[string]*keptStmt{}, turns: c.turns}, nil
	}
	return conn, nil
}

// sqliteConn is what the driver's connections can do.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

type keptConn struct {
	sqliteConn
	kept    map[string]*keptStmt // by query
	uses    int64
	turns   *turns
	within  bool // a transaction
	writing bool // it holds the write lock
}

// keptStmt is a statement of one connection. It can be carried out again when what it found was read.
type keptStmt struct {
	stmt interface {
		driver.StmtExecContext
		driver.StmtQueryContext
	}
	close  func() error
	busy   bool
	lastly int64 // when it was used last, by the number of uses
}

// ExecContext implements [driver.ExecerContext].
func (c *keptConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if !c.within && writes(query) {
		t, err := c.turns.of(ctx)
		if err != nil {
			return nil, err
		}
		defer t.leave()
	}
	return c.exec(ctx, query, args)
}

func (c *keptConn) exec(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	ctx, s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.sqliteConn.ExecContext(ctx, query, args)
	}
	defer func() { s.busy = false }()
	return s.stmt.ExecContext(ctx, args)
}

// QueryContext implements [driver.QueryerContext].
func (c *keptConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if c.within || !writes(query) {
		return c.query(ctx, query, args)
	}
	t, err := c.turns.of(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := c.query(ctx, query, args)
	if err != nil {
		t.leave()
		return nil, err
	}
	return turnRows{rows, t}, nil
}

func (c *keptConn) query(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	ctx, s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.sqliteConn.QueryContext(ctx, query, args)
	}
	rows, err := s.stmt.QueryContext(ctx, args)
	if err != nil {
		s.busy = false
		return nil, err
	}
	return &keptRows{rows, s}, nil
}

// take returns the statement for query, or nil if it is in use or none that is kept, and the context to carry it out in.
//
// The driver starts a goroutine for each statement that can be cancelled. While the write lock is held none waits for
// anything, so that it is enough to look before each.
func (c *keptConn) take(ctx context.Context, query string) (context.Context, *keptStmt, error) {
	if c.writing {
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		ctx = context.WithoutCancel(ctx)
	}
	s, err := c.lookUp(ctx, query)
	return ctx, s, err
}

func (c *keptConn) lookUp(ctx context.Context, query string) (*keptStmt, error) {
	s := c.kept[query]
	switch {
	case s != nil && s.busy:
		return nil, nil
	case s == nil:
		switch operation(query) {
		case "SELECT", "INSERT", "UPDATE", "DELETE", "WITH":
		default:
			return nil, nil
		}
		var err error
		if s, err = c.keep(ctx, query); s == nil {
			return nil, err
		}
	}
	c.uses++
	s.busy, s.lastly = true, c.uses
	return s, nil
}

// keep prepares a statement, in the place of the one that was not used for longest.
func (c *keptConn) keep(ctx context.Context, query string) (*keptStmt, error) {
	if len(c.kept) >= mostKept {
		oldest := ""
		for q, s := range c.kept {
			if !s.busy && (oldest == "" || s.lastly < c.kept[oldest].lastly) {
				oldest = q
			}
		}
		if oldest == "" {
			return nil, nil
		}
		err := c.kept[oldest].close()
		if delete(c.kept, oldest); err != nil {
			return nil, err
		}
	}
	prepared, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s := &keptStmt{close: prepared.Close}
	var ok bool
	if s.stmt, ok = prepared.(interface {
		driver.StmtExecContext
		driver.StmtQueryContext
	}); !ok {
		return nil, prepared.Close()
	}
	c.kept[query] = s
	return s, nil
}

// Close implements [driver.Conn].
func (c *keptConn) Close() error {
	for _, s := range c.kept {
		_ = s.close() // what it failed with was told then
	}
	return c.sqliteConn.Close()
}

// BeginTx implements [driver.ConnBeginTx].
func (c *keptConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	t := turn{leave: func() {}}
	if !o.ReadOnly {
		var err error
		if t, err = c.turns.of(ctx); err != nil {
			return nil, err
		}
	}
	tx, err := c.sqliteConn.BeginTx(ctx, o)
	if err != nil {
		t.leave()
		return nil, err
	}
	c.within, c.writing = true, !o.ReadOnly
	return &keptTx{tx, c, t}, nil
}

type keptTx struct {
	driver.Tx
	conn *keptConn
	turn turn
}

func (t *keptTx) over() {
	t.conn.within, t.conn.writing = false, false
	t.turn.leave()
}

// Commit implements [driver.Tx].
func (t *keptTx) Commit() error {
	defer t.over()
	return t.Tx.Commit()
}

// Rollback implements [driver.Tx].
func (t *keptTx) Rollback() error {
	defer t.over()
	return t.Tx.Rollback()
}

type keptRows struct {
	driver.Rows
	of *keptStmt
}

// Close implements [driver.Rows].
func (r *keptRows) Close() error {
	err := r.Rows.Close()
	r.of.busy = false
	return err
}
