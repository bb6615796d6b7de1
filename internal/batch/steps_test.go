package batch_test

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/batch"
	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
	"tokenconsole/internal/emulator"
	"tokenconsole/internal/playbook"
	"tokenconsole/internal/revocation"
)

// withSteps starts a batch that takes these steps of a playbook, or those that it has ticked beforehand.
func (f *fixture) withSteps(by batch.By, people []batch.Person, book string, steps ...string) batch.Batch {
	f.Helper()
	b := must[batch.Batch](f)(f.Prepare(f.Context(), by, rule, people))
	if b.Counts.Yourself > 0 {
		b = must[batch.Batch](f)(f.IncludeYourself(f.Context(), by, b.ID, true))
	}
	if found, _ := playbook.Find(book); len(steps) == 0 {
		for _, s := range found.Steps {
			steps = append(steps, string(s))
		}
	}
	b = must[batch.Batch](f)(f.ChooseSteps(f.Context(), by, b.ID, book, steps))
	form := batch.Form{Reason: "They left", Count: b.Counts.ToRevoke, Typed: b.Types(), Plan: b.Hash}
	return must[batch.Batch](f)(f.Start(f.Context(), by, b.ID, form))
}

// told are the outcomes on the record about each person of a batch, in their order.
func (f *fixture) told(by batch.By, id string) map[string][]string {
	f.Helper()
	told := map[string][]string{}
	for _, e := range f.entries(by, id) {
		if e.Outcome != audit.Asked && e.Subject.ID != "" && e.Action != audit.ReadEvidence {
			told[e.Subject.ID] = append(told[e.Subject.ID], fmt.Sprint(e.Action, " ", e.Outcome))
		}
	}
	return told
}

var stepCalls = map[*regexp.Regexp]playbook.Step{
	regexp.MustCompile(`^PATCH /api/v2/users/([^/?]+)$`):                            playbook.Deactivate,
	regexp.MustCompile(`^PUT /api/v2/users/([^/?]+)/routingstatus$`):                playbook.OffQueue,
	regexp.MustCompile(`^PATCH /api/v2/users/([^/?]+)/presences/purecloud$`):        playbook.Offline,
	regexp.MustCompile(`^DELETE /api/v2/users/([^/?]+)/station/associatedstation$`): playbook.Station,
}

// stepsCalled counts the calls for steps that the platform got, by person and step.
func (p platform) stepsCalled() map[string]int {
	p.t.Helper()
	var requests []struct{ Method, Path string }
	p.send("GET", "/emulator/requests", nil, &requests)
	called := map[string]int{}
	for _, r := range requests {
		for pattern, step := range stepCalls {
			if m := pattern.FindStringSubmatch(r.Method + " " + r.Path); m != nil {
				called[m[1]+" "+string(step)]++
			}
		}
	}
	return called
}

// checkSteps holds the steps in the rows of a batch against the record and the platform's journal, as checkRecord does
// the tokens.
func (f *fixture) checkSteps(by batch.By, id string) {
	f.Helper()
	f.checkRecord(by, id, nil)
	asked, interrupted, done, outcomes := map[string]int{}, map[string]int{}, map[string]int{}, map[int64]audit.Entry{}
	for _, e := range f.entries(by, id) {
		step, ok := playbook.StepOf(e.Action)
		key := e.Subject.ID + " " + string(step)
		switch {
		case !ok || step == playbook.Tokens:
		case e.Outcome == audit.Asked:
			if asked[key]++; e.Open || done[key] > 0 {
				f.Errorf("entry %d: open %t, done before %d", e.Seq, e.Open, done[key])
			}
		default:
			outcomes[e.Seq] = e
			if e.Outcome == audit.Done {
				done[key]++
			}
			switch e.Problem {
			case batch.Interrupted, "platform-away", playbook.AlreadyInactive: // maybe or surely without a call
				interrupted[key]++
			}
		}
	}
	called := f.stepsCalled()
	for _, p := range f.rows(by, id) {
		for _, s := range p.Steps {
			key := p.ID.String() + " " + string(s.Step)
			made := called[key]
			if s.Step == playbook.Factors {
				made = asked[key] // any number of calls, one for each
			}
			if s.Tries != asked[key] || made > asked[key] || made < asked[key]-interrupted[key] {
				f.Errorf("%s %s: %d tries, asked %d times on the record, %d of them perhaps without a call, %d calls", p.Email, s.Step, s.Tries, asked[key], interrupted[key], made)
			}
			if s.Run == batch.Revoked && outcomes[s.Entry].Outcome != audit.Done || s.Run == batch.Waiting {
				f.Errorf("%s %s: %s, and entry %d says %+v", p.Email, s.Step, s.Run, s.Entry, outcomes[s.Entry])
			}
		}
	}
}

