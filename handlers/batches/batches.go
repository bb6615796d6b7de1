// Package batches is the pages about revoking many people at once: choosing them, seeing the plan, starting it,
// watching it, and the report.
package batches

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/audit"
	"tokenconsole/internal/batch"
	"tokenconsole/internal/revocation"
	"tokenconsole/views"
)

// Room holds the pages about batches.
type Room struct {
	*respond.Responder
	Batches *batch.Service
	Log     *audit.Log
	Keeper  *request.Keeper
	Reasons revocation.Reasons // to choose from
	live    fragments
}

// perPage is how many batches, or people of one, a page lists.
const perPage = 50

// List lists the batches of the organization, or those that a filter shows.
func (r *Room) List(v *request.Visit) error {
	query := v.Request.URL.Query()
	page := views.BatchesPage{Later: query.Get("after") != "", Person: query.Get("person"), Text: query.Get("q")}
	filter := batch.Filter{Person: page.Person, Text: page.Text}
	state := query.Get("state")
	switch {
	case state == underWay:
		filter.States = batch.UnderWay()
	case slices.Contains(batch.States(), batch.State(state)):
		filter.States = []batch.State{batch.State(state)}
	case state != "":
		return respond.Refuse(respond.FilterUnreadable)
	}
	list, err := r.Batches.List(v.Context(), v.Session.Organization.ID, filter, query.Get("after"), perPage)
	if err != nil {
		return told(err)
	}
	page.Filtered = state != "" || page.Person != "" || page.Text != ""
	page.States = []views.Choice{{Value: underWay, Label: "Under way", Selected: state == underWay}}
	for _, s := range batch.States() {
		page.States = append(page.States, views.Choice{Value: string(s), Label: respond.BatchState(s).Label, Selected: string(s) == state})
	}
	for _, b := range list.Batches {
		page.Batches = append(page.Batches, rowOf(v, b))
	}
	query.Set("after", list.Older)
	if list.Older != "" {
		page.Older = "/batches?" + query.Encode()
	}
	query.Del("after")
	page.Newest = "/batches?" + query.Encode()
	page.Shell = r.Shell(v, "Batches")
	return r.Page(v, http.StatusOK, views.Batches(page))
}

// underWay is the choice of every state in which a batch goes on or waits for somebody.
const underWay = "under-way"

func rowOf(v *request.Visit, b batch.Batch) views.BatchRow {
	row := views.BatchRow{
		Href: respond.BatchPath(b.ID), Words: respond.BatchTitle(b), State: respond.BatchState(b.State), Prepared: views.MomentOf(b.PreparedAt, v.Now()),
		By: respond.PartyName(b.PreparedBy), People: b.Counts.ToRevoke, First: respond.BatchFirst(b), Reason: b.Reason, Ticket: b.Ticket,
	}
	if !b.StartedAt.IsZero() && b.State != batch.WaitingApproval && b.State != batch.Expired {
		row.Bar = respond.Tally(b.Counts)
	}
	row.Nothing = "nothing was revoked"
	if !b.State.Over() {
		row.Nothing = "nothing is revoked yet"
	}
	return row
}

// find is the batch that the path of v names.
func (r *Room) find(v *request.Visit) (batch.Batch, error) {
	b, err := r.Batches.Find(v.Context(), v.Session.Organization.ID, v.Request.PathValue("id"))
	return b, told(err)
}

// by is the person of v, as who asks for something.
func by(v *request.Visit) batch.By {
	e := request.Entry(v, audit.PrepareBatch)
	return batch.By{
		Person: e.Actor, Organization: e.Organization, Region: e.Region, Token: v.Session.AccessToken,
		TokenExpires: v.Session.TokenExpiry, RequestID: e.RequestID, Address: e.Address,
	}
}

// problems are the problems that errors of the engine stand for.
var problems = map[error]respond.Code{
	batch.ErrNotFound:   respond.BatchUnknown,
	batch.ErrState:      respond.BatchMoved,
	batch.ErrNobody:     respond.BatchEmpty,
	batch.ErrTooMany:    respond.BatchTooLarge,
	batch.ErrPlans:      respond.BatchPlans,
	batch.ErrSamePerson: respond.BatchSamePerson,
	batch.ErrSteps:      respond.PageUnknown,
	batch.ErrRow:        respond.BatchRowUnknown,
	batch.ErrRegion:     respond.BatchElsewhere,
	batch.ErrPlan:       respond.BatchAltered,
	batch.ErrAway:       respond.BatchesAway,
}

// altered is the problem of a batch whose row is not what the record says, and names what differs.
func altered(differs *batch.DiffersError) *respond.Problem {
	p := respond.Refuse(respond.BatchAltered)
	p.Meaning += " " + differing(differs)
	p.Cause = differs
	return p
}

// differing names what differs.
func differing(differs *batch.DiffersError) string {
	if differs.Problem == batch.RowUnreadable {
		return "This cannot be read: " + differs.Words() + "."
	}
	return "This differs: " + differs.Words() + "."
}

// told is err with the words that pages have for it.
func told(err error) error {
	if errors.Is(err, context.Canceled) {
		return err // whoever asked has gone
	}
	for known, code := range problems {
		if errors.Is(err, known) {
			p := respond.Refuse(code)
			p.Cause = err
			if differs, ok := errors.AsType[*batch.DiffersError](err); ok {
				p = altered(differs)
			}
			return p
		}
	}
	return err
}
