package batch_test

import (
	"database/sql"
	"errors"
	"sync"
	"testing"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/batch"
	"tokenconsole/internal/database/databasetest"
	"tokenconsole/internal/emulator"
)

// Somebody, such as a frozen replica, holds the row of a batch on PostgreSQL. Whoever pauses or cancels it is told so
// after some seconds, however many try; the other batches can be read and go on meanwhile, and this one once it is free.
func TestARowIsHeld(t *testing.T) {
	t.Parallel()
	url := databasetest.PostgreSQL(t)
	f := newFixture(t, databasetest.Open(t, url), newPlatform(t, emulator.Options{}))
	by, people := f.by(admin), f.everybody()
	held, free := f.started(by, people[:3]), f.started(by, people[3:6])
	other := must[*sql.DB](t)(sql.Open("pgx", url))
	t.Cleanup(func() { _ = other.Close() })
	tx := must[*sql.Tx](t)(other.BeginTx(t.Context(), nil))
	if _, err := tx.ExecContext(t.Context(), "SELECT 1 FROM batches WHERE id = $1 FOR UPDATE", held.ID); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	var all sync.WaitGroup
	for range 20 { // more than there are connections
		all.Go(func() {
			if _, err := f.Pause(t.Context(), by, held.ID); !errors.Is(err, batch.ErrAway) {
				t.Errorf("paused: %v", err)
			}
		})
	}
	f.carriedOut()
	f.until(by, free.ID, batch.Done)
	all.Wait()
	if took := time.Since(begun); took > 25*time.Second {
		t.Errorf("they were told after %v", took)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	for _, e := range f.entries(by, held.ID) {
		if e.Change.To == string(batch.Paused) && e.Outcome == audit.Unknown {
			t.Errorf("whether it was paused is unknown: %+v", e)
		}
	}
	f.until(by, held.ID, batch.Done)
	f.checkRecord(by, held.ID, nil)
}
