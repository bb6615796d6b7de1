package audit_test

import (
	"testing"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database"
)

// Days begin where the reader is, not where the console is.
func TestEntriesPerDay(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, _ *audit.Log) {
		now := time.Date(2026, 3, 10, 22, 50, 0, 0, time.UTC)
		l := audit.New(audit.Options{DB: db, Keys: key.keys, Now: func() time.Time { return now }})
		for range 3 {
			add(t, l, entry(ada, ben, audit.Done), entry(ada, ben, audit.Refused))
			now = now.Add(15 * time.Minute) // the third is on the next day, where it is UTC
		}
		for zone, want := range map[string][]int{"UTC": {0, 3, 0}, "Europe/Berlin": {0, 1, 2}, "Asia/Kathmandu": {0, 3, 0}} {
			t.Run(zone, func(t *testing.T) {
				location, err := time.LoadLocation(zone)
				if err != nil {
					t.Fatal(err)
				}
				days, err := l.PerDay(t.Context(), organization.ID, audit.Revoke, audit.Done, 3, now.Add(24*time.Hour-50*time.Minute).In(location))
				if err != nil {
					t.Fatal(err)
				}
				for i, d := range days {
					if d.Count != want[i] || d.Start.Hour() != 0 {
						t.Errorf("on %s: %d, want %d", d.Start, d.Count, want[i])
					}
				}
			})
		}
		if days, err := l.PerDay(t.Context(), "another", audit.Revoke, audit.Done, 3, now); err != nil || days[0].Count+days[1].Count+days[2].Count != 0 {
			t.Errorf("of another organization: %v, %v", days, err)
		}
	})
}
