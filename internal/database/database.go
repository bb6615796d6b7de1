// Package database opens and migrates the console's own storage: one SQLite file by default, or PostgreSQL where several
// replicas share it. What a dialect says differently is kept here, so that callers write one SQL with ? placeholders.
package database

import (
	"context"
	"database/sql"
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

// DB is an open, migrated database; it is safe for concurrent use and ends with Close.
type DB struct {
	*sql.DB
	Dialect Dialect
}

var errScheme = errors.New(`the database URL (CONSOLE_DATABASE_URL) must be like "sqlite:console.db" for a file ` +
	`or "postgres://user@host:5432/database" for PostgreSQL`)

// Open opens the database that url names, brings its tables up to date and proves that it answers.
// "sqlite:console.db" is a file, relative to the working directory unless absolute, created when missing;
// "postgres://…" or "postgresql://…" is a PostgreSQL URL. Errors say the mend and never contain the password.
func Open(ctx context.Context, url string) (*DB, error) {
	scheme, rest, _ := strings.Cut(url, ":")
	var db *DB
	var err error
	switch scheme {
	case "sqlite":
		db, err = openSQLite(ctx, rest)
	case "postgres", "postgresql":
		db, err = openPostgreSQL(ctx, url)
	default:
		return nil, errScheme
	}
	if err != nil {
		return nil, err
	}
	if err := migrate(ctx, db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// Begin starts a transaction that is meant to write. On SQLite it holds the write lock from its start; on PostgreSQL it is
// READ COMMITTED whatever the server's default, so that a row locked with FOR UPDATE is read as the last holder left it.
func (db *DB) Begin(ctx context.Context) (*sql.Tx, error) {
	if db.Dialect == SQLite {
		return db.BeginTx(ctx, nil)
	}
	return db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
}
