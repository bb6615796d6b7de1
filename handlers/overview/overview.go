// Package overview is the home page: what those who may revoke have to know
// first.
package overview

import (
	"fmt"
	"net/http"
	"strconv"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/audit"
	"tokenconsole/internal/batch"
	"tokenconsole/internal/comeback"
	"tokenconsole/internal/revocation"
	"tokenconsole/views"
)

// Room holds the home page.
type Room struct {
	*respond.Responder
	Log       *audit.Log
	Comebacks *comeback.Service
	Batches   *batch.Service
}

const (
	mostOpen   = 10 // acts with no known outcome
	mostRecent = 5  // revocations
	mostPeople = 6  // whom one worked on last
	mostBack   = 5  // people who came back
	mostUnder  = 5  // batches under way
)

// ShowHome is the home of those who may revoke. Everybody else is led to their
// token.
func (o *Room) ShowHome(v *request.Visit) error {
	if !respond.MayRevoke(v.Session.Person) {
		return o.Redirect(v, "/token")
	}
	counts, err := o.Log.Counts(v.Context(), v.Session.Organization.ID, shownSince(v.Now()))
	if err != nil {
		return respond.Unread(err)
	}
	open, moreOpen, err := o.list(v, audit.Filter{Open: true}, mostOpen)
	if err != nil {
		return err
	}
	recent, _, err := o.list(v, audit.Filter{Action: audit.Revoke}, mostRecent)
	if err != nil {
		return err
	}
	people, err := o.workedOn(v)
	if err != nil {
		return err
	}
	batches, err := o.underWay(v)
	if err != nil {
		return err
	}
	p := views.HomePage{
		Hours: hours(counts, v.Now()), Days: days(counts, v.Now()), Panels: []views.Panel{batches, people},
		Open: respond.Rows(open, v.Now()), MoreOpen: moreOpen, Recent: respond.Rows(recent, v.Now()),
	}
	p.Figures = figures(p, len(open))
	if p.CameBack, err = o.cameBack(v); err != nil {
		return respond.Unread(err)
	}
	p.Shell = o.Shell(v, "Home")
	p.Shell.FocusFinder = true
	return o.Page(v, http.StatusOK, views.Home(p))
}

// cameBack are those who came back and are not dealt with, as far as is known.
func (o *Room) cameBack(v *request.Visit) ([]views.CameBack, error) {
	if o.Comebacks.Count(v.Context(), v.Session.Organization.ID) == 0 {
		return nil, nil
	}
	board, err := o.Comebacks.Board(v.Context(), v.Session.Organization.ID)
	var back []views.CameBack
	for _, p := range board.People {
		if p.CameBack() && len(back) < mostBack {
			when := views.Span(p.After()) + " after the revocation"
			if !revocation.IsSure(p.After()) {
				when = respond.NearRevocation
			}
			back = append(back, views.CameBack{Name: respond.PartyName(p.Who), Href: respond.PersonPath(p.ID), When: when})
		}
	}
	return back, err
}

// list reads what came of the latest acts, the newest first, and whether there are more.
func (o *Room) list(v *request.Visit, f audit.Filter, most int) (latest []audit.Entry, more bool, err error) {
	f.OrganizationID = v.Session.Organization.ID
	page, err := o.Log.Acts(v.Context(), f, audit.Cursor{}, most)
	if err != nil {
		return nil, false, respond.Unread(err)
	}
	for _, a := range page.Acts {
		latest = append(latest, a.Last())
	}
	return latest, !page.Older.IsZero(), nil
}

// figures are what the pictures of p say, in numbers.
func figures(p views.HomePage, open int) []views.Stat {
	var done, failed, unknown int64
	for _, day := range p.Days.Bars {
		done, failed, unknown = done+day.Done, failed+day.Failed, unknown+day.Unknown
	}
	today, inDays := p.Days.Bars[len(p.Days.Bars)-1], fmt.Sprintf("in %d days", daysShown)
	all := []views.Stat{
		{Label: "Revoked today", Value: strconv.FormatInt(today.Done, 10), Hint: "by this organization’s people"},
		{Label: "Revoked " + inDays, Value: strconv.FormatInt(done, 10), Href: "/audit?action=revoke&outcome=done"},
		{Label: "Failed or refused", Value: strconv.FormatInt(failed, 10), Hint: inDays},
		{Label: "Outcome unknown", Value: strconv.FormatInt(unknown, 10), Hint: inDays, Href: "/audit?action=revoke&outcome=unknown"},
		{Label: "Open now", Value: strconv.Itoa(open), Hint: "asked, and no outcome yet", Href: "/audit?open=on"},
	}
	if p.MoreOpen {
		all[4].Value += "+"
	}
	for i, n := range map[int]int64{1: done, 3: unknown, 4: int64(open)} {
		switch {
		case n == 0:
			all[i].Href = ""
		case i > 1:
			all[i].Tone = "warning"
		}
	}
	return all
}

// workedOn lists the people whose tokens the person of v revoked last, each once.
func (o *Room) workedOn(v *request.Visit) (views.Panel, error) {
	p := views.Panel{ID: "worked-on", Title: "You worked on recently", Empty: "People whose tokens you revoke appear here."}
	revoked, _, err := o.list(v, audit.Filter{Action: audit.Revoke, Actor: v.Session.Person.ID.String()}, 5*mostPeople)
	if err != nil {
		return p, err
	}
	seen := map[string]bool{}
	for _, e := range revoked {
		row := respond.Row(e, v.Now())
		if seen[e.Subject.ID] || row.SubjectHref == "" || len(p.Rows) == mostPeople {
			continue
		}
		seen[e.Subject.ID] = true
		text := e.Subject.Email // tells people of one name apart
		if e.Outcome != audit.Done {
			text += " · " + string(e.Outcome)
		}
		p.Rows = append(p.Rows, views.PanelRow{
			Name: row.Subject, Href: row.SubjectHref, Initials: respond.Initials(e.Subject.Name), Text: text, At: row.At,
		})
	}
	return p, nil
}
