package batch_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/batch"
	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
	"tokenconsole/internal/emulator"
)

// The list of batches shows those that have a text, are in a state, or concern somebody, whether they act or are acted on.
func TestTheListIsNarrowed(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newFixture(t, db, newPlatform(t, emulator.Options{}))
		by, other, people := f.by(admin), f.by(supervisor), f.everybody()
		made := map[string]string{}
		prepare := func(name, words string, by batch.By, people []batch.Person) batch.Batch {
			t.Helper()
			b := must[batch.Batch](t)(f.Prepare(t.Context(), by, batch.Rule{Source: batch.FromList, Words: words}, people))
			made[b.ID] = name
			return b
		}
		left := people[1]
		left.Plan = batch.Inactive
		first := prepare("left out", "a list", by, []batch.Person{left})
		lost := prepare("lost", "100% of a_b", by, []batch.Person{left, people[2], people[3]})
		must[batch.Batch](t)(f.Start(t.Context(), by, lost.ID, batch.Form{Reason: "Lost in Galway", Ticket: "INC-77", Count: 2}))
		prepare("other", "100 of aXb", other, people[4:5])
		cancelled := prepare("cancelled", "a list", other, people[5:6])
		must[batch.Batch](t)(f.Cancel(t.Context(), by, cancelled.ID))
		for _, test := range []struct {
			filter batch.Filter
			want   string
		}{
			{batch.Filter{}, "cancelled left out lost other"},
			{batch.Filter{Text: "  "}, "cancelled left out lost other"},
			{batch.Filter{Text: " A LIST "}, "cancelled left out"},
			{batch.Filter{Text: "galway"}, "lost"},
			{batch.Filter{Text: "inc-77"}, "lost"},
			{batch.Filter{Text: "0%"}, "lost"},
			{batch.Filter{Text: "a_b"}, "lost"},
			{batch.Filter{Text: first.ID}, "left out"},
			{batch.Filter{Text: "nowhere"}, ""},
			{batch.Filter{Person: " " + people[2].Name}, "lost"},
			{batch.Filter{Person: strings.ToUpper(people[1].Email)}, "left out lost"},
			{batch.Filter{Person: people[4].ID.String()}, "other"},
			{batch.Filter{Person: other.Person.Email}, "cancelled other"},
			{batch.Filter{Person: by.Person.Email, Text: "a list"}, "left out"},
			{batch.Filter{States: []batch.State{batch.Running}}, "lost"},
			{batch.Filter{States: []batch.State{batch.Running, batch.Cancelled, batch.Done}}, "cancelled lost"},
			{batch.Filter{States: []batch.State{batch.Prepared}, Person: other.Person.Name}, "other"},
		} {
			page := must[batch.Page](t)(f.List(t.Context(), by.Organization.ID, test.filter, "", 10))
			var names []string
			for _, b := range page.Batches {
				names = append(names, made[b.ID])
			}
			slices.Sort(names)
			if got := strings.Join(names, " "); got != test.want || page.Older != "" {
				t.Errorf("%+v shows %q, want %q", test.filter, got, test.want)
			}
		}
		for _, b := range must[batch.Page](t)(f.List(t.Context(), by.Organization.ID, batch.Filter{}, "", 4)).Batches {
			want := map[string]string{"left out": "", "lost": people[2].Name, "other": people[4].Name, "cancelled": people[5].Name}[made[b.ID]]
			if b.First != want {
				t.Errorf("the first of %s is %q, want %q", made[b.ID], b.First, want)
			}
		}
		if page := must[batch.Page](t)(f.List(t.Context(), by.Organization.ID, batch.Filter{}, "nonsense.x", 4)); len(page.Batches) > 0 {
			t.Errorf("after a page that never was: %d", len(page.Batches))
		}
	})
}

// So are the rows of one batch.
func TestThePeopleAreNarrowed(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newFixture(t, db, newPlatform(t, emulator.Options{}))
		by, people := f.by(admin), f.everybody()[:4]
		for i := range people {
			people[i].Name, people[i].Input = fmt.Sprintf("Person %d", i+1), fmt.Sprintf("line %d", i+1)
		}
		people[0].Busy = "INTERACTING"
		people[1].Administrator = true
		people[2].Plan, people[2].Busy, people[2].Administrator = batch.Inactive, "INTERACTING", true
		b := must[batch.Batch](t)(f.Prepare(t.Context(), by, rule, people))
		if b.Counts.Busy != 1 || b.Counts.Administrators != 1 || b.Counts.Inactive != 1 || b.Counts.ToRevoke != 3 {
			t.Errorf("%+v", b.Counts)
		}
		for _, test := range []struct {
			filter       batch.PeopleFilter
			after, limit int
			want         []int
			total        int
		}{
			{batch.PeopleFilter{}, 0, 10, []int{1, 2, 3, 4}, 4},
			{batch.PeopleFilter{}, 2, 10, []int{3, 4}, 4},
			{batch.PeopleFilter{}, 0, 2, []int{1, 2}, 4},
			{batch.PeopleFilter{Plan: batch.Inactive}, 0, 10, []int{3}, 1},
			{batch.PeopleFilter{Run: batch.Waiting}, 0, 10, []int{1, 2, 4}, 3},
			{batch.PeopleFilter{Run: batch.Revoked}, 0, 10, nil, 0},
			{batch.PeopleFilter{Busy: true}, 0, 10, []int{1}, 1},
			{batch.PeopleFilter{Administrator: true}, 0, 10, []int{2}, 1},
			{batch.PeopleFilter{LeftOut: true}, 0, 10, []int{3}, 1},
			{batch.PeopleFilter{CameBack: true}, 0, 10, nil, 0},
			{batch.PeopleFilter{Undone: true}, 0, 10, nil, 0},
			{batch.PeopleFilter{Text: " PERSON 2 "}, 0, 10, []int{2}, 1},
			{batch.PeopleFilter{Text: "line 4", Plan: batch.ToRevoke}, 0, 10, []int{4}, 1},
			{batch.PeopleFilter{Text: people[2].ID.String()}, 0, 10, []int{3}, 1},
		} {
			found, total, err := f.People(t.Context(), by.Organization.ID, b.ID, test.filter, test.after, test.limit)
			var positions []int
			for _, p := range found {
				positions = append(positions, p.Position)
			}
			if diff := cmp.Diff(test.want, positions); err != nil || total != test.total || diff != "" {
				t.Errorf("%+v after %d: %d in all, %v %s", test.filter, test.after, total, err, diff)
			}
		}
	})
}
