package handlers_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/batch"
	"tokenconsole/internal/emulator"
)

// chosen puts the steps of a playbook that are ticked beforehand into the plan at path, as its page offers them.
func (b *browser) chosen(path, book string) *answer {
	b.t.Helper()
	form := url.Values{"playbook": {book}}
	for _, box := range b.get(path + "?playbook=" + book).want(http.StatusOK).page().Find(".batch-steps input[name=steps][checked]").EachIter() {
		form.Add("steps", box.AttrOr("value", ""))
	}
	b.post(path+"/steps", form).wantTo(path)
	return b.get(path).want(http.StatusOK)
}

// works carries out the batches of c until the test ends.
func (c *console) works() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { c.handler.Batches().Run(ctx); close(done) }()
	c.t.Cleanup(func() { cancel(); <-done })
}

// ended waits until a batch is over or paused, and returns its page.
func (b *browser) ended(path string) *answer {
	b.t.Helper()
	limit := time.Now().Add(30 * time.Second)
	for {
		a := b.get(path).want(http.StatusOK)
		if state := squeezed(a.page().Find(".batch-head .badge").First().Text()); !strings.Contains("Running Waiting for approval", state) || time.Now().After(limit) {
			return a
		}
	}
}

// told are the lines about each step of each person of a batch, as its page shows them.
func (a *answer) told() (lines []string) {
	for _, row := range a.page().Find("#people .person-steps li").EachIter() {
		lines = append(lines, squeezed(strings.TrimSuffix(squeezed(row.Text()), squeezed(row.Find("a").Text()))))
	}
	return lines
}

// A playbook is run about many: its steps are in the plan with what they take, what nobody can undo is said and typed,
// and the page, the files and the sheet say what came of each.
func TestPlaybookOfABatch(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.works()
	b := c.signedIn(admin)
	plan := b.prepared(list("vera.eriksson@demo.example", "chloe.petrov@demo.example"))
	path := plan.batchPath()
	if n := plan.page().Find("#deactivate, .steps-told").Length(); n > 0 || plan.page().Find(".batch-steps[open]").Length() > 0 {
		t.Error("a plan of tokens alone asks for more")
	}
	offered := b.get(path+"?playbook=left").wantText("They do not come back", "lose all of their roles", "at the identity provider")
	if n := offered.page().Find(".batch-steps[open] .step").Length(); n != 5 {
		t.Errorf("%d steps are offered", n)
	}
	page := b.chosen(path, "left").wantText("2 people cannot sign in to anything any more", "nobody can undo this", "type: deactivate 2")
	var order []string
	for _, li := range page.page().Find(".start .steps-told li").EachIter() {
		order = append(order, squeezed(li.Text()))
	}
	if diff := cmp.Diff([]string{"Deactivate the person", "Revoke all tokens", "Free the station"}, order); diff != "" {
		t.Error(diff)
	}
	form := url.Values{"reason": {"They left"}, "count": {"2"}, "plan": {page.page().Find("input[name=plan]").AttrOr("value", "")}}
	again := b.post(path+"/start", form).want(http.StatusUnprocessableEntity).page()
	if marked := again.Find("[aria-invalid=true]"); marked.AttrOr("name", "") != "deactivate" || marked.Length() != 1 {
		t.Errorf("%d fields are marked", marked.Length())
	}
	c.wantAsked(0, "PATCH ")
	c.disturb(emulator.Fault{Match: "DELETE /api/v2/users/", Status: 403, Body: json.RawMessage(`{"status":403,
		"code":"missing.any.permissions","message":"Unable to perform the requested action. You are missing telephony:station:disassociate"}`)})
	form.Set("deactivate", "deactivate 2")
	b.post(path+"/start", form).wantTo(path)
	done := b.ended(path).wantText("Everybody to be revoked has lost their tokens. For 2 people a step was not done", "Still to be done elsewhere")
	want := slices.Repeat([]string{"Deactivate the person: done", "Free the station: failed missing permission telephony:station:disassociate"}, 2)
	if diff := cmp.Diff(want, done.told()); diff != "" {
		t.Error(diff)
	}
	if n := len(b.get(path + "?show=undone").told()); n != 4 {
		t.Errorf("%d lines of whom a step was not done", n)
	}
	if is := c.now("vera.eriksson@demo.example"); !strings.HasPrefix(is, "inactive") {
		t.Errorf("she is %s", is)
	}
	b.get(path+"/sheet").want(http.StatusOK).wantText("Free the station: failed", "Still to be done elsewhere",
		"2 people: failed. Whoever’s token the batch ran with may not do that.", "Somebody whose role has telephony:station:disassociate can")
	b.wantStepsInFiles(path)
}

