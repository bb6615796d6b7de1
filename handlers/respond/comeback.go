package respond

import (
	"fmt"
	"time"

	"tokenconsole/internal/comeback"
	"tokenconsole/views"
)

// WatchRow is what is known about somebody since their tokens were revoked, as every
// page shows it.
func (a *Responder) WatchRow(p comeback.Person, now time.Time) views.WatchRow {
	e := p.Revoked
	row := views.WatchRow{
		Name: PartyName(e.Subject), Email: e.Subject.Email, Href: PersonPath(p.ID),
		Revoked: views.MomentOf(e.At, now), By: PartyName(e.Actor), Entry: fmt.Sprintf("/audit/%d", e.Seq),
		Reason: e.Reason, Ticket: e.Ticket, Issued: views.MomentOf(p.Token.Issued, now), Address: p.Token.Address,
		Oneself: p.Oneself(), ClearURL: "/watch/" + p.ID.String() + "/clear",
	}
	switch id := p.Token.ClientID; {
	case id == "":
	case id == a.ClientID:
		row.Client = "this console"
	default:
		row.Client = id
	}
	if after := p.After(); after > 0 {
		row.After = "Came back " + views.Span(max(after, time.Second)) + " later"
	}
	if p.IsCleared() {
		row.ClearURL = ""
		row.Cleared, row.Word, row.ClearedBy = views.MomentOf(p.Cleared.At, now), p.Cleared.Reason, PartyName(p.Cleared.Actor)
	}
	return row
}
