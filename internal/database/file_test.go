package database_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
)

// walBound is the most that the write-ahead file may take: what is allowed, and what one that waits adds meanwhile.
const walBound = 24 << 20

// readSteadily keeps n readers going, one transaction after the other, each of which holds what it sees for a moment: at
// every time at least one of them is under way. It returns what stops them.
func readSteadily(t *testing.T, db *database.DB, n int, holds time.Duration) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	for i := range n {
		readers.Go(func() {
			pause(ctx, holds*time.Duration(i)/time.Duration(n))
			for ctx.Err() == nil {
				if err := readOnce(ctx, db, holds); err != nil && ctx.Err() == nil {
					t.Error(err)
					return
				}
			}
		})
	}
	return func() { cancel(); readers.Wait() }
}

func readOnce(ctx context.Context, db *database.DB, holds time.Duration) error {
	tx, err := db.BeginRead(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	var n int
	if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM filler").Scan(&n); err != nil {
		return err
	}
	pause(ctx, holds)
	return nil
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// T19: readers that follow each other closely keep SQLite from starting its write-ahead file again; it stays bounded all the
// same, and no write waits for long.
func TestTheWriteAheadFileStaysBounded(t *testing.T) {
	t.Parallel()
	path := filepath.Join(databasetest.Directory(t), "console.db")
	db := databasetest.Open(t, "sqlite:"+path)
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE filler (n INTEGER PRIMARY KEY, data BLOB)"); err != nil {
		t.Fatal(err)
	}
	defer readSteadily(t, db, 4, 40*time.Millisecond)()
	const writes, of = 300, 256 << 10
	var longest time.Duration
	var largest int64
	for i := range writes {
		began := time.Now()
		if err := writeOnce(t.Context(), db, i%40, of); err != nil {
			t.Fatal(err)
		}
		longest = max(longest, time.Since(began))
		info, err := os.Stat(path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		largest = max(largest, info.Size())
	}
	t.Logf("%d MB written, at most %d MB in the write-ahead file, a write took at most %s", writes*of>>20, largest>>20, longest)
	if largest > walBound {
		t.Errorf("the write-ahead file grew to %d MB", largest>>20)
	}
	if longest > 3*time.Second {
		t.Errorf("a write took %s", longest)
	}
}

func writeOnce(ctx context.Context, db *database.DB, n, size int) error {
	tx, err := db.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, "REPLACE INTO filler VALUES (?, randomblob(?))", n, size); err != nil {
		return err
	}
	return tx.Commit()
}
