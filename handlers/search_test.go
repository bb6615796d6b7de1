package handlers_test

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"tokenconsole/internal/emulator"
)

// names are the people that a page of results shows, as shown.
func (a *answer) names() []string {
	a.t.Helper()
	return a.page().Find("table.people .who span:last-child").Map(func(_ int, s *goquery.Selection) string { return s.Text() })
}

func TestSearchFinds(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(supervisor)
	for name, test := range map[string]struct{ query, found string }{
		"a name in any case": {"KELLER", "Mina Keller"},
		"an address":         {"agent@demo", "Mina Keller"},
		"a hostile name":     {"<img", `"><img src=x onerror=alert(1)>`},
		"an apostrophe":      {"o'connor", "Niamh O'Connor"},
		"a department":       {"billing", "Mina Keller"},
		"a percent sign":     {"%", ""},
		"nothing":            {"zzzzzz", ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := b.in(t).get("/users?q=" + url.QueryEscape(test.query)).want(http.StatusOK)
			if names := a.names(); test.found == "" && len(names) > 0 || test.found != "" && !slices.Contains(names, test.found) {
				t.Errorf("%q, want %q", names, test.found)
			}
			if a.page().Find("main img").Length() > 0 {
				t.Error("a name became an element")
			}
		})
	}
	b.get("/users?q=" + strings.ToUpper(c.userID(agent))).wantTo("/users/" + c.userID(agent))
}

// Who may revoke and not search comes to a person by their id.
func TestSearchWithoutThePermissionToSearch(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.disturb(emulator.Fault{Match: "GET /api/v2/users/me", Body: body(map[string]any{
		"id": c.userID(admin), "name": "Ada Park", "authorization": map[string]any{"permissions": []string{"oauth:token:delete"}},
	})})
	b := c.newBrowser()
	b.signIn(admin).wantTo(home)
	c.forget()
	b.get("/users?q=keller").want(http.StatusUnprocessableEntity)
	c.wantAsked(0, "POST ")
	b.get("/users?q=" + c.userID(agent)).wantTo("/users/" + c.userID(agent))
}

// The evidence of a page of people is asked for in one call.
func TestSearchAsksForEvidenceOnce(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(supervisor)
	if n := len(b.get("/users?q=demo.example").want(http.StatusOK).names()); n != 50 {
		t.Errorf("%d people on the page", n)
	}
	c.wantAsked(1, "POST /api/v2/users/search")
	c.wantAsked(1, "GET /api/v2/users")
	evidence := c.asked("GET /api/v2/users")[0].Path
	for _, want := range []string{"expand=lasttokenissued", "expand=dateLastLogin", "expand=presence", "expand=routingStatus", "state=any", "pageSize=100"} {
		if !strings.Contains(evidence, want) {
			t.Errorf("the evidence is asked for without %s: %s", want, evidence)
		}
	}
	if n := strings.Count(evidence, "&id="); n != 50 {
		t.Errorf("the evidence is of %d people", n)
	}
}

// Whoever types a whole address means that person, on whatever page they are.
func TestSearchExactAddressComesFirst(t *testing.T) {
	t.Parallel()
	c := newConsole(t, func(s *setup) { s.emulator.Users = 200 })
	b := c.signedIn(supervisor)
	var all []string
	for page := range 4 {
		all = append(all, b.get("/users?q=%40demo.example&page="+strconv.Itoa(page+1)).want(http.StatusOK).names()...)
	}
	if at := slices.Index(all, "Samuel Ortiz"); len(all) != 200 || at < 50 {
		t.Fatalf("%d people, Samuel Ortiz is at %d: too early to tell", len(all), at)
	}
	a := b.get("/users?q=+Supervisor%40DEMO.example+").want(http.StatusOK)
	first := a.page().Find("table.people tbody tr").First().Text()
	for _, want := range []string{"Samuel Ortiz", "exact email", "you", "Contact Centre Supervisor", "Operations", "active"} {
		if !strings.Contains(first, want) {
			t.Errorf("the first row lacks %q: %s", want, first)
		}
	}
	if names := a.names(); len(slices.Compact(slices.Sorted(slices.Values(names)))) != len(names) {
		t.Errorf("somebody is listed twice: %v", names)
	}
}

// Deleted people's tokens may live on, so they are found, and can be revoked.
func TestSearchFindsPeopleInEveryState(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(supervisor)
	states := map[string]int{}
	var gone string
	for _, page := range []string{"1", "2", "3"} {
		b.get("/users?q=demo.example&page=" + page).want(http.StatusOK).page().Find("table.people tbody tr").Each(func(_ int, row *goquery.Selection) {
			state := row.Find(".state").Text()
			states[state]++
			if state == "deleted" {
				gone = row.Find(".who").AttrOr("href", "")
			}
		})
	}
	if states["active"] == 0 || states["inactive"] == 0 || states["deleted"] != 2 {
		t.Errorf("states %v", states)
	}
	a := b.get(gone).want(http.StatusOK)
	if a.page().Find("main .state").First().Text() != "deleted" || a.page().Find("a.danger").Length() != 1 {
		t.Errorf("the page of a deleted person: %s", a.text())
	}
}

func TestSearchPages(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(supervisor)
	for page, want := range map[string]string{
		"1": "60 people, 1 to 50", "2": "60 people, 51 to 60", "0": "60 people, 1 to 50", "-1": "60 people, 1 to 50",
		"x": "60 people, 1 to 50", "99": "60 people, 51 to 60", "99999999999999999999": "60 people, 1 to 50",
	} {
		t.Run(page, func(t *testing.T) {
			if got := b.in(t).get("/users?q=demo.example&page=" + page).want(http.StatusOK).page().Find("caption").Text(); strings.TrimSpace(got) != want {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
	seen := map[string]bool{}
	for next := "/users?q=demo.example"; next != "" && len(seen) < 100; {
		page := b.get(next).want(http.StatusOK).page()
		for _, href := range page.Find("a.who").Map(func(_ int, s *goquery.Selection) string { return s.AttrOr("href", "") }) {
			if seen[href] {
				t.Errorf("%s is listed twice", href)
			}
			seen[href] = true
		}
		next = page.Find("a[rel=next]").AttrOr("href", "")
	}
	if len(seen) != 60 {
		t.Errorf("%d people in all", len(seen))
	}
}

// The longest query is counted in characters. Whatever comes, no answer is a fault.
func TestSearchOddQueries(t *testing.T) {
	t.Parallel()
	b := newConsole(t).signedIn(supervisor)
	for name, test := range map[string]struct {
		query  string
		status int
	}{
		"200 characters": {strings.Repeat("%C3%BC", 200), http.StatusOK},
		"201 characters": {strings.Repeat("%C3%BC", 201), http.StatusUnprocessableEntity},
		"NUL":            {"%00", 0}, "not UTF-8": {"%ff%fe", 0}, "emoji": {"%F0%9F%92%A9", 0}, "twice": {"a&q=b", 0}, "turned": {"%E2%80%AE", 0},
	} {
		t.Run(name, func(t *testing.T) {
			a := b.in(t).get("/users?q=" + test.query)
			if a.StatusCode >= 500 || test.status != 0 && a.StatusCode != test.status {
				t.Errorf("%d", a.StatusCode)
			}
		})
	}
}
