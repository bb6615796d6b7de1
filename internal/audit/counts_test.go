package audit_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database"
)

// TestCounts holds that outcomes of revocations are counted, by organization, and nothing else is.
func TestCounts(t *testing.T) {
	each(t, func(t *testing.T, _ *database.DB, l *audit.Log) {
		first := add(t, l, entry(ada, ben, audit.Done), entry(ada, ben, audit.Done), entry(ada, ben, audit.Unknown))[0]
		verified := entry(ada, ben, audit.Done)
		verified.Action, verified.Subject = audit.Verify, audit.Party{}
		elsewhere := entry(ada, ben, audit.Done)
		elsewhere.Organization.ID = "another"
		add(t, l, verified, elsewhere, entry(ada, ben, audit.Asked))
		hour := first.At.Truncate(time.Hour)
		got, err := l.Counts(t.Context(), first.Organization.ID, hour)
		want := []audit.Count{{Hour: hour, Outcome: audit.Done, Number: 2}, {Hour: hour, Outcome: audit.Unknown, Number: 1}}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v, -want +got:\n%s", err, diff)
		}
		if got, err := l.Counts(t.Context(), first.Organization.ID, hour.Add(time.Hour)); err != nil || len(got) > 0 {
			t.Errorf("in the hour after: %v, %v", got, err)
		}
	})
}
