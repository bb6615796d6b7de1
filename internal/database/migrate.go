package database

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations
var migrations embed.FS

// sqliteTries is how often the migration of a SQLite file is begun anew.
const sqliteTries = 5

// migrate brings the tables up to date; on PostgreSQL one replica at a time, under an advisory lock. SQLite has no
// such lock: of two processes that start together one fails, undoes its transaction and finds the work done when it
// looks again.
func migrate(ctx context.Context, db *DB) error {
	provider, err := newProvider(db)
	if err != nil {
		return fmt.Errorf("preparing the database's tables: %w", err)
	}
	_, err = provider.Up(ctx)
	for try := 1; err != nil && db.Dialect == SQLite && try < sqliteTries; try++ {
		_, err = provider.Up(ctx)
	}
	if err != nil {
		return fmt.Errorf("bringing the database's tables up to date (the user needs the right to create tables): %w", err)
	}
	return nil
}

func newProvider(db *DB) (*goose.Provider, error) {
	dialect, directory := goose.DialectSQLite3, "migrations/sqlite"
	options := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true), goose.WithSlog(slog.New(slog.DiscardHandler))}
	if db.Dialect == PostgreSQL {
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 60))
		if err != nil {
			return nil, err
		}
		dialect, directory = goose.DialectPostgres, "migrations/postgres"
		options = append(options, goose.WithSessionLocker(locker))
	}
	files, err := fs.Sub(migrations, directory)
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(dialect, db.pool, files, options...)
}
