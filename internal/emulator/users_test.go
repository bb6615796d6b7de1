package emulator

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestUsersMe(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	token := w.tokenOf("supervisor@demo.example")
	bare := w.call(token, "GET", "/api/v2/users/me", "").json
	if bare["name"] != "Samuel Ortiz" || bare["state"] != "active" || bare["authorization"] != nil || bare["token"] != nil {
		t.Errorf("without expands: %v", bare)
	}
	full := w.call(token, "GET", "/api/v2/users/me?expand=authorization&expand=organization,token&expand=date,lasttokenissued,dateLastLogin,presence,routingStatus", "").json
	if d := cmp.Diff([]any{"directory:user:view", "oauth:token:delete"}, full["authorization"].(map[string]any)["permissions"]); d != "" {
		t.Error("permissions (-want +got):", d)
	}
	got := map[string]any{
		"organization": full["organization"].(map[string]any)["name"],
		"client":       full["token"].(map[string]any)["OAuthClient"].(map[string]any)["id"],
		"date":         full["date"].(map[string]any)["currentDate"],
		"issued":       full["lastTokenIssued"].(map[string]any)["dateIssued"],
		"presence":     full["presence"].(map[string]any)["presenceDefinition"].(map[string]any)["systemPresence"],
		"routing":      full["routingStatus"].(map[string]any)["status"],
		"login":        full["dateLastLogin"] != nil,
	}
	want := map[string]any{
		"organization": "Demo Contact Centre", "client": DemoClientID, "date": "2026-05-04T09:00:00.000Z",
		"issued": "2026-05-04T09:00:00.000Z", "presence": "Meeting", "routing": "OFF_QUEUE", "login": true,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error("expands (-want +got):", d)
	}
}

func TestSignInIsEvidence(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	token := w.tokenOf("admin@demo.example")
	evidence := func() [2]any {
		u := w.call(token, "GET", "/api/v2/users/"+w.emulator.UserByEmail("agent@demo.example")+"?expand=lasttokenissued,dateLastLogin", "").json
		return [2]any{u["lastTokenIssued"].(map[string]any)["dateIssued"], u["dateLastLogin"]}
	}
	w.clock.pass(time.Minute)
	code := w.code("agent@demo.example")
	w.clock.pass(time.Second)
	w.exchange(DemoClientID, DemoClientSecret, codeForm(code))
	if d := cmp.Diff([2]any{"2026-05-04T09:01:01.000Z", "2026-05-04T09:01:00.000Z"}, evidence()); d != "" {
		t.Error("after a sign-in (-want +got):", d)
	}
	w.clock.pass(time.Minute)
	w.choose(ask("org", "demo", "provider", "okta"), "email", "agent@demo.example")
	if got := evidence()[1]; got != "2026-05-04T09:01:00.000Z" {
		t.Errorf("an SSO sign-in counts as password log-in: %v", got)
	}
}

func TestGetUser(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	token := w.tokenOf("agent@demo.example") // no permission needed
	agent := w.call(token, "GET", "/api/v2/users/"+w.emulator.UserByEmail("agent@demo.example")+"?expand=presence&expand=routingStatus", "").json
	got := map[string]any{
		"title": agent["title"], "department": agent["department"], "division": agent["division"].(map[string]any)["name"],
		"manager": agent["manager"].(map[string]any)["name"], "manager's version": agent["manager"].(map[string]any)["version"],
		"routing": agent["routingStatus"].(map[string]any)["status"],
	}
	want := map[string]any{"title": "Billing Agent", "department": "Billing", "division": "Home", "manager": "Samuel Ortiz", "manager's version": 3.0, "routing": "INTERACTING"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error("the agent (-want +got):", d)
	}
	for _, p := range w.emulator.people.people {
		bare, deleted := w.call(token, "GET", "/api/v2/users/"+p.id, "").status, w.call(token, "GET", "/api/v2/users/"+p.id+"?state=deleted", "").status
		if found := map[bool]int{true: 200, false: 404}; bare != found[p.state != "deleted"] || deleted != found[p.state == "deleted"] {
			t.Errorf("%s person: %d, with state=deleted %d", p.state, bare, deleted)
		}
	}
	wants(t, w.call(token, "GET", "/api/v2/users/00000000-0000-4000-8000-000000000000", ""), 404, "general.resource.not.found")
	wants(t, w.call(token, "GET", "/api/v2/users/guess?state=odd", ""), 400, "invalid.query.param.value")
}