// agents are people of the demo who are in no interaction, however often their state is read.
func (f *fixture) agents(n int) []batch.Person {
	f.Helper()
	people := f.everybody()[:n]
	for _, p := range people {
		f.idle(p)
	}
	f.send("DELETE", "/emulator/requests", nil, nil)
	return people
}

// idle takes somebody out of their interaction.
func (f *fixture) idle(p batch.Person) {
	f.Helper()
	f.send("PUT", "/api/v2/users/"+p.ID.String()+"/routingstatus", map[string]string{"status": "IDLE"}, nil, f.token(admin))
}

// Each step of a playbook is taken about each person of a batch in the playbook's order, on the record, and none on
// whoever acts: with their tokens alone.
func TestSteps(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"left":         {"deactivate done", "revoke done", "free-station done"},
		"compromised":  {"deactivate done", "revoke done", "delete-factors done", "free-station done"},
		"end-of-shift": {"take-off-queue done", "set-offline done", "free-station done", "revoke done"},
		"lost-phone":   {"revoke done"},
	}
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		f := newFixture(t, db, newPlatform(t, emulator.Options{}))
		f.carriedOut()
		for book, want := range tests {
			by := f.by(admin)
			people := f.agents(14)
			b := f.withSteps(by, append(people, self(by)), book)
			b = f.until(by, b.ID, batch.Done, batch.DoneWithFailures, batch.Paused)
			if b.State != batch.Done || b.Counts.Undone > 0 && book == "lost-phone" {
				t.Errorf("%s: %s %s: %+v", book, b.State, b.Problem, b.Counts)
			}
			f.checkSteps(by, b.ID)
			told := f.told(by, b.ID)
			for _, p := range people {
				if diff := cmp.Diff(want, told[p.ID.String()]); diff != "" {
					t.Errorf("%s, %s: %s", book, p.Email, diff)
				}
			}
			if diff := cmp.Diff([]string{"revoke done"}, told[by.Person.ID]); diff != "" {
				t.Errorf("%s, oneself: %s", book, diff)
			}
			for _, p := range f.rows(by, b.ID) {
				for _, s := range p.Steps {
					if oneself := p.ID.String() == by.Person.ID; oneself != (s.Run == batch.Skipped && s.Problem == batch.Oneself) || !oneself && s.Status/100 != 2 {
						t.Errorf("%s: %+v", p.Email, s)
					}
				}
			}
			if b.Playbook == "left" {
				for _, p := range people { // for the next ones
					f.send("PATCH", "/api/v2/users/"+p.ID.String(), map[string]any{"state": "active", "version": f.version(p)}, nil, f.token(admin))
				}
			}
		}
	})
}

func (f *fixture) version(p batch.Person) int {
	f.Helper()
	var u struct{ Version int }
	f.send("GET", "/api/v2/users/"+p.ID.String(), nil, &u, f.token(admin))
	return u.Version
}

