package batch_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"tokenconsole/internal/batch"
	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
	"tokenconsole/internal/emulator"
)

// columnAttacks change one column each of the row of a batch that was started, and say how what differs is named.
var columnAttacks = []struct{ name, set, want string }{
	{"organization's name", "organization_name = 'Somebody'", "the organization"},
	{"region", "region = 'elsewhere'", "the region"},
	{"source", "source = 'role'", "the people, or where they come from"},
	{"source's id", "source_id = 'sales'", "the people, or where they come from"},
	{"parent", "parent = 'another'", "the people, or where they come from"},
	{"rule", "rule = 'somebody who left'", "whom it is about"},
	{"preparer", `prepared_by = '{"id":"x"}'`, "who prepared it"},
	{"time of preparation", "prepared_at = prepared_at - 1000", "when it was prepared"},
	{"hash", "hash = 'x'", "the hash of the plan"},
	{"playbook", "playbook = 'lost', steps = 'tokens station'", "the steps"},
	{"steps", "steps = 'tokens deactivate'", "the steps"},
	{"number of people", `counts = '{"toRevoke":2}'`, "the number of people"},
	{"people left out", `counts = '{"toRevoke":3,"protected":9}'`, "the counts of its people"},
	{"people in an interaction", `counts = '{"toRevoke":3,"notFound":1,"inactive":1,"yourself":1,"busy":3}'`, "the counts of its people"},
	{"administrators unknown", `counts = '{"toRevoke":3,"notFound":1,"inactive":1,"yourself":1,"administratorsUnknown":true}'`,
		"the people, or where they come from"},
	{"starter", `started_by = '{"id":"x"}'`, "who started it"},
	{"time of the start", "started_at = started_at + 60000", "when it was started"},
	{"reason", "reason = 'Routine'", "the reason"},
	{"ticket", "ticket = 'INC-2'", "the ticket"},
	{"decider", `decided_by = '{"id":"x"}'`, "who decided about it"},
	{"time of the decision", "decided_at = 5", "when that was decided"},
	{"decision", "decision = 'Seen by all'", "the reason of that decision"},
	{"entry that set it going", "set_going = set_going - 1", "the entry that set it going"},
	{"whose token", `run_by = '{"id":"x"}'`, "whose token it runs with"},
	{"request", "request_id = 'x'", "the request that set it going"},
	{"address", "address = '198.51.100.1'", "the request that set it going"},
	{"problem", "problem = 'platform-away'", "why it paused"},
	{"end", "ended_at = 5", "when it ended"},
}

// A running batch whose row says something else than the record, in whatever column, pauses with words that name what
// differs, revokes nobody, and does not go on; the verification names it, too.
func TestARunningBatchIsHeldAgainstTheRecord(t *testing.T) {
	t.Parallel()
	attacks := append(slices.Clone(columnAttacks), struct{ name, set, want string }{"approval", "approve_until = 5", "whether it waited for approval"})
	f := newFixture(t, databasetest.Open(t, databasetest.SQLite(t)), newPlatform(t, emulator.Options{}))
	by := f.by(admin)
	for _, attack := range attacks {
		t.Run(attack.name, func(t *testing.T) {
			b := must[batch.Batch](t)(f.Prepare(t.Context(), by, rule, f.rowsOf(by)))
			b = must[batch.Batch](t)(f.Start(t.Context(), by, b.ID, batch.Form{Reason: "Laptops stolen", Ticket: "INC-1", Count: 3}))
			f.tamper("UPDATE batches SET "+attack.set+" WHERE id = ?", b.ID)
			told := strings.Join(must[[]string](t)(batch.Contradictions(t.Context(), f.db, f.record, time.Time{})), "\n")
			if !strings.Contains(told, b.ID) || !strings.Contains(told, attack.want) {
				t.Errorf("the verification says %q", told)
			}
			b, n := f.worked(by, b.ID)
			if problem := problemOf(attack.want); n > 0 || b.State != batch.Paused || b.Problem != problem {
				t.Errorf("%d were revoked, %s %s", n, b.State, b.Problem)
			}
			f.isWiped(b.ID)
			entries := f.entries(by, b.ID)
			if last := entries[len(entries)-1]; !strings.Contains(last.Reason, attack.want) || last.Query != rule.Words || last.Count != 3 {
				t.Errorf("the record says of the pause: %q, about %q, %d people", last.Reason, last.Query, last.Count)
			}
			if _, err := f.Resume(t.Context(), by, b.ID); attack.name != "problem" && attack.name != "region" && !errors.Is(err, batch.ErrPlan) {
				t.Errorf("resumed: %v", err) // why it paused is written anew
			}
			f.tamper("DELETE FROM batch_people WHERE batch = ?", b.ID)
			f.tamper("DELETE FROM batches WHERE id = ?", b.ID)
		})
	}
}

// problemOf is why a batch pauses that differs so.
func problemOf(what string) string {
	if strings.HasPrefix(what, "the people") {
		return batch.PlanChanged
	}
	return batch.RowDiffers
}

