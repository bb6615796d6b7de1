package comeback

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database/databasetest"
)

// A page does not wait until a count that is a little too old is renewed, and the next ones show the new one.
// One that is much too old is not shown.
func TestACountIsRenewedBesideThePages(t *testing.T) {
	t.Parallel()
	boss, who := userID(t, "5a8f3c1e-1111-4222-8333-944455556667"), userID(t, "6a8f3c1e-1111-4222-8333-944455556667")
	f := newFixture(t, databasetest.Open(t, databasetest.SQLite(t)))
	f.revoked(boss, who, audit.Done)
	wantCount := func(want int) {
		t.Helper()
		if n := f.Count(t.Context(), organization.ID); n != want {
			t.Errorf("%d came back, want %d", n, want)
		}
	}
	wantCount(0)
	f.to(time.Minute)
	elsewhere := []row{rowOf(who, Token{Issued: f.now(), ReadAt: f.now()})}
	err := f.transact(t.Context(), func(ctx context.Context, tx *sql.Tx) error { return f.put(ctx, tx, organization.ID, elsewhere) })
	if err != nil {
		t.Fatal(err)
	}
	f.to(countFresh - 1)
	wantCount(0)
	f.to(countFresh)
	wantCount(0)
	for deadline := time.Now().Add(10 * time.Second); f.count(organization.ID).n == 0 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	wantCount(1)
	if _, err := f.DB.ExecContext(t.Context(), "DELETE FROM watch_tokens"); err != nil {
		t.Fatal(err)
	}
	f.to(countFresh + countStale)
	wantCount(0)
}
