package audit

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"time"
)

const (
	probeSize = 32 << 10 // a little more than an entry needs
	probeFor  = 2 * time.Second
)

// writtenTables are what an entry is written to, beside the end of the record: none may be missing.
var writtenTables = []string{"audit_people", "audit_entries", "audit_acts", "audit_times", "audit_tree"}

// Ready returns nil when an entry can be put on the record: the database takes what is written, and its record
// continues what this process knows, with the newest entries as they were written. It finds out by writing and
// reading, at most every two seconds, and takes no longer than three.
func (l *Log) Ready(ctx context.Context) error {
	if f := l.broken.Load(); f != nil {
		return &BrokenError{*f}
	}
	if err := l.db.Check(); err != nil {
		return fmt.Errorf("the record cannot be written: %w", err)
	}
	if l.probedNow() {
		return nil
	}
	// One probe at a time answers all who ask meanwhile: they must not stand in line before an act.
	_, err, _ := l.probes.Do("", func() (any, error) {
		if l.probedNow() {
			return nil, nil
		}
		return nil, l.probe(context.WithoutCancel(ctx))
	})
	return err
}

// probedNow reports whether a probe succeeded a moment ago, and nothing failed since.
func (l *Log) probedNow() bool {
	return time.Since(time.Unix(0, l.probed.Load())) < probeFor && l.failing.Load() == nil
}

func (l *Log) probe(ctx context.Context) error {
	filler := make([]byte, probeSize)
	_, _ = rand.Read(filler) // never fails; SQLite writes nothing where nothing changes, and PostgreSQL packs zeros
	err := l.locked(ctx, func(tx *sql.Tx, _ head) (func(), error) {
		for _, table := range writtenTables {
			// #nosec G202 -- the tables are listed above
			if _, err := tx.ExecContext(ctx, "SELECT 1 FROM "+table+" LIMIT 0"); err != nil {
				return nil, err
			}
		}
		_, err := tx.ExecContext(ctx, l.db.Rebind("UPDATE audit_probe SET filler = ?"), filler)
		return func() {}, err
	})
	if err != nil {
		return fmt.Errorf("the record cannot be written: %w", err)
	}
	checking, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := l.checkRecent(checking, l.db); err != nil {
		return fmt.Errorf("the newest entries cannot be checked: %w", err)
	}
	l.probed.Store(time.Now().UnixNano())
	return nil
}