func TestGetUsers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	token := w.tokenOf("supervisor@demo.example")
	counts := map[string]int{}
	for _, p := range w.emulator.people.people {
		counts[p.state]++
	}
	if counts["active"]+counts["inactive"]+counts["deleted"] != 60 || counts["inactive"] == 0 || counts["deleted"] != 2 {
		t.Fatalf("people by state: %v", counts)
	}
	for query, want := range map[string][2]int{ // entities, total
		"":                          {25, counts["active"]},
		"?pageSize=100":             {counts["active"], counts["active"]},
		"?pageSize=50&pageNumber=2": {counts["active"] - 50, counts["active"]},
		"?state=inactive":           {counts["inactive"], counts["inactive"]},
		"?state=any&pageSize=100":   {60, 60},
		"?pageNumber=99":            {0, counts["active"]},
	} {
		got := w.call(token, "GET", "/api/v2/users"+query, "")
		entities, _ := got.json["entities"].([]any)
		if len(entities) != want[0] || got.json["total"] != float64(want[1]) {
			t.Errorf("users%s: %d of %v, want %v", query, len(entities), got.json["total"], want)
		}
	}
	ids := url.Values{"id": {w.emulator.UserByEmail("agent@demo.example"), w.emulator.UserByEmail("admin@demo.example")}, "expand": {"lasttokenissued", "dateLastLogin"}}
	chosen := w.call(token, "GET", "/api/v2/users?"+ids.Encode(), "").json["entities"].([]any)
	if len(chosen) != 2 || chosen[0].(map[string]any)["lastTokenIssued"] == nil {
		t.Errorf("by ids: %v", chosen)
	}
	wants(t, w.call(token, "GET", "/api/v2/users?pageSize=0", ""), 400, "invalid.query.param.value")
	many := "/api/v2/users?id=" + strings.Repeat("x,", 99)
	if got := w.call(token, "GET", many+"x", ""); got.status != 200 {
		t.Errorf("100 ids: %d %s", got.status, got.body)
	}
	wants(t, w.call(token, "GET", many+"x&id=y", ""), 400, "max.user.ids")
	wants(t, w.call(token, "GET", "/api/v2/users?id=x&jabberId=y", ""), 400, "bad.request")
	if got := w.call(token, "GET", "/api/v2/users?jabberId=y", ""); got.json["total"] != 0.0 {
		t.Errorf("by jabberId: %s", got.body)
	}
}

// Reading people needs a scope and no permission; searching needs both.
func TestReadingPeopleNeedsNoPermission(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	agent := w.tokenOf("agent@demo.example")
	for _, path := range []string{"/api/v2/users", "/api/v2/users/" + w.emulator.UserByEmail("admin@demo.example")} {
		if got := w.call(agent, "GET", path, ""); got.status != 200 {
			t.Errorf("GET %s: %d %s", path, got.status, got.body)
		}
	}
	wants(t, w.call(agent, "POST", "/api/v2/users/search", "{}"), 403, "missing.any.permissions")
}

func TestOrganizationsMe(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	got := w.call(w.tokenOf("agent@demo.example"), "GET", "/api/v2/organizations/me", "")
	if got.status != 200 || got.json["id"] != demoOrganization.ID || got.json["state"] != "active" {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestPeopleAreDeterministic(t *testing.T) {
	t.Parallel()
	now := func() time.Time { return time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC) }
	for _, size := range []int{3, 4, 60, 2000} {
		a, b := New(Options{Users: size, Now: now}).people, New(Options{Users: size, Now: now}).people
		if len(a.people) != size || len(a.byID) != size+1 {
			t.Errorf("%d people asked: %d made, %d ids", size, len(a.people), len(a.byID))
		}
		for i := range a.people {
			if d := cmp.Diff(show(a.people[i], everything), show(b.people[i], everything), cmp.AllowUnexported(instant{}, time.Time{}), cmp.Comparer(sameInstant)); d != "" {
				t.Fatal("the same options make other people:", d)
			}
		}
	}
}

var everything = []string{"presence", "routingStatus", "authorization", "lasttokenissued", "dateLastLogin"}

func sameInstant(a, b instant) bool { return time.Time(a).Equal(time.Time(b)) }

func TestDemoPeopleAreAWorkingDay(t *testing.T) {
	t.Parallel()
	d := New(Options{}).people
	names := map[string]map[string]bool{}
	busy, sso := 0, 0
	for _, p := range d.people {
		if names[p.name] == nil {
			names[p.name] = map[string]bool{}
		}
		names[p.name][p.department] = true
		if p.routing == "INTERACTING" {
			busy++
			if p.presence != "On Queue" || !p.active() {
				t.Errorf("%s (%s) is on a call while %s", p.name, p.state, p.presence)
			}
		}
		if p.sso && p.lastLogin.Load() != 0 {
			t.Errorf("%s signs in through SSO and has a password log-in", p.name)
		}
		if p.lastLogin.Load() == 0 {
			sso++
		}
		if p.lastLogin.Load() > p.lastIssued.Load() {
			t.Errorf("%s logged in after the last token", p.name)
		}
	}
	if len(names["Jun Zhang"]) != 2 || names[hostileName] == nil || busy < 5 || sso < 5 {
		t.Errorf("namesakes %v, hostile %v, %d on a call, %d without password log-in", names["Jun Zhang"], names[hostileName], busy, sso)
	}
}
