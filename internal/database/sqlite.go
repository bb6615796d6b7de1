package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite"
)

// pragmas make a committed transaction survive power loss at the price of one fdatasync: in WAL mode,
// synchronous=FULL syncs the log at every commit, and NORMAL would not.
var pragmas = url.Values{
	"_txlock":       {"immediate"},
	"_busy_timeout": {"2500"},
	"_journal_mode": {"WAL"},
	"_synchronous":  {"FULL"},
	"_foreign_keys": {"1"},
	"_defensive":    {"1"},
	"_dqs":          {"0"},
	"_error_rc":     {"1"},
	// Without recursive_triggers, INSERT OR REPLACE would delete a row without asking its delete trigger. Each
	// connection keeps 512 KiB of the database; what is beyond that, the system keeps.
	"_pragma": {"recursive_triggers(1)", "journal_size_limit(16777216)", "cache_size(-512)"},
}

// sqliteConns bounds the readers; writers take turns anyway. One connection more is kept for as long as the database
// is open.
const sqliteConns = 8

// sqliteIdle is how long a connection that nobody needs is kept with its cache and statements.
const sqliteIdle = 30 * time.Second

// busyPause is how long to wait before a file that could not be opened is tried again.
const busyPause = 50 * time.Millisecond

func openSQLite(ctx context.Context, rest string, o options) (*DB, error) {
	path, err := sqlitePath(rest)
	if err != nil {
		return nil, err
	}
	if err := createFile(path); err != nil {
		return nil, err
	}
	dsn := (&url.URL{Scheme: "file", Path: path, RawQuery: pragmas.Encode()}).String()
	plain, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, fmt.Errorf("opening the database file %s: %w", path, err)
	}
	turns := newTurns()
	connector := o.observe(keptConnector{plain, turns}, SQLite)
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(sqliteConns + 1)
	db.SetMaxIdleConns(sqliteConns + 1)
	db.SetConnMaxIdleTime(sqliteIdle)
	err = db.PingContext(ctx)
	for try := 1; err != nil && try < sqliteTries && ctx.Err() == nil; try++ {
		time.Sleep(busyPause) // others who open it hold locks that SQLite does not wait for
		err = db.PingContext(ctx)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening the database file %s (it must be a SQLite database on a local disk, "+
			"writable by this user together with its directory): %w", path, err), db.Close())
	}
	return &DB{pool: db, turns: turns, Dialect: SQLite, connector: connector, file: &file{path: path}}, nil
}

func sqlitePath(rest string) (string, error) {
	path := strings.TrimPrefix(rest, "//")
	if path == "" || strings.Contains(path, ":memory:") || strings.ContainsRune(path, 0) {
		return "", errors.New(`the database URL (CONSOLE_DATABASE_URL) must name a file, like "sqlite:console.db": ` +
			`the record has to outlive the program`)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("finding the database file: %w", err)
	}
	return path, nil
}

// createFile makes a missing database file readable by this user alone (it holds names and addresses; SQLite gives
// its companions the same mode), and syncs the directory so that the file itself survives power loss.
func createFile(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600) // #nosec G304 -- the operator names the database
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("creating the database file (its directory must exist and be writable by this user): %w", err)
	}
	directory, err := os.Open(filepath.Dir(path))
	if err != nil {
		return errors.Join(fmt.Errorf("opening the database's directory: %w", err), file.Close())
	}
	return errors.Join(file.Close(), directory.Sync(), directory.Close())
}
