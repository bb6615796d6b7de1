package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"tokenconsole/internal/batch"
)

// tamper changes the database past the console.
func (c *console) tamper(statement string, args ...any) {
	c.t.Helper()
	if _, err := c.db.ExecContext(c.t.Context(), c.db.Rebind(statement), args...); err != nil {
		c.t.Fatal(err)
	}
}

// Whoever is to approve a batch whose row was changed in the database is told what differs, and cannot approve it.
func TestAnAlteredBatchIsNotOfferedForApproval(t *testing.T) {
	t.Parallel()
	c := newConsole(t, withBatches(batch.Policy{ApprovalOver: 1, ApprovalWithin: time.Hour}))
	first, second := c.signedIn(admin), c.signedIn(supervisor)
	path := first.prepared(list(agent, c.people("active")[5])).batchPath()
	first.post(path+"/start", url.Values{"reason": {"Lost laptop"}, "ticket": {"INC-1"}, "count": {"2"}}).wantTo(path)
	approve := "form[action='" + path + "/approve']"
	if second.get(path).page().Find(approve).Length() != 1 {
		t.Fatal("as it was started it cannot be approved")
	}
	id := strings.TrimPrefix(path, "/batches/")
	c.tamper("UPDATE batches SET reason = 'Routine', ticket = 'INC-2' WHERE id = ?", id)
	a := second.get(path)
	a.wantText("The batch is not what the record says", "the reason, the ticket")
	if a.page().Find(approve).Length() > 0 {
		t.Error("it is offered for approval")
	}
	second.post(path+"/approve", reason).wantProblem(http.StatusConflict, "batch-altered")
	first.post(path+"/cancel", nil).wantTo(path)
	c.wantAsked(0, "DELETE ")
}

// A running batch whose row was changed, or cannot be read, says on its page why it paused and what differs, and is not
// offered to be resumed until it agrees with the record again.
func TestAnAlteredBatchSaysWhyItPaused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ change, want string }{
		"differs":    {"UPDATE batches SET reason = 'Routine' WHERE id = ?", "This differs: the reason."},
		"unreadable": {"UPDATE batches SET started_by = '{' WHERE id = ?", "This cannot be read: started_by of the batch."},
		"people":     {"UPDATE batch_people SET candidates = '{' WHERE batch = ? AND position = 1", "This cannot be read: row 1 of its people"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newConsole(t)
			b := c.signedIn(admin)
			path := b.prepared(list(agent, c.people("active")[5])).batchPath()
			b.post(path+"/start", url.Values{"reason": {"Lost laptop"}, "count": {"2"}}).wantTo(path)
			id := strings.TrimPrefix(path, "/batches/")
			c.tamper(test.change, id)
			c.works()
			a := b.ended(path)
			a.wantText("Paused", "paused by itself", test.want)
			if a.page().Find("form[action='"+path+"/resume']").Length() > 0 {
				t.Error("it is offered to be resumed")
			}
			if name == "differs" {
				c.tamper("UPDATE batches SET reason = 'Lost laptop' WHERE id = ?", id)
				a = b.get(path)
				a.wantText("It agrees with the record now")
				if a.page().Find("form[action='"+path+"/resume']").Length() != 1 {
					t.Error("it is not offered to be resumed")
				}
			}
			c.wantAsked(0, "DELETE ")
		})
	}
}

// Who is slower than somebody else is told so, and what they typed or ticked is still there.
func TestWhoLosesARaceLosesNothingTyped(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	path := b.prepared(list(agent, c.people("active")[5])).batchPath()
	c.tamper("CREATE TRIGGER meanwhile AFTER INSERT ON audit_entries BEGIN UPDATE batches SET version = version + 1; END")
	a := b.post(path+"/start", url.Values{"reason": {"Lost laptop"}, "ticket": {"INC-1"}, "count": {"2"}})
	a.wantProblem(http.StatusConflict, "batch-moved")
	page := a.page()
	if typed := page.Find("[name=reason]").Text() + page.Find("[name=reason]").AttrOr("value", ""); typed != "Lost laptop" {
		t.Errorf("the reason is %q", typed)
	}
	a = b.post(path+"/steps", url.Values{"playbook": {"left"}, "steps": {"station"}})
	a.wantProblem(http.StatusConflict, "batch-moved")
	if ticked := a.page().Find(".batch-steps input[type=checkbox][checked]"); ticked.Length() != 1 || ticked.AttrOr("value", "") != "station" {
		t.Errorf("%d steps are ticked", ticked.Length())
	}
	c.wantAsked(0, "DELETE ")
}

// How long a running batch still takes is said once somebody is settled, whatever the platform allows.
func TestNoTimeIsLeftBeforeSomebodyIsSettled(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	path := b.prepared(list(agent, c.people("active")[5])).batchPath()
	b.post(path+"/start", url.Values{"reason": {"Lost laptop"}, "count": {"2"}}).wantTo(path)
	id := strings.TrimPrefix(path, "/batches/")
	c.tamper("UPDATE batches SET per_minute = 240 WHERE id = ?", id)
	if figures := b.get(path).page().Find("#progress .figures").Text(); strings.Contains(figures, "left") || !strings.Contains(figures, "240") {
		t.Errorf("nobody is settled: %q", figures)
	}
	c.tamper(`UPDATE batches SET counts = '{"toRevoke":2,"done":1,"waiting":1}' WHERE id = ?`, id)
	if figures := b.get(path).page().Find("#progress .figures").Text(); !strings.Contains(figures, "left") {
		t.Errorf("one is settled: %q", figures)
	}
}
