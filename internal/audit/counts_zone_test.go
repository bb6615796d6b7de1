package audit_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database"
)

// Hours begin where the reader is, not where the console is.
func TestHoursAreThoseOfTheReader(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, _ *audit.Log) {
		now := time.Date(2026, 3, 10, 22, 50, 0, 0, time.UTC)
		l := audit.New(audit.Options{DB: db, Keys: key.keys, Now: func() time.Time { return now }})
		for range 3 {
			add(t, l, entry(ada, ben, audit.Done))
			now = now.Add(15 * time.Minute)
		}
		for zone, want := range map[string]map[string]int64{
			"UTC": {"10 22:00": 1, "10 23:00": 2}, "Europe/Berlin": {"10 23:00": 1, "11 00:00": 2},
			"Asia/Kathmandu": {"11 04:00": 2, "11 05:00": 1}, "America/St_Johns": {"10 20:00": 3},
			"Asia/Kolkata": {"11 04:00": 3},
		} {
			t.Run(zone, func(t *testing.T) {
				location, err := time.LoadLocation(zone)
				if err != nil {
					t.Fatal(err)
				}
				counts, err := l.Counts(t.Context(), organization.ID, now.Add(-24*time.Hour).In(location))
				got := map[string]int64{}
				for _, c := range counts {
					got[c.Hour.Format("02 15:04")] = c.Number
				}
				if diff := cmp.Diff(want, got); err != nil || diff != "" {
					t.Errorf("%v, -want +got:\n%s", err, diff)
				}
			})
		}
	})
}
