package handlers_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/emulator"
)

// People are found without their evidence too: that it is missing is told.
func TestPeopleAreShownWithoutEvidence(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b, person := c.signedIn(supervisor), "/users/"+c.userID(agent)
	for name, f := range map[string]emulator.Fault{
		"failed": {Status: 503}, "cut off": {Reset: true}, "limited": {Status: 429, RetryAfter: 5},
		"garbage": {Status: 200, Body: body("{}"), ContentType: "text/plain"},
	} {
		t.Run(name, func(t *testing.T) {
			c, b := c.in(t), b.in(t)
			f.Match = "GET /api/v2/users?"
			c.disturb(f)
			a := b.get("/users?q=keller").want(http.StatusOK).wantText("did not report the last tokens", "not reported").wantNoText("none known")
			if !slices.Contains(a.names(), "Mina Keller") || a.page().Find("tbody .tag-warning").Text() != "In an interaction" {
				t.Errorf("nobody, or evidence that nobody gave: %s", a.text())
			}
			c.calm()
		})
	}
	// The person's own page says why, and still leads to the revocation.
	c.disturb(faultOf("GET /api/v2"+person, 503))
	a := b.get(person).want(http.StatusOK)
	if a.page().Find("main .notice-warning").Length() != 1 || a.page().Find("a.danger").Length() != 1 || a.page().Find("section.stats").Length() != 0 {
		t.Errorf("the page: %s", a.text())
	}
	if n := b.get(person + "/revoke").want(http.StatusOK).page().Find("main .notice-warning").Length(); n != 1 {
		t.Error("the form does not say that nobody knows who it is")
	}
}

func TestPersonUnknownToThePlatform(t *testing.T) {
	t.Parallel()
	b := newConsole(t).signedIn(supervisor)
	const nobody = "/users/00000000-0000-4000-8000-000000000000"
	for _, path := range []string{nobody, nobody + "/revoke"} {
		t.Run(path, func(t *testing.T) { b.in(t).get(path).wantProblem(http.StatusNotFound, "not-found") })
	}
}

func TestEvidenceOfAPerson(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b, person := c.signedIn(supervisor), "/users/"+c.userID(agent)
	c.mint(agent)
	c.clock.advance(40 * time.Second)
	a := b.get(person).want(http.StatusOK).wantText("Last token issued", "40 s ago", "On queue", "In an interaction", "Billing Agent", "Samuel Ortiz", agent)
	if a.title() != "Mina Keller" || a.page().Find(".initials.large").Text() != "MK" {
		t.Errorf("the page is about %s, %s", a.title(), a.page().Find(".initials.large").Text())
	}
	b.get(person+"/revoke").wantText("In an interaction", "40 s ago")
	// What the platform calls a call is said before it is cut off.
	c.disturb(emulator.Fault{Match: "GET /api/v2/users/", Body: body(map[string]any{
		"id": c.userID(agent), "name": "Mina Keller", "routingStatus": map[string]string{"status": "COMMUNICATING"},
	})})
	b.get(person).wantText("On a call", "None known")
	if n := b.get(person + "/revoke").wantText("On a call").page().Find(".sheet-head .tag-warning").Length(); n != 1 {
		t.Errorf("%d warnings", n)
	}
}

// The proof of a revocation is that no token was issued since. One that was is
// told, with its distance.
func TestProofOfARevocation(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b, person := c.signedIn(supervisor), "/users/"+c.userID(agent)
	c.mint(agent)
	before := c.clock.now().UTC().Format("2 Jan 2006, 15:04:05")
	if n := b.get(person).page().Find("#proof").Length(); n != 0 {
		t.Error("a proof of nothing")
	}
	c.clock.advance(90 * time.Second)
	a := b.follow(revokeAgent(b)).wantTone("good").wantText(lostPhone, "INC-4711")
	steps := a.page().Find("#proof figure li").Map(func(_ int, s *goquery.Selection) string { return s.Text() })
	if len(steps) != 3 || !strings.Contains(steps[0], before) || !strings.Contains(steps[1], "Samuel Ortiz") || !strings.Contains(steps[2], "Nothing since") {
		t.Errorf("the time line says %q", steps)
	}
	reissued := func(want int) {
		t.Helper()
		a := b.get(person)
		warned := a.page().Find("#proof .notice-warning").FilterFunction(func(_ int, s *goquery.Selection) bool { return strings.Contains(s.Text(), "40 s after") })
		if warned.Length() != want {
			t.Errorf("%d warnings of a new token: %s", warned.Length(), a.text())
		}
	}
	c.clock.advance(40 * time.Second)
	c.mint(agent)
	c.clock.advance(10 * time.Minute)
	reissued(1)
	// A revocation that nobody confirmed proves nothing, and hides no earlier one.
	c.disturb(emulator.Fault{Match: "DELETE ", Reset: true})
	revokeAgent(b).wantProblem(http.StatusBadGateway, "revocation-outcome-unknown")
	c.calm()
	reissued(1)
	revokeAgent(b).wantTo(person)
	reissued(0)
}

// What the record has about people is for those who may revoke; who may only look
// sees the evidence.
func TestPersonsRecordIsForThoseWhoMayRevoke(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(supervisor)
	revokeAgent(b).wantTo("/users/")
	c.disturb(emulator.Fault{Match: "GET /api/v2/users/me", Body: body(map[string]any{
		"id": c.userID(admin), "name": "Ada Park", "authorization": map[string]any{"permissions": []string{"directory:user:view"}},
	})})
	looker := c.newBrowser()
	looker.signIn(admin).wantTo(home)
	a := looker.get("/users/"+c.userID(agent)).want(http.StatusOK).wantNoText(lostPhone, "INC-4711", "Last revocation")
	if len(a.seqs()) != 0 || a.page().Find("a.danger").Length() != 0 {
		t.Errorf("the record, or the revocation, is offered: %s", a.text())
	}
}

func TestPersonsPageLeadsToAllOfTheRecord(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	e := audit.Entry{Actor: partyOf(t, supervisor), Subject: partyOf(t, agent), Outcome: audit.Refused}
	c.add(slices.Repeat([]audit.Entry{e}, 11)...)
	b := c.signedIn(supervisor)
	a := b.get("/users/" + c.userID(agent)).want(http.StatusOK)
	if n := len(a.seqs()); n != 10 {
		t.Errorf("%d entries on the page", n)
	}
	link := a.page().Find("main a[href^='/audit?']").AttrOr("href", "/")
	if got := len(b.get(link).want(http.StatusOK).seqs()); got != 11 {
		t.Errorf("%d entries behind the link %s", got, link)
	}
	if !strings.Contains(link, url.QueryEscape(c.userID(agent))) {
		t.Errorf("the link is %q", link)
	}
}