// Steps that do not work fail nothing and stop nothing: what passes by itself is tried again, what is refused is not.
func TestStepFaults(t *testing.T) {
	t.Parallel()
	const people = 12
	const station, patch = "DELETE /api/v2/users/", "PATCH /api/v2/users/"
	tests := map[string]struct {
		fault  emulator.Fault
		step   playbook.Step
		run    batch.Run
		tries  int // of each person; 0 where they differ
		undone int
	}{
		"refused":           {emulator.Fault{Match: station, Status: 403}, playbook.Station, batch.Failed, 1, people},
		"fails for good":    {emulator.Fault{Match: station, Status: 503}, playbook.Station, batch.Unknown, 4, people},
		"fails for a while": {emulator.Fault{Match: station, Status: 503, Times: 5}, playbook.Station, batch.Revoked, 0, 0},
		"is too much":       {emulator.Fault{Match: station, Status: 429, RetryAfter: 1, Times: 2}, playbook.Station, batch.Revoked, 0, 0},
		"breaks off":        {emulator.Fault{Match: patch, Reset: true, Times: 4}, playbook.Deactivate, batch.Revoked, 0, 0},
		"times out":         {emulator.Fault{Match: patch, Delay: "5s", Times: 2}, playbook.Deactivate, batch.Revoked, 0, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, databasetest.Open(t, databasetest.SQLite(t)), newPlatform(t, emulator.Options{}))
			f.carriedOut()
			by, who := f.by(admin), f.agents(people)
			f.fault(test.fault)
			b := f.withSteps(by, who, "left")
			b = f.until(by, b.ID, batch.Done, batch.DoneWithFailures, batch.Paused)
			if b.State != batch.Done || b.Counts.Done != people || b.Counts.Undone != test.undone {
				t.Errorf("%s %s: %+v", b.State, b.Problem, b.Counts)
			}
			f.checkSteps(by, b.ID)
			for _, p := range f.rows(by, b.ID) {
				for _, s := range p.Steps {
					if s.Step == test.step && (s.Run != test.run || test.tries > 0 && s.Tries != test.tries) || s.Step != test.step && s.Run != batch.Revoked {
						t.Errorf("%s: %+v", p.Email, s)
					}
				}
				if p.Tries != 1 {
					t.Errorf("%s: the tokens were asked about %d times", p.Email, p.Tries)
				}
			}
			if _, n, err := f.People(t.Context(), by.Organization.ID, b.ID, batch.PeopleFilter{Undone: true}, 0, 1); err != nil || n != test.undone {
				t.Errorf("the filter shows %d: %v", n, err)
			}
		})
	}
}

// A worker is killed between the steps of people, again and again: what the record has as done is not done again, and
// what it has as asked is asked once more.
func TestKilledBetweenSteps(t *testing.T) {
	t.Parallel()
	databasetest.EachURL(t, func(t *testing.T, url string) {
		f := newFixture(t, databasetest.Open(t, url), newPlatform(t, emulator.Options{}))
		by, people := f.by(admin), f.agents(40)
		f.fault(emulator.Fault{Match: "PATCH /api/v2/users/", Delay: "60ms"})
		f.fault(emulator.Fault{Match: "DELETE /api/v2/", Delay: "60ms"})
		b := f.withSteps(by, people, "left", "deactivate", "station", "offline")
		for _, settled := range []int{4, 16, 28} {
			p := f.worker(url)
			f.atLeast(by, b.ID, settled)
			p.kill()
		}
		f.worker(url)
		b = f.until(by, b.ID, batch.Done, batch.DoneWithFailures, batch.Paused)
		if b.State != batch.Done || b.Counts.Undone > 0 {
			t.Errorf("%s %s: %+v", b.State, b.Problem, b.Counts)
		}
		f.checkSteps(by, b.ID)
		f.isWhole()
	})
}

