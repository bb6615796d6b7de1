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
)

// names are the people that a page of results shows, as shown.
func (a *answer) names() []string {
	a.t.Helper()
	return a.page().Find("table.people .who span:last-child").Map(func(_ int, s *goquery.Selection) string { return s.Text() })
}

func TestSearchAsksForEvidenceOnce(t *testing.T) {
	t.Parallel()
	rec := newRecorded(t)
	b := rec.signedIn(supervisor)
	rec.forget()
	a := b.get("/users?q=demo.example").want(http.StatusOK)
	if n := len(a.names()); n != 25 {
		t.Errorf("%d people on the page", n)
	}
	rec.wantAsked(1, "POST /api/v2/users/search")
	rec.wantAsked(1, "GET /api/v2/users")
	evidence := rec.asked("GET /api/v2/users")[0].Path
	for _, want := range []string{"expand=lasttokenissued", "expand=dateLastLogin", "expand=presence", "expand=routingStatus", "state=any", "pageSize=100"} {
		if !strings.Contains(evidence, want) {
			t.Errorf("the evidence is asked for without %s: %s", want, evidence)
		}
	}
	if n := strings.Count(evidence, "&id="); n != 25 {
		t.Errorf("the evidence is of %d people", n)
	}
}

// Whoever types a whole address means that person, on whatever page they are.
func TestSearchExactEmailComesFirst(t *testing.T) {
	t.Parallel()
	rec := newRecorded(t, func(s *setup) { s.emulator.Users = 200 })
	b := rec.signedIn(supervisor)
	all := []string{}
	for _, page := range []string{"1", "2", "3", "4", "5", "6", "7", "8"} {
		all = append(all, b.get("/users?q=%40demo.example&page="+page).want(http.StatusOK).names()...)
	}
	if at := slices.Index(all, "Samuel Ortiz"); len(all) != 200 || at < 25 {
		t.Fatalf("%d people, Samuel Ortiz is at %d: too early to tell", len(all), at)
	}
	a := b.get("/users?q=Supervisor%40demo.example").want(http.StatusOK)
	first := a.page().Find("table.people tbody tr").First().Text()
	for _, want := range []string{"Samuel Ortiz", "exact email", "you", "Contact Centre Supervisor", "Operations", "active"} {
		if !strings.Contains(first, want) {
			t.Errorf("the first row lacks %q: %s", want, first)
		}
	}
	if n := len(slices.Compact(slices.Sorted(slices.Values(a.names())))); n != len(a.names()) {
		t.Errorf("somebody is listed twice: %v", a.names())
	}
}

func TestSearchFindsPeopleInEveryState(t *testing.T) {
	t.Parallel()
	rec := newRecorded(t)
	b := rec.signedIn(supervisor)
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
	// A deleted person's tokens may live on, so there is a page and the way to end them.
	a := b.get(gone).want(http.StatusOK)
	if a.page().Find("main .state").First().Text() != "deleted" || a.page().Find("a.danger").Length() != 1 {
		t.Errorf("the page of a deleted person: %s", a.text())
	}
}

func TestSearchPages(t *testing.T) {
	t.Parallel()
	rec := newRecorded(t)
	b := rec.signedIn(supervisor)
	for page, want := range map[string]string{
		"1": "60 people, 1 to 25", "3": "60 people, 51 to 60", "0": "60 people, 1 to 25", "-1": "60 people, 1 to 25",
		"x": "60 people, 1 to 25", "99": "60 people, 51 to 60", "99999999999999999999": "60 people, 1 to 25",
	} {
		a := b.get("/users?q=demo.example&page=" + page).want(http.StatusOK)
		if got := a.page().Find("caption").Text(); got != want {
			t.Errorf("page %s is %q, want %q", page, got, want)
		}
	}
	b.get("/users?q=" + strings.Repeat("%C3%BC", 200)).want(http.StatusOK).wantText("Nobody found")
	b.get("/users?q=" + strings.Repeat("%C3%BC", 201)).want(http.StatusUnprocessableEntity).wantText("longer than 200 characters")
}

func TestPeopleAreShownWithoutEvidence(t *testing.T) {
	t.Parallel()
	rec := newRecorded(t)
	b := rec.signedIn(supervisor)
	for _, f := range []fault{{Status: 503}, {Reset: true}, {Status: 429, RetryAfter: 5}, {Status: 200, Body: "{}", ContentType: "text/plain"}} {
		f.Match = "GET /api/v2/users?"
		rec.disturb(f)
		a := b.get("/users?q=keller").want(http.StatusOK).wantText("did not give the evidence", "the people are right", "Mina Keller", "none known", "Not known")
		if a.page().Find(".tag-warning").Length() != 0 {
			t.Error("it knows what nobody told")
		}
		rec.calm()
	}
	// The person's own page says why, and still leads to the revocation.
	rec.disturb(fault{Match: "GET /api/v2/users/" + rec.userID(agent), Status: 503})
	a := b.get("/users/"+rec.userID(agent)).want(http.StatusOK).wantText("Who this is could not be found out. Genesys Cloud failed", rec.userID(agent))
	if a.page().Find("a.danger").Length() != 1 || a.page().Find("section.deadlines").Length() != 0 {
		t.Errorf("the page: %s", a.text())
	}
}