// wantStepsInFiles holds that both files about the batch at path say that everybody is deactivated and has their station.
func (b *browser) wantStepsInFiles(path string) {
	b.t.Helper()
	var report struct {
		Playbook string
		Steps    []string
		Counts   batch.Counts
		People   []struct {
			State string
			Steps []struct {
				Step, State, Problem, Permission, At, CorrelationID string
				Status, Tries                                       int
				Entry                                               int64
			}
		}
	}
	if err := json.Unmarshal([]byte(b.get(path+"/report.json").want(http.StatusOK).body), &report); err != nil {
		b.t.Fatal(err)
	}
	if report.Playbook != "left" || strings.Join(report.Steps, " ") != "deactivate tokens station" || report.Counts.Undone != 2 || len(report.People) != 2 {
		b.t.Errorf("%+v", report)
	}
	for _, p := range report.People {
		if len(p.Steps) != 2 || p.State != "done" {
			b.t.Fatalf("%+v", p)
		}
		first, last := p.Steps[0], p.Steps[1]
		if first.Step != "deactivate" || first.State != "done" || first.Status != 200 || first.Entry == 0 || first.CorrelationID == "" || first.At == "" {
			b.t.Errorf("%+v", first)
		}
		if last.Step != "station" || last.State != "failed" || last.Status != 403 || last.Permission != "telephony:station:disassociate" || last.Tries != 1 {
			b.t.Errorf("%+v", last)
		}
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.get(path+"/report.csv").want(http.StatusOK).body, "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 3 {
		b.t.Fatalf("%v, %d rows", err, len(rows))
	}
	cell := func(row []string, name string) string { return row[slices.Index(rows[0], name)] }
	for _, row := range rows[1:] {
		if cell(row, "deactivate") != "done" || cell(row, "station") != "failed" || cell(row, "station_problem") != "permission-missing" || cell(row, "station_entry") == "" {
			b.t.Errorf("%q", row)
		}
	}
}

// Who approves a batch sees its steps, and what nobody can undo.
func TestApproverSeesTheSteps(t *testing.T) {
	t.Parallel()
	c := newConsole(t, withBatches(batch.Policy{ApprovalOver: 1, ApprovalWithin: time.Hour}))
	c.works()
	b := c.signedIn(admin)
	path := b.prepared(list("vera.eriksson@demo.example", "chloe.petrov@demo.example")).batchPath()
	b.chosen(path, "left")
	form := url.Values{"reason": {"They left"}, "count": {"2"}, "deactivate": {"deactivate 2"}}
	b.post(path+"/start", form).wantTo(path)
	b.get(path).wantText("Waiting for a second person", "Deactivate the person")
	other := c.signedIn(supervisor)
	page := other.get(path).wantText("Left the company: about each person, in this order", "lose all of their roles")
	if n := page.page().Find(".batch-steps").Length(); n > 0 {
		t.Error("the steps can still be chosen")
	}
	b.post(path+"/steps", url.Values{"playbook": {"steps"}}).wantProblem(http.StatusConflict, "batch-moved")
	other.post(path+"/approve", url.Values{"reason": {"Agreed"}}).wantTo(path)
	if diff := cmp.Diff(slices.Repeat([]string{"Deactivate the person: done", "Free the station: done"}, 2), b.ended(path).told()); diff != "" {
		t.Error(diff)
	}
}

// At the end of a shift whoever is in an interaction when their turn comes is skipped, and the report says so; the steps
// stay in the plan for another try, or are taken out.
func TestEndOfShiftOfABatch(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.works()
	b := c.signedIn(admin)
	c.onBreak("vera.eriksson@demo.example")
	path := b.prepared(list(agent, "vera.eriksson@demo.example")).batchPath()
	page := b.chosen(path, "end-of-shift").wantText("Who still is when their turn comes is skipped", "Set presence to Offline")
	if page.page().Find("#deactivate").Length() > 0 {
		t.Error("nobody is deactivated, and that is asked for")
	}
	b.post(path+"/start", url.Values{"reason": {"Late shift"}, "count": {"2"}}).wantTo(path)
	done := b.ended(path).wantText("They are in an interaction")
	notTaken := "not taken They are in an interaction"
	want := []string{
		"Take off queue: " + notTaken, "Set presence to Offline: " + notTaken, "Free the station: " + notTaken,
		"Take off queue: done", "Set presence to Offline: done", "Free the station: done",
	}
	if diff := cmp.Diff(want, done.told()); diff != "" {
		t.Error(diff)
	}
	if is := c.now("vera.eriksson@demo.example"); is != "active, Offline, OFF_QUEUE, no station" {
		t.Errorf("she is %s", is)
	}
	if is := c.now(agent); !strings.HasPrefix(is, "active, On Queue, INTERACTING") {
		t.Errorf("who is in an interaction is %s", is)
	}
	b.get(path + "/sheet").want(http.StatusOK).wantText("Revoke all tokens1 person: not taken. They are in an interaction.")
	again := b.post(path+"/retry", nil).wantTo("/batches/").location()
	b.get(again).want(http.StatusOK).wantText("End of shift: take off queue")
	b.post(again+"/steps", url.Values{"playbook": {"steps"}}).wantTo(again)
	if n := b.get(again).page().Find(".steps-told").Length(); n > 0 {
		t.Error("the steps are still in the plan")
	}
}

// Steps that nobody knows, or of playbooks that do not exist, are in no plan.
func TestStepsOfABatchThatAreRefused(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	path := b.prepared(list(agent)).batchPath()
	b.post(path+"/steps", url.Values{"playbook": {"nuke"}, "steps": {"station"}}).wantProblem(http.StatusNotFound, "page-unknown")
	b.get(path + "?playbook=nuke").want(http.StatusOK)
	b.post(path+"/steps", url.Values{"playbook": {"steps"}, "steps": {"everything"}}).wantTo(path)
	if n := b.get(path).page().Find(".steps-told").Length(); n > 0 {
		t.Error("there are steps in the plan")
	}
	page := c.signedIn(supervisor).get(path + "?playbook=steps").want(http.StatusOK)
	var needs []string
	for _, step := range page.page().Find(".batch-steps .step").EachIter() {
		needs = append(needs, squeezed(step.Find("p.hint > span > span").First().Text()))
	}
	if diff := cmp.Diff([]string{"missing", "missing", "not knowable", "missing", "missing"}, needs); diff != "" {
		t.Error(diff)
	}
}
