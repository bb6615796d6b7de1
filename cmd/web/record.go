package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"tokenconsole/internal/config"
	"tokenconsole/internal/database"
	"tokenconsole/internal/telemetry"
)

// storage is the database of the record, and the folder that goes with it if
// it is a temporary one.
type storage struct {
	*database.DB
	folder string
}

// openDatabase opens the database of c or, for a demo without one, a temporary
// file.
func openDatabase(ctx context.Context, c config.Config, traces *telemetry.Tracer) (storage, error) {
	var st storage
	if c.DatabaseURL == "" {
		folder, err := os.MkdirTemp("", "tokenconsole-demo-")
		if err != nil {
			return st, fmt.Errorf("no room for the demo's record: %w", err)
		}
		st.folder, c.DatabaseURL = folder, "sqlite:"+filepath.Join(folder, "console.db")
	}
	var options []database.Option
	if traces != nil {
		options = append(options, database.Observed(traces))
	}
	db, err := database.Open(ctx, c.DatabaseURL, options...)
	if err != nil {
		return st, errors.Join(err, st.remove())
	}
	st.DB = db
	return st, nil
}

// Close closes the database, and removes it if it was a temporary one.
func (st storage) Close() error { return errors.Join(st.DB.Close(), st.remove()) }

func (st storage) remove() error {
	if st.folder == "" {
		return nil
	}
	return os.RemoveAll(st.folder)
}
