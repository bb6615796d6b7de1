package audit_test

import (
	"sync"
	"testing"
)

// Many who ask at once whether the record is ready wait for one probe: each would hold up whoever acts.
func TestManyAskForReadinessAtOnce(t *testing.T) {
	t.Parallel()
	_, db, l := fileOf(t, t.TempDir())
	for _, statement := range []string{
		"CREATE TABLE probes (n INTEGER)",
		"CREATE TRIGGER probed AFTER UPDATE ON audit_probe BEGIN INSERT INTO probes VALUES (1); END",
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	start := make(chan struct{})
	var group sync.WaitGroup
	for range 200 {
		group.Go(func() {
			<-start
			if err := l.Ready(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	close(start)
	group.Wait()
	var n int
	if err := db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM probes").Scan(&n); err != nil {
		t.Fatal(err)
	}
	if n < 1 || n > 5 {
		t.Errorf("%d probes for 200 who asked at once", n)
	}
}
