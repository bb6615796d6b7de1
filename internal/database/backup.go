package database

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"
)

// ErrNotSQLite means that a database is not a file, so that its own tools make its backups.
var ErrNotSQLite = errors.New("the database is not a SQLite file: back up PostgreSQL with pg_dump or its base backups")

// Backup copies the SQLite database that url names to a new file at path, while the console writes to it: the copy is
// of one moment. It overwrites nothing, and leaves nothing behind when it fails.
func Backup(ctx context.Context, url, path string) (err error) {
	rest, ok := strings.CutPrefix(url, "sqlite:")
	if !ok {
		return ErrNotSQLite
	}
	source, err := openSQLiteReadOnly(ctx, rest)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // #nosec G304 -- the operator names the file
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("the backup cannot be written: there is no folder %s: make the folder first", filepath.Dir(path))
	case err != nil:
		return fmt.Errorf("the backup cannot be written (nothing is overwritten): %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(path))
		}
	}()
	if err := file.Close(); err != nil {
		return err
	}
	conn, err := source.pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if err := conn.Raw(func(driver any) error { return copyPages(driver, path) }); err != nil {
		return fmt.Errorf("copying the database: %w", err)
	}
	return errors.Join(source.Check(), synced(path))
}

// copyPages copies a database with SQLite's own means, in one read transaction: writers go on meanwhile.
func copyPages(driver any, path string) error {
	from, ok := driver.(interface {
		NewBackup(destination string) (*sqlite.Backup, error)
	})
	if !ok {
		return errors.ErrUnsupported
	}
	b, err := from.NewBackup(path)
	if err != nil {
		return err
	}
	const all = -1
	_, err = b.Step(all)
	return errors.Join(err, b.Finish())
}

// synced makes sure that the copy survives a power loss.
func synced(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0) // #nosec G304 -- the operator names the file
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}
