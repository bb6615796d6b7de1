package emulator

import (
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const timeoutPath = "/api/v2/tokens/timeout"

func TestTimeoutBounds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	token := w.tokenOf("admin@demo.example")
	group := func(fields string) string {
		return `{"inactivityTimeoutGroupsEnabled":true,"inactivityTimeoutGroupBundles":[{"groups":[],` + fields + `}]}`
	}
	for name, test := range map[string]struct {
		hipaa      bool
		body, code string
	}{
		"too short":              {false, `{"idleTokenTimeoutSeconds":299}`, "token.timeout.exceeded"},
		"too long":               {false, `{"idleTokenTimeoutSeconds":28801}`, "max.idle.token.timeout.exceeded"},
		"too short under HIPAA":  {true, `{"idleTokenTimeoutSeconds":299}`, "token.timeout.exceeded.hipaa"},
		"too long under HIPAA":   {true, `{"idleTokenTimeoutSeconds":901}`, "max.idle.hipaa.token.timeout.exceeded"},
		"of a group too short":   {false, group(`"priority":1,"timeoutSeconds":299`), "token.timeout.exceeded"},
		"a group without a rank": {false, group(`"priority":0,"timeoutSeconds":300`), "constraint.validation"},
		"a group ranked sixth":   {false, group(`"priority":6,"timeoutSeconds":300`), "constraint.validation"},
		"not a number":           {false, `{"idleTokenTimeoutSeconds":"900"}`, "bad.request"},
		"not an object":          {false, `[]`, "bad.request"},
	} {
		t.Run(name, func(t *testing.T) {
			w.call("", "PUT", "/emulator/settings", `{"hipaa":`+strconv.FormatBool(test.hipaa)+`}`)
			wants(t, w.call(token, "PUT", timeoutPath, test.body), 400, test.code)
		})
	}
	w.call("", "PUT", "/emulator/settings", `{"hipaa":true}`)
	if got := w.call(token, "GET", timeoutPath, ""); got.json["idleTokenTimeoutSeconds"] != 900.0 {
		t.Errorf("HIPAA does not cap the timeout: %s", got.body)
	}
}

// A PUT replaces the whole object: what it names is kept, the emulator knowing
// it or not, and what it leaves out is gone.
func TestTimeoutIsReplacedWhole(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	token := w.tokenOf("admin@demo.example")
	if got := w.call(token, "GET", timeoutPath, ""); got.status != 200 || got.json["enableIdleTokenTimeout"] != false {
		t.Errorf("at first: %d %s", got.status, got.body)
	}
	w.undescribed = true
	for _, body := range []string{
		`{"enableIdleTokenTimeout":true,"idleTokenTimeoutSeconds":1800,"inactivityTimeoutGroupBundles":[` +
			`{"priority":5,"timeoutSeconds":300,"groups":["g"],"later":1.50}],"inactivityTimeoutUnit":"MINUTES","later":{"a":12345678901234567890}}`,
		`{"enableIdleTokenTimeout":true,"idleTokenTimeoutSeconds":1800}`,
	} {
		if got := w.call(token, "PUT", timeoutPath, body); got.status != 200 || got.body != body {
			t.Errorf("PUT %s\ngives %d %s", body, got.status, got.body)
		}
		if got := w.call(token, "GET", timeoutPath, ""); got.body != body {
			t.Errorf("PUT %s\nGET %s", body, got.body)
		}
	}
	want := map[string]any{"enableIdleTokenTimeout": false, "idleTokenTimeoutSeconds": 28800.0}
	if d := cmp.Diff(want, w.call(token, "PUT", timeoutPath, `{}`).json); d != "" {
		t.Error("an empty PUT leaves (-want +got):", d)
	}
}

