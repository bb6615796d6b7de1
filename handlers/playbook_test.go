package handlers_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/emulator"
	"tokenconsole/session"
)

// playbookOf is the address of a playbook about somebody.
func (c *console) playbookOf(email, name string) string {
	return "/users/" + c.userID(email) + "/playbooks/" + name
}

// filled is the form of a playbook as its page offers it, with what only a person can
// fill in.
func (b *browser) filled(path, email string) url.Values {
	b.c.t.Helper()
	form := url.Values{"reason": {"a test"}, "email": {email}}
	for _, box := range b.get(path).want(http.StatusOK).page().Find("input[name=steps][checked]").EachIter() {
		form.Add("steps", box.AttrOr("value", ""))
	}
	return form
}

// acted are the acts on the record in their order, each as its action and outcome.
func (c *console) acted() (acts []string) {
	for _, e := range c.entries() {
		if e.Outcome != audit.Asked && e.Action != audit.ReadEvidence {
			acts = append(acts, string(e.Action)+" "+string(e.Outcome))
		}
	}
	return acts
}

// now is what the platform tells about somebody: state, presence, routing, station.
func (c *console) now(email string) string {
	c.t.Helper()
	var u struct {
		State    string `json:"state"`
		Presence struct {
			Definition struct {
				System string `json:"systemPresence"`
			} `json:"presenceDefinition"`
		} `json:"presence"`
		Routing struct {
			Status string `json:"status"`
		} `json:"routingStatus"`
		Station struct {
			Associated *struct{} `json:"associatedStation"`
		} `json:"station"`
	}
	_, content := c.call("GET", "/api/v2/users/"+c.userID(email)+"?expand=presence,routingStatus,station", c.mint(admin), nil)
	if err := json.Unmarshal(content, &u); err != nil {
		c.t.Fatal(err)
	}
	at := "no station"
	if u.Station.Associated != nil {
		at = "station"
	}
	return strings.Join([]string{u.State, u.Presence.Definition.System, u.Routing.Status, at}, ", ")
}

// onBreak takes somebody out of their interaction.
func (c *console) onBreak(email string) {
	c.t.Helper()
	if status, content := c.call("PUT", "/api/v2/users/"+c.userID(email)+"/routingstatus", c.mint(admin), map[string]string{"status": "IDLE"}); status != 200 {
		c.t.Fatalf("%d %s", status, content)
	}
}

// Each playbook takes the steps that it is known for, in the order that leaves
// nothing open, each an act of its own.
func TestPlaybooks(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		acts []string
		now  string
	}{
		"lost-phone":   {[]string{"revoke done", "run-playbook done"}, "active, On Queue, IDLE, station"},
		"left":         {[]string{"deactivate done", "revoke done", "free-station done", "run-playbook done"}, "inactive, On Queue, IDLE, no station"},
		"compromised":  {[]string{"deactivate done", "revoke done", "delete-factors done", "free-station done", "run-playbook done"}, "inactive, On Queue, IDLE, no station"},
		"end-of-shift": {[]string{"take-off-queue done", "set-offline done", "free-station done", "revoke done", "run-playbook done"}, "active, Offline, OFF_QUEUE, no station"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newConsole(t)
			token := c.mint(agent)
			c.onBreak(agent)
			b, path := c.signedIn(admin), c.playbookOf(agent, name)
			sheet := b.follow(b.post(path, b.filled(path, agent)).wantTo(path + "/"))
			sheet.wantTone("good").wantText("Everything is done", "a test", "They are watched until")
			if diff := cmp.Diff(test.acts, c.acted()); diff != "" {
				t.Error(diff)
			}
			if is := c.now(agent); is != test.now {
				t.Errorf("they are %s, want %s", is, test.now)
			}
			if c.lives(token) {
				t.Error("their token lives")
			}
			for _, e := range c.entries() {
				if first := c.entries()[0].Seq; e.Seq != first && e.Within != first && e.Closes != first {
					t.Errorf("entry %d belongs to %d", e.Seq, e.Within)
				}
			}
		})
	}
}

