package database_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
)

// heard is what an observer was told.
type heard struct {
	mu  sync.Mutex
	all []string
}

func (h *heard) StatementBegan(_ context.Context, _, operation string) func(error) {
	return func(err error) {
		h.mu.Lock()
		defer h.mu.Unlock()
		if err != nil {
			operation += " failed"
		}
		h.all = append(h.all, operation)
	}
}

// A database that is observed works as one that is not, with both drivers, and tells the first words.
func TestObserved(t *testing.T) {
	t.Parallel()
	databasetest.EachURL(t, func(t *testing.T, url string) {
		h := &heard{}
		db, err := database.Open(t.Context(), url, database.Observed(h))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		h.mu.Lock()
		h.all = nil // of the migration
		h.mu.Unlock()
		tx, err := db.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		insert := db.Rebind("INSERT INTO ended (name, at, until) VALUES (?, ?, ?)")
		_, err1 := tx.ExecContext(t.Context(), insert, "n", 1, 2)
		err2 := tx.Commit()
		_, err3 := db.ExecContext(t.Context(), insert, "n", 1, 2)
		rows, err4 := db.QueryPlanned(t.Context(), db.Rebind("SELECT name FROM ended WHERE until = ?"), 2)
		if err := errors.Join(err1, err2, err4); err != nil || err3 == nil {
			t.Fatalf("%v; the same name twice: %v", err, err3)
		}
		if !rows.Next() || rows.Close() != nil {
			t.Error("what was written cannot be read")
		}
		if want := []string{"BEGIN", "INSERT", "COMMIT", "INSERT failed", "SELECT"}; !slices.Equal(h.all, want) {
			t.Errorf("told %q, want %q", h.all, want)
		}
	})
}
