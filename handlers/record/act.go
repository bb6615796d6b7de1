package record

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/audit"
	"tokenconsole/views"
)

// ShowAct shows one act as a time line, with its entries and its proof.
func (r *Room) ShowAct(v *request.Visit) error {
	seq, entries, err := r.act(v)
	if err != nil {
		return err
	}
	p := actPage(audit.Act{Entries: entries}, v.Now())
	switch receipt, err := r.receipt(v, seq); {
	case err == nil:
		p.Proof, p.Receipt = proofInWords(receipt), fmt.Sprintf("/audit/%d/receipt", seq)
	case !errors.Is(err, audit.ErrNotFound):
		return err
	}
	p.Shell = r.Shell(v, fmt.Sprintf("Entry %d", seq))
	return r.Page(v, http.StatusOK, views.Act(p))
}

// act returns the entries of the act that the path of v names by one of them,
// as far as the person of v may see them.
func (r *Room) act(v *request.Visit) (int64, []audit.Entry, error) {
	seq, err := number(v)
	if err != nil {
		return 0, nil, err
	}
	organization := v.Session.Organization.ID
	var entries []audit.Entry
	if mayReadAll(v) {
		entries, err = r.Log.Act(v.Context(), organization, seq)
	} else {
		entries, err = r.Log.OwnAct(v.Context(), organization, v.Session.Person.ID.String(), seq)
	}
	if err != nil && !errors.Is(err, audit.ErrNotFound) {
		err = respond.Unread(err)
	}
	return seq, entries, err
}

// actPage says what the entries of an act tell, oldest first.
func actPage(act audit.Act, now time.Time) views.ActPage {
	first := act.First()
	p := views.ActPage{
		Title: respond.ActionNames[first.Action], Row: respond.Row(first, now),
		Facts: respond.Filled([]views.Fact{
			{Label: "Who", Value: respond.ActorName(first), Hint: first.Actor.Email},
			{Label: "Person", Value: respond.PartyName(first.Subject), Hint: first.Subject.Email},
			{Label: "OAuth client", Value: first.Client.Name, Hint: first.Client.ID},
			{Label: "Reason", Value: first.Reason},
			{Label: "Ticket", Value: first.Ticket},
			{Label: "Batch", Value: first.Batch},
			{Label: "Region", Value: first.Region},
			{Label: "Address", Value: first.Address},
			{Label: "Request id", Value: first.RequestID},
		}),
		Open: first.Open,
	}
	for _, e := range act.Entries {
		p.Steps = append(p.Steps, step(e, now))
	}
	p.Row.Outcome = string(act.Last().Outcome)
	return p
}

// step is one entry of an act on its time line.
func step(e audit.Entry, now time.Time) views.Step {
	s := views.Step{Row: respond.Row(e, now)}
	switch {
	case e.Outcome == audit.Asked:
		s.Title = "Asked"
		if before := e.Evidence.TokenIssuedBefore; !before.IsZero() {
			s.Facts = append(s.Facts, views.Fact{Label: "Last token issued before", Value: views.InText(before, now)})
		}
	case e.Action == audit.ReadEvidence:
		s.Title, s.Row.Detail = "Evidence read again", ""
		s.Facts = evidenceFacts(e.Evidence, now)
	case e.Action == audit.ClearWatch:
		s.Title = "Return dealt with"
		s.Facts = append(s.Facts, views.Fact{Label: "Of the token issued", Value: orNotTold(e.Evidence.TokenIssuedAfter, now)})
	default:
		s.Title = "Answered: " + string(e.Outcome)
		if e.PlatformStatus != 0 {
			s.Facts = append(s.Facts, views.Fact{Label: "Platform’s status", Value: strconv.Itoa(e.PlatformStatus)})
		}
		s.CorrelationID = e.CorrelationID
	}
	return s
}

func evidenceFacts(e audit.Evidence, now time.Time) []views.Fact {
	before, after := e.TokenIssuedBefore, e.TokenIssuedAfter
	facts := []views.Fact{{Label: "Last token issued before", Value: orNotTold(before, now)}}
	switch {
	case after.IsZero():
		facts = append(facts, views.Fact{Label: "Last token issued then", Value: "Not reported"})
	case after.Equal(before):
		facts = append(facts, views.Fact{Label: "Last token issued then", Value: "The same: no new token"})
	default:
		facts = append(facts, views.Fact{Label: "Last token issued then", Value: views.InText(after, now)})
	}
	return facts
}

func orNotTold(t, now time.Time) string {
	if t.IsZero() {
		return "Not reported"
	}
	return views.InText(t, now)
}

// number is the entry that the path of v names, in the one way to write it.
func number(v *request.Visit) (int64, error) {
	text := v.Request.PathValue("seq")
	seq, err := strconv.ParseInt(text, 10, 64)
	if err != nil || seq < 1 || strconv.FormatInt(seq, 10) != text {
		return 0, audit.ErrNotFound
	}
	return seq, nil
}

// receipt is the receipt of the act that entry seq belongs to. Whom an act only
// concerned gets none: it would tell more than that it happened.
func (r *Room) receipt(v *request.Visit, seq int64) (receipt audit.Receipt, err error) {
	organization := v.Session.Organization.ID
	if mayReadAll(v) {
		receipt, err = r.Log.Receipt(v.Context(), organization, seq)
	} else {
		receipt, err = r.Log.OwnReceipt(v.Context(), organization, v.Session.Person.ID.String(), seq)
	}
	if err != nil && !errors.Is(err, audit.ErrNotFound) {
		err = respond.Unread(err)
	}
	return receipt, err
}

// ShowReceipt downloads the receipt of an act: its entries, the proof that they
// are part of the record, and the signed checkpoint that this is held against.
func (r *Room) ShowReceipt(v *request.Visit) error {
	seq, err := number(v)
	if err != nil {
		return err
	}
	receipt, err := r.receipt(v, seq)
	if err != nil {
		return err
	}
	content, err := receipt.JSON()
	if err != nil {
		return err
	}
	h := v.Writer.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="receipt-%d.json"`, seq))
	_, _ = v.Writer.Write(content)
	return nil
}

// ShowCheckpoint gives the current signed checkpoint as text.
func (r *Room) ShowCheckpoint(v *request.Visit) error {
	checkpoint, err := r.Log.Checkpoint(v.Context())
	switch {
	case errors.Is(err, audit.ErrNotFound): // nothing is signed yet
		return err
	case err != nil:
		return respond.Unread(err)
	}
	v.Writer.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = v.Writer.Write([]byte(checkpoint))
	return nil
}
