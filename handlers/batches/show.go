package batches

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/audit"
	"tokenconsole/internal/batch"
	"tokenconsole/internal/revocation"
	"tokenconsole/views"
)

// Show shows one batch: the plan, how it goes, what came of it.
func (r *Room) Show(v *request.Visit) error {
	b, err := r.find(v)
	if err != nil {
		return err
	}
	return r.show(v, http.StatusOK, b, attempt{})
}

// attempt is what somebody tried to do to a batch, and what was wrong with it.
type attempt struct {
	errors  map[string]string // by field
	problem *respond.Problem
}

// show shows b, with what was filled in and was wrong.
func (r *Room) show(v *request.Visit, status int, b batch.Batch, tried attempt) error {
	people, err := r.people(v, b)
	if err != nil {
		return err
	}
	page := views.BatchPage{
		Path: path(b.ID), Title: titled(b.Rule.Words), State: stateOf(b.State), People: people,
		Facts: factsOf(v, b), Controls: controls(v, b),
	}
	page.Says, page.Tone = says(b)
	if b.Parent != "" {
		page.Parent = path(b.Parent)
	}
	if tried.problem != nil {
		shown := r.View(v, tried.problem)
		shown.Actions = nil // the forms are below
		page.Problem = &shown
	}
	switch b.State {
	case batch.Prepared:
		page.Preview = r.preview(v, b)
		page.Start = r.startForm(v, b, tried.errors)
	case batch.WaitingApproval:
		page.Preview = r.preview(v, b)
		page.Preview.Yourself = false
		page.Approval = approvalForm(v, b, tried.errors)
	default:
		if !b.StartedAt.IsZero() {
			live, err := r.progress(v.Context(), b, v.Now())
			if err != nil {
				return err
			}
			page.Live, page.Exports = &live, exports(b)
		}
	}
	if !b.State.Over() {
		page.Events = fmt.Sprintf("%s/events?after=%d", path(b.ID), b.Version)
	}
	page.Shell = r.Shell(v, page.State.Label+": "+page.Title)
	if b.State == batch.Running {
		page.Shell.Refresh = "5; url=" + path(b.ID) + "/live"
	}
	return r.Page(v, status, views.Batch(page))
}

// exports are the ways to take a report along.
func exports(b batch.Batch) []views.Action {
	p := path(b.ID)
	return []views.Action{
		{Label: "CSV", Href: p + "/report.csv"},
		{Label: "JSON", Href: p + "/report.json"},
		{Label: "Printable sheet", Href: p + "/sheet"},
		{Label: "Signed receipt", Href: p + "/receipt"},
	}
}

// factsOf says who did what to b, and when.
func factsOf(v *request.Visit, b batch.Batch) []views.Fact {
	fact := func(label string, who audit.Party, at time.Time) views.Fact {
		if who == (audit.Party{}) {
			return views.Fact{}
		}
		return views.Fact{Label: label, Value: respond.PartyName(who), Hint: views.MomentOf(at, v.Now()).Text}
	}
	decided := "Approved by"
	if b.State == batch.Cancelled {
		decided = "Declined by"
	}
	facts := []views.Fact{
		fact("Prepared by", b.PreparedBy, b.PreparedAt),
		fact("Started by", b.StartedBy, b.StartedAt),
		fact(decided, b.DecidedBy, b.DecidedAt),
		{Label: "Reason of that", Value: b.Decision},
		{Label: "Runs with the token of", Value: respond.PartyName(b.RunBy)},
		{Label: "Reason", Value: b.Reason},
		{Label: "Ticket", Value: b.Ticket},
	}
	if !b.EndedAt.IsZero() {
		facts = append(facts, views.Fact{Label: "Ended", Value: views.MomentOf(b.EndedAt, v.Now()).Text})
	}
	facts = append(facts, views.Fact{Label: "Batch", Value: b.ID}, views.Fact{Label: "Hash of the people", Value: b.Hash})
	return respond.Filled(facts)
}

// preview says what the plan b would do.
func (r *Room) preview(v *request.Visit, b batch.Batch) *views.BatchPreview {
	c := b.Counts
	page := &views.BatchPreview{
		People: c.ToRevoke, Busy: c.Busy, Administrators: strconv.Itoa(c.Administrators), AnyAdmins: c.Administrators > 0,
		Ambiguous: c.Ambiguous, Include: path(b.ID) + "/include",
	}
	if c.AdministratorsUnknown {
		page.Administrators = "Not known how many"
	}
	page.Duration, page.DurationHint = r.duration(v, c.ToRevoke)
	for _, left := range []struct {
		plan  batch.Plan
		count int
	}{
		{batch.NotFound, c.NotFound}, {batch.Ambiguous, c.Ambiguous}, {batch.NamedTwice, c.NamedTwice},
		{batch.Inactive, c.Inactive}, {batch.Protected, c.Protected}, {batch.Yourself, c.Yourself},
	} {
		if left.count > 0 {
			page.LeftOut = append(page.LeftOut, views.LeftOut{
				Label: leftOutLabels[left.plan], Why: leftOutWhy[left.plan], Count: left.count,
				Href: path(b.ID) + "?plan=" + string(left.plan) + "#people",
			})
		}
	}
	mine := b.PreparedBy.ID == v.Session.Person.ID.String()
	page.Included = r.includesPreparer(v, b)
	page.Yourself = mine && b.State == batch.Prepared && (c.Yourself > 0 || page.Included)
	return page
}

