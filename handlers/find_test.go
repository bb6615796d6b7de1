package handlers_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"tokenconsole/internal/emulator"
)

// Enter opens the one person who is meant, and lists people otherwise.
func TestEnterOpensTheExactHit(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b, mina := c.signedIn(supervisor), "/users/"+c.userID(agent)
	for query, found := range map[string]bool{
		agent: true, "KELLER mina": true, "keller": false, "billing": false, agent + "&state=inactive": false,
	} {
		t.Run(query, func(t *testing.T) {
			a := b.in(t).get("/users?open=1&q=" + strings.ReplaceAll(query, " ", "+"))
			if !found {
				a.want(http.StatusOK)
				return
			}
			a.wantTo(mina + "?from=")
		})
	}
}

// The state of a list is in its address; a person's page leads back to the very
// row, after a revocation too.
func TestTheWayBackToTheResults(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b, id := c.signedIn(supervisor), c.userID(agent)
	list := "/users?busy=on&q=" + url.QueryEscape("billing a&b=") + "&sort=-issued"
	if got := b.get("/users?q=billing&sort=-issued&busy=on").page().Find("tr#p-"+id+" a.who").AttrOr("href", ""); !strings.HasPrefix(got, "/users/"+id+"?from=") {
		t.Fatalf("the row leads to %q", got)
	}
	from := url.Values{"from": {"q=" + url.QueryEscape("billing a&b=") + "&sort=-issued&busy=on&page=1&evil=https://evil.example"}}.Encode()
	back := func(a *answer) string { return a.page().Find("nav.back a").AttrOr("href", "") }
	if got := back(b.get("/users/" + id + "?" + from)); got != list+"#p-"+id {
		t.Errorf("the way back is %q, want %q", got, list)
	}
	form := b.get("/users/" + id + "/revoke?" + from).page().Find("article form")
	sent := url.Values{"reason": {"lost"}, "from": {form.Find("input[name=from]").AttrOr("value", "")}}
	if got := back(b.follow(b.post(form.AttrOr("action", "/"), sent))); got != list+"#p-"+id {
		t.Errorf("after the revocation the way back is %q", got)
	}
	for _, odd := range []string{"from=%zz", "from=//evil.example", "from=%00", "from=a;b"} {
		if got := back(b.get("/users/" + id + "?" + odd)); got != "" && got != "/users#p-"+id {
			t.Errorf("%s leads back to %q", odd, got)
		}
	}
	if got := back(b.get("/users/" + id)); got != "" {
		t.Errorf("without results there is a way back to %q", got)
	}
}

func TestListIsFilteredAndSorted(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(supervisor)
	page := b.get("/users").want(http.StatusOK).page()
	if got := strings.TrimSpace(page.Find("caption").Text()); got != "60 people, 1 to 50" {
		t.Errorf("without a query it lists %q", got)
	}
	if got := page.Find("th[aria-sort=ascending]").Text(); got != "Person" {
		t.Errorf("it is sorted by %q", got)
	}
	page.Find("th a.sort").Each(func(_ int, head *goquery.Selection) {
		sorted := b.get(head.AttrOr("href", "/")).want(http.StatusOK).page()
		if got := sorted.Find("th[aria-sort]").Text(); got != head.Text() {
			t.Errorf("the head %q sorts by %q", head.Text(), got)
		}
	})
	for _, name := range []string{"state", "department", "division"} {
		choice := page.Find("#" + name + " option[value]:not([value=''])").First()
		a := b.get("/users?" + url.Values{name: {choice.AttrOr("value", "")}}.Encode()).want(http.StatusOK)
		if len(a.names()) == 0 || a.page().Find("#"+name+" option[selected]").Text() != choice.Text() {
			t.Errorf("%s %s: %d people, shown as %q", name, choice.Text(), len(a.names()), a.page().Find("#"+name+" option[selected]").Text())
		}
		if a.page().Find("[data-find-clear]").Length() != 1 {
			t.Errorf("nothing clears the filter by %s", name)
		}
	}
	busy := b.get("/users?busy=on").page()
	if rows := busy.Find("tbody tr"); rows.Length() == 0 || rows.Find("td .tag-warning").Length() != rows.Length() {
		t.Errorf("of %d busy people %d are said to be", rows.Length(), rows.Find("td .tag-warning").Length())
	}
}

