package emulator

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// listed follows a list of the API to its end and returns the ids on it, and how
// many pages it had.
func (w *world) listed(token, path string) (ids []string, pages int) {
	w.Helper()
	for path != "" && pages < 1000 {
		got := w.call(token, "GET", path, "")
		if got.status != http.StatusOK {
			w.Fatalf("GET %s: %d %s", path, got.status, got.body)
		}
		for _, one := range got.json["entities"].([]any) {
			ids = append(ids, one.(map[string]any)["id"].(string))
		}
		pages++
		path, _ = got.json["nextUri"].(string)
	}
	return ids, pages
}

// Every list of people can be read to its end, each person once, and holds the
// people it says.
func TestMembershipsReadToTheirEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{Users: 700, RateLimit: 1 << 20})
	token := w.tokenOf("admin@demo.example")
	for kind, members := range map[string]struct{ list, members string }{
		"queues": {"/api/v2/routing/queues", "/members"},
		"groups": {"/api/v2/groups", "/members"},
		"teams":  {"/api/v2/teams", "/members"},
	} {
		t.Run(kind, func(t *testing.T) {
			lists, _ := w.listed(token, members.list)
			if len(lists) < 7 {
				t.Fatalf("%d lists", len(lists))
			}
			long := 0
			for _, id := range lists {
				people, pages := w.listed(token, members.list+"/"+id+members.members)
				if len(people) == 0 || len(slices.Compact(slices.Sorted(slices.Values(people)))) != len(people) {
					t.Errorf("%s: %d people, some twice", id, len(people))
				}
				if pages > 1 {
					long++
				}
				for _, person := range people {
					if p := w.emulator.people.byID[person]; p == nil || p.state == "deleted" {
						t.Errorf("%s holds %v", id, person)
					}
				}
			}
			if kind != "teams" && long == 0 {
				t.Error("no list is longer than a page")
			}
		})
	}
}

func TestRolesAndTheirPeople(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	token := w.tokenOf("admin@demo.example")
	got := w.call(token, "GET", "/api/v2/authorization/roles", "")
	holders := map[string]float64{}
	for _, r := range got.json["entities"].([]any) {
		r := r.(map[string]any)
		holders[r["name"].(string)] = r["userCount"].(float64)
		users := w.call(token, "GET", "/api/v2/authorization/roles/"+r["id"].(string)+"/users?pageSize=100", "").json
		if users["total"] != r["userCount"] || len(users["entities"].([]any)) != int(r["userCount"].(float64)) {
			t.Errorf("%s has %v people, its list %v", r["name"], r["userCount"], users["total"])
		}
	}
	if holders["Master Admin"] != 1 || holders["Supervisor"] != 1 || holders["employee"] < 50 {
		t.Errorf("people by role: %v", holders)
	}
	if !strings.Contains(got.body, `{"domain":"directory","entityName":"organization","actionSet":["admin"]}`) {
		t.Error("no role tells that it may administer the organization")
	}
}

func TestFiltersOfMemberships(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	token := w.tokenOf("admin@demo.example")
	for path, want := range map[string]int{
		"/api/v2/routing/queues?name=billing":        1,
		"/api/v2/routing/queues?name=bill":           0,
		"/api/v2/routing/queues?name=bill*":          1,
		"/api/v2/routing/queues?name=*l*":            6,
		"/api/v2/teams?name=claims":                  1,
		"/api/v2/authorization/roles?name=super*":    1,
		"/api/v2/authorization/divisions?name=sales": 1,
		"/api/v2/authorization/divisions":            4,
	} {
		if ids, _ := w.listed(token, path); len(ids) != want {
			t.Errorf("%s: %d, want %d", path, len(ids), want)
		}
	}
	queue := "/api/v2/routing/queues/" + stableID("queue", "Billing") + "/members"
	all, _ := w.listed(token, queue)
	on, _ := w.listed(token, queue+"?joined=true")
	off, _ := w.listed(token, queue+"?joined=false")
	if len(on) == 0 || len(off) == 0 || len(on)+len(off) != len(all) {
		t.Errorf("%d on queue, %d not, of %d", len(on), len(off), len(all))
	}
	wants(t, w.call(token, "GET", queue+"?pageSize=101", ""), 400, "invalid.query.param.value")
	wants(t, w.call(token, "GET", "/api/v2/teams?after=%21", ""), 400, "bad.request")
}

// What one may not read is refused with the permission that is missing, and what
// does not exist is not found.
func TestMembershipsNeedPermissions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	supervisor, admin := w.tokenOf("supervisor@demo.example"), w.tokenOf("admin@demo.example")
	const nothing = "/00000000-0000-4000-8000-000000000000"
	for path, permission := range map[string]string{
		"/api/v2/routing/queues":                           "routing:queue:view",
		"/api/v2/routing/queues" + nothing + "/members":    "routing:queue:view",
		"/api/v2/teams":                                    "groups:team:view",
		"/api/v2/teams" + nothing + "/members":             "groups:team:view",
		"/api/v2/authorization/roles":                      "authorization:role:view",
		"/api/v2/authorization/roles" + nothing + "/users": "authorization:role:view",
		"/api/v2/groups":                                   "",
		"/api/v2/groups" + nothing + "/members":            "",
		"/api/v2/authorization/divisions":                  "",
	} {
		if permission != "" {
			refusal := w.call(supervisor, "GET", path, "")
			wants(t, refusal, 403, "missing.any.permissions")
			if !strings.Contains(refusal.body, permission) {
				t.Errorf("%s: %s does not name %s", path, refusal.body, permission)
			}
		}
		if strings.Contains(path, nothing) {
			wants(t, w.call(admin, "GET", path, ""), 404, "not.found")
		}
	}
	narrow, _ := w.tokensOf("admin@demo.example", NarrowClientID)
	wants(t, w.call(narrow, "GET", "/api/v2/routing/queues", ""), 403, "app.not.authorized.for.scope")
}

// A large demo starts at once, and its people can be told apart.
func TestTenThousandPeople(t *testing.T) {
	t.Parallel()
	begun := time.Now()
	d := New(Options{Users: 10_000}).people
	if took := time.Since(begun); took > 2*time.Second {
		t.Errorf("made in %v", took)
	}
	names, departments := map[string]int{}, map[string]int{}
	for _, p := range d.people {
		names[p.name]++
		departments[p.department]++
	}
	if len(names) < 9_990 {
		t.Errorf("%d names for 10,000 people", len(names))
	}
	for _, name := range slices.Sorted(maps.Keys(departments)) {
		if n := departments[name]; n < 1000 && name != "Operations" {
			t.Errorf("%s has %d people", name, n)
		}
	}
	if len(d.teams) < 500 || len(d.queues) < 5 {
		t.Errorf("%d teams, %d queues", len(d.teams), len(d.queues))
	}
}

// An exact search takes many values at once, so that a list of addresses is looked
// up in a few calls.
func TestManyValuesInOneSearch(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{Users: 200})
	var emails []string
	for _, p := range w.emulator.people.people[:90] {
		emails = append(emails, `"`+p.email+`"`)
	}
	body := `{"pageSize":100,"query":[{"type":"EXACT","fields":["email"],"values":[` + strings.Join(emails, ",") + `]},` +
		`{"type":"EXACT","fields":["state"],"values":["active","inactive","deleted"]}]}`
	if got := w.call(w.tokenOf("admin@demo.example"), "POST", "/api/v2/users/search", body); got.json["total"] != 90.0 {
		t.Errorf("found %v of 90: %s", got.json["total"], url.QueryEscape(got.body[:min(len(got.body), 200)]))
	}
}
