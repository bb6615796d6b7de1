package people

import (
	"net/url"
	"time"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/views"
)

// recentEntries is how much of the record a person's page shows.
const recentEntries = 10

// addRecord adds what the record has about u, and what became of the last
// revocation.
func (p *Room) addRecord(v *request.Visit, u genesys.User, page *views.UserPage) error {
	about := audit.Filter{OrganizationID: v.Session.Organization.ID, SubjectID: u.ID.String()}
	list, err := p.Log.List(v.Context(), about, audit.Cursor{}, recentEntries)
	if err != nil {
		return respond.Unread(err)
	}
	page.Entries = respond.Rows(list.Entries, v.Now())
	if !list.Older.IsZero() {
		page.AllEntries = "/audit?" + url.Values{"person": {u.ID.String()}}.Encode()
	}
	about.Action, about.Outcome = audit.Revoke, audit.Done
	last, err := p.Log.List(v.Context(), about, audit.Cursor{}, 1)
	if err != nil {
		return respond.Unread(err)
	}
	if len(last.Entries) == 1 && page.Known {
		page.Proof = proof(last.Entries[0], u.LastTokenIssued.DateIssued, v.Now())
	}
	return nil
}

// proof sets the last token that was issued before a revocation against the
// last one known now. The platform writes its times, and this console its own,
// so what is within settleTime of the revocation counts as before it.
func proof(revoked audit.Entry, issued, now time.Time) *views.Proof {
	p := &views.Proof{
		Revoked: views.MomentOf(revoked.At, now), By: respond.PartyName(revoked.Actor), CorrelationID: revoked.CorrelationID,
		Before: "not known",
	}
	if before := revoked.Evidence.TokenIssuedBefore; !before.IsZero() {
		p.Before = views.MomentOf(before, now).Text
	}
	after := issued.Sub(revoked.At)
	switch {
	case issued.IsZero():
		p.After = "not known"
	case after > settleTime:
		p.After = views.MomentOf(issued, now).Text
		p.Reissued = "A new token was issued " + views.Span(after) + " after the revocation."
	default:
		p.After = "the same: no new token since"
	}
	return p
}
