package watch

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/audit"
	"tokenconsole/internal/comeback"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/revocation"
	"tokenconsole/session"
	"tokenconsole/views"
)

// person returns whom the path of v names, if there is a return of theirs that the
// person of v may clear.
func (r *Room) person(v *request.Visit) (comeback.Person, error) {
	id, err := genesys.ParseUserID(v.Request.PathValue("id"))
	if err != nil {
		return comeback.Person{}, err
	}
	p, watched, err := r.Comebacks.Of(v.Context(), v.Session.Organization.ID, id, time.Time{})
	switch {
	case err != nil:
		return p, respond.Unread(err)
	case !watched:
		return p, respond.Refuse(respond.NotWatched)
	}
	if err := p.Clearable(v.Session.Person.ID.String()); err != nil {
		return p, respond.Unclearable(err)
	}
	return p, nil
}

// ConfirmClear asks what was done about somebody who came back.
func (r *Room) ConfirmClear(v *request.Visit) error {
	p, err := r.person(v)
	if err != nil {
		return err
	}
	return r.showForm(v, http.StatusOK, p, nil, nil)
}

// showForm shows the form for the return of p. What is wrong with the words stands
// beside them, and why nothing was cleared above all.
func (r *Room) showForm(
	v *request.Visit, status int, p comeback.Person, wrong map[string]string, failed *respond.Problem,
) error {
	shown := p.Return()
	page := views.ClearWatchPage{
		Row:     r.WatchRow(v, p),
		Revoked: strconv.FormatInt(shown.Revoked, 10), Issued: strconv.FormatInt(shown.Issued.UnixMilli(), 10),
		Reason: v.Field("reason"), Errors: wrong, MaxReason: revocation.MaxReason, Problem: r.AboveForm(v, failed),
	}
	page.Shell = r.Shell(v, "Clear "+page.Row.Name)
	return r.Page(v, status, views.ClearWatch(page))
}

// Clear puts on the record that somebody's return is dealt with: the one that the
// form was shown for, and no other.
func (r *Room) Clear(v *request.Visit) error {
	p, err := r.person(v)
	if err != nil {
		return err
	}
	if form, ok := revocation.Check(v.Field("reason"), "").(*revocation.FormError); ok {
		return r.showForm(v, http.StatusUnprocessableEntity, p, respond.FormErrors(form, "Nothing was cleared."), nil)
	}
	e := request.Entry(v, audit.ClearWatch)
	e.Subject, e.Reason = p.Who, v.Field("reason")
	err = r.Comebacks.Clear(v.Context(), e, shownReturn(v))
	switch problem := respond.Unclearable(err); {
	case err == nil:
		done := session.Notice{Tone: session.Good, Title: "Cleared: " + respond.PartyName(e.Subject)}
		return r.RedirectWith(v, "/watch", done)
	case errors.Is(err, comeback.ErrChanged):
		return r.showForm(v, problem.Status, p, nil, problem)
	case problem != nil:
		return problem
	}
	return err
}

// shownReturn is the return that the form of v was shown for; none that there is, if
// the form does not say.
func shownReturn(v *request.Visit) comeback.Return {
	revoked, _ := strconv.ParseInt(v.Field("revoked"), 10, 64)
	issued, _ := strconv.ParseInt(v.Field("issued"), 10, 64)
	return comeback.Return{Revoked: revoked, Issued: time.UnixMilli(issued).UTC()}
}
