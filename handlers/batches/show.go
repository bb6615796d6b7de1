package batches

import (
	"fmt"
	"net/http"
	"slices"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/batch"
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
	differs, err := r.hold(v, &b)
	if err != nil {
		return err
	}
	page := views.BatchPage{
		Path: respond.BatchPath(b.ID), Title: respond.BatchTitle(b), State: respond.BatchState(b.State),
		Prepared: views.MomentOf(b.PreparedAt, v.Now()), By: respond.PartyName(b.PreparedBy),
		Facts: factsOf(v, b), Controls: controls(v, b), Problem: r.AboveForm(v, tried.problem),
	}
	page.Says, page.Tone = says(b, differs)
	if b.Parent != "" {
		page.Parent = respond.BatchPath(b.Parent)
	}
	proof, err := r.fill(v, &page, b, tried)
	if err != nil {
		return err
	}
	if differs != nil {
		page.Approval = nil // nobody is to decide because of what stands here, or to resume it
		page.Controls = slices.DeleteFunc(page.Controls, func(c views.BatchControl) bool { return c.Primary })
		if page.Problem == nil {
			page.Problem = r.AboveForm(v, altered(differs))
		}
	}
	if page.People, err = r.people(v, b, proof); err != nil {
		return err
	}
	page.Shell = r.Shell(v, page.State.Label+": "+page.Title)
	if !b.State.Over() && b.State != batch.Prepared {
		page.Events = fmt.Sprintf("%s/events?after=%d", page.Path, b.Version)
	}
	switch {
	case b.State == batch.Running:
		page.Shell.Refresh = "5; url=" + page.Path + "/live"
	case page.Approval != nil && page.Approval.Approve == "":
		page.Shell.Refresh = "15; url=" + page.Path + "/live"
	}
	return r.Page(v, status, views.Batch(page))
}

// hold holds b against the record where somebody is about to decide because of what it says, or to find out why it
// paused. It returns what differs, and b with the time until which it can be approved.
func (r *Room) hold(v *request.Visit, b *batch.Batch) (*batch.DiffersError, error) {
	if b.State != batch.WaitingApproval && (b.State != batch.Paused || !pausedForRow[b.Problem]) {
		return nil, nil
	}
	found, differs, err := r.Batches.Held(v.Context(), b.Organization.ID, b.ID)
	if err == nil {
		*b = found
	}
	return differs, told(err)
}

// fill fills page with what belongs to the state of b.
func (r *Room) fill(v *request.Visit, page *views.BatchPage, b batch.Batch, tried attempt) (proof batch.Proof, err error) {
	switch {
	case b.State == batch.Prepared:
		page.Preview = r.preview(v, b)
		page.Start = r.startForm(v, b, tried.errors)
	case b.State == batch.WaitingApproval:
		page.Preview = r.preview(v, b)
		page.Approval = approvalForm(v, b, tried.errors)
		page.Approval.Address = r.Public.String() + page.Path
	case ran(b):
		if proof, err = r.Batches.Proof(v.Context(), b.ID); err != nil {
			return proof, told(err)
		}
		live, err := r.progress(v.Context(), b, v.Now())
		if err != nil {
			return proof, err
		}
		page.Live, page.Exports = &live, exports(b)
		page.Proof, page.Elsewhere = proven(b, proof, v.Now()), respond.Book(b.Playbook).Elsewhere
	}
	return proof, nil
}

// ran reports whether people may have been revoked by b.
func ran(b batch.Batch) bool {
	if b.StartedAt.IsZero() || b.State == batch.WaitingApproval || b.State == batch.Expired {
		return false
	}
	return b.State != batch.Cancelled || b.Approved() || b.DecidedAt.IsZero()
}

// exports are the ways to take a report along.
func exports(b batch.Batch) []views.Action {
	p := respond.BatchPath(b.ID)
	return []views.Action{
		{Label: "CSV", Href: p + "/report.csv"},
		{Label: "JSON", Href: p + "/report.json"},
		{Label: "Printable sheet", Href: p + "/sheet"},
		{Label: "Signed receipt", Href: p + "/receipt"},
	}
}
