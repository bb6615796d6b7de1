package handlers_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/emulator"
)

// typed is what the form on a page holds: the steps that are ticked, and the other fields.
func (a *answer) typed() url.Values {
	form, page := url.Values{}, a.page()
	for _, box := range page.Find("input[name=steps][checked]").EachIter() {
		form.Add("steps", box.AttrOr("value", ""))
	}
	slices.Sort(form["steps"])
	for _, field := range page.Find("#email, #ticket, input[name=chosen][checked]").EachIter() {
		form.Set(field.AttrOr("name", ""), field.AttrOr("value", ""))
	}
	form.Set("reason", page.Find("textarea[name=reason]").Text())
	return form
}

// Where the person could not be looked up when a form about them was sent, the page says that, and not that something
// else was typed wrongly; everything that was filled in is still there, and sent again it works.
func TestStepsAboutSomebodyWhoCannotBeLookedUp(t *testing.T) {
	t.Parallel()
	another := json.RawMessage(`{"id":"00000000-0000-4000-8000-000000000000","name":"Somebody else","state":"active"}`)
	faults := map[string]struct {
		fault  emulator.Fault
		status int
		code   string
	}{
		"fails":            {faultOf("GET /api/v2/users/", 503), http.StatusBadGateway, "platform-failed"},
		"is too much":      {emulator.Fault{Match: "GET /api/v2/users/", Status: 429, RetryAfter: 7}, http.StatusTooManyRequests, "rate-limited"},
		"breaks off":       {emulator.Fault{Match: "GET /api/v2/users/", Reset: true}, http.StatusBadGateway, "platform-garbled"},
		"takes too long":   {emulator.Fault{Match: "GET /api/v2/users/", Delay: "5s"}, http.StatusGatewayTimeout, "platform-slow"},
		"is about another": {emulator.Fault{Match: "GET /api/v2/users/", Body: another}, http.StatusBadGateway, "platform-garbled"},
	}
	for what, steps := range map[string][]string{
		"left": {"deactivate", "station", "tokens"}, "end-of-shift": {"offqueue", "tokens"}, "revoke": {"deactivate", "station"},
	} {
		for name, test := range faults {
			t.Run(what+" "+name, func(t *testing.T) {
				t.Parallel()
				c := newConsole(t)
				c.onBreak(agent)
				b, path := c.signedIn(admin), c.playbookOf(agent, what)
				if what == "revoke" {
					path = c.revocationOf(agent)
				}
				form := url.Values{"steps": steps, "email": {agent}, "chosen": {"Left"}, "reason": {"a “test”\nof it"}, "ticket": {"INC-7"}}
				c.disturb(test.fault)
				c.forget()
				again := b.post(path, form).wantProblem(test.status, test.code).wantText("They could not be looked up", "send it again")
				if page := again.page(); page.Find("[aria-invalid=true]").Length() != 0 {
					t.Error("a field is marked as wrong")
				}
				if diff := cmp.Diff(form, again.typed()); diff != "" {
					t.Errorf("what was typed: %s", diff)
				}
				for _, method := range []string{"DELETE ", "PUT ", "PATCH "} {
					c.wantAsked(0, method)
				}
				c.calm()
				b.follow(b.post(path, again.typed()).wantTo("/users/")).wantTone("good")
			})
		}
	}
}

// Whoever types the id instead needs no look-up: the tokens end although nobody can tell who it is. What can be done
// without one is done.
func TestStepsByTheUserID(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		steps []string
		typed func(c *console) string
		acts  []string
	}{
		"deactivating": {[]string{"deactivate", "tokens"}, func(c *console) string { return c.userID(agent) },
			[]string{"deactivate failed", "revoke done", "run-playbook failed"}},
		"the tokens alone": {[]string{"tokens"}, func(*console) string { return "" }, []string{"revoke done", "run-playbook done"}},
	} {
		t.Run(name, func(t *testing.T) {
			c := newConsole(t)
			b, path := c.signedIn(admin), c.playbookOf(agent, "left")
			c.disturb(faultOf("GET /api/v2/users/", 503))
			b.post(path, url.Values{"steps": test.steps, "reason": {"gone"}, "email": {test.typed(c)}}).wantTo(path + "/")
			if diff := cmp.Diff(test.acts, c.acted()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Where nobody can tell whether an account is protected, the page does not say that it is.
func TestProtectedOrNotWithoutALookUp(t *testing.T) {
	t.Parallel()
	c := newConsole(t, withProtected(supervisor))
	b := c.signedIn(admin)
	c.disturb(faultOf("GET /api/v2/users/", 503))
	for name, path := range map[string]string{"playbook": c.playbookOf(agent, "lost-phone"), "revocation": c.revocationOf(agent)} {
		t.Run(name, func(t *testing.T) {
			form := url.Values{"steps": {"tokens"}, "reason": {"gone"}}
			if name == "revocation" {
				form.Del("steps")
			}
			b.in(t).post(path, form).wantProblem(http.StatusBadGateway, "platform-failed").wantText("nobody can tell whether this account is protected")
		})
	}
	c.wantAsked(0, "DELETE ")
}

// Ticked steps and the typed address outlive a sign-in, as the reason does.
func TestTickedStepsOutliveASignIn(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	for name, path := range map[string]string{"playbook": c.playbookOf(agent, "left"), "revocation": c.revocationOf(agent)} {
		t.Run(name, func(t *testing.T) {
			b := c.in(t).signedIn(admin)
			form := url.Values{"steps": {"deactivate", "offqueue"}, "email": {agent}, "chosen": {"Left"}, "reason": {"gone"}, "ticket": {"INC-7"}}
			a := b.returned(b.late(path, form), admin).want(http.StatusOK)
			if diff := cmp.Diff(form, a.typed()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What cannot go on the record is not done, and what was typed is still there.
func TestPlaybookThatCannotBeRecorded(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b, path := c.signedIn(admin), c.playbookOf(agent, "left")
	form := url.Values{"steps": {"deactivate", "tokens"}, "email": {agent}, "chosen": {"Left"}, "reason": {"gone"}, "ticket": {"INC-7"}}
	c.readOnly(true)
	c.forget()
	again := b.post(path, form).wantProblem(http.StatusServiceUnavailable, "record-unwritable")
	if diff := cmp.Diff(form, again.typed()); diff != "" {
		t.Error(diff)
	}
	for _, method := range []string{"DELETE ", "PATCH "} {
		c.wantAsked(0, method)
	}
}
