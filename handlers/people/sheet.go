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
	named := v.Request.PathValue("seq")
	seq, err := strconv.ParseInt(named, 10, 64)
	if err != nil || seq < 1 || strconv.FormatInt(seq, 10) != named { // a sheet has one address
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
	words := respond.Book(s.Asked.Playbook)
	page := views.PlaybookSheet{
		Title: words.Title, Name: respond.PartyName(s.Asked.Subject), Elsewhere: words.Elsewhere,
		Person: respond.PersonPath(id), Entry: fmt.Sprintf("/audit/%d", s.Asked.Seq), Facts: sheetFacts(v, s.Asked),
	}
	again := url.Values{}
	for _, step := range s.Steps {
		row := p.sheetRow(v, s, step)
		page.Rows = append(page.Rows, row)
		if step.Outcome.Outcome == audit.Done {
			continue
		}
		page.Undone = append(page.Undone, undone(s, step, row))
		again.Add(request.Ticked, string(step.Step))
	}
	for _, step := range s.LeftOut() {
		page.LeftOut = append(page.LeftOut, views.Undone{Label: respond.StepLabel(step), Why: "It was not ticked.", Who: respond.WhatItTakes(step)})
	}
	if len(again) > 0 && s.Outcome.Seq != 0 {
		page.Again = playbookPath(id, s.Asked.Playbook) + "?" + again.Encode()
	}
	page.Summary, page.Tone = summary(s)
	if step, ok := s.Find(playbook.Tokens); ok && step.Outcome.Outcome == audit.Done {
		until := step.Outcome.At.Add(p.Comebacks.For)
		page.Watched = "They are watched until " + views.InText(until, v.Now()) + ": a new token shows under Came back."
	}
	return page
}

// sheetFacts say who asked for a playbook, for which person, when and why.
func sheetFacts(v *request.Visit, e audit.Entry) []views.Fact {
	return respond.Filled([]views.Fact{
		{Label: "Person", Value: respond.PartyName(e.Subject), Hint: e.Subject.Email},
		{Label: "User id", Value: e.Subject.ID},
		{Label: "By", Value: respond.PartyName(e.Actor), Hint: e.Actor.Email},
		{Label: "Reason", Value: e.Reason},
		{Label: "Ticket", Value: e.Ticket},
		{Label: "Asked", Value: views.InText(e.At, v.Now())},
		{Label: "Entry on the record", Value: strconv.FormatInt(e.Seq, 10)},
	})
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

// summary says what came of it all: what is done, what is not, and what was left out.
func summary(s playbook.Sheet) (text, tone string) {
	done, needless := 0, false
	for _, step := range s.Steps {
		if step.Outcome.Outcome == audit.Done {
			done++
			needless = needless || step.Outcome.Problem != ""
		}
	}
	left := ""
	if n := len(s.LeftOut()); n > 0 {
		left = fmt.Sprintf(" %s of this playbook %s left out.", steps(n), wasWere(n))
	}
	switch all := len(s.Steps); {
	case s.Outcome.Problem == playbook.Busy:
		return "Skipped: they are in an interaction. Nothing was done.", "warning"
	case s.Outcome.Seq == 0 && s.Asked.Open:
		return "It is under way, or was cut off: its outcome is not on the record.", "warning"
	case done == all && left != "":
		return "What was ticked is done: " + steps(done) + "." + left, "good"
	case done == all && needless:
		return "Everything is done. Of some of it there was nothing to do.", "good"
	case done == all:
		return "Everything is done. Genesys Cloud confirmed it.", "good"
	case done > 0:
		return fmt.Sprintf("%d of %s done, %d not.%s", done, steps(all), all-done, left), "warning"
	case slices.ContainsFunc(s.Steps, playbook.SheetStep.MayBeDone):
		return "No step is confirmed." + left, "warning"
	}
	return "Nothing could be done." + left, "bad"
}

func steps(n int) string {
	if n == 1 {
		return "1 step"
	}
	return strconv.Itoa(n) + " steps"
}

func wasWere(n int) string {
	if n == 1 {
		return "was"
	}
	return "were"
}
