package audit_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database"
)

// evidenceOf is what was read after the act that entry seq began.
func evidenceOf(actor, subject audit.Party, seq int64) audit.Entry {
	e := entry(actor, subject, audit.Done)
	e.Action, e.About, e.Evidence = audit.ReadEvidence, seq, audit.Evidence{ReadAt: start, TokenIssuedAfter: start.Truncate(time.Millisecond)}
	return e
}

// threeActs are one act that is done, with evidence, one of a single entry, and one that is open.
func threeActs(t *testing.T, l *audit.Log) {
	t.Helper()
	add(t, l,
		entry(ada, ben, audit.Asked),            // 1
		entry(cleo, ada, audit.Refused),         // 2
		closing(entry(ada, ben, audit.Done), 1), // 3
		entry(ada, cleo, audit.Asked),           // 4
		evidenceOf(ada, ben, 1),                 // 5
	)
}

func entriesOf(acts []audit.Act) [][]int64 {
	all := make([][]int64, len(acts))
	for i, a := range acts {
		all[i] = seqs(a.Entries)
	}
	return all
}

// An action that is done to nobody is found by who did it, not by whom it was done to.
func TestAnActionWithoutASubjectIsFoundByItsActor(t *testing.T) {
	each(t, func(t *testing.T, _ *database.DB, l *audit.Log) {
		threeActs(t, l)
		e := entry(ada, audit.Party{}, audit.Done)
		e.Action = audit.SignOut
		add(t, l, e)
		for filter, want := range map[audit.Filter]int{
			{Actor: "ada", Action: audit.SignOut}:  1,
			{Person: "ada", Action: audit.SignOut}: 0,
		} {
			filter.OrganizationID = organization.ID
			if page, err := l.Acts(t.Context(), filter, audit.Cursor{}, 10); err != nil || len(page.Acts) != want {
				t.Errorf("%+v: %d acts, want %d: %v", filter, len(page.Acts), want, err)
			}
		}
	})
}

func TestEachActIsListedOnce(t *testing.T) {
	each(t, func(t *testing.T, _ *database.DB, l *audit.Log) {
		threeActs(t, l)
		done, refused, open := []int64{1, 3, 5}, []int64{2}, []int64{4}
		for name, test := range map[string]struct {
			filter audit.Filter
			want   [][]int64
		}{
			"everything":           {audit.Filter{}, [][]int64{open, refused, done}},
			"an action":            {audit.Filter{Action: audit.Revoke}, [][]int64{open, refused, done}},
			"an outcome":           {audit.Filter{Outcome: audit.Done}, [][]int64{done}},
			"without an outcome":   {audit.Filter{Outcome: audit.Asked}, [][]int64{open}},
			"open":                 {audit.Filter{Open: true}, [][]int64{open}},
			"on a person":          {audit.Filter{Person: "ben"}, [][]int64{done}},
			"one's own":            {audit.Filter{Own: "ben-id"}, [][]int64{done}},
			"of another's outcome": {audit.Filter{Own: "ben-id", Outcome: audit.Refused}, [][]int64{}},
		} {
			t.Run(name, func(t *testing.T) {
				test.filter.OrganizationID = organization.ID
				page, err := l.Acts(t.Context(), test.filter, audit.Cursor{}, 10)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.want, entriesOf(page.Acts)); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			})
		}
	})
}

func TestWhatAnActSays(t *testing.T) {
	each(t, func(t *testing.T, _ *database.DB, l *audit.Log) {
		threeActs(t, l)
		page, err := l.Acts(t.Context(), audit.Filter{OrganizationID: organization.ID, Own: ben.ID}, audit.Cursor{}, 10)
		if err != nil || len(page.Acts) != 1 {
			t.Fatalf("%d acts, %v", len(page.Acts), err)
		}
		act := page.Acts[0]
		if first, last := act.First(), act.Last(); first.Seq != 1 || last.Seq != 3 || last.Outcome != audit.Done || !act.Evidence().TokenIssuedAfter.Equal(start.Truncate(time.Millisecond)) {
			t.Errorf("first %d, last %d %s, evidence %+v", first.Seq, last.Seq, last.Outcome, act.Evidence())
		}
		for _, e := range act.Entries {
			if e.Reason != "" {
				t.Errorf("whom it concerned reads the reason in entry %d", e.Seq)
			}
		}
	})
}

// Pages of acts neither skip nor repeat one, down or up.
func TestPagingThroughActs(t *testing.T) {
	each(t, func(t *testing.T, _ *database.DB, l *audit.Log) {
		for range 13 {
			seq := add(t, l, entry(ada, ben, audit.Asked))[0].Seq
			add(t, l, closing(entry(ada, ben, audit.Done), seq), evidenceOf(ada, ben, seq))
		}
		for name, filter := range map[string]audit.Filter{
			"all": {}, "done": {Outcome: audit.Done}, "on a person": {Person: "ben"}, "by one": {Actor: "ada"},
		} {
			t.Run(name, func(t *testing.T) {
				filter.OrganizationID = organization.ID
				down := turn(t, l, filter, audit.Cursor{}, func(p audit.Acts) audit.Cursor { return p.Older })
				last := down[len(down)-1]
				up := turn(t, l, filter, last.Newer, func(p audit.Acts) audit.Cursor { return p.Newer })
				slices.Reverse(up)
				if diff := cmp.Diff(firsts(down), firsts(append(up, last))); diff != "" || len(firsts(down)) != 13 || !down[0].Newer.IsZero() {
					t.Errorf("%d acts on the way down; up differs:\n%s", len(firsts(down)), diff)
				}
			})
		}
	})
}

// turn reads pages of five acts until there is no next.
func turn(t *testing.T, l *audit.Log, f audit.Filter, at audit.Cursor, next func(audit.Acts) audit.Cursor) []audit.Acts {
	t.Helper()
	var pages []audit.Acts
	for len(pages) < 10 {
		page, err := l.Acts(t.Context(), f, at, 5)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, page)
		if at = next(page); at.IsZero() {
			break
		}
	}
	return pages
}

func firsts(pages []audit.Acts) []int64 {
	var all []int64
	for _, p := range pages {
		for _, a := range p.Acts {
			all = append(all, a.First().Seq)
		}
	}
	return all
}

// A page of many acts has all their entries, whoever read the evidence.
func TestAPageOfManyActs(t *testing.T) {
	each(t, func(t *testing.T, _ *database.DB, l *audit.Log) {
		var want [][]int64
		for n := range int64(30) {
			add(t, l, entry(ada, ben, audit.Asked), closing(entry(ada, ben, audit.Done), 3*n+1), evidenceOf(cleo, ben, 3*n+1))
			want = append([][]int64{{3*n + 1, 3*n + 2, 3*n + 3}}, want...)
		}
		page, err := l.Acts(t.Context(), all, audit.Cursor{}, 30)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, entriesOf(page.Acts)); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}
