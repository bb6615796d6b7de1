package respond

import (
	"errors"
	"fmt"

	"tokenconsole/handlers/request"
	"tokenconsole/internal/comeback"
	"tokenconsole/internal/revocation"
	"tokenconsole/views"
)

// NearRevocation is when a token was issued that may have outlived a revocation.
const NearRevocation = "within a second of the revocation"

// WatchRow is what is known about somebody since their tokens were revoked, as every
// page shows it to the person of v.
func (a *Responder) WatchRow(v *request.Visit, p comeback.Person) views.WatchRow {
	e, now := p.Revoked, v.Now()
	row := views.WatchRow{
		Name: PartyName(p.Who), Email: p.Who.Email, Href: PersonPath(p.ID),
		Revoked: views.MomentOf(e.At, now), By: PartyName(e.Actor), Entry: fmt.Sprintf("/audit/%d", e.Seq),
		Reason: e.Reason, Ticket: e.Ticket, Issued: views.MomentOf(p.Token.Issued, now), Address: p.Token.Address,
		Checked: p.Checked, Oneself: p.Oneself(), Unknown: p.IsUnknown(), ClearURL: "/watch/" + p.ID.String() + "/clear",
	}
	switch id := p.Token.ClientID; {
	case id == "":
	case id == a.ClientID:
		row.Client = "this console"
	default:
		row.Client = id
	}
	if p.IsBack() {
		row.After = "Came back " + views.Span(p.After()) + " later"
		if !revocation.IsSure(p.After()) {
			row.Perhaps = true
			row.After = "Perhaps back: a token was issued " + NearRevocation
		}
	}
	if !p.Checked && !p.Token.ReadAt.Before(p.Times.Settled) {
		row.ReadAt = views.MomentOf(p.Token.ReadAt, now)
	}
	if p.IsCleared() {
		row.Cleared, row.Word, row.ClearedBy = views.MomentOf(p.Cleared.At, now), p.Cleared.Reason, PartyName(p.Cleared.Actor)
	}
	if err := p.Clearable(v.Session.Person.ID.String()); err != nil {
		row.ClearURL, row.Own = "", p.CameBack()
	}
	return row
}

// Unclearable is the problem of a return that cannot be cleared, nil if err is about
// something else.
func Unclearable(err error) *Problem {
	for reason, code := range map[error]Code{
		comeback.ErrNotWatched: NotWatched, comeback.ErrOwnReturn: OwnReturn, comeback.ErrNoReturn: NoReturn,
		comeback.ErrCleared: ReturnCleared, comeback.ErrChanged: ReturnChanged,
	} {
		if errors.Is(err, reason) {
			return Refuse(code)
		}
	}
	return nil
}
