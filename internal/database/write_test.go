package database_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
)

// patience is how long the writers of the record wait.
const patience = 3 * time.Second

// insertMany takes some milliseconds.
const (
	each       = 1000
	insertMany = `INSERT INTO ended (name, at, until) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
		SELECT ? || i, 1, 2 FROM n`
)

// writeNamed writes a row, in a transaction or by itself, and returns how long that took.
func writeNamed(ctx context.Context, db *database.DB, name string, inTransaction bool) (took time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	begun := time.Now()
	const insert = "INSERT INTO ended (name, at, until) VALUES (?, 1, 2)"
	if !inTransaction {
		_, err = db.ExecContext(ctx, insert, name)
		return time.Since(begun), err
	}
	tx, err := db.Begin(ctx)
	if err != nil {
		return time.Since(begun), err
	}
	defer func(tx interface{ Rollback() error }) { _ = tx.Rollback() }(tx)
	if _, err = tx.ExecContext(ctx, insertMany, name); err == nil {
		err = tx.Commit()
	}
	return time.Since(begun), err
}

// manyWrite has writers goroutines write at once, again and again, and returns how long each write took.
func manyWrite(t testing.TB, db *database.DB, writers, times int) []time.Duration {
	t.Helper()
	took := make([]time.Duration, writers*times)
	failed := make([]error, writers*times)
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for n := range times {
				i := w*times + n
				took[i], failed[i] = writeNamed(t.Context(), db, fmt.Sprintf("%p %d %d", &took[0], w, n), w%2 == 0)
			}
		})
	}
	all.Wait()
	n := 0
	for _, err := range failed {
		if err != nil {
			if n++; n == 1 {
				t.Errorf("a write failed: %v", err)
			}
		}
	}
	if n > 0 {
		t.Errorf("%d of %d writes failed", n, len(failed))
	}
	slices.Sort(took)
	return took
}

// However many write at once, each has its turn in time.
func TestWritersTakeTurns(t *testing.T) {
	t.Parallel()
	db := databasetest.Open(t, databasetest.SQLite(t))
	took := manyWrite(t, db, 200, 3)
	t.Logf("the median took %v, the last %v", took[len(took)/2], took[len(took)-1])
	var rows int
	if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM ended").Scan(&rows); err != nil || rows != 100*3+100*3*each {
		t.Errorf("%d rows, %v", rows, err)
	}
}

// Whoever reads is not held up by those who wait to write, and they come in the order in which they came.
func TestWhoWaitsToWriteHoldsUpNobody(t *testing.T) {
	t.Parallel()
	db := databasetest.Open(t, databasetest.SQLite(t))
	tx, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const writers = 30 // more than there are connections
	var waiting sync.WaitGroup
	var mu sync.Mutex
	var came []int
	for w := range writers {
		begun := make(chan struct{})
		waiting.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			close(begun)
			if _, err := db.ExecContext(ctx, "INSERT INTO ended (name, at, until) VALUES (?, 1, 2)", w); err != nil {
				t.Errorf("writer %d: %v", w, err)
			}
			mu.Lock()
			defer mu.Unlock()
			came = append(came, w)
		})
		<-begun
	}
	for range 100 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		var rows int
		err := db.QueryRowContext(ctx, "SELECT count(*) FROM ended").Scan(&rows)
		cancel()
		if err != nil || rows != 0 {
			t.Fatalf("a reader: %d, %v", rows, err)
		}
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	waiting.Wait()
	if len(came) != writers {
		t.Errorf("%d writers had their turn", len(came))
	}
}

// Every way to write takes a turn, and gives it back whatever comes of it: a second one has it at once.
func TestEveryWriterTakesATurnAndGivesItBack(t *testing.T) {
	t.Parallel()
	db := databasetest.Open(t, databasetest.SQLite(t))
	other := db.Separate(1) // as for a library that knows nothing of turns
	defer func() { _ = other.Close() }()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	const insert = "INSERT INTO ended (name, at, until) VALUES ('x', 1, 2)"
	begun := func(begin func(context.Context) (*sql.Tx, error), end func(*sql.Tx) error) func(context.Context) error {
		return func(ctx context.Context) error {
			tx, err := begin(ctx)
			if err != nil {
				return err
			}
			return end(tx)
		}
	}
	beside := func(ctx context.Context) (*sql.Tx, error) { return other.BeginTx(ctx, nil) }
	ways := map[string]func(ctx context.Context) error{
		"a statement":           func(ctx context.Context) error { _, err := db.ExecContext(ctx, "DELETE FROM ended"); return err },
		"one that fails":        func(ctx context.Context) error { _, _ = db.ExecContext(ctx, insert+", (1)"); return ctx.Err() },
		"a transaction":         begun(db.Begin, (*sql.Tx).Commit),
		"one that is undone":    begun(db.Begin, (*sql.Tx).Rollback),
		"beside, a statement":   func(ctx context.Context) error { _, err := other.ExecContext(ctx, "DELETE FROM ended"); return err },
		"beside, a transaction": begun(beside, (*sql.Tx).Commit),
		"beside, undone":        begun(beside, (*sql.Tx).Rollback),
		"beside, with rows": func(ctx context.Context) error {
			rows, err := other.QueryContext(ctx, "-- name: a comment\nDELETE FROM ended WHERE name = 'y' RETURNING name")
			if err != nil {
				return err
			}
			return errors.Join(rows.Err(), rows.Close())
		},
		"a turn by itself": func(ctx context.Context) error {
			held, leave, err := db.Turn(ctx)
			if err != nil {
				return err
			}
			defer leave()
			if _, err := db.ExecContext(held, "DELETE FROM ended"); err != nil {
				return err
			}
			return begun(db.Begin, (*sql.Tx).Commit)(held)
		},
	}
	for name, write := range ways {
		t.Run(name, func(t *testing.T) {
			if write(gone) == nil {
				t.Error("it is done though nobody waits for it")
			}
			for range 3 {
				if err := write(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			_, leave, err := db.Turn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer leave()
			soon, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			defer cancel()
			if err := write(soon); !errors.Is(err, context.DeadlineExceeded) && name != "one that fails" {
				t.Errorf("out of turn: %v", err)
			}
		})
	}
}

func BenchmarkManyWriters(b *testing.B) {
	db := databasetest.Open(b, databasetest.SQLite(b))
	var all []time.Duration
	for b.Loop() {
		all = append(all, manyWrite(b, db, 200, 1)...)
	}
	slices.Sort(all)
	b.ReportMetric(float64(all[len(all)/2].Milliseconds()), "ms/median")
	b.ReportMetric(float64(all[len(all)*99/100].Milliseconds()), "ms/p99")
	b.ReportMetric(float64(all[len(all)-1].Milliseconds()), "ms/last")
}
