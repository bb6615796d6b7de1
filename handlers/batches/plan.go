package batches

import (
	"fmt"
	"strconv"
	"time"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/batch"
	"tokenconsole/internal/revocation"
	"tokenconsole/views"
)

// preview says what the plan b would do.
func (r *Room) preview(v *request.Visit, b batch.Batch) *views.BatchPreview {
	c := b.Counts
	page := &views.BatchPreview{
		Figures: r.figures(v, b), Busy: c.Busy, Ambiguous: c.Ambiguous,
		Choose: at(b.ID, shown{name: string(batch.Ambiguous)}, "", 0), Include: respond.BatchPath(b.ID) + "/include",
	}
	page.Spares = b.Book().SparesBusy
	if b.State == batch.Prepared && c.ToRevoke > 0 {
		page.Steps = stepsForm(v, b)
	}
	page.Included = c.Yourself == 0 && r.includesPreparer(v, b)
	mine := b.PreparedBy.ID == v.Session.Person.ID.String()
	page.Yourself = mine && b.State == batch.Prepared && (c.Yourself > 0 || page.Included)
	return page
}

// figures are what one has to know of a plan before it is started.
func (r *Room) figures(v *request.Visit, b batch.Batch) []views.Stat {
	c := b.Counts
	people := views.Stat{Label: "To be revoked", Value: strconv.Itoa(c.ToRevoke), Hint: "each loses all their tokens"}
	busy := views.Stat{Label: "On a call or in an interaction", Value: strconv.Itoa(c.Busy), Hint: "read", At: views.MomentOf(b.PreparedAt, v.Now())}
	if c.Busy > 0 {
		busy.Tone, busy.Href = "warning", at(b.ID, shown{name: showBusy}, "", 0)
	}
	admins := views.Stat{Label: "Administrators", Value: strconv.Itoa(c.Administrators), Hint: "of those to be revoked"}
	switch {
	case c.AdministratorsUnknown:
		admins.Value, admins.Hint = "Not known", "reading roles takes a permission that "+respond.PartyName(b.PreparedBy)+" lacked"
	case c.Administrators > 0:
		admins.Tone, admins.Href = "warning", at(b.ID, shown{name: showAdministrators}, "", 0)
	}
	return []views.Stat{people, busy, admins, r.duration(v, b)}
}

// duration says how long revoking so many people takes at the organization's limit, as far as its last answer to this
// person told it.
func (r *Room) duration(v *request.Visit, b batch.Batch) views.Stat {
	a := r.Batches.Allowance(by(v))
	allows := fmt.Sprintf("Genesys Cloud allows you %d", a.Allowed)
	if !a.Told {
		allows = fmt.Sprintf("Genesys Cloud usually allows %d", a.Allowed)
	}
	return views.Stat{
		Label: "Takes", Value: "About " + views.Span(max(a.Takes(b.Counts.ToRevoke, b.Calls()), time.Second)),
		Hint: fmt.Sprintf("at %d calls a minute: %s, and %d %% of that stay free for people working", a.PerMinute, allows, a.Share),
	}
}

// includesPreparer reports whether whoever prepared b is to be revoked by it.
func (r *Room) includesPreparer(v *request.Visit, b batch.Batch) bool {
	filter := batch.PeopleFilter{Plan: batch.ToRevoke, Text: b.PreparedBy.ID}
	_, total, err := r.Batches.People(v.Context(), b.Organization.ID, b.ID, filter, 0, 0)
	return err == nil && total > 0
}

func (r *Room) startForm(v *request.Visit, b batch.Batch, wrong map[string]string) *views.StartForm {
	n := b.Counts.ToRevoke
	form := &views.StartForm{
		Action: respond.BatchPath(b.ID) + "/start", Title: "Revoke the tokens of " + views.People(n), People: n,
		Button: "Revoke the tokens of " + views.People(n), Count: v.Field("count"), Why: respond.Why(v, r.Reasons),
	}
	form.Steps, form.Types, form.Typed, form.Plan = stepsTold(b), b.Types(), v.Field("deactivate"), b.Hash
	switch {
	case form.Types != "":
		form.Title = "Deactivate " + views.People(n) + ", and revoke their tokens"
		form.Button = form.Title
	case len(b.Steps) > 1:
		form.Button = "Do this for " + views.People(n)
	}
	form.Why.Errors, form.Why.Beside = wrong, true
	form.Why.Readers = "People who may revoke read it."
	if r.Batches.NeedsApproval(n) {
		form.Approval, form.Button = true, "Ask for approval to revoke "+views.People(n)
	}
	return form
}

// approvalForm lets the person of v decide about b, if they may: it takes somebody else than who prepared or started it.
func approvalForm(v *request.Visit, b batch.Batch, wrong map[string]string) *views.ApprovalForm {
	form := &views.ApprovalForm{
		People: b.Counts.ToRevoke, By: respond.PartyName(b.StartedBy), Reason: b.Reason, Ticket: b.Ticket,
		Until: views.MomentOf(b.ApproveBy, v.Now()), Steps: stepsTold(b),
	}
	if id := v.Session.Person.ID.String(); id == b.PreparedBy.ID || id == b.StartedBy.ID {
		return form
	}
	form.Approve, form.Decline = respond.BatchPath(b.ID)+"/approve", respond.BatchPath(b.ID)+"/decline"
	form.Button = "Approve, and revoke " + views.People(b.Counts.ToRevoke)
	form.Said, form.MaxReason, form.Errors = v.Field("reason"), revocation.MaxReason, wrong
	return form
}
