package batch_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/batch"
	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
	"tokenconsole/internal/emulator"
	"tokenconsole/internal/revocation"
)

var rule = batch.Rule{Source: batch.FromQueue, ID: "billing", Words: "queue “Billing”"}

// A plan says of every row what is done about it, and goes on the record with its rule and a hash over its rows.
func TestPlan(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, emulator.Options{})
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newFixture(t, db, p, func(o *batch.Options) {
			o.Revocations.Protected = revocation.NewProtected([]string{" Agent@demo.example"})
		})
		by, all := f.by(admin), f.everybody()
		var glass batch.Person
		for i := range all {
			if all[i].Email == agent {
				glass = all[i]
				all = append(all[:i], all[i+1:]...)
				break
			}
		}
		inactive, ambiguous := all[3], batch.Person{Input: "Jun Zhang", Plan: batch.Ambiguous, Candidates: []batch.Candidate{
			{ID: all[4].ID, Name: all[4].Name}, {ID: all[0].ID, Name: all[0].Name},
		}}
		inactive.Plan = batch.Inactive
		rows := []batch.Person{all[0], all[1], all[0], {Input: "nobody\x00", Plan: batch.NotFound}, glass, inactive, self(by), ambiguous}
		b := must[batch.Batch](t)(f.Prepare(t.Context(), by, rule, rows))
		want := batch.Counts{ToRevoke: 2, NotFound: 1, Ambiguous: 1, NamedTwice: 1, Inactive: 1, Protected: 1, Yourself: 1, Waiting: 2}
		if d := cmp.Diff(want, b.Counts); d != "" {
			t.Errorf("counts, -want +got:\n%s", d)
		}
		if b.Counts.Rows() != len(rows) {
			t.Errorf("%d rows are counted, of %d", b.Counts.Rows(), len(rows))
		}
		if len(b.Hash) != 64 {
			t.Errorf("the hash is %s", b.Hash)
		}
		b = must[batch.Batch](t)(f.IncludeYourself(t.Context(), by, b.ID, true))
		if _, err := f.Choose(t.Context(), by, b.ID, 8, all[1].ID); !errors.Is(err, batch.ErrRow) {
			t.Errorf("somebody else than the candidates is chosen: %v", err)
		}
		b = must[batch.Batch](t)(f.Choose(t.Context(), by, b.ID, 8, all[4].ID))
		if b.Counts.ToRevoke != 4 || b.Counts.Ambiguous != 0 || b.Counts.Yourself != 0 {
			t.Errorf("chosen, and oneself included: %+v", b.Counts)
		}
		people, total, err := f.People(t.Context(), by.Organization.ID, b.ID, batch.PeopleFilter{Plan: batch.ToRevoke}, 0, 10)
		if err != nil || total != 4 || len(people) != 4 || people[3].ID != all[4].ID {
			t.Errorf("to be revoked: %d of %d, %v", len(people), total, err)
		}
		people, _, err = f.People(t.Context(), by.Organization.ID, b.ID, batch.PeopleFilter{Text: strings.ToUpper(all[1].Email)}, 0, 10)
		if err != nil || len(people) != 1 || people[0].Position != 2 {
			t.Errorf("found by a part of the email: %v, %v", people, err)
		}
		planOnRecord(t, f, by, b)
	})
}

func planOnRecord(t *testing.T, f *fixture, by batch.By, b batch.Batch) {
	t.Helper()
	entries := f.entries(by, b.ID)
	if len(entries) != 6 {
		t.Fatalf("%d entries for a plan that was changed twice: %+v", len(entries), entries)
	}
	last := entries[5]
	if last.Action != audit.PrepareBatch || last.Outcome != audit.Done || last.Plan != b.Hash || last.Query != rule.Words || last.Count != 4 {
		t.Errorf("the record says %+v", last)
	}
	f.receiptProves(by, b.ID, 6)
}

