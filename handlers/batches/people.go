package batches

import (
	"strconv"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/batch"
	"tokenconsole/internal/directory"
	"tokenconsole/views"
)

// people is the part of the people of b that v asks for.
func (r *Room) people(v *request.Visit, b batch.Batch, proof batch.Proof) (views.BatchPeople, error) {
	query := v.Request.URL.Query()
	text := query.Get("q")
	one := shownBy(b, query.Get("show"))
	filter := one.filter
	filter.Text = text
	after, _ := strconv.Atoi(query.Get("after"))
	people, total, err := r.Batches.People(v.Context(), b.Organization.ID, b.ID, filter, max(after, 0), perPage+1)
	if err != nil {
		return views.BatchPeople{}, told(err)
	}
	page := views.BatchPeople{
		Path: respond.BatchPath(b.ID), Show: one.name, Text: text, MaxText: directory.MaxText, Total: total, Outcomes: ran(b),
		Tabs: tabs(b, proof, one, text),
	}
	if b.State == batch.Running {
		page.AsOf = views.MomentOf(v.Now(), v.Now())
	}
	if b.State == batch.Prepared {
		page.ChooseOne = page.Path + "/choose"
	}
	if after > 0 {
		page.First = at(b.ID, one, text, 0)
	}
	if len(people) > perPage {
		people = people[:perPage]
		page.Next = at(b.ID, one, text, people[perPage-1].Position)
	}
	for _, p := range people {
		row := personRow(v, p)
		page.Given = page.Given || row.Input != ""
		page.Rows = append(page.Rows, row)
	}
	return page, nil
}

// personRow is p as a row.
func personRow(v *request.Visit, p batch.Person) views.BatchPerson {
	now := v.Now()
	row := views.BatchPerson{
		Position: p.Position, Name: nameOf(p), Email: p.Email, Line: p.Line, Input: p.Input,
		Plan: views.BatchState{Kind: string(p.Plan), Label: planNames[p.Plan]}, Busy: busyName(p.Busy), Administrator: p.Administrator,
		Outcome: string(p.Run), OutcomeLabel: runNames[p.Run], At: views.MomentOf(p.At, now),
		CorrelationID: p.CorrelationID, Tries: p.Tries, Before: views.MomentOf(p.TokenBefore, now),
		After: views.MomentOf(p.TokenAfter, now), CameBack: views.MomentOf(p.CameBackAt(), now), PerhapsBack: p.IsPerhapsBack(),
		AfterKnown: !p.EvidenceAt.IsZero(), Steps: stepRows(p),
	}
	if p.Plan != batch.ToRevoke && p.Plan != batch.Ambiguous {
		row.Why = leftOutWhy[p.Plan]
	}
	if p.Problem != "" {
		row.Problem = respond.ProblemTitle(p.Problem)
	}
	if !p.ID.IsZero() {
		row.ID, row.Href = p.ID.String(), respond.PersonPath(p.ID)
		if row.Input == row.ID && p.Line == 0 {
			row.Input = "" // nobody wrote it
		}
	}
	if p.Entry > 0 {
		row.Entry = strconv.FormatInt(p.Entry, 10)
	}
	for _, c := range p.Candidates {
		row.Candidates = append(row.Candidates, candidateRow(c))
	}
	return row
}

func candidateRow(c batch.Candidate) views.CandidateRow {
	row := views.CandidateRow{ID: c.ID.String(), Name: c.Name, Detail: c.Email}
	if c.Department != "" {
		row.Detail += " · " + c.Department
	}
	if c.Inactive {
		row.Detail += " · inactive"
	}
	if c.Administrator {
		row.Detail += " · administrator"
	}
	return row
}

// nameOf is the name of p, or what there is instead of one.
func nameOf(p batch.Person) string {
	switch {
	case p.Name != "":
		return p.Name
	case !p.ID.IsZero():
		return p.ID.String()
	case p.Plan == batch.Ambiguous:
		return "Who is meant?"
	}
	return "Nobody"
}