// The people of a group with a timeout of its own idle out by that, even while
// the organization has none.
func TestGroupTimeouts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	admin, billing := w.tokenOf("admin@demo.example"), w.tokenOf("agent@demo.example")
	idles := func(token string) any { return w.call(token, "GET", "/api/v2/tokens/me", "").json["dateTokenIdles"] }
	if idles(billing) != nil {
		t.Error("a token idles without any timeout")
	}
	w.call("", "PUT", "/emulator/settings", `{"groupTimeouts":true}`)
	got := w.call(admin, "GET", timeoutPath, "").json
	if bundles, _ := got["inactivityTimeoutGroupBundles"].([]any); got["enableIdleTokenTimeout"] != false ||
		got["inactivityTimeoutGroupsEnabled"] != true || len(bundles) != 2 {
		t.Errorf("groups have timeouts, the organization has none: %v", got)
	}
	if idles(admin) != nil || idles(billing) != "2026-05-04T09:10:00.000Z" {
		t.Errorf("idle at: admin %v, agent in billing %v", idles(admin), idles(billing))
	}
	w.clock.pass(10 * time.Minute)
	if w.alive(billing) || !w.alive(admin) {
		t.Error("after ten minutes billing's token lives, or the administrator's is dead")
	}
	off := `{"enableIdleTokenTimeout":false,"inactivityTimeoutGroupsEnabled":false,"inactivityTimeoutGroupBundles":[` +
		`{"priority":1,"timeoutSeconds":300,"groups":["` + stableID("group", "Billing") + `"]}]}`
	w.call(admin, "PUT", timeoutPath, off)
	if billing = w.tokenOf("agent@demo.example"); idles(billing) != nil {
		t.Error("group timeouts that are switched off count")
	}
}

func TestLowestPriorityCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{IdleTimeout: time.Hour})
	admin := w.tokenOf("admin@demo.example")
	agent := w.emulator.people.find("agent@demo.example")
	bundle := func(priority, seconds string) string {
		return `{"priority":` + priority + `,"timeoutSeconds":` + seconds + `,"groups":["` + groupOf(agent) + `"]}`
	}
	w.call(admin, "PUT", timeoutPath, `{"inactivityTimeoutGroupsEnabled":true,"inactivityTimeoutGroupBundles":[`+
		bundle("3", "600")+`,`+bundle("2", "7200")+`,`+bundle("4", "300")+`]}`)
	if got := w.emulator.idleOf(agent.id); got != 2*time.Hour {
		t.Errorf("the agent idles after %v", got)
	}
	w.call("", "PUT", "/emulator/settings", `{"hipaa":true}`)
	if got := w.emulator.idleOf(agent.id); got != 15*time.Minute {
		t.Errorf("under HIPAA the agent idles after %v", got)
	}
}

func TestGroups(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	token := w.tokenOf("agent@demo.example")
	night, billing := stableID("group", "Night Desk"), stableID("group", "Billing")
	named := func(q url.Values) map[string]any {
		found := map[string]any{}
		for _, g := range w.call(token, "GET", "/api/v2/groups?"+q.Encode(), "").json["entities"].([]any) {
			found[g.(map[string]any)["id"].(string)] = g.(map[string]any)["name"]
		}
		return found
	}
	want := map[string]any{night: "Night Desk", billing: "Billing"}
	if d := cmp.Diff(want, named(url.Values{"id": {night, billing, "nobody"}})); d != "" {
		t.Error("by ids (-want +got):", d)
	}
	if all := named(nil); len(all) != len(teams)+1 {
		t.Errorf("%d groups of %d departments", len(all), len(teams)+1)
	}
	narrow, _ := w.tokensOf("admin@demo.example", NarrowClientID)
	wants(t, w.call(narrow, "GET", "/api/v2/groups", ""), 403, "app.not.authorized.for.scope")
}

func TestAuthenticationSettings(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	const path = "/api/v2/organizations/authentication/settings"
	got := w.call(w.tokenOf("admin@demo.example"), "GET", path, "")
	if excluded, _ := got.json["inactivityTimeoutExclusions"].([]any); got.status != 200 || len(excluded) == 0 {
		t.Errorf("%d %s", got.status, got.body)
	}
	wants(t, w.call(w.tokenOf("supervisor@demo.example"), "GET", path, ""), 403, "missing.any.permissions")
}