// Nothing starts without the number of people, a reason, and where the policy says so a second person.
func TestStartAndApproval(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, emulator.Options{})
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		now := time.Now()
		f := newFixture(t, db, p, func(o *batch.Options) {
			o.Policy.ApprovalOver, o.Policy.ApprovalWithin = 2, time.Hour
			o.Now = func() time.Time { return now }
		})
		by, other, all := f.by(admin), f.by(supervisor), f.everybody()[:3]
		prepared := func() batch.Batch { return must[batch.Batch](t)(f.Prepare(t.Context(), by, rule, all)) }
		b := prepared()
		if _, err := f.Start(t.Context(), by, b.ID, batch.Form{Reason: "Laptops stolen", Count: 2}); !errors.Is(err, batch.ErrCount) {
			t.Errorf("with another number: %v", err)
		}
		form := new(revocation.FormError)
		if _, err := f.Start(t.Context(), by, b.ID, batch.Form{Reason: "", Count: 3}); !errors.As(err, &form) {
			t.Errorf("without a reason: %v", err)
		}
		b = must[batch.Batch](t)(f.Start(t.Context(), by, b.ID, batch.Form{Reason: "Laptops stolen", Ticket: "INC-1", Count: 3}))
		if b.State != batch.WaitingApproval {
			t.Fatalf("started: %s", b.State)
		}
		if _, err := f.Approve(t.Context(), by, b.ID, "Yes"); !errors.Is(err, batch.ErrSamePerson) {
			t.Errorf("approved by who started it: %v", err)
		}
		b = must[batch.Batch](t)(f.Approve(t.Context(), other, b.ID, "Seen the list"))
		if b.State != batch.Running || b.DecidedBy != other.Person || b.RunBy != by.Person || !b.Approved() {
			t.Errorf("approved: %+v", b)
		}
		declined := must[batch.Batch](t)(f.Start(t.Context(), by, prepared().ID, batch.Form{Reason: "Laptops stolen", Count: 3}))
		declined = must[batch.Batch](t)(f.Decline(t.Context(), other, declined.ID, "Not these"))
		late := must[batch.Batch](t)(f.Start(t.Context(), by, prepared().ID, batch.Form{Reason: "Laptops stolen", Count: 3}))
		now = now.Add(time.Hour + time.Minute) // the record has a clock of its own
		if _, err := f.Approve(t.Context(), other, late.ID, "Yes"); !errors.Is(err, batch.ErrState) {
			t.Errorf("approved too late: %v", err)
		}
		late = must[batch.Batch](t)(f.Find(t.Context(), by.Organization.ID, late.ID))
		if declined.Approved() || late.Approved() {
			t.Error("they count as approved")
		}
		if declined.State != batch.Cancelled || declined.Counts.Skipped != 3 || late.State != batch.Expired || late.Counts.Skipped != 3 {
			t.Errorf("declined: %s %+v, too late: %s %+v", declined.State, declined.Counts, late.State, late.Counts)
		}
		if n := len(p.deletions()); n > 0 {
			t.Errorf("%d people were revoked", n)
		}
		listed(t, f, by)
	})
}

