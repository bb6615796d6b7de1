// Package clients is the pages about the organization's OAuth clients: what they
// are, what they may do, and the way to disable one. A client's secret is never
// fetched, shown or changed here.
package clients

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/views"
)

// Room holds the pages about OAuth clients.
type Room struct {
	*respond.Responder
	Log      *audit.Log
	ClientID string // of the console itself
	usage    usage
}

// maxClients bounds how many clients one page reads, in pages of 100.
const maxClients = 1000

// List shows every client, the riskiest first.
func (c *Room) List(v *request.Visit) error {
	all, more, err := c.read(v)
	if err != nil {
		return err
	}
	known := c.readRoles(v)
	slices.SortStableFunc(all, func(a, b genesys.RegisteredClient) int {
		if by := known.risk(b).level - known.risk(a).level; by != 0 {
			return by
		}
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	used := c.usage.read(v, c.Platform.Client(v.Session.Region), all)
	p := views.ClientsPage{
		Days: genesys.UsageDays, More: more, RolesUnknown: known.problem,
		Unread: used.unread(all), UsageUnknown: len(used.failed), UsageProblem: used.problem(v.Now()),
	}
	for _, one := range all {
		p.Rows = append(p.Rows, c.row(one, known, used, v.Now()))
	}
	p.Shell = c.Shell(v, "OAuth clients")
	return c.Page(v, http.StatusOK, views.Clients(p))
}

// read returns the organization's clients, and whether there are more than a page
// shows.
func (c *Room) read(v *request.Visit) (all []genesys.RegisteredClient, more bool, err error) {
	client := c.Platform.Client(v.Session.Region)
	for at := (genesys.Position{}); len(all) < maxClients; {
		page, err := client.GetOAuthClients(v.Context(), v.Session.AccessToken, at)
		if err != nil {
			return nil, false, err
		}
		all = append(all, page.Entities...)
		if !page.More || len(page.Entities) == 0 {
			return all, false, nil
		}
		at = page.Next
	}
	return all[:maxClients], true, nil
}

// Show shows one client.
func (c *Room) Show(v *request.Visit) error {
	one, err := c.one(v)
	if err != nil {
		return err
	}
	known := c.readRoles(v)
	used := c.usage.read(v, c.Platform.Client(v.Session.Region), []genesys.RegisteredClient{one})
	p := views.ClientPage{
		Row: c.row(one, known, used, v.Now()), Facts: clientFacts(one, v.Now()), Scopes: one.Scopes,
		Roles: known.names(one), RedirectURIs: one.RedirectURIs, Days: genesys.UsageDays, RolesUnknown: known.problem,
		UsageProblem: used.problem(v.Now()),
	}
	if one.Grant == genesys.GrantClientCredentials {
		p.Scopes = nil // they do not count
	}
	if v.Session.Person.May(genesys.PermissionEditClient) {
		switch one.State {
		case genesys.ClientActive:
			p.ChangeURL, p.Change = clientPath(one.ID)+"/disable", "Disable it"
		case genesys.ClientDisabled:
			p.ChangeURL, p.Change = clientPath(one.ID)+"/enable", "Enable it"
		}
	}
	p.Shell = c.Shell(v, p.Row.Name)
	return c.Page(v, http.StatusOK, views.Client(p))
}

// one reads the client that the path of v names.
func (c *Room) one(v *request.Visit) (genesys.RegisteredClient, error) {
	id := v.Request.PathValue("id")
	if !plausible(id) {
		return genesys.RegisteredClient{}, respond.Refuse(respond.ClientUnmatched)
	}
	one, err := c.Platform.Client(v.Session.Region).GetOAuthClient(v.Context(), v.Session.AccessToken, id)
	if errors.Is(err, genesys.ErrNotFound) {
		unknown := respond.Refuse(respond.ClientUnmatched)
		unknown.CorrelationID, unknown.Cause = genesys.CorrelationID(err), err
		return one, unknown
	}
	return one, err
}

// plausible reports whether id can be that of a client: nothing that would reach
// another path of the platform.
func plausible(id string) bool {
	odd := func(r rune) bool { return r != '-' && (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z') }
	return id != "" && len(id) <= 64 && !strings.ContainsFunc(id, odd)
}

func clientPath(id string) string { return "/clients/" + id }

// row is a client as the list shows it.
func (c *Room) row(one genesys.RegisteredClient, known roles, used used, now time.Time) views.ClientRow {
	risk := known.risk(one)
	row := views.ClientRow{
		ID: one.ID, Name: cmp.Or(one.Name, one.ID), Description: one.Description, Own: one.ID == c.ClientID,
		Grant: cmp.Or(respond.GrantName(grant(one)), "Not reported"),
		State: cmp.Or(one.State, "not reported"), Disabled: one.State != genesys.ClientActive,
		Risk: risk.label, Tone: risk.tone, Why: risk.why, Scopes: len(one.Scopes), Roles: known.names(one),
		MadeBy: one.CreatedBy.Name, Made: views.MomentOf(one.Created, now),
	}
	if plausible(one.ID) {
		row.Href = clientPath(one.ID)
	}
	if one.Lifetime > 0 {
		row.Lifetime = views.Span(one.Lifetime)
	}
	row.Use, row.Unused = used.inWords(one.ID)
	return row
}

// clientFacts are what one client's page tells besides its row.
func clientFacts(one genesys.RegisteredClient, now time.Time) []views.Fact {
	fact := func(label string, t time.Time, by string) views.Fact {
		if t.IsZero() {
			return views.Fact{}
		}
		if by != "" {
			by = "by " + by
		}
		return views.Fact{Label: label, Value: views.InText(t, now), Hint: by}
	}
	return respond.Filled([]views.Fact{
		{Label: "Description", Value: one.Description},
		fact("Made", one.Created, one.CreatedBy.Name),
		fact("Last changed", one.Modified, one.ModifiedBy.Name),
	})
}
