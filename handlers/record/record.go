// Package record is the pages about the record: its list, one act with its proof,
// receipts, checkpoints and exports.
package record

import (
	"net/http"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/audit"
	"tokenconsole/internal/comeback"
	"tokenconsole/internal/genesys"
	"tokenconsole/views"
)

// Room holds the pages about the record.
type Room struct {
	*respond.Responder
	Log       *audit.Log
	Comebacks *comeback.Service
}

const perPage = 50

// List lists the record: the organization's for people who may revoke, their own
// entries for others.
func (r *Room) List(v *request.Visit) error {
	query := v.Request.URL.Query()
	filter, wrong := readFilter(v)
	after, err := audit.ParseCursor(query.Get("after"))
	if err != nil {
		after = audit.Cursor{}
	}
	p := views.AuditPage{
		Filter: formOf(query, v.Now()), Errors: wrong, Own: filter.Own != "", Chips: chips(query, v),
		Actions: actionChoices(query.Get("action")), Outcomes: outcomeChoices(query.Get("outcome")),
	}
	status := http.StatusUnprocessableEntity
	if len(wrong) == 0 {
		list, err := r.Log.Acts(v.Context(), filter, after, perPage)
		if err != nil {
			return respond.Unread(err)
		}
		status = http.StatusOK
		var returns []comeback.Return
		if mayReadAll(v) {
			returns = r.Comebacks.Returns(v.Context(), v.Session.Organization.ID)
		}
		p.Acts = respond.ActRows(list.Acts, returns, v.Now())
		p.Older, p.Newer = place(query, list.Older), place(query, list.Newer)
		p.CSV, p.JSON = link("/audit.csv", query, audit.Cursor{}), link("/audit.json", query, audit.Cursor{})
	}
	if mayReadAll(v) {
		if p.Histogram, err = r.histogram(v); err != nil {
			return respond.Unread(err)
		}
		open, err := r.Log.OpenEntries(v.Context(), audit.Filter{OrganizationID: v.Session.Organization.ID})
		if err != nil {
			return respond.Unread(err)
		}
		if len(open) > 0 {
			p.Unsettled = respond.Unsettled(len(open))
		}
	}
	p.State = stateInWords(r.Record.State(v.Context()), mayReadAll(v), v.Now())
	p.Shell = r.Shell(v, "Record")
	return r.Page(v, status, views.Audit(p))
}

// mayReadAll reports whether the person of v sees the organization's record, and
// not only their own entries.
func mayReadAll(v *request.Visit) bool {
	return v.Session.Person.May(genesys.PermissionDeleteToken)
}