// What does not fit together does not start: another region than that of the batch, or nobody to be revoked.
func TestWhatDoesNotStart(t *testing.T) {
	t.Parallel()
	f := newFixture(t, databasetest.Open(t, databasetest.SQLite(t)), newPlatform(t, emulator.Options{}))
	by, people := f.by(admin), f.everybody()[:2]
	b := must[batch.Batch](t)(f.Prepare(t.Context(), by, rule, people))
	form := batch.Form{Reason: "Laptops stolen", Count: 2}
	elsewhere := by
	elsewhere.Region = "elsewhere"
	if _, err := f.Start(t.Context(), elsewhere, b.ID, form); !errors.Is(err, batch.ErrRegion) {
		t.Errorf("started in another region: %v", err)
	}
	must[batch.Batch](t)(f.Start(t.Context(), by, b.ID, form))
	if _, err := f.Start(t.Context(), by, b.ID, form); !errors.Is(err, batch.ErrState) {
		t.Errorf("started twice: %v", err)
	}
	must[batch.Batch](t)(f.Pause(t.Context(), by, b.ID))
	if _, err := f.Resume(t.Context(), elsewhere, b.ID); !errors.Is(err, batch.ErrRegion) {
		t.Errorf("resumed in another region: %v", err)
	}
	if _, err := f.Pause(t.Context(), by, b.ID); !errors.Is(err, batch.ErrState) {
		t.Errorf("paused twice: %v", err)
	}
	must[batch.Batch](t)(f.Resume(t.Context(), by, b.ID))
	for i := range people {
		people[i].Plan = batch.Inactive
	}
	b = must[batch.Batch](t)(f.Prepare(t.Context(), by, rule, people))
	if _, err := f.Start(t.Context(), by, b.ID, batch.Form{Reason: "Laptops stolen"}); !errors.Is(err, batch.ErrNobody) {
		t.Errorf("started for nobody: %v", err)
	}
	if _, err := f.Prepare(t.Context(), by, rule, nil); !errors.Is(err, batch.ErrNobody) {
		t.Errorf("prepared for nobody: %v", err)
	}
	o := f.options
	o.Keys = nil
	if _, err := batch.New(o); err == nil {
		t.Error("there are batches without a key for their tokens")
	}
}

// More people than the policy names need a second person; without such a number nobody does.
func TestWhoNeedsApproval(t *testing.T) {
	t.Parallel()
	db := databasetest.Open(t, databasetest.SQLite(t))
	p := newPlatform(t, emulator.Options{})
	for _, test := range []struct {
		over, people int
		want         bool
	}{{0, 1, false}, {0, batch.MaxPeople, false}, {2, 2, false}, {2, 3, true}} {
		f := newFixture(t, db, p, func(o *batch.Options) { o.Policy.ApprovalOver = test.over })
		if got := f.NeedsApproval(test.people); got != test.want {
			t.Errorf("%d people, over %d: %t", test.people, test.over, got)
		}
	}
}

// A plan takes as many rows as it says and no more. What others wrote is kept to its bounds, and an ambiguous row with as
// many candidates as can be shown.
func TestAPlanIsBounded(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newFixture(t, db, newPlatform(t, emulator.Options{}))
		by, one := f.by(admin), f.everybody()[0]
		rows := slices.Repeat([]batch.Person{{Input: "nobody", Plan: batch.NotFound}}, batch.MaxPeople)
		rows[batch.MaxPeople-1] = one
		if _, err := f.Prepare(t.Context(), by, rule, append(rows, one)); !errors.Is(err, batch.ErrTooMany) {
			t.Errorf("a row too many: %v", err)
		}
		b := must[batch.Batch](t)(f.Prepare(t.Context(), by, rule, rows))
		if b.Counts.Rows() != batch.MaxPeople || b.Counts.ToRevoke != 1 {
			t.Errorf("%+v", b.Counts)
		}
		last, total, err := f.People(t.Context(), by.Organization.ID, b.ID, batch.PeopleFilter{}, batch.MaxPeople-1, 10)
		if err != nil || total != batch.MaxPeople || len(last) != 1 || last[0].ID != one.ID {
			t.Errorf("the last of %d: %+v, %v", total, last, err)
		}
		wide := strings.Repeat("ü", 256)
		many := slices.Repeat([]batch.Candidate{{ID: one.ID, Name: wide + "x"}}, batch.MaxCandidates+1)
		b = must[batch.Batch](t)(f.Prepare(t.Context(), by, rule, []batch.Person{
			{ID: one.ID, Name: wide, Email: wide + "x", Plan: batch.ToRevoke}, {Name: "no id", Plan: batch.ToRevoke}, {Name: "no plan"},
			{Name: "twins", Plan: batch.Ambiguous, Candidates: many}, {ID: one.ID, Name: "by no means", Plan: batch.NotFound},
		}))
		people := f.rows(by, b.ID)
		cut := strings.Repeat("ü", 255) + "…"
		if people[0].Name != wide || people[0].Email != cut || people[0].Plan != batch.ToRevoke {
			t.Errorf("kept: %+v", people[0])
		}
		if people[1].Plan != batch.NotFound || people[2].Plan != batch.NotFound || people[4].Plan != batch.NotFound {
			t.Errorf("%s, %s and %s", people[1].Plan, people[2].Plan, people[4].Plan)
		}
		if c := people[3].Candidates; len(c) != batch.MaxCandidates || c[0].Name != cut {
			t.Errorf("%d candidates, called %q", len(c), c[0].Name)
		}
	})
}

