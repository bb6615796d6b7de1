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

// steps are the fields that tick steps about subject, in an order that is not that of taking them. For a protected person what is typed is for every step.
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
	if subject.Unknown != nil {
		s.TypedHint = "Only for that step. Their email address is not known, as they could not be looked up."
	}
	if p.Revocations.Protected.Asks(subject) != "" {
		s.AskEmail = "To take any step, type their " + what
		s.TypedHint = "This account is protected by the settings of this console, as one that other things hang on."
	}
	for i := range s.List {
		if s.List[i].Name == string(playbook.Deactivate) && (u.State == genesys.UserInactive || u.State == genesys.UserDeleted) {
			s.List[i].Impact += " They are " + u.State + " already: then nothing is asked for."
		}
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

// lookUpForForm is lookUp for a form that was sent. An answer about somebody else is one more look-up that failed: it
// must not cost what was typed.
func (p *Room) lookUpForForm(v *request.Visit) (revocation.Subject, error) {
	subject, err := p.lookUp(v)
	if id, wrong := genesys.ParseUserID(v.Request.PathValue("id")); wrong == nil && errors.Is(err, genesys.ErrAnotherUser) {
		return revocation.Subject{User: genesys.User{ID: id}, Unknown: err}, nil
	}
	return subject, err
}

// check says by field what is wrong with the form that asks for o, and whether the look-up of its person, o.Known,
// failed where it is needed. Nothing says in words that nothing was done.
func (p *Room) check(v *request.Visit, o playbook.Order, nothing string) (wrong map[string]string, problem *respond.Problem) {
	wrong = map[string]string{}
	if form, ok := errors.AsType[*revocation.FormError](o.Check()); ok {
		wrong = respond.FormErrors(form, nothing)
	}
	if len(o.Steps) == 0 {
		wrong["steps"] = "Tick at least one step. " + nothing
	}
	subject := *o.Known
	protected := p.Revocations.Protected.Spares(o.Order, subject)
	what, text := typed(subject.User)
	untyped := slices.Contains(o.Steps, playbook.Deactivate) && !strings.EqualFold(v.Field("email"), text)
	switch {
	case subject.Unknown != nil:
		return wrong, unseen(v, o, protected, untyped, nothing)
	case protected:
		wrong["email"] = "This account is protected: type " + p.Revocations.Protected.Asks(subject) + " to go on all the same. " + nothing
	case untyped:
		wrong["email"] = fmt.Sprintf("Type the %s as it stands above, or leave them active. %s", what, nothing)
	}
	return wrong, nil
}

// unseen is the problem of a form about somebody who could not be looked up; nil if it can be done all the same.
// Protected says that they may be, and untyped that their email address had to be typed: whoever types their id needs
// no look-up.
func unseen(v *request.Visit, o playbook.Order, protected, untyped bool, nothing string) *respond.Problem {
	another := errors.Is(o.Known.Unknown, genesys.ErrAnotherUser)
	why := ""
	switch {
	case o.Book.SparesBusy:
		why = " So nobody can tell whether they are in an interaction."
	case protected:
		why = " So nobody can tell whether this account is protected."
	case untyped:
		why = " So what you typed could not be checked."
	case !another:
		return nil
	}
	problem := respond.Explain(o.Known.Unknown, v.Now())
	problem.Title = "They could not be looked up: " + lowerFirst(problem.Title)
	problem.Meaning += why + " " + nothing
	problem.Next = "What you filled in is still here: send it again. " + problem.Next
	if !another && !o.Book.SparesBusy {
		problem.Next += " Or type their user id: that needs no look-up."
	}
	return problem
}

// formStatus is the status of a form that is shown again, or for the first time.
func formStatus(wrong map[string]string, problem *respond.Problem) int {
	switch {
	case problem != nil:
		return problem.Status
	case len(wrong) > 0:
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}
