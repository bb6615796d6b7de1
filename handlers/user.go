package handlers

import (
	"net/http"
	"time"

	"tokenconsole/internal/genesys"
	"tokenconsole/session"
	"tokenconsole/views"
)

// showUser shows who somebody is, with evidence.
func (s *Server) showUser(w http.ResponseWriter, r *http.Request, sess session.Session) error {
	id, err := genesys.ParseUserID(r.PathValue("id"))
	if err != nil {
		return err
	}
	u, why, err := s.lookUp(r.Context(), sess, id)
	if err != nil {
		return err
	}
	if why != nil && why.status == http.StatusNotFound {
		return why
	}
	p := userPage(u, sess, s.now())
	if why != nil {
		p.Known = false
		p.Why = "Who this is could not be found out. " + why.Title + ": " + why.Meaning
	}
	p.Shell = s.shell(w, r, sess, p.Name)
	s.write(w, r, http.StatusOK, views.User(p))
	return nil
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