// An ambiguous row that was chosen is judged like any other: it may be somebody of another row, protected, inactive, or the
// person who prepares.
func TestWhoIsChosenIsJudged(t *testing.T) {
	t.Parallel()
	f := newFixture(t, databasetest.Open(t, databasetest.SQLite(t)), newPlatform(t, emulator.Options{}), func(o *batch.Options) {
		o.Revocations.Protected = revocation.NewProtected([]string{agent})
	})
	by, people := f.by(admin), f.everybody()
	guarded := people[slices.IndexFunc(people, func(p batch.Person) bool { return p.Email == agent })]
	var others []batch.Person
	for _, p := range people {
		if p.Email != agent {
			others = append(others, p)
		}
	}
	candidate := func(p batch.Person) batch.Candidate {
		return batch.Candidate{ID: p.ID, Name: p.Name, Email: p.Email, Busy: "INTERACTING", Administrator: true}
	}
	gone := candidate(others[2])
	gone.Inactive = true
	me := self(by)
	twins := batch.Person{Input: "twins", Plan: batch.Ambiguous, Candidates: []batch.Candidate{
		candidate(others[0]), candidate(others[1]), gone, candidate(guarded), candidate(me),
	}}
	for _, test := range []struct {
		who  batch.Person
		want batch.Plan
	}{
		{others[0], batch.NamedTwice}, {others[1], batch.ToRevoke}, {others[2], batch.Inactive}, {guarded, batch.Protected}, {me, batch.Yourself},
	} {
		b := must[batch.Batch](t)(f.Prepare(t.Context(), by, rule, []batch.Person{others[0], twins, twins}))
		b = must[batch.Batch](t)(f.Choose(t.Context(), by, b.ID, 2, test.who.ID))
		p := f.rows(by, b.ID)[1]
		if p.Plan != test.want || p.ID != test.who.ID || p.Name != test.who.Name || p.Run == batch.Waiting != (test.want == batch.ToRevoke) {
			t.Errorf("chosen, want %s: %+v", test.want, p)
		}
		if test.want == batch.ToRevoke && (b.Counts.ToRevoke != 2 || b.Counts.Busy != 1 || b.Counts.Administrators != 1 || b.Counts.Waiting != 2) {
			t.Errorf("chosen: %+v", b.Counts)
		}
		if b.Counts.Ambiguous != 1 {
			t.Errorf("the other row like it was chosen, too: %+v", b.Counts)
		}
		if _, err := f.Choose(t.Context(), by, b.ID, 2, test.who.ID); !errors.Is(err, batch.ErrRow) {
			t.Errorf("chosen twice: %v", err)
		}
		if _, err := f.Choose(t.Context(), by, b.ID, 1, test.who.ID); !errors.Is(err, batch.ErrRow) {
			t.Errorf("a row that is not ambiguous: %v", err)
		}
	}
	b := must[batch.Batch](t)(f.Prepare(t.Context(), by, rule, []batch.Person{others[0]}))
	if _, err := f.IncludeYourself(t.Context(), by, b.ID, true); !errors.Is(err, batch.ErrRow) {
		t.Errorf("included, and not in the list: %v", err)
	}
	b = must[batch.Batch](t)(f.Prepare(t.Context(), by, rule, []batch.Person{me, others[0]}))
	for _, include := range []bool{true, false} {
		b = must[batch.Batch](t)(f.IncludeYourself(t.Context(), by, b.ID, include))
		want := batch.Counts{ToRevoke: 1, Yourself: 1, Waiting: 1}
		if include {
			want = batch.Counts{ToRevoke: 2, Waiting: 2}
		}
		if b.Counts != want {
			t.Errorf("oneself included %t: %+v", include, b.Counts)
		}
		if _, err := f.IncludeYourself(t.Context(), by, b.ID, include); !errors.Is(err, batch.ErrRow) {
			t.Errorf("once more: %v", err)
		}
	}
}