// Other spellings, near misses and single words are offered, and said to be what
// they are.
func TestFindingForgives(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(supervisor)
	a := b.get("/users?q=mueller").want(http.StatusOK).wantText("with accents added or left out")
	if len(a.names()) == 0 || !strings.Contains(a.names()[0], "Müller") {
		t.Errorf("mueller finds %q", a.names())
	}
	a = b.get("/users?q=kelelr+mina").want(http.StatusOK).wantText("Nobody found", "People with a similar name")
	if !slices.Contains(a.names(), "Mina Keller") {
		t.Errorf("offered are %q", a.names())
	}
	words := a.page().Find(".empty a q").Map(func(_ int, s *goquery.Selection) string { return s.Text() })
	if !slices.Equal(words, []string{"kelelr", "mina"}) {
		t.Errorf("single words: %q", words)
	}
	other, ok := b.get("/users?q=amara").page().Find("#results a[href*='spelling=any']").Attr("href")
	if !ok || len(b.get(other).want(http.StatusOK).names()) == 0 {
		t.Errorf("other spellings are offered as %q", other)
	}
}

// While somebody types nobody asks for evidence.
func TestTypingAsksForNoEvidence(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(supervisor)
	c.forget()
	b.get("/users?q=keller&typing=on").want(http.StatusOK).wantText("Mina Keller", "…").wantNoText("none known", "not reported")
	c.wantAsked(1, "POST /api/v2/users/search")
	c.wantAsked(0, "GET /api/v2/users?")
}

// The page of somebody who was just revoked asks by itself whether they came
// back: for two minutes, for whoever revoked, and without keeping the session.
func TestFollowingARevocation(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.mint(agent)
	b, other := c.signedIn(supervisor), c.signedIn(admin)
	c.clock.advance(time.Minute)
	person := "/users/" + c.userID(agent)
	follow := b.follow(revokeAgent(b)).page().Find("#proof-now").AttrOr("data-follow", "")
	if follow != person+"/proof" {
		t.Fatalf("the page follows %q", follow)
	}
	if a := other.get(person); a.page().Find("#proof-now").AttrOr("data-follow", "") != "" {
		t.Error("somebody else's page follows too")
	}
	other.get(follow).want(http.StatusNoContent)
	a := b.get(follow).want(http.StatusOK)
	if !strings.Contains(a.body, "Nothing since") || a.set(sessionCookie) != nil {
		t.Errorf("it says %s and sets %v", a.body, a.set(sessionCookie))
	}
	c.clock.advance(40 * time.Second)
	c.mint(agent)
	if a := b.get(follow).want(http.StatusOK); !strings.Contains(a.body, `"returned":"Came back 40 s after the revocation"`) {
		t.Errorf("it says %s", a.body)
	}
	c.disturb(emulator.Fault{Match: "GET /api/v2/users/", Status: 429})
	if a := b.get(follow).want(http.StatusOK); !strings.Contains(a.body, "Not reported") {
		t.Errorf("while the platform does not tell: %s", a.body)
	}
	c.calm()
	c.clock.advance(2 * time.Minute)
	c.forget()
	b.get(follow).want(http.StatusNoContent)
	c.wantAsked(0, "GET /api/v2/users/")
	b.get("/users/" + c.userID(admin) + "/proof").want(http.StatusNoContent)
	b.get("/users/me/proof").wantProblem(http.StatusBadRequest, "user-id-invalid")
	c.signedIn(agent).get(follow).want(http.StatusForbidden)
}

// After a revocation nothing on the page speaks against it.
func TestPageAfterARevocationContradictsNothing(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.mint(agent)
	b, person := c.signedIn(supervisor), "/users/"+c.userID(agent)
	c.clock.advance(time.Minute)
	b.get(person).wantText("Revoking ends it")
	a := b.follow(revokeAgent(b)).wantText("Nothing since", "Revoke again").wantNoText("Revoking ends it")
	for _, form := range []string{"/revoke", "/playbooks/lost-phone"} {
		b.get(person+form).want(http.StatusOK).wantNoText("Revoking ends it", "In an interaction")
	}
	c.clock.advance(20 * time.Minute)
	b.get(person).wantText("Nothing since", "No token is known that revoking again would end").wantNoText("Revoking ends it")
	if a.page().Find("main a.danger").Length() != 0 {
		t.Error("it still asks to revoke")
	}
	c.clock.advance(40 * time.Second)
	c.mint(agent)
	if b.get(person).page().Find("main a.danger").Length() != 1 {
		t.Error("who came back cannot be revoked")
	}
}

