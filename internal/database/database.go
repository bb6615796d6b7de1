// Package database opens and migrates the console's own storage: one SQLite file by default, or PostgreSQL where
// several replicas share it. What a dialect says differently is kept here, so that callers write one SQL with ?
// placeholders.
package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"
)

// Dialect is the kind of SQL database behind a DB.
type Dialect string

// The dialects that Open knows.
const (
	SQLite     Dialect = "sqlite"
	PostgreSQL Dialect = "postgresql"
)

// DB is an open, migrated database; it is safe for concurrent use and ends with Close. Write in transactions that
// Begin starts: it looks whether the database is still the one that was opened.
type DB struct {
	pool        *sql.DB
	turns       *turns // of those who write to SQLite
	Dialect     Dialect
	connector   driver.Connector
	url         string       // of PostgreSQL
	file        *file        // of SQLite; nil for one that only reads
	undisturbed func() error // of a SQLite file that is read without locks
}

var errScheme = errors.New(`the database URL (CONSOLE_DATABASE_URL) must be like "sqlite:console.db" for a file ` +
	`or "postgres://user@host:5432/database" for PostgreSQL`)

var errReadOnly = errors.New("the database was opened to be read only")

// Open opens the database that url names, brings its tables up to date and proves that it answers.
// "sqlite:console.db" is a file, relative to the working directory unless absolute, created when missing;
// "postgres://…" or "postgresql://…" is a PostgreSQL URL. Errors say how to mend it and never contain the password.
func Open(ctx context.Context, url string, chosen ...Option) (*DB, error) {
	var o options
	for _, choose := range chosen {
		choose(&o)
	}
	scheme, rest, _ := strings.Cut(url, ":")
	var db *DB
	var err error
	switch scheme {
	case "sqlite":
		db, err = openSQLite(ctx, rest, o)
	case "postgres", "postgresql":
		db, err = openPostgreSQL(ctx, url, false, o)
	default:
		return nil, errScheme
	}
	if err != nil {
		return nil, err
	}
	err = migrate(ctx, db)
	if err == nil && db.file != nil {
		err = db.file.remember(ctx, db.pool)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// Close closes the database.
func (db *DB) Close() error {
	if db.file == nil {
		return db.pool.Close()
	}
	return errors.Join(db.file.release(), db.pool.Close())
}

// SQL is db as the standard library knows it, for what takes nothing else, such as migrations and statistics.
func (db *DB) SQL() *sql.DB { return db.pool }

// QueryContext reads rows.
func (db *DB) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return db.pool.QueryContext(ctx, query, args...)
}

// QueryRowContext reads a row.
func (db *DB) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return db.pool.QueryRowContext(ctx, query, args...)
}

// PrepareContext prepares a query that is asked again and again.
func (db *DB) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	return db.pool.PrepareContext(ctx, query)
}

// BeginRead starts a transaction that only reads and sees one moment throughout. Keep it short: while it lasts,
// SQLite's write-ahead file grows.
func (db *DB) BeginRead(ctx context.Context) (*sql.Tx, error) {
	options := &sql.TxOptions{ReadOnly: true}
	if db.Dialect == PostgreSQL {
		options.Isolation = sql.LevelRepeatableRead
	}
	return db.pool.BeginTx(ctx, options)
}

// Check returns ErrReplaced when the database is not the one that was opened, and another error when one that is only
// read was written meanwhile. It asks the file system alone, and knows nothing of PostgreSQL.
func (db *DB) Check() error {
	switch {
	case db.file != nil:
		return db.file.check()
	case db.undisturbed != nil:
		return db.undisturbed()
	}
	return nil
}

// Stamp changes when the database file was written from outside the write-ahead file, by this process or any other.
// It is "" on PostgreSQL.
func (db *DB) Stamp() string {
	if db.file == nil {
		return ""
	}
	return db.file.stamp()
}

// Fresh returns a second way to read the same database, with nothing in its caches: what it reads is what is stored.
// It ends with Close.
func (db *DB) Fresh() *DB {
	fresh := sql.OpenDB(db.connector)
	fresh.SetMaxOpenConns(freshConns)
	fresh.SetMaxIdleConns(freshConns)
	return &DB{pool: fresh, Dialect: db.Dialect, connector: db.connector}
}

// Separate returns another pool of connections to the same database, of at most that many: for work that must not wait
// for the connections of others, nor they for its. It ends with its own Close, before that of db.
func (db *DB) Separate(conns int) *sql.DB {
	pool := sql.OpenDB(db.connector)
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	return pool
}

// freshConns is enough for one that reads rows and one that looks something up meanwhile.
const freshConns = 2
