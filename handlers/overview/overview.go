// Package overview is the home page: what those who may revoke have to know
// first.
package overview

import (
	"net/http"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/views"
)

// Room holds the home page.
type Room struct {
	*respond.Responder
	Log *audit.Log
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
	p.Shell = o.Shell(v, "Home")
	p.Shell.FocusFinder = true
	return o.Page(v, http.StatusOK, views.Home(p))
}
