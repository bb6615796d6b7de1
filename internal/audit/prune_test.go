package audit_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
)

const day = 24 * time.Hour

// calendar is a record whose clock is set by hand.
type calendar struct {
	*audit.Log
	now time.Time
}

func newCalendar(db *database.DB) *calendar {
	c := &calendar{now: start}
	c.Log = audit.New(audit.Options{DB: db, Keys: key.keys, Log: discard, Now: func() time.Time { return c.now }})
	return c
}

// wrote adds an entry on every one of days, counted from start.
func (c *calendar) wrote(t *testing.T, days ...int) {
	t.Helper()
	for _, d := range days {
		c.now = start.Add(time.Duration(d) * day)
		add(t, c.Log, entry(ada, ben, audit.Done))
	}
}

// kept are the numbers of the entries that are still there, but for those about prunings.
func (c *calendar) kept(t *testing.T) []int64 {
	t.Helper()
	var kept []int64
	for _, e := range list(t, c.Log, audit.Filter{OrganizationID: organization.ID}, audit.Cursor{}, 1000).Entries {
		kept = append([]int64{e.Seq}, kept...)
	}
	return kept
}

func TestPruneRemovesWhatIsOldAndSaysSo(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, _ *audit.Log) {
		c := newCalendar(db)
		c.wrote(t, 0, 1, 2, 3, 4)
		before := checkpoint(t, c.Log)
		c.now = start.Add(12 * day)
		if n, err := c.Prune(t.Context(), 9*day, c.now.Add(time.Minute)); err != nil || n != 3 {
			t.Fatalf("removed %d, %v; want the three entries before the fourth day", n, err)
		}
		if diff := cmp.Diff([]int64{4, 5}, c.kept(t)); diff != "" {
			t.Error(diff)
		}
		r := report(t, db, before)
		want := []audit.Pruning{{First: 1, Through: 3, Before: start.Add(3 * day).Truncate(time.Millisecond), Seq: 7,
			At: c.now.Truncate(time.Millisecond)}}
		if diff := cmp.Diff(want, r.Prunings); diff != "" || len(r.Faults) > 0 || r.Size != 7 || r.Entries != 4 || len(r.Checkpoints) != 1 {
			t.Errorf("%+v: %s", r, diff)
		}
		act, err := c.Act(t.Context(), "", 6)
		if err != nil || len(act) != 2 || act[0].Action != audit.Prune || act[0].Outcome != audit.Asked ||
			act[1].Outcome != audit.Done || act[1].Count != 3 || act[1].Pruned.Through != 3 {
			t.Errorf("the pruning is not on the record: %+v, %v", act, err)
		}
		if n, err := c.Prune(t.Context(), 9*day, c.now); err != nil || n != 0 {
			t.Errorf("once more: removed %d, %v; want nothing", n, err)
		}
		c.now = start.Add(13 * day)
		if n, err := c.Prune(t.Context(), 9*day, c.now); err != nil || n != 1 {
			t.Errorf("a day later: removed %d, %v; want one", n, err)
		}
		if r := report(t, db, before); len(r.Faults) > 0 || len(r.Prunings) != 2 || r.Prunings[1].First != 4 || r.Prunings[1].Through != 4 {
			t.Errorf("%+v", r)
		}
		undertake(t, c.Log, audit.Result{Outcome: audit.Done})
		undertake(t, newLog(db), audit.Result{Outcome: audit.Done})
	})
}

// Who removes more than was recorded is found out, and so is who takes the record of a pruning away.
func TestMoreThanWasPrunedIsMissing(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, _ *audit.Log) {
		c := newCalendar(db)
		c.wrote(t, 0, 1, 2, 3, 4)
		c.now = start.Add(12 * day)
		if _, err := c.Prune(t.Context(), 9*day, c.now); err != nil {
			t.Fatal(err)
		}
		unguard(t, db)
		execute(t, db, "DELETE FROM audit_entries WHERE seq = 4")
		if f := faults(t, db); len(f) != 1 || !said(f, "entry 4 is missing") {
			t.Errorf("%v", f)
		}
		refuses(t, c.Log, "entry 4 is missing")
		execute(t, db, "DELETE FROM audit_entries WHERE seq IN (6, 7)")
		if f := faults(t, db); !said(f, "entries 1 to 4 are missing") || !said(f, "entries 6 to 7 are missing") {
			t.Errorf("%v", f)
		}
	})
}

