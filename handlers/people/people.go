// Package people is the pages about other people: finding the right one, seeing
// the evidence, and revoking their tokens.
package people

import (
	"cmp"
	"net/http"
	"strings"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/audit"
	"tokenconsole/internal/comeback"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/playbook"
	"tokenconsole/internal/revocation"
	"tokenconsole/views"
)

// Room holds the pages about people.
type Room struct {
	*respond.Responder
	Revocations *revocation.Service
	Playbooks   *playbook.Service
	Comebacks   *comeback.Service
	Log         *audit.Log
	Reasons     revocation.Reasons // to choose from
	Pace        *request.Pace
}

// lookUp looks up the person in a page's path. A person that the
// platform does not know has no page.
func (p *Room) lookUp(v *request.Visit) (revocation.Subject, error) {
	id, err := genesys.ParseUserID(v.Request.PathValue("id"))
	if err != nil {
		return revocation.Subject{}, err
	}
	subject, err := p.Revocations.LookUp(v.Context(), v.Session.Region, v.Session.AccessToken, id)
	if err != nil {
		return revocation.Subject{}, err
	}
	if genesys.ProblemOf(subject.Unknown) == genesys.NotFound {
		return revocation.Subject{}, subject.Unknown
	}
	return known(v, subject), nil
}

// known adds to a subject that is the person of v what the session knows.
func known(v *request.Visit, subject revocation.Subject) revocation.Subject {
	if self := v.Session.Person; subject.Unknown != nil && subject.ID == self.ID {
		subject.Name, subject.Email, subject.Unknown = self.Name, self.Email, nil
	}
	return subject
}

// Show shows who somebody is, with evidence.
func (p *Room) Show(v *request.Visit) error {
	subject, err := p.lookUp(v)
	if err != nil {
		return err
	}
	shell := p.Shell(v, respond.DisplayName(subject.User))
	page := personPage(v, subject)
	if v.Proven && v.Session.Person.May(genesys.PermissionDeleteToken) {
		if err := p.addRecord(v, subject, &page); err != nil {
			return err
		}
	}
	page.Shell = shell
	return p.Page(v, http.StatusOK, views.User(page))
}

// personPage says what is known about a person.
func personPage(v *request.Visit, subject revocation.Subject) views.UserPage {
	u, now := subject.User, v.Now()
	page := views.UserPage{
		Known: subject.Unknown == nil, Name: respond.DisplayName(u), Initials: respond.Initials(u.Name), ID: u.ID.String(),
		Email: u.Email, State: u.State, You: u.ID == v.Session.Person.ID,
		Facts: respond.Filled([]views.Fact{
			{Label: "Title", Value: u.Title},
			{Label: "Department", Value: u.Department},
			{Label: "Division", Value: u.Division.Name},
			manager(u),
			organization(v),
		}),
		Issued: views.MomentOf(u.LastTokenIssued.DateIssued, now),
		Login:  views.MomentOf(u.DateLastLogin, now),
		Read:   views.MomentOf(now, now),
		Now:    presence(u),
		Busy:   busy(u),
		Reload: respond.PersonPath(u.ID),
	}
	if subject.Unknown != nil {
		why := respond.Explain(subject.Unknown, now)
		page.Why = "This person could not be looked up. " + why.Title + ": " + why.Meaning
	}
	from := origin(v)
	page.Back, page.Reload = from.results(u.ID), page.Reload+from.query()
	if v.Session.Person.May(genesys.PermissionDeleteToken) {
		page.RevokeURL = respond.PersonPath(u.ID) + "/revoke" + from.query()
		offerSteps(v, u, &page)
	}
	return page
}

// organization is where a person is looked up, if the session is proven to live.
func organization(v *request.Visit) views.Fact {
	if !v.Proven {
		return views.Fact{}
	}
	return views.Fact{Label: "Organization", Value: v.Session.Organization.Name}
}

// manager is a person's manager, with a way to their page.
func manager(u genesys.User) views.Fact {
	f := views.Fact{Label: "Manager", Value: u.Manager.Name}
	if id, err := genesys.ParseUserID(u.Manager.ID); err == nil {
		f.Href, f.Value = respond.PersonPath(id), cmp.Or(f.Value, u.Manager.ID)
	}
	return f
}

// presence is what a person does now, as far as the platform tells.
func presence(u genesys.User) string {
	switch p := u.Presence.PresenceDefinition.SystemPresence; p {
	case "":
		return "Not known"
	case "ON_QUEUE", "On Queue", "OnQueue":
		return "On queue"
	default:
		return p
	}
}

// busy says what revoking would cut off.
func busy(u genesys.User) string {
	switch u.RoutingStatus.Status {
	case "INTERACTING":
		return "In an interaction"
	case "COMMUNICATING":
		return "On a call"
	}
	return ""
}

// shortened keeps a name within what a notice in a cookie has room for.
func shortened(name string) string {
	if runes := []rune(name); len(runes) > 80 {
		return string(runes[:80]) + "…"
	}
	return name
}

// lowerFirst puts a title into the middle of a sentence.
func lowerFirst(text string) string {
	if strings.HasPrefix(text, "Genesys") {
		return text
	}
	return strings.ToLower(text[:1]) + text[1:]
}