// A step that fails, is refused, breaks off or takes too long stops nothing: the
// others are done, and the sheet says what came of each and who can do it.
func TestPlaybookStepsThatDoNotWork(t *testing.T) {
	t.Parallel()
	const gone = "Nobody"
	for name, test := range map[string]struct {
		fault emulator.Fault
		acts  []string
		texts []string
	}{
		"fails": {faultOf("PATCH /api/v2/users/", 503),
			[]string{"deactivate unknown", "revoke done", "free-station done", "run-playbook unknown"},
			[]string{"not confirmed", "doing it twice does no harm"}},
		"is refused": {faultOf("DELETE /api/v2/users/", 403),
			[]string{"deactivate done", "revoke done", "free-station refused", "run-playbook failed"},
			[]string{"Somebody whose role has telephony:station:disassociate can"}},
		"lacks the scope": {emulator.Fault{Match: "DELETE /api/v2/users/", Status: 403, Body: json.RawMessage(`{"status":403,
			"code":"app.not.authorized.for.scope","message":"App not authorized to use scope users"}`)},
			[]string{"deactivate done", "revoke done", "free-station refused", "run-playbook failed"},
			[]string{"lacks the scope users", "adds it under Admin, Integrations, OAuth"}},
		"breaks off": {emulator.Fault{Match: "DELETE /api/v2/users/", Reset: true},
			[]string{"deactivate done", "revoke done", "free-station unknown", "run-playbook unknown"},
			[]string{"not confirmed"}},
		"times out": {emulator.Fault{Match: "PATCH /api/v2/users/", Delay: "6s"},
			[]string{"deactivate unknown", "revoke done", "free-station done", "run-playbook unknown"},
			[]string{"not confirmed", "took too long"}},
		"was changed meanwhile": {faultOf("PATCH /api/v2/users/", 409),
			[]string{"deactivate refused", "revoke done", "free-station done", "run-playbook failed"},
			[]string{"changed them at the same time"}},
		"finds nobody": {faultOf("DELETE /api/v2/users/", 404),
			[]string{"deactivate done", "revoke done", "free-station refused", "run-playbook failed"},
			[]string{"does not find them any more"}},
		"and the revocation fails": {faultOf("DELETE /api/v2/tokens/", 500),
			[]string{"deactivate done", "revoke unknown", "free-station done", "run-playbook unknown"},
			[]string{"Revoke all tokens"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newConsole(t)
			b, path := c.signedIn(admin), c.playbookOf(agent, "left")
			form := b.filled(path, agent)
			c.disturb(test.fault)
			sheet := b.follow(b.post(path, form).wantTo(path + "/")).wantTone("warning").wantText(test.texts...)
			if diff := cmp.Diff(test.acts, c.acted()); diff != "" {
				t.Error(diff)
			}
			again := sheet.page().Find("a:contains('Try these again')").AttrOr("href", gone)
			c.calm()
			if n := b.get(again).want(http.StatusOK).page().Find("input[name=steps][checked]").Length(); n != 1 {
				t.Errorf("%d steps are ticked to be tried again", n)
			}
		})
	}
}

// Where nobody can tell what came of the only step, the sheet does not say that nothing was done.
func TestSheetOfAnUnknownOutcome(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b, path := c.signedIn(admin), c.playbookOf(agent, "lost-phone")
	form := b.filled(path, agent)
	c.disturb(faultOf("DELETE /api/v2/tokens/", 500))
	b.follow(b.post(path, form).wantTo(path+"/")).wantText("No step is confirmed", "not confirmed").wantNoText("Nothing could be done")
}

// End of shift does nothing about who is in an interaction.
func TestEndOfShiftSkipsWhoIsInAnInteraction(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b, path := c.signedIn(admin), c.playbookOf(agent, "end-of-shift")
	form := b.filled(path, agent)
	c.forget()
	b.follow(b.post(path, form).wantTo(path + "/")).wantText("Skipped: they are in an interaction")
	for _, method := range []string{"DELETE ", "PUT ", "PATCH "} {
		c.wantAsked(0, method)
	}
}