func TestAJumpOfTheClockPrunesNothing(t *testing.T) {
	for name, test := range map[string]struct {
		days    []int // when entries were written, by the clock there was
		now     int   // what the clock says
		witness time.Duration
		none    bool // there is no other clock
		err     error
		keeps   []int64
	}{
		"no jump":                               {[]int{0, 1, 20}, 21, 0, false, nil, []int64{3}},
		"far ahead":                             {[]int{0, 1, 20}, 20000, -19979 * day, false, audit.ErrClock, []int64{1, 2, 3}},
		"a little ahead":                        {[]int{0, 1, 20}, 21, -6 * time.Minute, false, audit.ErrClock, []int64{1, 2, 3}},
		"as far ahead as it may be":             {[]int{0, 1, 20}, 21, -5 * time.Minute, false, nil, []int64{3}},
		"as far behind as it may be":            {[]int{0, 1, 20}, 21, 5 * time.Minute, false, nil, []int64{3}},
		"a moment more":                         {[]int{0, 1, 20}, 21, 5*time.Minute + time.Millisecond, false, audit.ErrClock, []int64{1, 2, 3}},
		"all at one moment":                     {[]int{0, 0, 0, 20}, 21, 0, false, nil, []int64{4}},
		"just as old as it may be":              {[]int{0, 1, 11}, 21, 0, false, nil, []int64{3}},
		"behind":                                {[]int{0, 1, 20}, 21, time.Hour, false, audit.ErrClock, []int64{1, 2, 3}},
		"no other clock":                        {[]int{0, 1, 20}, 21, 0, true, audit.ErrClock, []int64{1, 2, 3}},
		"written in the past at the end":        {[]int{0, 1, -20000}, 21, 0, false, nil, []int64{3}},
		"only what was written in the past":     {[]int{20, -20000, -19999}, 21, 0, false, nil, []int64{1, 2, 3}},
		"written in the past, before today":     {[]int{0, 1, -20000, 20}, 21, 0, false, nil, []int64{3, 4}},
		"written in the past, in between":       {[]int{0, -20000, 1, 20}, 21, 0, false, nil, []int64{4}},
		"written in the future":                 {[]int{0, 20000, 1, 20}, 21, 0, false, nil, []int64{4}},
		"written in the future, then nothing":   {[]int{0, 20000}, 21, 0, false, nil, []int64{2}},
		"written in the future at first":        {[]int{20000, 0, 20}, 21, 0, false, nil, []int64{3}},
		"nothing is old":                        {[]int{18, 19, 20}, 21, 0, false, nil, []int64{1, 2, 3}},
		"all is old":                            {[]int{0, 1, 2}, 21, 0, false, nil, nil},
		"the console is a minute ahead of all":  {[]int{0, 1, 20}, 21, -time.Minute, false, nil, []int64{3}},
		"the console is a minute behind of all": {[]int{0, 1, 20}, 21, time.Minute, false, nil, []int64{3}},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, db *database.DB, _ *audit.Log) {
				c := newCalendar(db)
				c.wrote(t, test.days...)
				c.now = start.Add(time.Duration(test.now) * day)
				witness := c.now.Add(test.witness)
				if test.none {
					witness = time.Time{}
				}
				if _, err := c.Prune(t.Context(), 10*day, witness); !errors.Is(err, test.err) {
					t.Errorf("%v; want %v", err, test.err)
				}
				if diff := cmp.Diff(test.keeps, c.kept(t)); diff != "" {
					t.Error(diff)
				}
				whole(t, db)
			})
		})
	}
}

// What a clock that was set back wrote just after a pruning is not taken for old at the next one.
func TestWhatIsOlderThanTheLastPruningIsNotBelieved(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, _ *audit.Log) {
		c := newCalendar(db)
		c.wrote(t, 0, 1)
		c.now = start.Add(20 * day)
		if n, err := c.Prune(t.Context(), 10*day, c.now); err != nil || n != 2 {
			t.Fatal(n, err)
		}
		c.wrote(t, -5) // by a clock that is wrong; it is the twentieth day
		c.now = start.Add(21 * day)
		if n, err := c.Prune(t.Context(), 10*day, c.now); err != nil || n != 0 {
			t.Errorf("removed %d, %v; want nothing", n, err)
		}
		whole(t, db)
	})
}

// Neither is what an earlier pruning left because its time was false.
func TestWhatAPruningDidNotBelieveIsNotBelievedLater(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, _ *audit.Log) {
		c := newCalendar(db)
		c.wrote(t, 0, 1, -5, 20)
		for after, want := range []int64{2, 0} {
			c.now = start.Add(time.Duration(21+after) * day)
			if n, err := c.Prune(t.Context(), 10*day, c.now); err != nil || n != want {
				t.Errorf("on day %d: removed %d, %v; want %d", 21+after, n, err, want)
			}
		}
		if diff := cmp.Diff([]int64{3, 4}, c.kept(t)); diff != "" {
			t.Error(diff)
		}
		whole(t, db)
	})
}

// A long-neglected record is pruned in several transactions, and whom nobody names any more is forgotten.
func TestPruneForgetsPeopleNobodyNames(t *testing.T) {
	t.Parallel()
	db := databasetest.Open(t, databasetest.SQLite(t))
	l := newLog(db)
	addMany(t, l, 2100, entry(ada, ben, audit.Done))
	if n, err := l.Prune(t.Context(), -time.Hour, start.Add(35*time.Minute)); err != nil || n != 2100 {
		t.Errorf("removed %d, %v; want all 2100", n, err)
	}
	var people int
	err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM audit_people WHERE organization_id <> ''").Scan(&people)
	if err != nil || people != 0 {
		t.Errorf("%d people are left, %v", people, err)
	}
	if r := report(t, db); len(r.Faults) > 0 || r.Entries != 2 || r.Size != 2102 {
		t.Errorf("%+v; want the two entries on the pruning", r)
	}
}

// More people than one transaction looks at are forgotten, and whoever an act still names stays, wherever they are listed.
func TestPruneForgetsManyPeople(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, _ *audit.Log) {
		c := newCalendar(db)
		c.wrote(t, 0)
		late := entry(ada, audit.Party{ID: "late", Name: "Late"}, audit.Done)
		const many = `INSERT INTO audit_people (organization_id, id, name, email, folded)
			WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000)
			SELECT 'organization', 'id' || i, '', '', 'id' || i || ' ' FROM n`
		execute(t, db, many)
		c.now = start.Add(20 * day)
		add(t, c.Log, late)
		execute(t, db, strings.ReplaceAll(many, "'id'", "'more'"))
		if n, err := c.Prune(t.Context(), 10*day, c.now); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		rows, err := db.QueryContext(t.Context(), "SELECT id FROM audit_people WHERE id <> '' ORDER BY ref")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()
		var left []string
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				t.Fatal(err)
			}
			left = append(left, id)
		}
		if diff := cmp.Diff([]string{"ada-id", "late"}, left); diff != "" || rows.Err() != nil {
			t.Error(len(left), rows.Err(), diff[:min(len(diff), 500)])
		}
		whole(t, db)
	})
}