// The report can be pasted anywhere, and says nothing that Markdown would obey.
func TestIncidentReport(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	hostile := c.userID("imported.record@demo.example")
	b := c.signedIn(supervisor)
	page := b.follow(b.post("/users/"+hostile+"/revoke", url.Values{"reason": {"[click](https://evil.example)\r\n# here @all"}, "ticket": {"INC|1"}})).page()
	text, markdown := page.Find("#report-text").Text(), page.Find("#report-markdown").Text()
	entries := c.entries()
	for _, want := range []string{hostile, "Samuel Ortiz", "2026-11-24T12:00:00Z", entries[1].CorrelationID, entries[1].RequestID, "[click](https://evil.example) # here @all", "INC|1"} {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks %q:\n%s", want, text)
		}
	}
	if strings.ContainsAny(strings.NewReplacer(`\[`, "", `\]`, "", `\#`, "", `\|`, "", `\>`, "", "&#64;", "", "## All", "").Replace(markdown), "[]<>|@#!") {
		t.Errorf("the Markdown does something:\n%s", markdown)
	}
}

// What is chosen and what is written go on the record together.
func TestReasonsToChooseFrom(t *testing.T) {
	t.Parallel()
	c := newConsole(t, func(s *setup) { s.console.Reasons = []string{"Lost phone", "Left", "Other"} })
	b, target := c.signedIn(supervisor), c.revocationOf(agent)
	choices := b.get(target).page().Find("input[name=chosen]").Map(func(_ int, s *goquery.Selection) string { return s.AttrOr("value", "") })
	if !slices.Equal(choices, []string{"Lost phone", "Left", "Other"}) {
		t.Errorf("to choose from: %q", choices)
	}
	for name, test := range map[string]struct{ chosen, words, want string }{
		"chosen":              {"Lost phone", "", "Lost phone"},
		"chosen and written":  {"Left", "on Friday", "Left: on Friday"},
		"written":             {"", "on the train", "on the train"},
		"other":               {"Other", "moved desks", "moved desks"},
		"other, not written":  {"Other", "", ""},
		"not one of the list": {"Forged", "", ""},
		"chosen, no words":    {"Left", "...", ""},
	} {
		t.Run(name, func(t *testing.T) {
			b, c := b.in(t), c.in(t)
			a := b.post(target, url.Values{"chosen": {test.chosen}, "reason": {test.words}})
			if test.want == "" {
				page := a.want(http.StatusUnprocessableEntity).page()
				if got := page.Find("input[name=chosen][checked]").AttrOr("value", ""); got != test.chosen && test.chosen != "Forged" {
					t.Errorf("what was chosen came back as %q", got)
				}
				return
			}
			a.wantTo("/users/")
			all := c.entries()
			if got := all[len(all)-2].Reason; got != test.want {
				t.Errorf("the record says %q", got)
			}
		})
	}
}

func TestManagerIsALink(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	link := c.signedIn(supervisor).get("/users/" + c.userID(agent)).page().Find("main dd a").First()
	if link.Text() != "Samuel Ortiz" || link.AttrOr("href", "") != "/users/"+c.userID(supervisor) {
		t.Errorf("%q leads to %q", link.Text(), link.AttrOr("href", ""))
	}
}

// People who were ticked, or all who were found, lead on to a batch of just them.
func TestFoundPeopleLeadToABatch(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	page := b.get("/users?q=billing&state=active").page()
	sent := url.Values{}
	page.Find("form#ticked input").Each(func(_ int, s *goquery.Selection) { sent.Set(s.AttrOr("name", ""), s.AttrOr("value", "")) })
	ticks := page.Find("input[name=id][form=ticked]")
	sent["id"] = []string{ticks.Eq(0).AttrOr("value", ""), ticks.Eq(1).AttrOr("value", "")}
	plan := b.follow(b.post("/batches", sent).wantTo("/batches/"))
	plan.want(http.StatusOK).wantText("2")
	sent = url.Values{}
	page.Find(".found-head form input").Each(func(_ int, s *goquery.Selection) { sent.Set(s.AttrOr("name", ""), s.AttrOr("value", "")) })
	if sent.Get("q") != "billing" || sent.Get("state") != "active" {
		t.Errorf("all found are sent as %v", sent)
	}
	b.follow(b.post("/batches", sent).wantTo("/batches/")).want(http.StatusOK)
	if n := b.get("/users").page().Find(".found-head form").Length(); n != 0 {
		t.Error("everybody is offered as found")
	}
}