// Whoever is in an interaction when their turn comes is left alone by the end of a shift, and the record says so; another
// playbook does not ask.
func TestStepsSpareBusy(t *testing.T) {
	t.Parallel()
	f := newFixture(t, databasetest.Open(t, databasetest.SQLite(t)), newPlatform(t, emulator.Options{}))
	by, people := f.by(admin), f.everybody()[:4]
	for _, p := range people[1:] { // the first one is in an interaction
		f.idle(p)
	}
	busy := people[0].ID.String()
	f.send("DELETE", "/emulator/requests", nil, nil)
	b := f.withSteps(by, people, "end-of-shift")
	b, _ = f.worked(by, b.ID)
	if b.State != batch.Done || b.Counts.Done != 3 || b.Counts.Skipped != 1 || b.Counts.Failed > 0 {
		t.Errorf("%s: %+v", b.State, b.Counts)
	}
	if n := f.deletions()[busy] + f.stepsCalled()[busy+" offqueue"]; n > 0 {
		t.Errorf("%d calls about who is in an interaction", n)
	}
	if diff := cmp.Diff([]string{"revoke refused"}, f.told(by, b.ID)[busy]); diff != "" {
		t.Error(diff)
	}
	if p := f.rows(by, b.ID)[0]; p.Run != batch.Skipped || p.Problem != playbook.Busy || p.Steps[0].Run != batch.Skipped || p.Steps[0].Problem != playbook.Busy {
		t.Errorf("%+v", p)
	}
	again := must[batch.Batch](t)(f.Retry(t.Context(), by, b.ID))
	if again.Counts.ToRevoke != 1 || again.Playbook != "end-of-shift" || len(again.Steps) != 4 {
		t.Errorf("tried again: %+v %v", again.Counts, again.Steps)
	}
}

// A row that says that somebody was begun with, or that their tokens are revoked already, is not believed where the record
// knows nothing of it: who is in an interaction is spared, and everybody else loses their tokens in their turn.
func TestTamperedRowsDoNotUnspareBusy(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]string{
		"tokens":  "tokens = 'done'",
		"unclear": "unclear = 1",
		"steps":   `steps = '[{"step":"offqueue","run":"waiting","tries":1},{"step":"offline","run":"done","tries":1},{"step":"station","run":"waiting"}]'`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, databasetest.Open(t, databasetest.SQLite(t)), newPlatform(t, emulator.Options{}))
			by, people := f.by(admin), f.everybody()[:4]
			for _, p := range people[1:] { // the first one is in an interaction
				f.idle(p)
			}
			f.send("DELETE", "/emulator/requests", nil, nil)
			b := f.withSteps(by, people, "end-of-shift")
			f.tamper("UPDATE batch_people SET "+change+" WHERE batch = ? AND position < 3", b.ID)
			b, _ = f.worked(by, b.ID)
			if busy := people[0].ID.String(); f.deletions()[busy]+f.stepsCalled()[busy+" offqueue"] > 0 {
				t.Error("who is in an interaction was not spared")
			}
			if b.State != batch.Done || b.Counts.Done != 3 || b.Counts.Skipped != 1 {
				t.Errorf("%s: %+v", b.State, b.Counts)
			}
		})
	}
}

// Whoever could not be looked up at first is still asked about before anything is done: they are spared if they turn out
// to be in an interaction.
func TestStepsSpareBusyAfterFailedLookUp(t *testing.T) {
	t.Parallel()
	f := newFixture(t, databasetest.Open(t, databasetest.SQLite(t)), newPlatform(t, emulator.Options{}))
	by, people := f.by(admin), f.everybody()[:1] // in an interaction
	busy := people[0].ID.String()
	f.send("DELETE", "/emulator/requests", nil, nil)
	f.fault(emulator.Fault{Match: "GET /api/v2/users/" + busy, Status: 503, Times: 1})
	b := f.withSteps(by, people, "end-of-shift")
	b, _ = f.worked(by, b.ID)
	if n := f.deletions()[busy] + f.stepsCalled()[busy+" offqueue"]; n > 0 || b.Counts.Skipped != 1 {
		t.Errorf("%d calls about who is in an interaction: %s %+v", n, b.State, b.Counts)
	}
	if diff := cmp.Diff([]string{"revoke failed", "revoke refused"}, f.told(by, b.ID)[busy]); diff != "" {
		t.Error(diff)
	}
}