// leftOutLabels continue "12 …".
var leftOutLabels = map[batch.Plan]string{
	batch.NotFound: "not found", batch.Ambiguous: "ambiguous", batch.NamedTwice: "named twice", batch.Inactive: "inactive",
	batch.Protected: "protected", batch.Yourself: "you yourself",
}

// includesPreparer reports whether whoever prepared b is to be revoked by it.
func (r *Room) includesPreparer(v *request.Visit, b batch.Batch) bool {
	if b.Counts.Yourself > 0 {
		return false
	}
	filter := batch.PeopleFilter{Plan: batch.ToRevoke, Text: b.PreparedBy.ID}
	_, total, err := r.Batches.People(v.Context(), b.Organization.ID, b.ID, filter, 0, 1)
	return err == nil && total > 0
}

// duration says how long revoking so many people takes at the organization's limit, as far as its last answer to this
// person told it.
func (r *Room) duration(v *request.Visit, people int) (text, hint string) {
	perMinute := r.Batches.PerMinute(by(v))
	if perMinute == 0 {
		return "Not known", "how long it takes: Genesys Cloud has not told its rate limit"
	}
	left := time.Duration(people) * time.Minute / time.Duration(perMinute)
	return "About " + views.Span(max(left, time.Second)), fmt.Sprintf("at %d people a minute, the share of the rate limit that batches use", perMinute)
}

func (r *Room) startForm(v *request.Visit, b batch.Batch, wrong map[string]string) *views.StartForm {
	if b.Counts.ToRevoke == 0 {
		return nil
	}
	form := &views.StartForm{
		Action: path(b.ID) + "/start", Button: "Revoke the tokens of " + views.People(b.Counts.ToRevoke),
		Reason: v.Field("reason"), Ticket: v.Field("ticket"), Count: v.Field("count"),
		MaxReason: revocation.MaxReason, MaxTicket: revocation.MaxTicket, Errors: wrong,
	}
	if r.Batches.NeedsApproval(b.Counts.ToRevoke) {
		form.Approval = "So many people need a second person’s approval. Nothing is revoked before that."
		form.Button = "Ask for approval to revoke " + views.People(b.Counts.ToRevoke)
	}
	return form
}

// approvalForm lets the person of v decide about b, if they may: it takes somebody else than who prepared or started it.
func approvalForm(v *request.Visit, b batch.Batch, wrong map[string]string) *views.ApprovalForm {
	if id := v.Session.Person.ID.String(); id == b.PreparedBy.ID || id == b.StartedBy.ID {
		return nil
	}
	return &views.ApprovalForm{
		Approve: path(b.ID) + "/approve", Decline: path(b.ID) + "/decline",
		Button: "Approve, and revoke " + views.People(b.Counts.ToRevoke),
		Reason: v.Field("reason"), MaxReason: revocation.MaxReason, Errors: wrong,
	}
}

// controls are what the person of v can do to b.
func controls(v *request.Visit, b batch.Batch) []views.BatchControl {
	p := path(b.ID)
	pause := views.BatchControl{Action: p + "/pause", Label: "Pause"}
	cancel := views.BatchControl{
		Action: p + "/cancel", Label: "Cancel the batch", Danger: true,
		Confirm: "It ends for good. Who is not revoked by then is skipped; who is revoked stays so.",
	}
	switch b.State {
	case batch.Prepared, batch.WaitingApproval:
		cancel.Label, cancel.Confirm, cancel.Danger = "Discard the plan", "", false
		return []views.BatchControl{cancel}
	case batch.Running:
		return []views.BatchControl{pause, cancel}
	case batch.Paused:
		resume := views.BatchControl{Action: p + "/resume", Label: "Resume", Primary: true}
		if b.RunBy.ID != v.Session.Person.ID.String() {
			resume.Action, resume.Label = p+"/takeover", "Take over and resume"
			resume.Confirm = "It goes on with your token, and the record names you for everybody who is revoked from now on."
		}
		return []views.BatchControl{resume, cancel}
	case batch.DoneWithFailures, batch.Cancelled:
		if b.Counts.Failed+b.Counts.Unknown+b.Counts.Skipped > 0 {
			return []views.BatchControl{{Action: p + "/retry", Label: "Prepare another try for who was not revoked", Primary: true}}
		}
	}
	return nil
}
