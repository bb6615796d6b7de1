package audit_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database"
)

// What is open is counted over all organizations, and whatever was begun first of them is told.
func TestStandingCountsWhatIsOpenEverywhere(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		stands := func(size, open int64, oldest time.Time) {
			t.Helper()
			s, err := l.Standing(t.Context())
			if diff := cmp.Diff(audit.Standing{Size: size, Open: open, OldestOpen: oldest}, s); err != nil || diff != "" {
				t.Errorf("%v, %s", err, diff)
			}
		}
		stands(0, 0, time.Time{})
		elsewhere := entry(ada, ben, audit.Asked)
		elsewhere.Organization.ID = "another"
		added := add(t, l, entry(ada, ben, audit.Asked), elsewhere, audit.Entry{Action: audit.Prune, Outcome: audit.Asked},
			entry(ada, cleo, audit.Done))
		stands(4, 3, added[0].At)
		add(t, l, closing(entry(ada, ben, audit.Done), 1))
		stands(5, 2, added[1].At)
	})
}