// Deactivating many takes more than their number, and nobody starts steps that they did not see.
func TestStepsAreTyped(t *testing.T) {
	t.Parallel()
	f := newFixture(t, databasetest.Open(t, databasetest.SQLite(t)), newPlatform(t, emulator.Options{}))
	by := f.by(admin)
	b := must[batch.Batch](t)(f.Prepare(t.Context(), by, rule, f.agents(3)))
	seen := b.Hash
	if _, err := f.ChooseSteps(t.Context(), by, b.ID, "no-such", nil); !errors.Is(err, batch.ErrSteps) {
		t.Errorf("a playbook that is none: %v", err)
	}
	b = must[batch.Batch](t)(f.ChooseSteps(t.Context(), by, b.ID, "left", []string{"station", "deactivate", "rm -rf"}))
	if diff := cmp.Diff([]playbook.Step{playbook.Deactivate, playbook.Tokens, playbook.Station}, b.Steps); diff != "" || b.Hash == seen {
		t.Errorf("%s; the hash is %s as before", diff, b.Hash)
	}
	form := batch.Form{Reason: "They left", Count: 3}
	for typed, want := range map[string]error{"": batch.ErrTyped, "3": batch.ErrTyped, "deactivate 4": batch.ErrTyped, "deactivate": batch.ErrTyped} {
		form.Typed = typed
		if _, err := f.Start(t.Context(), by, b.ID, form); !errors.Is(err, want) {
			t.Errorf("with %q typed: %v", typed, err)
		}
	}
	form.Typed, form.Plan = " Deactivate  3", seen
	if _, err := f.Start(t.Context(), by, b.ID, form); !errors.Is(err, batch.ErrState) {
		t.Errorf("by somebody who saw it without steps: %v", err)
	}
	form.Plan = b.Hash
	must[batch.Batch](t)(f.Start(t.Context(), by, b.ID, form))
	if _, err := f.ChooseSteps(t.Context(), by, b.ID, "left", nil); !errors.Is(err, batch.ErrState) {
		t.Errorf("changed after the start: %v", err)
	}
	for _, e := range f.entries(by, b.ID) {
		if e.Action == audit.ChangeBatch && (e.Playbook != "left" || e.Steps != "deactivate tokens station" || e.Plan != b.Hash) {
			t.Errorf("entry %d says %s: %s of %s", e.Seq, e.Playbook, e.Steps, e.Plan)
		}
	}
}

// Steps that somebody writes into the database are not taken, and those that they take out are not left out.
func TestTamperedSteps(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]string{
		"another step":     "UPDATE batches SET steps = 'deactivate tokens station' WHERE id = ?",
		"one less":         "UPDATE batches SET steps = 'tokens' WHERE id = ?",
		"none":             "UPDATE batches SET steps = '', playbook = '' WHERE id = ?",
		"another playbook": "UPDATE batches SET playbook = 'end-of-shift' WHERE id = ?",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, databasetest.Open(t, databasetest.SQLite(t)), newPlatform(t, emulator.Options{}))
			by, people := f.by(admin), f.agents(3)
			b := f.withSteps(by, people, "left", "station")
			f.tamper(change, b.ID)
			b, n := f.worked(by, b.ID)
			if called := f.stepsCalled(); n+len(called) > 0 || b.State != batch.Paused || b.Problem != batch.RowDiffers {
				t.Errorf("%d revoked, %v, %s %s", n, called, b.State, b.Problem)
			}
			prepared := must[batch.Batch](t)(f.Prepare(t.Context(), by, rule, people))
			prepared = must[batch.Batch](t)(f.ChooseSteps(t.Context(), by, prepared.ID, "left", []string{"station"}))
			f.tamper(change, prepared.ID)
			if _, err := f.Start(t.Context(), by, prepared.ID, batch.Form{Reason: "x", Count: 3, Typed: "deactivate 3"}); !errors.Is(err, batch.ErrPlan) {
				t.Errorf("it starts: %v", err)
			}
		})
	}
}

