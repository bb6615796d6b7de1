package people

import (
	"errors"
	"fmt"
	"net/http"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/playbook"
	"tokenconsole/internal/revocation"
	"tokenconsole/session"
)

// Confirm states which person a revocation is about and what it does, and asks why.
func (p *Room) Confirm(v *request.Visit) error {
	subject, err := p.lookUp(v)
	if err != nil {
		return err
	}
	return p.showForm(v, http.StatusOK, p.revokePage(v, subject))
}

// Revoke deletes all tokens of a person.
func (p *Room) Revoke(v *request.Visit) error {
	id, err := genesys.ParseUserID(v.Request.PathValue("id"))
	if err != nil {
		return err
	}
	if len(v.Request.PostForm[request.Ticked]) > 0 {
		return p.revokeWithSteps(v)
	}
	order := p.order(v, id)
	if err := p.slow(v, &order); err != nil {
		return err
	}
	report, err := p.Revocations.Revoke(v.Context(), order)
	report.Subject = known(v, report.Subject)
	if form, ok := errors.AsType[*revocation.FormError](err); ok {
		page := p.revokePage(v, report.Subject)
		page.Why.Errors = respond.FormErrors(form, "Nothing was revoked.")
		return p.showForm(v, http.StatusUnprocessableEntity, page)
	}
	if errors.Is(err, revocation.ErrProtected) {
		return p.askForEmail(v, report.Subject)
	}
	if err != nil {
		return err
	}
	return p.tell(v, report)
}

// slow looks up the person of order. About somebody whom the platform says it does not know, the platform is asked all the
// same: it is the one that ends tokens. But that ends nobody's access, so it has the pace of what only fills the record.
func (p *Room) slow(v *request.Visit, order *revocation.Order) error {
	subject, err := p.Revocations.Person(v.Context(), *order)
	if err != nil {
		return err
	}
	order.Known, order.Follow = &subject, true
	if genesys.ProblemOf(subject.Unknown) != genesys.NotFound || order.Check() != nil {
		return nil
	}
	return p.Pace.Use(v)
}

// revokeWithSteps revokes and takes the next steps that were ticked, in one go.
func (p *Room) revokeWithSteps(v *request.Visit) error {
	subject, err := p.lookUpForForm(v)
	if err != nil {
		return err
	}
	if subject.ID == v.Session.Person.ID {
		return p.Redirect(v, respond.PersonPath(subject.ID)+"/revoke")
	}
	own, _ := playbook.Find(playbook.Own)
	steps := own.Pick(append(v.Request.PostForm[request.Ticked], string(playbook.Tokens)))
	order := playbook.Order{Order: p.order(v, subject.ID), Book: own, Steps: steps}
	order.Known = &subject
	wrong, problem := p.check(v, order, "Nothing was revoked.")
	if len(wrong) == 0 && problem == nil {
		if problem, err = p.run(v, order); problem == nil {
			return err
		}
	}
	page := p.revokePage(v, subject)
	page.Why.Errors, page.Steps.Errors, page.Protected.Error = wrong, wrong, wrong["email"]
	if page.Problem = p.AboveForm(v, problem); problem != nil {
		page.Unknown = ""
	}
	return p.showForm(v, formStatus(wrong, problem), page)
}

// order is the revocation that the form of v asks for.
func (p *Room) order(v *request.Visit, id genesys.UserID) revocation.Order {
	e := request.Entry(v, audit.Revoke)
	return revocation.Order{
		Region: e.Region, Token: v.Session.AccessToken, Actor: e.Actor, Organization: e.Organization,
		Subject: id, Chosen: p.Reasons.Chosen(v.Field("chosen")), Reason: v.Field("reason"), Ticket: v.Field("ticket"),
		RequestID: e.RequestID, Address: e.Address, Typed: v.Field("email"),
	}
}

// tell answers with what came of a revocation.
func (p *Room) tell(v *request.Visit, report revocation.Report) error {
	result := report.Act.Result
	switch {
	case errors.Is(result.Err, genesys.ErrUnauthorized):
		return respond.TellProblem(report.Act, respond.Explain(result.Err, v.Now()))
	case result.Err != nil:
		problem := respond.TellProblem(report.Act, revokeProblem(v, report))
		v.Log().Warn("a revocation did not succeed", "of", report.Subject.ID.String(), "code", problem.Code,
			"error", result.Err.Error())
		page := p.revokePage(v, report.Subject)
		page.Problem = p.AboveForm(v, problem)
		return p.showForm(v, problem.Status, page)
	case report.Subject.ID == v.Session.Person.ID:
		return p.Farewell(v, session.Farewell{
			Ending: session.SelfRevoked, At: result.At, Region: v.Session.Region, CorrelationID: result.CorrelationID,
			OpenEntry: report.Act.OpenEntry(),
		})
	}
	const confirmed = "Genesys Cloud confirmed (%d). It may take some seconds until every application notices."
	return p.RedirectWith(v, respond.PersonPath(report.Subject.ID)+origin(v).query(), respond.Tell(report.Act, session.Notice{
		Tone:          session.Good,
		Title:         "All tokens of " + shortened(respond.DisplayName(report.Subject.User)) + " are revoked",
		Text:          fmt.Sprintf(confirmed, result.Status),
		CorrelationID: result.CorrelationID,
	}))
}

// revokeProblem says what came of a revocation that did not succeed: whether
// the tokens live on, or that nobody knows.
func revokeProblem(v *request.Visit, report revocation.Report) *respond.Problem {
	result := report.Act.Result
	name := respond.DisplayName(report.Subject.User)
	p := respond.Explain(result.Err, v.Now())
	switch {
	case result.Outcome == audit.Unknown:
		unknown := respond.Refuse(respond.RevocationUnknown)
		unknown.Meaning = fmt.Sprintf(unknown.Meaning, name)
		return unknown.Because(p)
	case p.Code == respond.NotFound:
		missing := respond.Refuse(respond.PersonUnknown)
		missing.CorrelationID, missing.Cause = p.CorrelationID, result.Err
		return missing
	}
	p.Title = "The tokens were not revoked: " + lowerFirst(p.Title)
	p.Meaning += " " + name + "’s tokens are as they were."
	return p
}
