package audit_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database"
)

func TestFilters(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		elsewhere := revocation(ada, ben, audit.Done)
		elsewhere.OrganizationID = "another"
		closing := revocation(ada, ben, audit.Done)
		closing.Asks = 1
		add(t, l,
			revocation(ada, ben, audit.Asked),    // 1
			closing,                              // 2
			revocation(ben, cleo, audit.Refused), // 3
			elsewhere,                            // 4
			audit.Entry{Action: audit.SignIn, Outcome: audit.Done, Actor: cleo, OrganizationID: organization}, // 5
			revocation(cleo, ada, audit.Asked), // 6
			revocation(ada, ada, audit.Failed), // 7
		)
		second := func(n int) time.Time { return start.Truncate(time.Millisecond).Add(time.Duration(n) * time.Second) }
		tests := map[string]struct {
			filter audit.Filter
			want   []int64
		}{
			"everything":            {audit.Filter{}, []int64{7, 6, 5, 3, 2, 1}},
			"person by name":        {audit.Filter{Person: " BEN ö"}, []int64{2, 1}},
			"person by email":       {audit.Filter{Person: "cleo@demo"}, []int64{3}},
			"person by id":          {audit.Filter{Person: "ada-id"}, []int64{7, 6}},
			"wildcards are letters": {audit.Filter{Person: `100%_\`}, []int64{3}},
			"% alone":               {audit.Filter{Person: "%"}, []int64{3}},
			"nobody":                {audit.Filter{Person: "zoe"}, nil},
			"exact subject":         {audit.Filter{SubjectID: "ada-id"}, []int64{7, 6}},
			"subject id is whole":   {audit.Filter{SubjectID: "ada"}, nil},
			"actor":                 {audit.Filter{Actor: "ada"}, []int64{7, 2, 1}},
			"actor and person":      {audit.Filter{Actor: "ada", Person: "ben"}, []int64{2, 1}},
			"one's own":             {audit.Filter{Own: "ada-id"}, []int64{7, 6, 2, 1}},
			"one's own on another":  {audit.Filter{Own: "ada-id", Person: "ben"}, []int64{2, 1}},
			"one's own, refused":    {audit.Filter{Own: "ben-id", Outcome: audit.Refused}, []int64{3}},
			"action":                {audit.Filter{Action: audit.SignIn}, []int64{5}},
			"outcome":               {audit.Filter{Outcome: audit.Done}, []int64{5, 2}},
			"action and outcome":    {audit.Filter{Action: audit.Revoke, Outcome: audit.Done}, []int64{2}},
			"open":                  {audit.Filter{Open: true}, []int64{6}},
			"open on a person":      {audit.Filter{Open: true, Person: "ada"}, []int64{6}},
			"from is included":      {audit.Filter{From: second(4)}, []int64{7, 6, 5}},
			"to is not":             {audit.Filter{To: second(4)}, []int64{3, 2, 1}},
			"between":               {audit.Filter{From: second(1), To: second(5), Action: audit.Revoke}, []int64{3, 2}},
			"another organization":  {audit.Filter{OrganizationID: "another"}, []int64{4}},
		}
		for name, test := range tests {
			t.Run(name, func(t *testing.T) {
				if test.filter.OrganizationID == "" {
					test.filter.OrganizationID = organization
				}
				page, err := l.List(t.Context(), test.filter, audit.Cursor{}, 50)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.want, seqs(page.Entries)); diff != "" {
					t.Error(diff)
				}
			})
		}
	})
}

func TestNoFilterSpansOrganizations(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		add(t, l, revocation(ada, ben, audit.Done))
		if page, err := l.List(t.Context(), audit.Filter{}, audit.Cursor{}, 50); err == nil {
			t.Errorf("without an organization List shows %d entries", len(page.Entries))
		}
	})
}

// Clocks of replicas differ and the same millisecond may hold several entries: pages must neither skip nor repeat any.
func TestPaging(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, _ *audit.Log) {
		n := 0
		l := audit.New(db, discard, func() time.Time { n++; return start.Add(time.Duration(n*7%5) * time.Millisecond) })
		for i := range 23 {
			add(t, l, revocation(ada, audit.Party{ID: fmt.Sprint(i)}, audit.Done))
		}
		for _, filter := range []audit.Filter{{}, {Actor: "ada"}, {Own: "ada-id"}, {Action: audit.Revoke}} {
			filter.OrganizationID = organization
			pageThrough(t, l, filter)
		}
	})
}

func pageThrough(t *testing.T, l *audit.Log, filter audit.Filter) {
	t.Helper()
	var down, up [][]int64
	var last audit.Page
	for at := (audit.Cursor{}); ; at = last.Older {
		last = list(t, l, filter, at, 5)
		down = append(down, seqs(last.Entries))
		if last.Newer.IsZero() != (len(down) == 1) {
			t.Errorf("page %d: newer = %q", len(down), last.Newer)
		}
		if last.Older.IsZero() {
			break
		}
	}
	up = [][]int64{seqs(last.Entries)}
	for !last.Newer.IsZero() {
		last = list(t, l, filter, last.Newer, 5)
		up = append(up, seqs(last.Entries))
	}
	slices.Reverse(up)
	if diff := cmp.Diff(down, up); diff != "" {
		t.Errorf("%+v: the way up differs from the way down:\n%s", filter, diff)
	}
	all := slices.Concat(down...)
	whole := seqs(list(t, l, filter, audit.Cursor{}, 1000).Entries)
	if diff := cmp.Diff(whole, all); diff != "" || len(all) != 23 {
		t.Errorf("%+v: %d entries; pages differ from the whole:\n%s", filter, len(all), diff)
	}
}

// list also sends the cursor through its text, as a link on a page does.
func list(t *testing.T, l *audit.Log, f audit.Filter, at audit.Cursor, limit int) audit.Page {
	t.Helper()
	at, err := audit.ParseCursor(at.String())
	if err != nil {
		t.Fatal(err)
	}
	page, err := l.List(t.Context(), f, at, limit)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// More people than are searched for one by one.
func TestASearchThatMatchesMany(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		for i := range 80 {
			add(t, l, revocation(ada, audit.Party{ID: fmt.Sprint(i), Name: fmt.Sprintf("Person %d of %d", i, i%2)}, audit.Done))
		}
		page := list(t, l, audit.Filter{OrganizationID: organization, Person: "of 1"}, audit.Cursor{}, 10)
		if diff := cmp.Diff([]int64{80, 78, 76, 74, 72, 70, 68, 66, 64, 62}, seqs(page.Entries)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestEachStopsAtAnError(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		add(t, l, revocation(ada, ben, audit.Done), revocation(ada, ben, audit.Done))
		stop, calls := fmt.Errorf("enough"), 0
		err := l.Each(t.Context(), audit.Filter{OrganizationID: organization}, func(audit.Entry) error { calls++; return stop })
		if err != stop || calls != 1 {
			t.Errorf("%v after %d calls; want the callback's error after one", err, calls)
		}
	})
}

func FuzzParseCursor(f *testing.F) {
	f.Add("older-1-2")
	f.Add("newer-1772355600123-7")
	f.Add("older--5-1")
	f.Fuzz(func(t *testing.T, s string) {
		if c, err := audit.ParseCursor(s); err == nil && c.String() != s {
			t.Errorf("%q reads as %q", s, c)
		}
	})
}