// A step that a row says is done, skipped or not there at all, and that never was asked for, is taken all the same.
func TestTamperedStepOutcomes(t *testing.T) {
	t.Parallel()
	for name, steps := range map[string]string{
		"done":    `[{"step":"deactivate","run":"done","tries":1},{"step":"station","run":"done","tries":1}]`,
		"failed":  `[{"step":"deactivate","run":"failed"},{"step":"station","run":"unknown"}]`,
		"skipped": `[{"step":"deactivate","run":"skipped","problem":"oneself"},{"step":"station","run":"skipped","problem":"in-interaction"}]`,
		"others":  `[{"step":"offline","run":"waiting"},{"step":"offqueue","run":"waiting"}]`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, databasetest.Open(t, databasetest.SQLite(t)), newPlatform(t, emulator.Options{}))
			by, people := f.by(admin), f.agents(3)
			b := f.withSteps(by, people, "left")
			f.tamper("UPDATE batch_people SET steps = ? WHERE batch = ? AND position = 2", steps, b.ID)
			b, _ = f.worked(by, b.ID)
			called := f.stepsCalled()
			for _, s := range []string{"deactivate", "station"} {
				if n := called[people[1].ID.String()+" "+s]; n != 1 || b.State != batch.Done {
					t.Errorf("%s: %d calls for %s", b.State, n, s)
				}
			}
			if n := called[people[1].ID.String()+" offline"]; n > 0 {
				t.Errorf("%d calls for a step that nobody chose", n)
			}
			f.checkSteps(by, b.ID)
		})
	}
}

// A protected person gets no step, whatever is on their row: whether the batch knows the address that protects them, or
// the platform says it when their turn comes.
func TestStepsSpareProtected(t *testing.T) {
	t.Parallel()
	for name, known := range map[string]string{"known": "", "by another address": "old@demo.example"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, databasetest.Open(t, databasetest.SQLite(t)), newPlatform(t, emulator.Options{}))
			by, people := f.by(admin), f.agents(3)
			protected := revocation.NewProtected([]string{people[1].Email})
			if known != "" {
				people[1].Email = known
			}
			b := f.withSteps(by, people, "left")
			later := newFixture(t, f.db, f.platform, func(o *batch.Options) { o.Revocations.Protected = protected })
			b, n := later.worked(by, b.ID)
			if n != 2 || b.State != batch.DoneWithFailures || b.Counts.Failed != 1 {
				t.Errorf("%d were revoked, %s: %+v", n, b.State, b.Counts)
			}
			if diff := cmp.Diff([]string{"revoke refused"}, f.told(by, b.ID)[people[1].ID.String()]); diff != "" {
				t.Error(diff)
			}
			if called := f.stepsCalled(); called[people[1].ID.String()+" deactivate"] > 0 || called[people[0].ID.String()+" deactivate"] != 1 {
				t.Errorf("the platform was asked for %v", called)
			}
		})
	}
}

// A batch with steps whose token dies between two of them goes on with the rest for whoever resumes it.
func TestStepsWithDeadToken(t *testing.T) {
	t.Parallel()
	f := newFixture(t, databasetest.Open(t, databasetest.SQLite(t)), newPlatform(t, emulator.Options{}))
	f.carriedOut()
	f.fault(emulator.Fault{Match: http.MethodDelete + " /api/v2/users/", Delay: "50ms"})
	by, people := f.by(admin), f.agents(20)
	b := f.withSteps(by, people, "left")
	f.atLeast(by, b.ID, 5)
	f.send("DELETE", "/api/v2/tokens/"+by.Person.ID, nil, nil, f.token(supervisor))
	b = f.until(by, b.ID, batch.Done, batch.DoneWithFailures, batch.Paused)
	if b.State != batch.Paused || b.Problem != "token-invalid" {
		t.Errorf("%s %s: %+v", b.State, b.Problem, b.Counts)
	}
	again := f.by(admin)
	must[batch.Batch](t)(f.Resume(t.Context(), again, b.ID))
	b = f.until(by, b.ID, batch.Done, batch.DoneWithFailures, batch.Paused)
	if b.State != batch.Done || b.Counts.Undone > 0 {
		t.Errorf("%s %s: %+v", b.State, b.Problem, b.Counts)
	}
}
