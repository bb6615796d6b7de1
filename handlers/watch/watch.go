// Package watch is the page about people who came back: who got a new token after
// their tokens were revoked, and what was done about it.
package watch

import (
	"fmt"
	"net/http"
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

// Room holds the page about people who came back.
type Room struct {
	*respond.Responder
	Comebacks *comeback.Service
	Live      *comeback.Live
	Keeper    *request.Keeper
}

// Show lists everybody who is watched, after asking the platform about them if that
// is due. The token of whoever looks is used, and proved alive by it.
func (r *Room) Show(v *request.Visit) error {
	organization := v.Session.Organization.ID
	board, err := r.Comebacks.Board(v.Context(), organization)
	if err != nil {
		return respond.Unread(err)
	}
	asked, err := r.Comebacks.Read(v.Context(), v.Session.Region, v.Session.AccessToken, organization, board)
	p := views.WatchPage{For: views.Period(r.Comebacks.For), Every: views.Span(comeback.ReadEvery)}
	if err != nil || !asked {
		if err := r.prove(v, err); err != nil {
			return err
		}
	}
	if err != nil {
		why := respond.Explain(err, v.Now())
		v.Log.Info("the evidence could not be read", "code", why.Code, "error", err.Error())
		p.Problem = why.Title + ". " + why.Next
	}
	if asked {
		if board, err = r.Comebacks.Renew(v.Context(), organization, board); err != nil {
			return respond.Unread(err)
		}
	}
	p.Board = r.board(board, v)
	if len(board) > 0 {
		p.LiveURL = fmt.Sprintf("/watch/live?look=%d", v.Now().Unix())
	}
	p.Shell = r.Shell(v, "Who came back")
	return r.Page(v, http.StatusOK, views.Watch(p))
}

// prove makes sure that the token of v lives where asking for the evidence did not:
// it was not due, or ended in failed. A dead token opens no page.
func (r *Room) prove(v *request.Visit, failed error) error {
	if genesys.ProblemOf(failed) == genesys.TokenInvalid {
		return failed
	}
	_, err := r.Platform.Client(v.Session.Region).GetTokensMe(v.Context(), v.Session.AccessToken, genesys.PreserveIdle)
	return err
}

// ShowBoard is the list alone, from what is known: what an open page asks for by
// itself.
func (r *Room) ShowBoard(v *request.Visit) error {
	board, err := r.Comebacks.Board(v.Context(), v.Session.Organization.ID)
	if err != nil {
		return respond.Unread(err)
	}
	return r.Page(v, http.StatusOK, views.WatchAgain(r.board(board, v)))
}

// board is the list as the page shows it.
func (r *Room) board(people []comeback.Person, v *request.Visit) views.Board {
	var b views.Board
	var latest time.Time
	for _, p := range people {
		row := r.WatchRow(p, v.Now())
		switch {
		case p.CameBack():
			b.Back = append(b.Back, row)
		case p.IsCleared():
			b.Cleared = append(b.Cleared, row)
		default:
			b.Waiting = append(b.Waiting, row)
		}
		if p.Token.ReadAt.After(latest) {
			latest = p.Token.ReadAt
		}
	}
	if len(people) == comeback.MostWatched {
		b.Most = len(people)
	}
	b.ReadAt = views.MomentOf(latest, v.Now())
	return b
}

// person returns whom the path of v names, if they are watched.
func (r *Room) person(v *request.Visit) (comeback.Person, error) {
	id, err := genesys.ParseUserID(v.Request.PathValue("id"))
	if err != nil {
		return comeback.Person{}, err
	}
	p, ok, err := r.Comebacks.Of(v.Context(), v.Session.Organization.ID, id)
	switch {
	case err != nil:
		return p, respond.Unread(err)
	case !ok:
		return p, respond.Refuse(respond.NotWatched)
	}
	return p, nil
}

// ConfirmClear asks what was done about somebody who came back.
func (r *Room) ConfirmClear(v *request.Visit) error {
	p, err := r.person(v)
	if err != nil {
		return err
	}
	return r.showForm(v, http.StatusOK, p, nil)
}

func (r *Room) showForm(v *request.Visit, status int, p comeback.Person, wrong map[string]string) error {
	page := views.ClearWatchPage{Row: r.WatchRow(p, v.Now()), Reason: v.Field("reason"), Errors: wrong, MaxReason: revocation.MaxReason}
	page.Shell = r.Shell(v, "Clear "+page.Row.Name)
	return r.Page(v, status, views.ClearWatch(page))
}

// Clear puts on the record that somebody's return is dealt with.
func (r *Room) Clear(v *request.Visit) error {
	p, err := r.person(v)
	if err != nil {
		return err
	}
	if form, ok := revocation.Check(v.Field("reason"), "").(*revocation.FormError); ok {
		return r.showForm(v, http.StatusUnprocessableEntity, p, respond.FormErrors(form, "Nothing was cleared."))
	}
	e := request.Entry(v, audit.ClearWatch)
	e.Subject, e.Reason = p.Revoked.Subject, v.Field("reason")
	if err := r.Comebacks.Clear(v.Context(), e); err != nil {
		return err
	}
	return r.RedirectWith(v, "/watch", session.Notice{Tone: session.Good, Title: "Cleared: " + respond.PartyName(e.Subject)})
}