// The sheet says what was done, what was not ticked, and what failed; it counts as people do.
func TestSheetSaysWhatWasLeftOut(t *testing.T) {
	t.Parallel()
	station := faultOf("DELETE /api/v2/users/", 403)
	for name, test := range map[string]struct {
		book    string
		steps   []string
		fault   emulator.Fault
		tone    string
		summary string
		left    []string
	}{
		"nothing":       {"left", []string{"deactivate", "tokens", "station"}, emulator.Fault{}, "good", "Everything is done. Genesys Cloud confirmed it.", nil},
		"one":           {"left", []string{"deactivate", "tokens"}, emulator.Fault{}, "good", "What was ticked is done: 2 steps. 1 step of this playbook was left out.", []string{"Free the station"}},
		"two":           {"left", []string{"tokens"}, emulator.Fault{}, "good", "What was ticked is done: 1 step. 2 steps of this playbook were left out.", []string{"Deactivate the person", "Free the station"}},
		"for another":   {"lost-phone", []string{"station"}, emulator.Fault{}, "good", "What was ticked is done: 1 step. 1 step of this playbook was left out.", []string{"Revoke all tokens"}},
		"more":          {"lost-phone", []string{"tokens", "station"}, emulator.Fault{}, "good", "Everything is done.", nil},
		"own":           {"steps", []string{"station"}, emulator.Fault{}, "good", "Everything is done.", nil},
		"and one fails": {"left", []string{"tokens", "station"}, station, "warning", "1 of 2 steps done, 1 not. 1 step of this playbook was left out.", []string{"Deactivate the person"}},
		"all fails":     {"left", []string{"station"}, station, "bad", "Nothing could be done. 2 steps of this playbook were left out.", []string{"Deactivate the person", "Revoke all tokens"}},
	} {
		t.Run(name, func(t *testing.T) {
			c := newConsole(t)
			b, path := c.signedIn(admin), c.playbookOf(agent, test.book)
			if test.fault.Match != "" {
				c.disturb(test.fault)
			}
			sheet := b.follow(b.post(path, url.Values{"steps": test.steps, "reason": {"gone"}, "email": {agent}}).wantTo(path + "/"))
			sheet.wantTone(test.tone).wantText(test.summary)
			var left []string
			for _, dt := range sheet.page().Find("section:has(h2:contains('What was left out')) dt").EachIter() {
				left = append(left, dt.Text())
			}
			if diff := cmp.Diff(test.left, left); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Whatever was to be done of a playbook that is skipped counts as not done, the tokens too.
func TestSkippedPlaybookLeavesAllUndone(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b, path := c.signedIn(admin), c.playbookOf(agent, "end-of-shift")
	sheet := b.follow(b.post(path, b.filled(path, agent)).wantTo(path + "/")).wantNoText("left out")
	undone := sheet.page().Find("section:has(h2:contains('could not be done')) dt").Map(func(_ int, s *goquery.Selection) string { return s.Text() })
	if diff := cmp.Diff([]string{"Take off queue", "Set presence to Offline", "Free the station", "Revoke all tokens"}, undone); diff != "" {
		t.Error(diff)
	}
}

// What a revocation takes along is done after it in the order that leaves nothing
// open, and never keeps it from being done.
func TestRevokingWithNextSteps(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b, path := c.signedIn(admin), c.revocationOf(agent)
	page := b.get(path).want(http.StatusOK).page()
	if n := page.Find("input[name=steps]").Length(); n != 4 || page.Find("input[name=steps][checked]").Length() != 0 {
		t.Errorf("%d steps, some ticked", n)
	}
	c.disturb(faultOf("PUT /api/v2/users/", 500))
	form := url.Values{"reason": {"gone"}, "steps": {"offline", "station", "offqueue"}}
	b.follow(b.post(path, form).wantTo(c.playbookOf(agent, "steps"))).wantText("Next steps", "3 of 4 steps done, 1 not")
	want := []string{"revoke done", "take-off-queue unknown", "set-offline done", "free-station done", "run-playbook unknown"}
	if diff := cmp.Diff(want, c.acted()); diff != "" {
		t.Error(diff)
	}
}

// Deactivating takes the email address typed; without it nothing at all is done.
func TestDeactivatingAsksForTheEmail(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	for name, path := range map[string]string{"revoking": c.revocationOf(agent), "a playbook": c.playbookOf(agent, "left")} {
		for typed, email := range map[string]string{"nothing": "", "another's": supervisor, "their id": c.userID(agent)} {
			t.Run(name+" with "+typed, func(t *testing.T) {
				form := url.Values{"reason": {"gone"}, "steps": {"deactivate"}, "email": {email}}
				page := b.in(t).post(path, form).want(http.StatusUnprocessableEntity).page()
				if marked := page.Find("[aria-invalid=true]"); marked.Length() != 1 || marked.AttrOr("name", "") != "email" {
					t.Errorf("%d fields are marked", marked.Length())
				}
			})
		}
	}
	for _, method := range []string{"DELETE ", "PATCH "} {
		c.wantAsked(0, method)
	}
}

// Ticked steps are numbered only where they are listed in the order in which they are taken.
func TestStepsAreNumberedInTheirOrder(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	closing := []string{"deactivate", "tokens", "factors", "offqueue", "offline", "station"}
	plan := b.prepared(list(agent)).batchPath()
	for path, want := range map[string][]string{
		c.playbookOf(agent, "left"): closing, c.playbookOf(agent, "steps"): closing,
		c.playbookOf(agent, "end-of-shift"): {"offqueue", "offline", "station", "deactivate", "factors", "tokens"},
		plan + "?playbook=left":             {"deactivate", "factors", "offqueue", "offline", "station"},
		c.revocationOf(agent):               nil, "/users/" + c.userID(agent): nil,
	} {
		t.Run(path, func(t *testing.T) {
			boxes := b.in(t).get(path).want(http.StatusOK).page().Find(".steps-ordered input[name=steps]")
			got := boxes.Map(func(_ int, s *goquery.Selection) string { return s.AttrOr("value", "") })
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Wherever deactivating can be ticked, it says loudly that the roles are lost and do not come back; a batch that does it
// says so again before it starts.
func TestDeactivatingIsLoud(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	plan := b.prepared(list(agent)).batchPath()
	const impact = "They lose all of their roles, and activating them again does not bring the roles back."
	for name, path := range map[string]string{
		"revocation": c.revocationOf(agent), "playbook": c.playbookOf(agent, "left"), "steps": c.playbookOf(agent, "steps"),
		"person": "/users/" + c.userID(agent), "batch": plan + "?playbook=left",
	} {
		t.Run(name, func(t *testing.T) {
			loud := b.in(t).get(path).want(http.StatusOK).page().Find(".step-loud strong")
			if loud.Length() != 1 || !strings.Contains(loud.Text(), impact) {
				t.Errorf("it says loudly %q", loud.Text())
			}
		})
	}
	if said := b.chosen(plan, "left").page().Find(".notice-bad strong").Text(); !strings.Contains(said, "lose all of their roles") {
		t.Errorf("before the start the batch says loudly %q", said)
	}
	b.post(plan+"/start", url.Values{"reason": {"They left"}, "count": {"1"}}).want(http.StatusUnprocessableEntity)
	c.wantAsked(0, "PATCH ")
}

// A playbook takes a step, a reason and somebody else: nobody shuts themselves out.
func TestPlaybooksThatAreRefused(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b, path := c.signedIn(admin), c.playbookOf(agent, "lost-phone")
	b.post(path, url.Values{"reason": {"x"}}).want(http.StatusUnprocessableEntity).wantText("Tick at least one step")
	b.post(path, url.Values{"steps": {"tokens"}}).want(http.StatusUnprocessableEntity)
	b.post(path, url.Values{"reason": {"x"}, "steps": {"everything"}}).want(http.StatusUnprocessableEntity)
	b.post(c.playbookOf(agent, "nuke"), url.Values{"reason": {"x"}, "steps": {"tokens"}}).wantProblem(http.StatusNotFound, "page-unknown")
	own := c.playbookOf(admin, "left")
	b.get(own).wantTo(c.revocationOf(admin))
	b.post(own, url.Values{"reason": {"x"}, "steps": {"deactivate"}, "email": {admin}}).wantTo(c.revocationOf(admin))
	b.get(path+"/1").wantProblem(http.StatusNotFound, "entry-unknown")
	for _, method := range []string{"DELETE ", "PATCH ", "PUT "} {
		c.wantAsked(0, method)
	}
}

// A sheet is of its person, playbook and organization alone.
func TestSheetsOfOthers(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b, path := c.signedIn(admin), c.playbookOf(agent, "lost-phone")
	sheet := b.post(path, b.filled(path, agent)).wantTo(path + "/").location()
	b.get(sheet).want(http.StatusOK)
	c.signedIn(supervisor).get(sheet).want(http.StatusOK)
	c.signedIn(trustee).get(sheet).want(http.StatusOK)
	seq := sheet[strings.LastIndex(sheet, "/"):]
	b.get(c.playbookOf(supervisor, "lost-phone") + seq).want(http.StatusNotFound)
	b.get(c.playbookOf(agent, "left") + seq).want(http.StatusNotFound)
	for _, seq := range []string{"/0" + seq[1:], "/+" + seq[1:], "/0", "/-1", "/x", "/2", "/99999"} {
		b.get(path + seq).want(http.StatusNotFound)
	}
}

// What is held, missing and not knowable is said beside each step.
func TestStepsSayWhatTheyNeed(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	for email, want := range map[string][]string{
		admin:      {"held", "held", "held", "not knowable", "not knowable", "held"},
		supervisor: {"missing", "held", "missing", "not knowable", "missing", "missing"},
	} {
		t.Run(email, func(t *testing.T) {
			page := c.in(t).signedIn(email).get(c.playbookOf(agent, "steps")).want(http.StatusOK).page()
			var got []string
			for _, hint := range page.Find(".step").EachIter() {
				got = append(got, strings.TrimSpace(hint.Find("p.hint > span > span").First().Text()))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A step whose permission is missing is shown and not ticked beforehand, on a playbook's page and on the plan of a batch;
// a permission that serves as well counts as held.
func TestStepsThatCannotBeTakenAreNotTicked(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	basic := []string{"oauth:token:delete", "directory:user:view"}
	plan := c.signedIn(admin).prepared(list(agent)).batchPath()
	for name, test := range map[string]struct {
		more   []string
		ticked []string
	}{
		"none held":            {nil, []string{"tokens"}},
		"the station":          {[]string{"telephony:station:disassociate"}, []string{"tokens", "station"}},
		"half of the factors":  {[]string{"mfa:verifier:view"}, []string{"tokens"}},
		"editing people":       {[]string{"directory:user:edit"}, []string{"deactivate", "tokens"}},
		"the organization":     {[]string{"directory:organization:admin"}, []string{"deactivate", "tokens"}},
		"all but deactivating": {[]string{"telephony:station:disassociate", "mfa:verifier:view", "mfa:verifier:delete"}, []string{"tokens", "factors", "station"}},
	} {
		b := c.newBrowser()
		b.plant(sessionCookie, c.sealed(admin, func(s *session.Session) { s.Person.Permissions = append(test.more, basic...) }))
		again := c.playbookOf(agent, "compromised") + "?steps=deactivate&steps=tokens&steps=factors&steps=station"
		for where, path := range map[string]string{"playbook": c.playbookOf(agent, "compromised"), "again": again, "batch": plan + "?playbook=compromised"} {
			t.Run(name+", "+where, func(t *testing.T) {
				page := b.in(t).get(path).want(http.StatusOK).page()
				if n := page.Find("input[name=steps]").Length(); where != "batch" && n != 6 || where == "batch" && n != 5 {
					t.Errorf("%d steps are shown", n)
				}
				want := slices.DeleteFunc(slices.Clone(test.ticked), func(step string) bool { return where == "batch" && step == "tokens" })
				got := page.Find("input[name=steps][checked]").Map(func(_ int, s *goquery.Selection) string { return s.AttrOr("value", "") })
				if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
					t.Error(diff)
				}
				for _, step := range page.Find(".step:has(input:not([checked]))").EachIter() {
					need := squeezed(step.Find("p.hint").First().Text())
					if strings.Contains(need, "missing") != strings.Contains(step.Text(), "Somebody whose role has") {
						t.Error("it does not say who can: " + squeezed(step.Text()))
					}
				}
			})
		}
	}
}
