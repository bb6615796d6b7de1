package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/session"
	"tokenconsole/views"
)

// showUser shows who somebody is, with evidence.
func (s *Server) showUser(w http.ResponseWriter, r *http.Request, sess session.Session) error {
	u, why, err := s.shown(r, sess)
	if err != nil {
		return err
	}
	p := userPage(u, sess, s.now())
	if why != nil {
		p.Known = false
		p.Why = "Who this is could not be found out. " + why.Title + ": " + why.Meaning
	}
	if sess.Person.May(genesys.PermissionDeleteToken) {
		if err := s.addRecord(r, sess, u, &p); err != nil {
			return err
		}
	}
	p.Shell = s.shell(w, r, sess, p.Name)
	s.write(w, r, http.StatusOK, views.User(p))
	return nil
}

// shown looks up the person whom a page's path names. A person that the
// platform does not know has no page; for one who cannot be looked up, the
// problem says why.
func (s *Server) shown(r *http.Request, sess session.Session) (genesys.User, *problem, error) {
	id, err := genesys.ParseUserID(r.PathValue("id"))
	if err != nil {
		return genesys.User{}, nil, err
	}
	u, why, err := s.lookUp(r.Context(), sess, id)
	if err == nil && why != nil && why.status == http.StatusNotFound {
		return genesys.User{}, nil, why
	}
	return u, why, err
}

// recentEntries is how much of the record a person's page shows.
const recentEntries = 10

// addRecord adds what the record has about u, and what became of the last
// revocation.
func (s *Server) addRecord(r *http.Request, sess session.Session, u genesys.User, p *views.UserPage) error {
	about := audit.Filter{OrganizationID: sess.Organization.ID, SubjectID: u.ID.String()}
	list, err := s.audit.List(r.Context(), about, audit.Cursor{}, recentEntries)
	if err != nil {
		return s.recordUnread(r, err)
	}
	p.Entries = auditRows(list.Entries, s.now())
	if !list.Older.IsZero() {
		p.AllEntries = "/audit?" + url.Values{"person": {u.ID.String()}}.Encode()
	}
	about.Action, about.Outcome = audit.Revoke, audit.Done
	last, err := s.audit.List(r.Context(), about, audit.Cursor{}, 1)
	if err != nil {
		return s.recordUnread(r, err)
	}
	if len(last.Entries) == 1 && p.Known {
		p.Proof = proof(last.Entries[0], u.LastTokenIssued.DateIssued, s.now())
	}
	return nil
}

// proof sets the last token that was issued before a revocation against the
// last one known now. The platform writes its times, and this console its own,
// so what is within a second of the revocation counts as before it.
func proof(revoked audit.Entry, issued, now time.Time) *views.Proof {
	p := &views.Proof{Revoked: moment(revoked.At, now), By: nameOf(revoked.Actor), Before: "not known", CorrelationID: revoked.CorrelationID}
	if text, ok := strings.CutPrefix(revoked.Detail, lastIssued); ok {
		if before, err := time.Parse(time.RFC3339, text); err == nil {
			p.Before = moment(before, now).Text
		}
	}
	after := issued.Sub(revoked.At)
	switch {
	case issued.IsZero():
		p.After = "not known"
	case after > time.Second:
		p.After = moment(issued, now).Text
		p.Reissued = "A new token was issued " + span(after) + " after the revocation."
	default:
		p.After = "the same: no new token since"
	}
	return p
}

// userPage says what is known about u at now.
func userPage(u genesys.User, sess session.Session, now time.Time) views.UserPage {
	p := views.UserPage{
		Known: true, Name: displayName(u), Initials: initials(u.Name), ID: u.ID.String(), State: u.State,
		You: u.ID == sess.Person.ID,
		Facts: withoutEmpty([]views.Fact{
			{Label: "Email", Value: u.Email},
			{Label: "Title", Value: u.Title},
			{Label: "Department", Value: u.Department},
			{Label: "Division", Value: u.Division.Name},
			{Label: "Manager", Value: u.Manager.Name},
			{Label: "Organization", Value: sess.Organization.Name},
		}),
		Issued: moment(u.LastTokenIssued.DateIssued, now),
		Login:  moment(u.DateLastLogin, now),
		Now:    presence(u),
		Busy:   busy(u),
	}
	if sess.Person.May(genesys.PermissionDeleteToken) {
		p.RevokeURL = userPath(u.ID) + "/revoke"
	}
	return p
}
