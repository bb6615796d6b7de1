package people

import (
	"fmt"
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

// book is the playbook that the path of v names.
func book(v *request.Visit) (playbook.Book, error) {
	b, ok := playbook.Find(v.Request.PathValue("name"))
	if !ok {
		return b, respond.Refuse(respond.PageUnknown)
	}
	return b, nil
}

// ShowPlaybook asks which steps of a playbook to take about a person, and why.
func (p *Room) ShowPlaybook(v *request.Visit) error {
	b, err := book(v)
	if err != nil {
		return err
	}
	subject, err := p.lookUp(v)
	switch {
	case err != nil:
		return err
	case subject.ID == v.Session.Person.ID:
		return p.Redirect(v, respond.PersonPath(subject.ID)+"/revoke")
	}
	ticked := b.Steps
	if named := v.Request.URL.Query()[request.Ticked]; len(named) > 0 {
		ticked = b.Pick(named)
	}
	return p.showPlaybook(v, b, subject, respond.Tickable(ticked, v.Session.Person), nil, nil)
}

// showPlaybook shows the form of a playbook, with what is wrong with it by field, and the problem that stood in its way.
func (p *Room) showPlaybook(
	v *request.Visit, b playbook.Book, subject revocation.Subject, ticked []playbook.Step, wrong map[string]string, problem *respond.Problem,
) error {
	u, words := subject.User, respond.Book(b.Name)
	name := respond.DisplayName(u)
	page := views.PlaybookPage{
		Title: words.Title, Lead: words.Lead, Name: name, Email: u.Email, State: u.State, Busy: busy(u), Spares: b.SparesBusy,
		Steps:   p.steps(v, b.All(), ticked, subject, wrong),
		Watched: p.watched(), Elsewhere: words.Elsewhere, Why: respond.Why(v, p.Reasons),
		Action: playbookPath(u.ID, b.Name), Cancel: respond.PersonPath(u.ID), Button: bookButtons[b.Name] + name,
	}
	if !b.SparesBusy {
		page.Busy = p.busyStill(v, subject)
	}
	page.Why.Errors, page.Why.Beside, page.Steps.Ordered = wrong, true, true
	page.Problem = p.AboveForm(v, problem)
	if subject.Unknown != nil && problem == nil {
		page.Unknown = unknown(v, subject)
	}
	page.Shell = p.Shell(v, words.Title+": "+name)
	return p.Page(v, formStatus(wrong, problem), views.Playbook(page))
}

func (p *Room) watched() string {
	return "After a revocation the person is watched for " + views.Period(p.Comebacks.For) + ": a new token shows under Came back."
}

// nextSteps are offered beside a revocation. The one that nobody can take back is last.
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

// RunPlaybook takes the steps that were ticked.
func (p *Room) RunPlaybook(v *request.Visit) error {
	b, err := book(v)
	if err != nil {
		return err
	}
	subject, err := p.lookUpForForm(v)
	switch {
	case err != nil:
		return err
	case subject.ID == v.Session.Person.ID:
		return p.Redirect(v, respond.PersonPath(subject.ID)+"/revoke")
	}
	steps := b.Pick(v.Request.PostForm[request.Ticked])
	order := playbook.Order{Order: p.order(v, subject.ID), Book: b, Steps: steps}
	order.Known = &subject
	wrong, problem := p.check(v, order, "Nothing was done.")
	if len(wrong) == 0 && problem == nil {
		if problem, err = p.run(v, order); problem == nil {
			return err
		}
	}
	return p.showPlaybook(v, b, subject, steps, wrong, problem)
}

// run runs a playbook and leads to its sheet. A problem says why nothing was done.
func (p *Room) run(v *request.Visit, o playbook.Order) (*respond.Problem, error) {
	report, err := p.Playbooks.Run(v.Context(), o)
	if err != nil {
		v.Log().Warn("a playbook was not run", "of", o.Subject.String(), "error", err.Error())
		return respond.Explain(err, v.Now()), nil
	}
	return nil, p.Redirect(v, fmt.Sprintf("%s/%d", playbookPath(o.Subject, o.Book.Name), report.Act.Asked.Seq))
}
