package people

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/playbook"
	"tokenconsole/views"
)

// ShowSheet says step by step what came of a playbook, what could not be done and
// who can, and what is still to be done elsewhere. It is read from the record.
func (p *Room) ShowSheet(v *request.Visit) error {
	id, err := genesys.ParseUserID(v.Request.PathValue("id"))
	if err != nil {
		return err
	}
	seq, err := strconv.ParseInt(v.Request.PathValue("seq"), 10, 64)
	if err != nil || seq < 1 {
		return audit.ErrNotFound
	}
	sheet, err := playbook.Read(v.Context(), p.Log, v.Session.Organization.ID, seq)
	if err != nil && !errors.Is(err, audit.ErrNotFound) {
		return respond.Unread(err)
	}
	if err != nil || sheet.Asked.Subject.ID != id.String() || sheet.Asked.Playbook != v.Request.PathValue("name") {
		return audit.ErrNotFound
	}
	if sheet.Asked.Subject, err = p.Comebacks.Called(v.Context(), v.Session.Organization.ID, sheet.Asked.Subject); err != nil {
		return respond.Unread(err)
	}
	page := p.sheet(v, sheet, id)
	page.Shell = p.Shell(v, page.Title+": "+page.Name)
	return p.Page(v, http.StatusOK, views.PlaybookResult(page))
}

func (p *Room) sheet(v *request.Visit, s playbook.Sheet, id genesys.UserID) views.PlaybookSheet {
	words, e := respond.Book(s.Asked.Playbook), s.Asked
	page := views.PlaybookSheet{
		Title: words.Title, Name: respond.PartyName(e.Subject), Elsewhere: words.Elsewhere,
		Person: respond.PersonPath(id), Entry: fmt.Sprintf("/audit/%d", e.Seq),
		Facts: respond.Filled([]views.Fact{
			{Label: "On whom", Value: respond.PartyName(e.Subject), Hint: e.Subject.Email},
			{Label: "User id", Value: e.Subject.ID},
			{Label: "By", Value: respond.PartyName(e.Actor), Hint: e.Actor.Email},
			{Label: "Reason", Value: e.Reason},
			{Label: "Ticket", Value: e.Ticket},
			{Label: "Asked", Value: views.InText(e.At, v.Now())},
			{Label: "Entry on the record", Value: strconv.FormatInt(e.Seq, 10)},
		}),
	}
	again := url.Values{}
	for _, step := range s.Steps {
		row := p.sheetRow(v, s, step)
		page.Rows = append(page.Rows, row)
		if step.Outcome.Outcome == audit.Done {
			continue
		}
		page.Undone = append(page.Undone, undone(s, step, row))
		again.Add("steps", string(step.Step))
	}
	if len(again) > 0 && s.Outcome.Seq != 0 {
		page.Again = playbookPath(id, s.Asked.Playbook) + "?" + again.Encode()
	}
	page.Summary, page.Tone = summary(s, len(page.Undone))
	if step, ok := s.Find(playbook.Tokens); ok && step.Outcome.Outcome == audit.Done {
		until := step.Outcome.At.Add(p.Comebacks.For)
		page.Watched = "They are watched until " + views.InText(until, v.Now()) + ": a new token shows under Came back."
	}
	return page
}

// sheetRow is one step as the sheet shows it.
func (p *Room) sheetRow(v *request.Visit, s playbook.Sheet, step playbook.SheetStep) views.SheetRow {
	row := views.SheetRow{Label: respond.StepLabel(step.Step), What: whatCame(step, s)}
	e := step.Outcome
	if e.Seq == 0 {
		e = step.Asked
	}
	if e.Seq != 0 {
		row.Outcome, row.At, row.CorrelationID = string(e.Outcome), views.MomentOf(e.At, v.Now()), e.CorrelationID
		row.Entry = strconv.FormatInt(e.Act(), 10)
		row.Href = "/audit/" + row.Entry
	}
	return row
}

// summary says in one sentence what came of it all.
func summary(s playbook.Sheet, undone int) (text, tone string) {
	switch {
	case s.Outcome.Problem == playbook.Busy:
		return "Skipped: they are in an interaction. Nothing was done.", "warning"
	case s.Outcome.Seq == 0 && s.Asked.Open:
		return "It is under way, or was cut off: its outcome is not on the record.", "warning"
	case undone == 0:
		return "Everything is done. Genesys Cloud confirmed each step.", "good"
	case undone < len(s.Steps):
		return fmt.Sprintf("%d of %d steps are done.", len(s.Steps)-undone, len(s.Steps)), "warning"
	case slices.ContainsFunc(s.Steps, playbook.SheetStep.MayBeDone):
		return "No step is confirmed.", "warning"
	}
	return "Nothing could be done.", "bad"
}
