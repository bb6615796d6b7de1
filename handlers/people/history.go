package people

import (
	"fmt"
	"net/url"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/audit"
	"tokenconsole/internal/comeback"
	"tokenconsole/internal/revocation"
	"tokenconsole/views"
)

// recentActs is how much of the record a person's page shows.
const recentActs = 10

// addRecord adds what the record has about a person, and whether they came back.
func (p *Room) addRecord(v *request.Visit, subject revocation.Subject, page *views.UserPage) error {
	about := audit.Filter{OrganizationID: v.Session.Organization.ID, SubjectID: subject.ID.String()}
	list, err := p.Log.Acts(v.Context(), about, audit.Cursor{}, recentActs)
	if err != nil {
		return respond.Unread(err)
	}
	if !list.Older.IsZero() {
		page.AllActs = "/audit?" + url.Values{"person": {subject.ID.String()}}.Encode()
	}
	since, watched, err := p.Comebacks.Of(v.Context(), v.Session.Organization.ID, subject.ID, subject.LastTokenIssued.DateIssued)
	if err != nil {
		return respond.Unread(err)
	}
	var returns []comeback.Return
	if watched && since.IsBack() {
		if !since.Oneself() {
			returns = append(returns, since.Return())
		}
		row := p.WatchRow(v, since)
		page.Return = &row
	}
	page.Acts = respond.ActRows(list.Acts, returns, v.Now())
	if since.Token.Issued.After(subject.LastTokenIssued.DateIssued) {
		subject.LastTokenIssued.DateIssued = since.Token.Issued // told live, before the platform's search knows
	}
	return p.addProof(v, subject, page)
}

// addProof adds what became of the last confirmed revocation of a person.
func (p *Room) addProof(v *request.Visit, subject revocation.Subject, page *views.UserPage) error {
	act, found, err := p.lastRevocation(v, subject.ID)
	if err != nil || !found {
		return err
	}
	revoked := act.Last()
	page.Proof = proof(v, act, subject)
	page.ToldByProof = page.Proof.Returned != "" && page.Return != nil && page.Return.Entry == fmt.Sprintf("/audit/%d", revoked.Seq)
	page.Report = report(v.Session, revoked, subject, *page.Proof, v.Now())
	page.Revoked = page.Proof.Steps[len(page.Proof.Steps)-1].Kind == "quiet"
	if page.Revoked && page.Busy != "" {
		page.Lag = "As Genesys Cloud reports it, some time after a revocation."
		if v.Now().Sub(revoked.At) >= lagTime {
			page.Lag = page.Busy + ", as Genesys Cloud reports it. No token is known that revoking again would end."
		}
		page.Busy = ""
	}
	return nil
}
