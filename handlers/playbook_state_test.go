package handlers_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/emulator"
)

// state brings somebody into a state, as another administrator does elsewhere.
func (c *console) state(email, state string) {
	c.t.Helper()
	path, token := "/api/v2/users/"+c.userID(email), c.mint(admin)
	var u struct{ Version int }
	if _, content := c.call(http.MethodGet, path, token, nil); json.Unmarshal(content, &u) != nil {
		c.t.Fatalf("%s", content)
	}
	if status, content := c.call(http.MethodPatch, path, token, map[string]any{"state": state, "version": u.Version}); status != 200 {
		c.t.Fatalf("%d %s", status, content)
	}
}

// Whoever cannot sign in as it is, is not deactivated again: nothing is asked for, and the sheet says so. Somebody who
// was changed meanwhile is looked at again, and asked about once more.
func TestDeactivatingLooksAtTheState(t *testing.T) {
	t.Parallel()
	patch := "PATCH /api/v2/users/"
	for name, test := range map[string]struct {
		who     func(c *console) string
		fault   emulator.Fault
		during  func(c *console) // while the first PATCH is under way
		patches int
		act     string
		text    string
	}{
		"active":         {patches: 1, act: "deactivate done", text: "Genesys Cloud confirmed."},
		"inactive":       {who: func(c *console) string { c.state(agent, "inactive"); return agent }, act: "deactivate done", text: "They were inactive already"},
		"deleted":        {who: func(c *console) string { return c.people("deleted")[0] }, act: "deactivate done", text: "They are deleted"},
		"changed":        {during: func(c *console) { c.state(agent, "active") }, patches: 2, act: "deactivate done", text: "Genesys Cloud confirmed."},
		"shut out":       {during: func(c *console) { c.state(agent, "inactive") }, patches: 1, act: "deactivate done", text: "They were inactive already"},
		"always changed": {fault: faultOf(patch, 409), patches: 2, act: "deactivate refused", text: "changed them at the same time"},
		"refused":        {fault: faultOf(patch, 400), patches: 1, act: "deactivate refused", text: "Give the correlation id"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newConsole(t)
			who, patches := agent, 0
			if test.who != nil {
				who = test.who(c)
			}
			b, path := c.signedIn(admin), c.playbookOf(who, "left")
			if impact := b.get(path).page().Find(".step-loud").Text(); strings.Contains(impact, "nothing is asked for") != (test.who != nil) {
				t.Errorf("beforehand it says %q", squeezed(impact))
			}
			if test.fault.Match != "" {
				c.disturb(test.fault)
			}
			c.calls.each(func(r *http.Request) {
				if r.Method == http.MethodPatch {
					if patches++; patches == 1 && test.during != nil {
						test.during(c)
					}
				}
			})
			form := url.Values{"steps": {"deactivate"}, "reason": {"gone"}, "email": {who}}
			b.follow(b.post(path, form).wantTo(path + "/")).wantText(test.text)
			if acts := c.acted(); acts[0] != test.act || patches != test.patches {
				t.Errorf("%s, asked %d times", acts[0], patches)
			}
		})
	}
}

// One second factor that stays keeps no other from being removed, and the sheet and the record say how many were.
func TestSecondFactorsThatStay(t *testing.T) {
	t.Parallel()
	const removes = "DELETE /api/v2/users/ID/verifiers/"
	for name, test := range map[string]struct {
		faults []emulator.Fault
		asked  int
		act    string
		tally  audit.Tally
		text   string
	}{
		"none":            {nil, 3, "delete-factors done", audit.Tally{}, "3 removed."},
		"is gone already": {[]emulator.Fault{faultOf(removes+"a", 404)}, 3, "delete-factors done", audit.Tally{}, "3 removed."},
		"the first": {[]emulator.Fault{faultOf(removes+"a", 403)}, 3, "delete-factors failed", audit.Tally{Done: 2, Failed: 1},
			"2 removed, 1 not removed. Genesys Cloud refused: whoever ran it lacks the permission"},
		"all": {[]emulator.Fault{faultOf(removes, 403)}, 3, "delete-factors refused", audit.Tally{Failed: 3}, "0 removed, 3 not removed. Genesys Cloud refused"},
		"the second is unclear": {[]emulator.Fault{faultOf(removes+"b", 500), faultOf(removes+"c", 403)}, 3, "delete-factors unknown",
			audit.Tally{Done: 1, Failed: 1, Unknown: 1}, "1 removed, 1 not removed, 1 not confirmed."},
		"the second is too slow": {[]emulator.Fault{{Match: removes + "b", Delay: "6s"}}, 2, "delete-factors unknown",
			audit.Tally{Done: 1, Failed: 1, Unknown: 1}, "1 removed, 1 not removed, 1 not confirmed."},
		"the token dies": {[]emulator.Fault{faultOf(removes+"b", 401)}, 2, "delete-factors failed",
			audit.Tally{Done: 1, Failed: 1, Skipped: 1}, "1 removed, 1 not removed, 1 not tried."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newConsole(t)
			b, path, id := c.signedIn(admin), c.playbookOf(agent, "compromised"), c.userID(agent)
			for _, f := range test.faults {
				f.Match = strings.ReplaceAll(f.Match, "ID", id)
				c.disturb(f)
			}
			c.disturb(emulator.Fault{Match: "GET /api/v2/users/" + id + "/verifiers", Body: json.RawMessage(`{"entities":[{"id":"a"},{"id":"b"},{"id":"c"}]}`)},
				emulator.Fault{Match: strings.ReplaceAll(removes, "ID", id), Status: 204})
			c.forget()
			sheet := b.post(path, url.Values{"steps": {"factors"}, "reason": {"gone"}}).wantTo(path + "/").location()
			c.wantAsked(test.asked, "DELETE ")
			e := c.entries()[2]
			if c.acted()[0] != test.act || e.Count != int64(3-test.tally.Failed-test.tally.Unknown-test.tally.Skipped) {
				t.Errorf("%s, %d removed", c.acted()[0], e.Count)
			}
			if diff := cmp.Diff(test.tally, e.Tally); diff != "" {
				t.Error(diff)
			}
			c.signedIn(supervisor).get(sheet).want(http.StatusOK).wantText(test.text)
			b.get("/audit/3").wantText(strings.TrimSuffix(strings.Split(test.text, ". ")[0], "."))
		})
	}
}
