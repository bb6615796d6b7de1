package batch_test

import (
	"errors"
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
		if b.State != batch.Running || b.DecidedBy != other.Person || b.RunBy != by.Person {
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
		if declined.State != batch.Cancelled || declined.Counts.Skipped != 3 || late.State != batch.Expired || late.Counts.Skipped != 3 {
			t.Errorf("declined: %s %+v, too late: %s %+v", declined.State, declined.Counts, late.State, late.Counts)
		}
		if n := len(p.deletions()); n > 0 {
			t.Errorf("%d people were revoked", n)
		}
		listed(t, f, by)
	})
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
