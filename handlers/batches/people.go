package batches

import (
	"net/url"
	"slices"
	"strconv"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/batch"
	"tokenconsole/views"
)

// people is the part of the people of b that v asks for.
func (r *Room) people(v *request.Visit, b batch.Batch) (views.BatchPeople, error) {
	query := v.Request.URL.Query()
	filter := batch.PeopleFilter{
		Plan: known(batch.Plans(), query.Get("plan")), Run: known(batch.Runs(), query.Get("run")), Text: query.Get("q"),
	}
	after, _ := strconv.Atoi(query.Get("after"))
	people, total, err := r.Batches.People(v.Context(), b.Organization.ID, b.ID, filter, max(after, 0), perPage+1)
	if err != nil {
		return views.BatchPeople{}, told(err)
	}
	page := views.BatchPeople{
		Path: path(b.ID), Text: filter.Text, Filtered: filter != batch.PeopleFilter{}, Total: total,
		Outcomes: !b.StartedAt.IsZero() && b.State != batch.WaitingApproval,
	}
	for _, plan := range batch.Plans() {
		page.Plans = append(page.Plans, views.Choice{Value: string(plan), Label: planNames[plan], Selected: plan == filter.Plan})
	}
	for _, run := range batch.Runs() {
		page.Runs = append(page.Runs, views.Choice{Value: string(run), Label: titled(runNames[run]), Selected: run == filter.Run})
	}
	if b.State == batch.Prepared {
		page.ChooseOne = path(b.ID) + "/choose"
	}
	if after > 0 {
		page.First = at(b.ID, filter, 0)
	}
	if len(people) > perPage {
		people = people[:perPage]
		page.Next = at(b.ID, filter, people[perPage-1].Position)
	}
	for _, p := range people {
		page.Rows = append(page.Rows, personRow(v, p))
	}
	return page, nil
}

// known is value if it is one of values, and else nothing.
func known[T ~string](values []T, value string) T {
	if slices.Contains(values, T(value)) {
		return T(value)
	}
	return ""
}

// at is the part of the people of a batch that follows a position.
func at(id string, f batch.PeopleFilter, after int) string {
	query := url.Values{}
	for name, value := range map[string]string{"plan": string(f.Plan), "run": string(f.Run), "q": f.Text} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if after > 0 {
		query.Set("after", strconv.Itoa(after))
	}
	return path(id) + "?" + query.Encode() + "#people"
}

// personRow is p as a row.
func personRow(v *request.Visit, p batch.Person) views.BatchPerson {
	now := v.Now()
	row := views.BatchPerson{
		Position: p.Position, Name: nameOf(p), Email: p.Email, Line: p.Line, Input: p.Input,
		Plan: views.BatchState{Kind: string(p.Plan), Label: planNames[p.Plan]}, Busy: busyName(p.Busy), Administrator: p.Administrator,
		Outcome: string(p.Run), OutcomeLabel: runNames[p.Run], At: views.MomentOf(p.At, now), Status: p.Status,
		CorrelationID: p.CorrelationID, Tries: p.Tries, Before: views.MomentOf(p.TokenBefore, now),
		After: views.MomentOf(p.TokenAfter, now), CameBack: views.MomentOf(p.CameBackAt(), now), AfterKnown: !p.EvidenceAt.IsZero(),
	}
	if p.Problem != "" {
		row.Problem = respond.ProblemTitle(p.Problem)
	}
	if !p.ID.IsZero() {
		row.ID, row.Href = p.ID.String(), respond.PersonPath(p.ID)
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
		return "Several people"
	}
	return "Nobody"
}
