package audit_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
)

func TestFilters(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		elsewhere := entry(ada, ben, audit.Done)
		elsewhere.Organization.ID = "another"
		batched := entry(ada, ada, audit.Failed)
		batched.Batch = "batch-7"
		add(t, l,
			entry(ada, ben, audit.Asked),            // 1
			closing(entry(ada, ben, audit.Done), 1), // 2
			entry(ben, cleo, audit.Refused),         // 3
			elsewhere,                               // 4
			audit.Entry{Action: audit.SignIn, Outcome: audit.Done, Actor: cleo, Organization: organization}, // 5
			entry(cleo, ada, audit.Asked), // 6
			batched,                       // 7
			audit.Entry{Action: audit.SignIn, Outcome: audit.Refused, Address: "192.0.2.7", Count: 3}, // 8
			audit.Entry{Action: audit.Prune, Outcome: audit.Done},                                     // 9
		)
		second := func(n int) time.Time { return start.Truncate(time.Millisecond).Add(time.Duration(n) * time.Second) }
		tests := map[string]struct {
			filter audit.Filter
			want   []int64
		}{
			"everything":            {audit.Filter{}, []int64{7, 6, 5, 3, 1, 2}},
			"person by name":        {audit.Filter{Person: " BEN ö"}, []int64{1, 2}},
			"person by email":       {audit.Filter{Person: "cleo@demo"}, []int64{3}},
			"person by id":          {audit.Filter{Person: "ada-id"}, []int64{7, 6}},
			"wildcards are letters": {audit.Filter{Person: `100%_\`}, []int64{3}},
			"% alone":               {audit.Filter{Person: "%"}, []int64{3}},
			"nobody":                {audit.Filter{Person: "zoe"}, nil},
			"exact subject":         {audit.Filter{SubjectID: "ada-id"}, []int64{7, 6}},
			"subject id is whole":   {audit.Filter{SubjectID: "ada"}, nil},
			"actor":                 {audit.Filter{Actor: "ada"}, []int64{7, 1, 2}},
			"actor and person":      {audit.Filter{Actor: "ada", Person: "ben"}, []int64{1, 2}},
			"one's own":             {audit.Filter{Own: "ada-id"}, []int64{7, 6, 1, 2}},
			"one's own on another":  {audit.Filter{Own: "ada-id", Person: "ben"}, []int64{1, 2}},
			"one's own, refused":    {audit.Filter{Own: "ben-id", Outcome: audit.Refused}, []int64{3}},
			"action":                {audit.Filter{Action: audit.SignIn}, []int64{5}},
			"outcome":               {audit.Filter{Outcome: audit.Done}, []int64{5, 1, 2}},
			"action and outcome":    {audit.Filter{Action: audit.Revoke, Outcome: audit.Done}, []int64{1, 2}},
			"open":                  {audit.Filter{Open: true}, []int64{6}},
			"open on a person":      {audit.Filter{Open: true, Person: "ada"}, []int64{6}},
			"from is included":      {audit.Filter{From: second(4)}, []int64{7, 6, 5}},
			"to is not":             {audit.Filter{To: second(4)}, []int64{3, 1, 2}},
			"between":               {audit.Filter{From: second(1), To: second(5), Action: audit.Revoke}, []int64{3}},
			"another organization":  {audit.Filter{OrganizationID: "another"}, []int64{4}},
			"batch":                 {audit.Filter{Batch: "batch-7"}, []int64{7}},
			"batch of another":      {audit.Filter{Batch: "batch-7", OrganizationID: "another"}, nil},
			"batch and outcome":     {audit.Filter{Batch: "batch-7", Outcome: audit.Done}, nil},
			"batch and person":      {audit.Filter{Batch: "batch-7", Person: "ada"}, []int64{7}},
			"batch, one's own":      {audit.Filter{Batch: "batch-7", Own: "ada-id"}, []int64{7}},
			"sign-ins of nobody":    {audit.Filter{Nobody: true}, []int64{8}},
			"nobody's, refused":     {audit.Filter{Nobody: true, Outcome: audit.Refused}, []int64{8}},
			"prunings":              {audit.Filter{Nobody: true, Action: audit.Prune}, []int64{9}},
			"nobody's, one's own":   {audit.Filter{Nobody: true, Own: "ada-id"}, nil},
		}
		for name, test := range tests {
			t.Run(name, func(t *testing.T) {
				if test.filter.OrganizationID == "" {
					test.filter.OrganizationID = organization.ID
				}
				if diff := cmp.Diff(test.want, seqs(list(t, l, test.filter, audit.Cursor{}, 50).Entries)); diff != "" {
					t.Error(diff)
				}
			})
		}
	})
}

func TestNoFilterSpansOrganizations(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		add(t, l, entry(ada, ben, audit.Done))
		if page, err := l.Acts(t.Context(), audit.Filter{}, audit.Cursor{}, 50); err == nil {
			t.Errorf("without an organization %d acts are shown", len(page.Acts))
		}
	})
}

// Clocks of replicas differ and the same millisecond may hold several entries: pages must neither skip nor repeat any.
func TestPaging(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, _ *audit.Log) {
		n := 0
		l := audit.New(audit.Options{DB: db, Keys: key.keys,
			Now: func() time.Time { n++; return start.Add(time.Duration(n*7%5) * time.Millisecond) }})
		for i := range 23 {
			subject := audit.Party{ID: fmt.Sprint(i)}
			if i%4 == 0 {
				subject = ada // an act that is hers in two ways
			}
			add(t, l, entry(ada, subject, audit.Done))
		}
		for _, filter := range []audit.Filter{{}, {Actor: "ada"}, {Own: "ada-id"}, {Action: audit.Revoke}} {
			filter.OrganizationID = organization.ID
			pageThrough(t, l, filter)
		}
	})
}

func pageThrough(t *testing.T, l *audit.Log, filter audit.Filter) {
	t.Helper()
	var down, up [][]int64
	var last page
	for at := (audit.Cursor{}); ; at = last.Older {
		last = list(t, l, filter, at, 5)
		down = append(down, seqs(last.Entries))
		if last.Newer.IsZero() != (len(down) == 1) {
			t.Errorf("page %d: newer = %q", len(down), last.Newer)
		}
		if last.Older.IsZero() {
			break
		}
		if len(last.Entries) != 5 {
			t.Errorf("%+v: a page of 5 acts shows %d", filter, len(last.Entries))
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
	whole := seqs(list(t, l, filter, audit.Cursor{}, audit.MaxActs).Entries)
	if diff := cmp.Diff(whole, all); diff != "" || len(all) != 23 {
		t.Errorf("%+v: %d entries; pages differ from the whole:\n%s", filter, len(all), diff)
	}
}

// list also sends the cursor through its text, as a link on a page does.
func list(t *testing.T, l *audit.Log, f audit.Filter, at audit.Cursor, limit int) page {
	t.Helper()
	at, err := audit.ParseCursor(at.String())
	if err != nil {
		t.Fatal(err)
	}
	acts, err := l.Acts(t.Context(), f, at, limit)
	if err != nil {
		t.Fatal(err)
	}
	shown := page{Acts: acts}
	for _, a := range acts.Acts {
		shown.Entries = append(shown.Entries, a.Entries...)
	}
	return shown
}

// page is a page of acts with all of their entries.
type page struct {
	audit.Acts
	Entries []audit.Entry
}

// Some people are searched for one by one, and more of them along all acts.
func TestASearchThatMatchesMany(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		for i := range 80 {
			add(t, l, entry(ada, audit.Party{ID: fmt.Sprint(i), Name: fmt.Sprintf("Person %d of %d", i, i%2)}, audit.Done))
		}
		for name, c := range map[string]struct {
			filter audit.Filter
			want   []int64
		}{
			"half of them":              {audit.Filter{Person: "of 1"}, []int64{80, 78, 76, 74, 72, 70, 68, 66, 64, 62}},
			"half of them, by action":   {audit.Filter{Person: "of 1", Action: audit.Revoke}, []int64{80, 78, 76, 74, 72, 70, 68, 66, 64, 62}},
			"half of them, by outcome":  {audit.Filter{Person: "of 1", Outcome: audit.Done}, []int64{80, 78, 76, 74, 72, 70, 68, 66, 64, 62}},
			"half of them, by an actor": {audit.Filter{Person: "of 1", Actor: "ada"}, []int64{80, 78, 76, 74, 72, 70, 68, 66, 64, 62}},
			"eleven":                    {audit.Filter{Person: "person 7"}, []int64{80, 79, 78, 77, 76, 75, 74, 73, 72, 71}},
			"eleven, by time":           {audit.Filter{Person: "person 7", To: start.Truncate(time.Millisecond).Add(78 * time.Second)}, []int64{78, 77, 76, 75, 74, 73, 72, 71, 8}},
		} {
			c.filter.OrganizationID = organization.ID
			page := list(t, l, c.filter, audit.Cursor{}, 10)
			if diff := cmp.Diff(c.want, seqs(page.Entries)); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
			if older := list(t, l, c.filter, page.Older, 10); len(older.Entries) > 0 {
				if newer := list(t, l, c.filter, older.Newer, 10); !cmp.Equal(seqs(newer.Entries), c.want) {
					t.Errorf("%s: %v stand before the older ones", name, seqs(newer.Entries))
				}
			}
		}
	})
}

func TestEachStopsAtAnError(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		add(t, l, entry(ada, ben, audit.Done), entry(ada, ben, audit.Done))
		stop, calls := fmt.Errorf("enough"), 0
		err := l.Each(t.Context(), audit.Filter{OrganizationID: organization.ID}, func(audit.Entry) error { calls++; return stop })
		if err != stop || calls != 1 {
			t.Errorf("%v after %d calls; want the callback's error after one", err, calls)
		}
	})
}

func FuzzParseCursor(f *testing.F) {
	f.Add("older-1")
	f.Add("newer-7")
	f.Add("older--5")
	f.Fuzz(func(t *testing.T, s string) {
		if c, err := audit.ParseCursor(s); err == nil && c.String() != s {
			t.Errorf("%q reads as %q", s, c)
		}
	})
}

// Whatever the clocks did, a filter by time finds exactly the entries of that time, in the order they were written.
func TestFiltersByTimeWhateverTheClockDid(t *testing.T) {
	at := func(hours ...int) (times []time.Time) {
		for _, h := range hours {
			times = append(times, start.Truncate(time.Second).Add(time.Duration(h)*time.Hour))
		}
		return times
	}
	for name, times := range map[string][]time.Time{
		"forward":          at(1, 2, 3, 4, 5, 6, 7, 8, 9),
		"set back":         at(1, 2, 3, 4, 1, 2, 3, 4, 5),
		"once far ahead":   at(1, 2, 90000, 3, 4, 5, 6, 7, 8),
		"once far behind":  at(1, 2, 3, 4, -90000, 5, 6, 7, 8),
		"to and fro":       at(9, 1, 8, 2, 7, 3, 6, 4, 5),
		"standing":         at(4, 4, 4, 4, 4, 4, 4, 4, 4),
		"a wrong year end": at(90000, 90001, 90002, 1, 2, 3, 4, 5, 6),
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, db *database.DB, _ *audit.Log) {
				i := 0
				l := audit.New(audit.Options{DB: db, Keys: key.keys, Now: func() time.Time { return times[i/400] }})
				for ; i < 400*len(times); i++ { // several blocks
					if i%400 > 3 && i%400 < 397 {
						continue
					}
					add(t, l, entry(ada, ben, audit.Done))
				}
				byTime(t, l, times)
				whole(t, db)
			})
		})
	}
}

// Entries are found by time in blocks of a thousand: those at the edges of a block, too.
func TestFiltersByTimeAtTheEdgesOfBlocks(t *testing.T) {
	t.Parallel()
	l := newLog(databasetest.Open(t, databasetest.SQLite(t)))
	addMany(t, l, 2010, entry(ada, ben, audit.Done))
	for _, first := range []int64{1, 998, 999, 1000, 1001, 1998, 2000, 2001} {
		act, err := l.Act(t.Context(), organization.ID, first)
		if err != nil {
			t.Fatal(err)
		}
		f := audit.Filter{OrganizationID: organization.ID, From: act[0].At, To: act[0].At.Add(3 * time.Second)}
		if diff := cmp.Diff([]int64{first + 2, first + 1, first}, seqs(list(t, l, f, audit.Cursor{}, 10).Entries)); diff != "" {
			t.Errorf("from entry %d on: %s", first, diff)
		}
	}
}

func byTime(t *testing.T, l *audit.Log, times []time.Time) {
	t.Helper()
	from, to := times[0].Truncate(time.Hour).Add(2*time.Hour), times[0].Truncate(time.Hour).Add(5*time.Hour)
	all := list(t, l, audit.Filter{OrganizationID: organization.ID}, audit.Cursor{}, audit.MaxActs).Entries
	var want []int64
	for _, e := range all {
		if !e.At.Before(from) && e.At.Before(to) {
			want = append(want, e.Seq)
		}
	}
	for _, f := range []audit.Filter{{}, {Own: ada.ID}, {Person: "ben"}, {Action: audit.Revoke}, {Outcome: audit.Done}} {
		f.OrganizationID, f.From, f.To = organization.ID, from, to
		var got []int64
		for at := (audit.Cursor{}); ; {
			page := list(t, l, f, at, 7)
			got = append(got, seqs(page.Entries)...)
			if at = page.Older; at.IsZero() {
				break
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%+v: %s", f, diff)
		}
	}
}

// Whom an act concerned reads that it happened, when and what, and nothing that is not theirs to know.
func TestWhomAnActConcernedReadsOnlySoMuch(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, l *audit.Log) {
		e := full()
		e.Closes, e.Pruned = 0, audit.Pruned{}
		written := add(t, l, e)[0]
		asked := full()
		asked.Outcome, asked.Pruned = audit.Asked, audit.Pruned{}
		add(t, l, asked)
		bens := audit.Filter{OrganizationID: organization.ID, Own: ben.ID}
		seen := list(t, l, bens, audit.Cursor{}, 10).Entries
		if act, err := l.OwnAct(t.Context(), organization.ID, ben.ID, 1); err != nil || len(act) != 1 {
			t.Errorf("%v, %v", act, err)
		} else {
			seen = append(seen, act...)
		}
		var csv, json bytes.Buffer
		if _, err := l.WriteCSV(t.Context(), &csv, bens); err != nil {
			t.Fatal(err)
		}
		if _, err := l.WriteJSON(t.Context(), &json, bens); err != nil {
			t.Fatal(err)
		}
		secrets := []string{e.Ticket, "line", e.Address, e.RequestID, e.CorrelationID, e.Query, e.Batch}
		for _, secret := range secrets {
			for _, text := range []string{fmt.Sprintf("%+v", seen), csv.String(), json.String()} {
				if strings.Contains(text, secret) && secret != "" {
					t.Errorf("%q is told: %s", secret, text)
				}
			}
		}
		for _, s := range seen {
			if s.Actor != ada || s.Subject != ben || s.Action != audit.Revoke || s.At.IsZero() || s.Evidence != written.Evidence {
				t.Errorf("%+v says too little", s)
			}
		}
		if len(seen) != 3 {
			t.Errorf("%d entries", len(seen))
		}
		adas := list(t, l, audit.Filter{OrganizationID: organization.ID, Own: ada.ID}, audit.Cursor{}, 10).Entries
		if len(adas) != 2 || adas[1].Reason != e.Reason {
			t.Errorf("who acted reads %+v", adas)
		}
		if _, err := l.OwnReceipt(t.Context(), organization.ID, ben.ID, 1); !errors.Is(err, audit.ErrNotFound) {
			t.Errorf("whom it concerned gets a receipt, which tells all: %v", err)
		}
		if r, err := l.OwnReceipt(t.Context(), organization.ID, ada.ID, 1); err != nil || len(r.Entries) != 1 {
			t.Errorf("who acted gets no receipt: %v", err)
		}
		if _, err := l.OwnAct(t.Context(), organization.ID, cleo.ID, 1); !errors.Is(err, audit.ErrNotFound) {
			t.Errorf("a third person reads the act: %v", err)
		}
		if _, err := l.OwnAct(t.Context(), organization.ID, "", 1); !errors.Is(err, audit.ErrNotFound) {
			t.Errorf("nobody reads the act: %v", err)
		}
	})
}