func TestEvidenceOfAPerson(t *testing.T) {
	t.Parallel()
	rec := newRecorded(t)
	b := rec.signedIn(supervisor)
	rec.mint(agent)
	rec.clock.advance(40 * time.Second)
	a := b.get("/users/"+rec.userID(agent)).want(http.StatusOK).wantText(
		"Mina Keller", "Last token issued", "40 s ago", "Last password log-in", "people on single sign-on have none", "On queue",
		"In an interaction", "Billing Agent", "Samuel Ortiz", agent, "Home")
	if a.page().Find(".initials.large").Text() != "MK" {
		t.Errorf("initials %q", a.page().Find(".initials.large").Text())
	}
	b.get("/users/"+rec.userID(agent)+"/revoke").wantText("In an interaction Revoking ends it.", "40 s ago")
	// What the platform calls a call is said before it is cut off.
	rec.disturb(fault{Match: "GET /api/v2/users/", Status: 200, Body: map[string]any{
		"id": rec.userID(agent), "name": "Mina Keller", "routingStatus": map[string]string{"status": "COMMUNICATING"},
	}})
	b.get("/users/"+rec.userID(agent)).wantText("On a call", "None known")
	b.get("/users/" + rec.userID(agent) + "/revoke").wantText("On a call Revoking ends it.")
}

func TestProofOfARevocation(t *testing.T) {
	t.Parallel()
	rec := newRecorded(t)
	b := rec.signedIn(supervisor)
	page := "/users/" + rec.userID(agent)
	rec.mint(agent)
	before := rec.clock.now().UTC().Format("2 Jan 2006, 15:04:05 UTC")
	if text := b.get(page).text(); strings.Contains(text, "Last revocation") {
		t.Errorf("a proof of nothing: %s", text)
	}
	rec.clock.advance(90 * time.Second)
	b.follow(b.post(page+"/revoke", revocationForm)).wantText(
		"All tokens of Mina Keller are revoked", "Last revocation", "by Samuel Ortiz", "Last token before"+before,
		"the same: no new token since", "On the record", lostPhone, "Ticket INC-4711")
	rec.clock.advance(40 * time.Second)
	rec.mint(agent)
	rec.clock.advance(10 * time.Minute)
	b.get(page).wantText("A new token was issued 40 s after the revocation.", "change those first, then revoke again")

	// A revocation that nobody confirmed proves nothing, and hides no earlier one.
	rec.disturb(fault{Match: "DELETE ", Reset: true})
	b.post(page+"/revoke", revocationForm).want(http.StatusBadGateway).wantText("It is unknown whether the tokens were revoked")
	rec.calm()
	b.get(page).wantText("A new token was issued 40 s after the revocation.", "unknown")
	b.follow(b.post(page+"/revoke", revocationForm))
	if text := b.get(page).text(); strings.Contains(text, "A new token was issued") {
		t.Errorf("after another revocation there is no new token: %s", text)
	}
}

// The record of people is for those who may revoke; who may only look sees the
// evidence.
func TestPersonsRecordIsForThoseWhoMayRevoke(t *testing.T) {
	t.Parallel()
	rec := newRecorded(t)
	rec.signedIn(supervisor).post(revocationOf(rec.testServer, agent), revocationForm).wantTo("/users/")
	rec.disturb(fault{Match: "GET /api/v2/users/me", Status: 200, Body: map[string]any{
		"id": rec.userID(admin), "name": "Ada Park", "authorization": map[string]any{"permissions": []string{"directory:user:view"}},
	}})
	b := rec.signedIn(admin)
	rec.calm()
	a := b.get("/users/" + rec.userID(agent)).want(http.StatusOK).wantText("Mina Keller")
	for _, secret := range []string{lostPhone, "Last revocation", "On the record"} {
		if strings.Contains(a.text(), secret) {
			t.Errorf("it tells %q", secret)
		}
	}
}

func TestPersonsPageLeadsToAllOfTheRecord(t *testing.T) {
	t.Parallel()
	rec := newRecorded(t)
	b := rec.signedIn(supervisor)
	var many []audit.Entry
	for range 11 {
		many = append(many, audit.Entry{Actor: rec.party(supervisor), Subject: rec.party(agent), Outcome: audit.Refused, Action: audit.Revoke})
	}
	rec.add(many...)
	a := b.get("/users/" + rec.userID(agent)).want(http.StatusOK)
	if n := len(a.seqs()); n != 10 {
		t.Errorf("%d entries on the page", n)
	}
	link := a.page().Find("a").FilterFunction(func(_ int, s *goquery.Selection) bool { return s.Text() == "All entries about this person" })
	if got := len(b.get(link.AttrOr("href", "/")).want(http.StatusOK).seqs()); got != 11 {
		t.Errorf("%d entries behind the link", got)
	}
	if !strings.Contains(link.AttrOr("href", ""), url.QueryEscape(rec.userID(agent))) {
		t.Errorf("the link is %q", link.AttrOr("href", ""))
	}
}