// A batch that waits for approval and whose row was changed cannot be approved, and whoever looks at it is told what
// differs before they read the rest.
func TestAnApprovalIsHeldAgainstTheRecord(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newFixture(t, db, newPlatform(t, emulator.Options{}), func(o *batch.Options) {
			o.Policy.ApprovalOver, o.Policy.ApprovalWithin = 2, time.Hour
		})
		by, other := f.by(admin), f.by(supervisor)
		for _, attack := range columnAttacks {
			t.Run(attack.name, func(t *testing.T) {
				b := must[batch.Batch](t)(f.Prepare(t.Context(), by, rule, f.rowsOf(by)))
				b = must[batch.Batch](t)(f.Start(t.Context(), by, b.ID, batch.Form{Reason: "Laptops stolen", Ticket: "INC-1", Count: 3}))
				if _, differs, err := f.Held(t.Context(), by.Organization.ID, b.ID); differs != nil || err != nil {
					t.Fatalf("as it was started: %v, %v", differs, err)
				}
				f.tamper("UPDATE batches SET "+attack.set+" WHERE id = ?", b.ID)
				_, differs, err := f.Held(t.Context(), by.Organization.ID, b.ID)
				if err != nil || differs == nil || !slices.Contains(differs.What, attack.want) || differs.Problem != problemOf(attack.want) {
					t.Errorf("seen: %v, %v", differs, err)
				}
				if _, err := f.Approve(t.Context(), other, b.ID, "Fine"); !errors.Is(err, batch.ErrPlan) {
					t.Errorf("approved: %v", err)
				}
				if b, n := f.worked(by, b.ID); n > 0 || b.State != batch.WaitingApproval {
					t.Errorf("%d were revoked, %s", n, b.State)
				}
			})
		}
	})
}

// Until when an approval can be given is told by the record, whatever the row says.
func TestTheTimeOfAnApprovalIsTheRecords(t *testing.T) {
	t.Parallel()
	f := newFixture(t, databasetest.Open(t, databasetest.SQLite(t)), newPlatform(t, emulator.Options{}), func(o *batch.Options) {
		o.Policy.ApprovalOver, o.Policy.ApprovalWithin = 2, time.Hour
	})
	by := f.by(admin)
	b := f.started(by, f.everybody()[:3])
	f.tamper("UPDATE batches SET approve_until = ? WHERE id = ?", time.Now().Add(9*time.Hour).UnixMilli(), b.ID)
	shown, differs, err := f.Held(t.Context(), by.Organization.ID, b.ID)
	if err != nil || differs != nil || time.Until(shown.ApproveBy) > time.Hour {
		t.Errorf("until %v: %v, %v", shown.ApproveBy, differs, err)
	}
}

// What is read of a batch once it has run, whatever happened to it, is what the record says.
func TestRowsOfBatchesAreAsRecorded(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newFixture(t, db, newPlatform(t, emulator.Options{}), func(o *batch.Options) {
			o.Policy.ApprovalOver, o.Policy.ApprovalWithin = 3, time.Hour
		})
		by, other, people := f.by(admin), f.by(supervisor), f.everybody()
		check := func(name string, b batch.Batch, want batch.State) {
			t.Helper()
			f.entries(by, b.ID)
			held, differs, err := f.Held(t.Context(), by.Organization.ID, b.ID)
			if err != nil || differs != nil || held.State != want {
				t.Errorf("%s: %s, %v, %v", name, held.State, differs, err)
			}
		}
		long := rule
		long.Words = strings.Repeat("a very long name of a queue ", 100)
		b := must[batch.Batch](t)(f.Prepare(t.Context(), by, long, people[:3]))
		check("a long rule", b, batch.Prepared)
		b = must[batch.Batch](t)(f.ChooseSteps(t.Context(), by, b.ID, "left", []string{"station"}))
		check("steps chosen", b, batch.Prepared)
		b = must[batch.Batch](t)(f.Cancel(t.Context(), by, b.ID))
		check("discarded", b, batch.Cancelled)
		b = f.started(by, people[:3])
		b = must[batch.Batch](t)(f.Pause(t.Context(), by, b.ID))
		check("paused", b, batch.Paused)
		b = must[batch.Batch](t)(f.TakeOver(t.Context(), other, b.ID))
		check("taken over", b, batch.Running)
		b, _ = f.worked(by, b.ID)
		check("carried out", b, batch.Done)
		waiting := f.started(by, people[:4])
		check("approved", must[batch.Batch](t)(f.Approve(t.Context(), other, waiting.ID, "Seen")), batch.Running)
		declined := f.started(by, people[:4])
		check("declined", must[batch.Batch](t)(f.Decline(t.Context(), other, declined.ID, "No")), batch.Cancelled)
		withdrawn := f.started(by, people[:4])
		check("withdrawn", must[batch.Batch](t)(f.Cancel(t.Context(), by, withdrawn.ID)), batch.Cancelled)
	})
}
