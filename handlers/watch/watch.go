// Package watch is the page about people who came back: who got a new token after
// their tokens were revoked, and what was done about it.
package watch

import (
	"fmt"
	"net/http"
	"time"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/comeback"
	"tokenconsole/internal/genesys"
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
	board, err := r.Comebacks.Board(v.Context(), v.Session.Organization.ID)
	if err != nil {
		return respond.Unread(err)
	}
	reading, err := r.Comebacks.Read(v.Context(), v.Session.Region, v.Session.AccessToken, board)
	if err != nil {
		return respond.Unread(err)
	}
	p := views.WatchPage{For: views.Period(r.Comebacks.For), Every: views.Span(comeback.ReadEvery)}
	if !reading.Asked || reading.Failed != nil {
		if err := r.prove(v, reading.Failed); err != nil {
			return err
		}
	}
	if reading.Failed != nil {
		p.Problem = r.unread(v, reading, len(board.People))
	}
	if reading.Asked {
		if board, err = r.Comebacks.Renew(v.Context(), board); err != nil {
			return respond.Unread(err)
		}
	}
	p.Board = r.board(board.People, v)
	if len(board.People) > 0 {
		p.LiveURL = fmt.Sprintf("/watch/live?look=%d", v.Now().Unix())
	}
	p.Shell = r.Shell(v, "Who came back")
	return r.Page(v, http.StatusOK, views.Watch(p))
}

// unread says about how many of people the platform could not be asked, and why.
func (r *Room) unread(v *request.Visit, reading comeback.Reading, people int) string {
	why := respond.Explain(reading.Failed, v.Now())
	v.Log().Info("the evidence could not be read", "code", why.Code, "people", reading.Missed,
		"error", reading.Failed.Error())
	whom := ""
	if reading.Missed < people {
		whom = fmt.Sprintf(" about %d of these %d people", reading.Missed, people)
	}
	return "Genesys Cloud could not be asked" + whom + " this time. " + why.Title + ". " + why.Next
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
	covered := r.Live.Covers(v.Session.ID, board.People)
	return r.Page(v, http.StatusOK, views.WatchAgain(r.board(board.People, v), covered, len(board.People)))
}

// board is the list as the page shows it.
func (r *Room) board(people []comeback.Person, v *request.Visit) views.Board {
	var b views.Board
	var readAt time.Time // of what was read the longest time ago
	for _, p := range people {
		row := r.WatchRow(v, p)
		switch {
		case p.CameBack():
			b.Back = append(b.Back, row)
		case !p.IsBack() && !p.Checked:
			b.Unchecked = append(b.Unchecked, row)
		case !p.IsBack():
			b.Waiting = append(b.Waiting, row)
		case p.Oneself():
			b.Meant = append(b.Meant, row)
		default:
			b.Cleared = append(b.Cleared, row)
		}
		if p.Checked && (readAt.IsZero() || p.Token.ReadAt.Before(readAt)) {
			readAt = p.Token.ReadAt
		}
	}
	if len(people) == comeback.MostWatched {
		b.Most = len(people)
	}
	b.ReadAt = views.MomentOf(readAt, v.Now())
	return b
}
