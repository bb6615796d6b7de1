// Package overview is the home page: what those who may revoke have to know
// first.
package overview

import (
	"net/http"
	"time"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/audit"
	"tokenconsole/internal/comeback"
	"tokenconsole/internal/genesys"
	"tokenconsole/views"
)

// Room holds the home page.
type Room struct {
	*respond.Responder
	Log       *audit.Log
	Comebacks *comeback.Service
}

// mostOpen is how many acts without an outcome the home page lists.
const mostOpen = 10

// ShowHome is the home of those who may revoke. Everybody else is led to their
// token.
func (o *Room) ShowHome(v *request.Visit) error {
	if !v.Session.Person.May(genesys.PermissionDeleteToken) {
		return o.Redirect(v, "/token")
	}
	open := audit.Filter{OrganizationID: v.Session.Organization.ID, Open: true}
	list, err := o.Log.List(v.Context(), open, audit.Cursor{}, mostOpen)
	if err != nil {
		return respond.Unread(err)
	}
	recent, err := o.Log.List(v.Context(), audit.Filter{OrganizationID: v.Session.Organization.ID, Action: audit.Revoke}, audit.Cursor{}, mostOpen)
	if err != nil {
		return respond.Unread(err)
	}
	p := views.HomePage{
		Open: respond.Rows(list.Entries, v.Now()), MoreOpen: !list.Older.IsZero(),
		Recent: respond.Rows(recent.Entries, v.Now()),
	}
	if p.CameBack, err = o.cameBack(v); err != nil {
		return respond.Unread(err)
	}
	p.Shell = o.Shell(v, "Home")
	p.Shell.FocusFinder = true
	return o.Page(v, http.StatusOK, views.Home(p))
}

// mostBack is how many people who came back the home page names.
const mostBack = 5

// cameBack are those who came back and are not dealt with, as far as is known.
func (o *Room) cameBack(v *request.Visit) ([]views.CameBack, error) {
	if o.Comebacks.Count(v.Context(), v.Session.Organization.ID) == 0 {
		return nil, nil
	}
	board, err := o.Comebacks.Board(v.Context(), v.Session.Organization.ID)
	var back []views.CameBack
	for _, p := range board {
		if p.CameBack() && len(back) < mostBack {
			back = append(back, views.CameBack{
				Name: respond.PartyName(p.Revoked.Subject), Href: respond.PersonPath(p.ID), After: views.Span(max(p.After(), time.Second)),
			})
		}
	}
	return back, err
}
