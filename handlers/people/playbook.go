package people

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/playbook"
	"tokenconsole/internal/revocation"
	"tokenconsole/views"
)

// bookButtons are what the button that runs a playbook says before the name of the person.
var bookButtons = map[string]string{
	"lost-phone": "Secure ", "left": "Shut out ", "compromised": "Shut out whoever uses the account of ",
	"end-of-shift": "End the shift of ", playbook.Own: "Do this for ",
}

// asked is the playbook that the path of v names, and whom it is about.
func (p *Room) asked(v *request.Visit) (playbook.Book, revocation.Subject, error) {
	b, ok := playbook.Find(v.Request.PathValue("name"))
	if !ok {
		return b, revocation.Subject{}, respond.Refuse(respond.PageUnknown)
	}
	subject, err := p.lookUp(v)
	return b, subject, err
}

// ShowPlaybook asks which steps of a playbook to take about a person, and why.
func (p *Room) ShowPlaybook(v *request.Visit) error {
	b, subject, err := p.asked(v)
	if err != nil {
		return err
	}
	if subject.ID == v.Session.Person.ID {
		return p.Redirect(v, respond.PersonPath(subject.ID)+"/revoke")
	}
	ticked := b.Steps
	if named := v.Request.URL.Query()[request.Ticked]; len(named) > 0 {
		ticked = b.Pick(named)
	}
	return p.showPlaybook(v, http.StatusOK, b, subject, ticked, map[string]string{})
}

func (p *Room) showPlaybook(
	v *request.Visit, status int, b playbook.Book, subject revocation.Subject, ticked []playbook.Step, wrong map[string]string,
) error {
	u, words := subject.User, respond.Book(b.Name)
	name := respond.DisplayName(u)
	page := views.PlaybookPage{
		Title: words.Title, Lead: words.Lead, Name: name, Email: u.Email, State: u.State, Busy: busy(u), Spares: b.SparesBusy,
		Steps:   p.steps(v, b.All(), ticked, subject, wrong),
		Watched: p.watched(), Elsewhere: words.Elsewhere, Why: respond.Why(v, p.Reasons),
		Action: playbookPath(u.ID, b.Name), Cancel: respond.PersonPath(u.ID), Button: bookButtons[b.Name] + name,
	}
	page.Why.Errors, page.Why.Beside = wrong, true
	if subject.Unknown != nil {
		page.Unknown = unknown(v, subject)
	}
	page.Shell = p.Shell(v, words.Title+": "+name)
	return p.Page(v, status, views.Playbook(page))
}

func (p *Room) watched() string {
	return "Whose tokens are revoked is watched for " + views.Period(p.Comebacks.For) + ": a new token shows under Came back."
}

// nextSteps are those offered beside a revocation, the one that nobody can take back
// last.
var nextSteps = []playbook.Step{playbook.Station, playbook.OffQueue, playbook.Offline, playbook.Deactivate}

// offerSteps offers the playbooks and the next steps on somebody's page; oneself is
// offered nothing but the end of one's own tokens.
func offerSteps(v *request.Visit, u genesys.User, page *views.UserPage) {
	if page.You {
		return
	}
	for _, b := range playbook.Books() {
		page.Books = append(page.Books, views.Action{Label: respond.Book(b.Name).Title, Href: playbookPath(u.ID, b.Name)})
	}
	page.StepsURL = playbookPath(u.ID, playbook.Own)
	page.Steps = views.Steps{Legend: "Next steps", List: respond.StepChoices(nextSteps, nil, v.Session.Person)}
}

// ticked are the steps that the form of v ticked, or the address of v.
func ticked(v *request.Visit) []playbook.Step {
	named := append(v.Request.URL.Query()[request.Ticked], v.Request.PostForm[request.Ticked]...)
	return playbook.Parse(strings.Join(named, " "))
}

func playbookPath(id genesys.UserID, name string) string {
	return respond.PersonPath(id) + "/playbooks/" + name
}

// steps are the fields that tick steps about subject. For a protected person what is typed is for every step.
func (p *Room) steps(
	v *request.Visit, list, ticked []playbook.Step, subject revocation.Subject, wrong map[string]string,
) views.Steps {
	u := subject.User
	what, _ := typed(u)
	s := views.Steps{
		Legend: "Steps", List: respond.StepChoices(list, ticked, v.Session.Person), Errors: wrong, Typed: v.Field("email"),
		AskEmail:  "To deactivate, type their " + what,
		TypedHint: "Only for that step.",
	}
	if p.Revocations.Protected.Asks(subject) != "" {
		s.AskEmail = "To take any step, type their " + what
		s.TypedHint = "This account is protected by the settings of this console, as one that other things hang on."
	}
	for i := range s.List {
		if at := u.Station.Associated.Name; at != "" && s.List[i].Name == string(playbook.Station) {
			s.List[i].Impact += " That is " + at + "."
		}
	}
	return s
}

// typed is what has to be typed to deactivate u, and what it is called.
func typed(u genesys.User) (what, text string) {
	if u.Email == "" {
		return "user id", u.ID.String()
	}
	return "email address", u.Email
}

// wrong says by field what is wrong with the form that asks for o.
func (p *Room) wrong(v *request.Visit, o playbook.Order, subject revocation.Subject, nothing string) map[string]string {
	wrong := map[string]string{}
	if form, ok := errors.AsType[*revocation.FormError](o.Check()); ok {
		wrong = respond.FormErrors(form, nothing)
	}
	if len(o.Steps) == 0 {
		wrong["steps"] = "Tick at least one step. " + nothing
	}
	if p.Revocations.Protected.Spares(o.Order, subject) {
		wrong["email"] = "This account is protected: type " + p.Revocations.Protected.Asks(subject) + " to go on all the same. " + nothing
	}
	if what, text := typed(subject.User); slices.Contains(o.Steps, playbook.Deactivate) && !strings.EqualFold(v.Field("email"), text) {
		wrong["email"] = fmt.Sprintf("Type the %s as it stands above, or leave them active. %s", what, nothing)
	}
	return wrong
}

// RunPlaybook takes the steps that were ticked.
func (p *Room) RunPlaybook(v *request.Visit) error {
	b, subject, err := p.asked(v)
	if err != nil {
		return err
	}
	steps := b.Pick(v.Request.PostForm[request.Ticked])
	order := playbook.Order{Order: p.order(v, subject.ID), Book: b, Steps: steps}
	if wrong := p.wrong(v, order, subject, "Nothing was done."); len(wrong) > 0 {
		return p.showPlaybook(v, http.StatusUnprocessableEntity, b, subject, steps, wrong)
	}
	return p.run(v, order)
}

// run runs a playbook and leads to its sheet.
func (p *Room) run(v *request.Visit, o playbook.Order) error {
	report, err := p.Playbooks.Run(v.Context(), o)
	switch {
	case errors.Is(err, playbook.ErrOneself):
		return p.Redirect(v, respond.PersonPath(o.Subject)+"/revoke")
	case err != nil:
		return err
	}
	return p.Redirect(v, fmt.Sprintf("%s/%d", playbookPath(o.Subject, o.Book.Name), report.Act.Asked.Seq))
}
