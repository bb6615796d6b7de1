package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/config"
	"tokenconsole/internal/database"
)

// storage is the database of the record, and the folder that goes with it if
// it is a temporary one.
type storage struct {
	*database.DB
	folder string
}

// openDatabase opens the database of c or, for a demo without one, a temporary
// file.
func openDatabase(ctx context.Context, c config.Config) (storage, error) {
	var st storage
	if c.DatabaseURL == "" {
		folder, err := os.MkdirTemp("", "tokenconsole-demo-")
		if err != nil {
			return st, fmt.Errorf("no room for the demo's record: %w", err)
		}
		st.folder, c.DatabaseURL = folder, "sqlite:"+filepath.Join(folder, "console.db")
	}
	db, err := database.Open(ctx, c.DatabaseURL)
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

// pruneEvery is how often entries beyond the retention are removed.
const pruneEvery = time.Hour

// prune removes what is older than retention, until ctx ends.
func prune(ctx context.Context, record *audit.Log, retention time.Duration, log *slog.Logger) {
	ticker := time.NewTicker(pruneEvery)
	defer ticker.Stop()
	for {
		n, err := record.Prune(context.WithoutCancel(ctx), time.Now().Add(-retention))
		switch {
		case err != nil:
			log.Error("pruning the record failed", "error", err.Error())
		case n > 0:
			log.Info("the record was pruned", "entries", n)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// verifyAudit walks the record's chain and says what it found.
func verifyAudit(ctx context.Context, c config.Config, stdout io.Writer) error {
	if file, ok := strings.CutPrefix(c.DatabaseURL, "sqlite:"); ok {
		// Opening would create it, and an empty record is whole.
		if _, err := os.Stat(file); err != nil {
			return fmt.Errorf("there is no record to verify: %w; give --database-url (CONSOLE_DATABASE_URL)", err)
		}
	}
	db, err := database.Open(ctx, c.DatabaseURL)
	if err != nil {
		return err
	}
	defer db.Close()
	chain, err := audit.New(db, slog.New(slog.DiscardHandler), time.Now).Verify(ctx, c.AuditMarks...)
	if err != nil {
		return err
	}
	if chain.Broken != nil {
		return fmt.Errorf("the chain is broken at entry %d: %s", chain.Broken.Seq, chain.Broken.Why)
	}
	_, err = fmt.Fprintf(stdout, "whole: %d entries, %d of them open; keep elsewhere: %d:%s\n", chain.Entries, chain.Open, chain.Last.Seq, chain.Last.Hash)
	return err
}