func listed(t *testing.T, f *fixture, by batch.By) {
	t.Helper()
	first := must[batch.Page](t)(f.List(t.Context(), by.Organization.ID, batch.Filter{}, "", 2))
	rest := must[batch.Page](t)(f.List(t.Context(), by.Organization.ID, batch.Filter{}, first.Older, 2))
	if len(first.Batches) != 2 || len(rest.Batches) != 1 || rest.Older != "" {
		t.Errorf("the list has %d and %d batches", len(first.Batches), len(rest.Batches))
	}
	expired := must[batch.Page](t)(f.List(t.Context(), by.Organization.ID, batch.Filter{States: []batch.State{batch.Expired}}, "", 10))
	if len(expired.Batches) != 1 {
		t.Errorf("%d batches have expired", len(expired.Batches))
	}
	if elsewhere := must[batch.Page](t)(f.List(t.Context(), "another", batch.Filter{}, "", 10)); len(elsewhere.Batches) > 0 {
		t.Error("another organization sees the batches")
	}
	if _, err := f.Find(t.Context(), "another", first.Batches[0].ID); !errors.Is(err, batch.ErrNotFound) {
		t.Errorf("another organization finds a batch: %v", err)
	}
}

// Whoever waits for a batch learns of changes that another process makes.
func TestAwait(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, emulator.Options{})
	databasetest.EachURL(t, func(t *testing.T, url string) {
		f := newFixture(t, databasetest.Open(t, url), p)
		replica := newFixture(t, databasetest.Open(t, url), p)
		by := f.by(admin)
		b := must[batch.Batch](t)(f.Prepare(t.Context(), by, rule, f.everybody()[:3]))
		seen := make(chan batch.Batch, 2)
		for _, s := range []*fixture{f, replica} {
			go func() {
				b, err := s.Await(t.Context(), by.Organization.ID, b.ID, b.Version)
				if err != nil {
					t.Error(err)
				}
				seen <- b
			}()
		}
		must[batch.Batch](t)(f.Cancel(t.Context(), by, b.ID))
		for range 2 {
			if b := <-seen; b.State != batch.Cancelled {
				t.Errorf("seen: %s", b.State)
			}
		}
	})
}

// Nobody fills the database with plans that they do not start; others can still make theirs.
func TestPlansAreBounded(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newFixture(t, db, newPlatform(t, emulator.Options{}))
		by, other, people := f.by(admin), f.by(supervisor), f.everybody()[:1]
		var b batch.Batch
		for range batch.MaxPlans {
			b = must[batch.Batch](t)(f.Prepare(t.Context(), by, rule, people))
		}
		if _, err := f.Prepare(t.Context(), by, rule, people); !errors.Is(err, batch.ErrPlans) {
			t.Errorf("one more: %v", err)
		}
		must[batch.Batch](t)(f.Prepare(t.Context(), other, rule, people))
		must[batch.Batch](t)(f.Cancel(t.Context(), by, b.ID))
		must[batch.Batch](t)(f.Prepare(t.Context(), by, rule, people))
	})
}
