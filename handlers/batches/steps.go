package batches

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/batch"
	"tokenconsole/internal/playbook"
	"tokenconsole/views"
)

// ChooseSteps says what a prepared batch does about each person besides revoking their tokens.
func (r *Room) ChooseSteps(v *request.Visit) error {
	return r.act(v, "", func(ctx context.Context, by batch.By, id string) (batch.Batch, error) {
		return r.Batches.ChooseSteps(ctx, by, id, v.Field("playbook"), v.Request.PostForm[request.Ticked])
	})
}

// stepsForm offers the steps of the playbook that the address of v names, or of those in the plan b.
func stepsForm(v *request.Visit, b batch.Batch) *views.BatchSteps {
	name := v.Request.URL.Query().Get("playbook")
	book, named := playbook.Find(name)
	ticked := respond.Tickable(book.Steps, v.Session.Person)
	if !named || name == b.Playbook {
		book, ticked = b.Book(), b.Steps
	}
	if book.Name == "" {
		book, _ = playbook.Find(playbook.Own)
	}
	if tried, ok := playbook.Find(v.Field("playbook")); ok { // shown again
		book, named, ticked = tried, true, playbook.Parse(strings.Join(v.Request.PostForm[request.Ticked], " "))
	}
	words := respond.Book(book.Name)
	all := slices.DeleteFunc(book.All(), func(s playbook.Step) bool { return s == playbook.Tokens })
	form := &views.BatchSteps{
		Action: respond.BatchPath(b.ID) + "/steps", Book: book.Name, Lead: words.Lead, Elsewhere: words.Elsewhere,
		Chosen: respond.StepsInWords(b.Playbook, b.Steps), Open: named,
		Steps: views.Steps{Legend: "Steps", Ordered: true, List: respond.StepChoices(all, ticked, v.Session.Person)},
	}
	own, _ := playbook.Find(playbook.Own)
	for _, one := range append(playbook.Books(), own) {
		form.Books = append(form.Books, views.FilterTab{
			Label: respond.Book(one.Name).Title, Href: respond.BatchPath(b.ID) + "?playbook=" + one.Name, Current: one.Name == book.Name,
		})
	}
	return form
}

// stepsTold says what b does about each person.
func stepsTold(b batch.Batch) views.StepsTold {
	told := views.StepsTold{Title: respond.Book(b.Playbook).Title, Spares: b.Book().SparesBusy}
	for _, s := range b.Steps {
		told.Labels = append(told.Labels, respond.StepLabel(s))
	}
	if b.Types() != "" {
		told.Loud = fmt.Sprintf("%s cannot sign in to anything any more, and lose all of their roles. Activating them again does not bring the roles back: "+
			"nobody can undo this.", views.People(b.Counts.ToRevoke))
	}
	return told
}

// stepNames are what came of steps.
var stepNames = map[batch.Run]string{
	batch.Waiting: "waiting", batch.Revoked: "done", batch.Failed: "failed", batch.Unknown: "unknown", batch.Skipped: "not taken",
}

// stateOf is what came of a step about p: nothing more does once p is settled.
func stateOf(p batch.Person, s batch.StepRun) batch.Run {
	if s.Run == batch.Waiting && p.Run != batch.Waiting && p.Run != batch.Asked {
		return batch.Skipped
	}
	return s.Run
}

func stepRows(p batch.Person) []views.PersonStep {
	var rows []views.PersonStep
	for _, s := range p.Steps {
		state := stateOf(p, s)
		row := views.PersonStep{Label: respond.StepLabel(s.Step), Outcome: string(state), OutcomeLabel: stepNames[state], Entry: number(int(s.Entry))}
		switch {
		case s.Permission != "":
			row.Problem = "missing permission " + s.Permission
		case s.Problem != "":
			row.Problem = respond.ProblemTitle(s.Problem)
		}
		rows = append(rows, row)
	}
	return rows
}
