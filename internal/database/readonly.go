package database

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	"modernc.org/sqlite"
)

// Why a database cannot be read yet.
var (
	ErrEmpty = errors.New("the database is not one of this console: it holds none of its tables")
	ErrOlder = errors.New("the database is of an older version of the console")
)

// OpenReadOnly opens the database that url names to read it. It creates nothing and changes nothing. A database that
// is missing, empty, not this program's, or of another version is an error in words.
func OpenReadOnly(ctx context.Context, url string) (*DB, error) {
	scheme, rest, _ := strings.Cut(url, ":")
	var db *DB
	var err error
	switch scheme {
	case "sqlite":
		db, err = openSQLiteReadOnly(ctx, rest)
	case "postgres", "postgresql":
		db, err = openPostgreSQL(ctx, url, true, options{})
	default:
		return nil, errScheme
	}
	if err != nil {
		return nil, err
	}
	if err := db.current(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func openSQLiteReadOnly(ctx context.Context, rest string) (*DB, error) {
	path, err := sqlitePath(rest)
	if err != nil {
		return nil, err
	}
	if err := isSQLite(path); err != nil {
		return nil, err
	}
	query := url.Values{"mode": {"ro"}, "_busy_timeout": {"2500"}, "_query_only": {"1"}, "_error_rc": {"1"}}
	_, wal := os.Stat(path + "-wal")
	_, shm := os.Stat(path + "-shm")
	var undisturbed func() error
	switch {
	case wal != nil:
		// Nobody has it open. SQLite would make the companions, and leave them behind.
		query.Set("immutable", "1")
		undisturbed = staysAlone(path)
	case shm != nil:
		return nil, fmt.Errorf("the database %s was not closed, and %s-shm is missing: take it along, "+
			"or start the console on it once", path, path)
	}
	dsn := (&url.URL{Scheme: "file", Path: path, RawQuery: query.Encode()}).String()
	connector, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, fmt.Errorf("opening the database file %s: %w", path, err)
	}
	db := sql.OpenDB(connector)
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the database file %s: %w", path, err), db.Close())
	}
	return &DB{pool: db, Dialect: SQLite, connector: connector, undisturbed: undisturbed}, nil
}

// staysAlone returns what later tells whether the file was written since: nothing locks it while it is read.
func staysAlone(path string) func() error {
	before := (&file{path: path}).stamp()
	return func() error {
		_, wal := os.Stat(path + "-wal")
		if wal == nil || (&file{path: path}).stamp() != before {
			return fmt.Errorf("the database %s was written while it was read: try again", path)
		}
		return nil
	}
}

// isSQLite looks at how the file begins.
func isSQLite(path string) error {
	f, err := os.Open(path) // #nosec G304 -- the operator names the database
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("there is no database at %s", path)
	}
	if err != nil {
		return fmt.Errorf("opening the database file: %w", err)
	}
	defer func() { _ = f.Close() }()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return fmt.Errorf("%s is a directory, not a database", path)
	}
	begin := make([]byte, 16)
	switch n, err := io.ReadFull(f, begin); {
	case n == 0 && errors.Is(err, io.EOF):
		return fmt.Errorf("the database %s is empty", path)
	case !bytes.Equal(begin, []byte("SQLite format 3\x00")):
		return fmt.Errorf("%s is not a SQLite database", path)
	}
	return nil
}

// current makes sure that the tables are those of this program, in this version.
func (db *DB) current(ctx context.Context) error {
	table := "SELECT count(*) FROM sqlite_schema WHERE name = 'goose_db_version'"
	if db.Dialect == PostgreSQL {
		table = "SELECT count(to_regclass('goose_db_version'))"
	}
	var found int
	if err := db.QueryRowContext(ctx, table).Scan(&found); err != nil {
		return fmt.Errorf("reading the database: %w", err)
	}
	if found == 0 {
		return ErrEmpty
	}
	var version sql.NullInt64
	const applied = "SELECT max(version_id) FROM goose_db_version"
	if err := db.QueryRowContext(ctx, applied).Scan(&version); err != nil {
		return fmt.Errorf("reading the version of the database: %w", err)
	}
	want, err := latest(db)
	switch {
	case err != nil:
		return err
	case version.Int64 < want:
		return fmt.Errorf("%w (%d instead of %d): start this one on it once", ErrOlder, version.Int64, want)
	case version.Int64 > want:
		return fmt.Errorf("the database is of a newer version of the console (%d instead of %d): use that one",
			version.Int64, want)
	}
	return nil
}

// latest is the version that the migrations lead to.
func latest(db *DB) (int64, error) {
	provider, err := newProvider(db)
	if err != nil {
		return 0, fmt.Errorf("looking for the newest version of the tables: %w", err)
	}
	sources := provider.ListSources()
	return sources[len(sources)-1].Version, nil
}
