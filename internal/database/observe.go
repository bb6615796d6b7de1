package database

import (
	"context"
	"database/sql/driver"
	"strings"
)

// Observer is told of every statement, for traces: of its first word, never of its text or arguments.
type Observer interface {
	StatementBegan(ctx context.Context, system, operation string) func(error)
}

// An Option changes how a database is opened.
type Option func(*options)

type options struct{ observer Observer }

// Observed has o told of every statement.
func Observed(o Observer) Option { return func(all *options) { all.observer = o } }

// observe puts the observer, if there is one, between database/sql and the driver.
func (o options) observe(connector driver.Connector, dialect Dialect) driver.Connector {
	if o.observer == nil {
		return connector
	}
	return observedConnector{connector, func(ctx context.Context, operation string) func(error) {
		return o.observer.StatementBegan(ctx, string(dialect), operation)
	}}
}

type observedConnector struct {
	driver.Connector
	began func(ctx context.Context, operation string) func(error)
}

// Connect implements [driver.Connector].
func (c observedConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &observedConn{conn, c.began}, nil
}

// observedConn is a connection of either driver. What a driver does not implement, database/sql is told to do without.
type observedConn struct {
	driver.Conn
	began func(ctx context.Context, operation string) func(error)
}

// ExecContext implements [driver.ExecerContext].
func (c *observedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	inner, ok := c.Conn.(driver.ExecerContext)
	if !ok {
		return nil, driver.ErrSkip
	}
	ended := c.began(ctx, operation(query))
	result, err := inner.ExecContext(ctx, query, args)
	ended(err)
	return result, err
}

// QueryContext implements [driver.QueryerContext].
func (c *observedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	inner, ok := c.Conn.(driver.QueryerContext)
	if !ok {
		return nil, driver.ErrSkip
	}
	ended := c.began(ctx, operation(query))
	rows, err := inner.QueryContext(ctx, query, args)
	ended(err)
	return rows, err
}

// PrepareContext implements [driver.ConnPrepareContext].
func (c *observedConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	if inner, ok := c.Conn.(driver.ConnPrepareContext); ok {
		return inner.PrepareContext(ctx, query)
	}
	return c.Prepare(query)
}

// BeginTx implements [driver.ConnBeginTx]. The commit is observed as the end of what BeginTx began.
func (c *observedConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	inner, ok := c.Conn.(driver.ConnBeginTx)
	if !ok {
		return nil, driver.ErrSkip
	}
	ended := c.began(ctx, "BEGIN")
	tx, err := inner.BeginTx(ctx, o)
	ended(err)
	if err != nil {
		return nil, err
	}
	return &observedTx{tx, func() func(error) { return c.began(ctx, "COMMIT") }}, nil
}

type observedTx struct {
	driver.Tx
	committing func() func(error)
}

// Commit implements [driver.Tx].
func (t *observedTx) Commit() error {
	ended := t.committing()
	err := t.Tx.Commit()
	ended(err)
	return err
}

// Ping implements [driver.Pinger].
func (c *observedConn) Ping(ctx context.Context) error {
	if inner, ok := c.Conn.(driver.Pinger); ok {
		return inner.Ping(ctx)
	}
	return nil
}

// ResetSession implements [driver.SessionResetter].
func (c *observedConn) ResetSession(ctx context.Context) error {
	if inner, ok := c.Conn.(driver.SessionResetter); ok {
		return inner.ResetSession(ctx)
	}
	return nil
}

// IsValid implements [driver.Validator].
func (c *observedConn) IsValid() bool {
	inner, ok := c.Conn.(driver.Validator)
	return !ok || inner.IsValid()
}

// CheckNamedValue implements [driver.NamedValueChecker].
func (c *observedConn) CheckNamedValue(v *driver.NamedValue) error {
	if inner, ok := c.Conn.(driver.NamedValueChecker); ok {
		return inner.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

// operation is the first word of a statement, if it is one of SQL's.
func operation(query string) string {
	word, _, _ := strings.Cut(strings.TrimSpace(query), " ")
	switch word = strings.ToUpper(word); word {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "PRAGMA":
		return word
	}
	return "other"
}
