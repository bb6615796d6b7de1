package people

import (
	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/playbook"
	"tokenconsole/internal/revocation"
	"tokenconsole/views"
)

func (p *Room) showForm(v *request.Visit, status int, page views.RevokePage) error {
	page.Shell = p.Shell(v, page.Button)
	return p.Page(v, status, views.Revoke(page))
}

// revokePage asks for the confirmation of revoking a person's tokens, with what
// was filled in before.
func (p *Room) revokePage(v *request.Visit, subject revocation.Subject) views.RevokePage {
	u, from := subject.User, origin(v)
	name := respond.DisplayName(u)
	page := views.RevokePage{
		Name: name, Initials: respond.Initials(u.Name), ID: u.ID.String(), Email: u.Email, State: u.State,
		You: u.ID == v.Session.Person.ID, Busy: p.busyStill(v, subject), Issued: views.MomentOf(u.LastTokenIssued.DateIssued, v.Now()),
		Action: respond.PersonPath(u.ID) + "/revoke", Cancel: respond.PersonPath(u.ID) + from.query(),
		Button: "Revoke " + name + "’s tokens", From: from.list, HasFrom: from.known,
		Why: respond.Why(v, p.Reasons),
	}
	page.Protected = views.ProtectedPerson{
		Asks: p.Revocations.Protected.Asks(subject), Typed: v.Field("email"), ByID: u.Email == "",
	}
	if subject.Unknown != nil {
		page.Unknown = unknown(v, subject)
	}
	if page.You {
		page.Button, page.Cancel, page.Why.Readers = "Sign me out everywhere", "/token", ""
		return page
	}
	page.Steps = p.steps(v, nextSteps, ticked(v), subject, nil)
	if page.Protected.Asks != "" {
		page.Steps.AskEmail = "" // asked for once, above
	}
	return page
}

// unknown says that it could not be found out who somebody is.
func unknown(v *request.Visit, subject revocation.Subject) string {
	why := respond.Explain(subject.Unknown, v.Now())
	return "This person could not be looked up (" + why.Title + "). Check the id before you continue."
}

// askForEmail shows the form again if the email of a protected person was not typed.
func (p *Room) askForEmail(v *request.Visit, subject revocation.Subject) error {
	page, problem := p.revokePage(v, subject), respond.Refuse(respond.PersonProtected)
	if subject.Unknown != nil {
		problem = unseen(v, playbook.Order{Order: revocation.Order{Known: &subject}}, true, false, "Nothing was revoked.")
		page.Unknown = ""
	} else if page.Protected.Typed != "" {
		page.Protected.Error = "That is not " + page.Protected.Asks + ". Nothing was revoked."
	}
	page.Problem = p.AboveForm(v, problem)
	return p.showForm(v, problem.Status, page)
}
