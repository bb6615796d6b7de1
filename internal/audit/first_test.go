package audit

import (
	"context"
	"testing"

	"tokenconsole/internal/database/databasetest"
)

// The first act of a process, before which nobody read the record, looks at the newest entries and no others: else it would
// be refused on a large record, as it takes too long. What one looks at is told by what it allocates.
func TestTheFirstActOfAProcessTakesNoLongerOnALargeRecord(t *testing.T) {
	allocated := func(entries int) float64 {
		db := databasetest.Open(t, databasetest.SQLite(t))
		if err := fill(t.Context(), db, entries); err != nil {
			t.Fatal(err)
		}
		return testing.AllocsPerRun(1, func() {
			s, err := benchLog(db).Undertake(t.Context(), sample(0), func(context.Context) Result { return Result{Outcome: Done} })
			if err != nil || s.Unrecorded != nil {
				t.Fatal(err, s.Unrecorded)
			}
		})
	}
	if small, large := allocated(2_000), allocated(20_000); large > 1.5*small {
		t.Errorf("%.0f allocations for 20,000 entries, %.0f for 2,000", large, small)
	}
}

// Nor does an act take longer after another replica has written much.
func TestAnActTakesNoLongerAfterAnotherReplicaWroteMuch(t *testing.T) {
	db := databasetest.Open(t, databasetest.SQLite(t))
	l, other := benchLog(db), benchLog(db)
	if err := l.AppendAll(t.Context(), []Entry{sample(0), sample(0)}); err != nil {
		t.Fatal(err)
	}
	checked := func() float64 {
		return testing.AllocsPerRun(1, func() {
			if err := l.checkRecent(t.Context(), db); err != nil {
				t.Fatal(err)
			}
		})
	}
	few := checked()
	much := make([]Entry, 1000)
	for i := range much {
		much[i] = sample(0)
	}
	if err := other.AppendAll(t.Context(), much); err != nil {
		t.Fatal(err)
	}
	if many := checked(); many > 1.5*few {
		t.Errorf("%.0f allocations after 1,000 entries of another, %.0f before", many, few)
	}
}
