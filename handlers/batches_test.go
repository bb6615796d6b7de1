package handlers_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/batch"
	"tokenconsole/session"
)

// withBatches sets what the settings say about batches.
func withBatches(p batch.Policy) func(*setup) { return func(s *setup) { s.console.Batches = p } }

// prepared has b choose people, and returns the page of the plan.
func (b *browser) prepared(form url.Values) *answer {
	b.t.Helper()
	a := b.post("/batches", form).wantTo("/batches/")
	return b.get(a.location()).want(http.StatusOK)
}

// list chooses the people of a pasted list.
func list(lines ...string) url.Values {
	return url.Values{"from": {"list"}, "people": {strings.Join(lines, "\r\n")}}
}

// batchPath is the path of the batch whose page a is.
func (a *answer) batchPath() string {
	a.t.Helper()
	path, _, _ := strings.Cut(a.Request.URL.Path, "?")
	return path
}

// plans are what the plan on a page says of each row.
func (a *answer) plans() []string {
	a.t.Helper()
	return a.page().Find("#people tbody tr .plan").Map(func(_ int, s *goquery.Selection) string { return squeezed(s.Text()) })
}

// figure is the number that a label with text explains.
func (a *answer) figure(text string) string {
	a.t.Helper()
	return squeezed(a.page().Find(".stat:has(h3:contains('" + text + "')) .value").First().Text())
}

// A list becomes a plan in which everybody is once, and nothing is revoked.
func TestAListBecomesAPlan(t *testing.T) {
	t.Parallel()
	c := newConsole(t, withProtected("SUPERVISOR@demo.example"))
	b := c.signedIn(admin)
	inactive := c.people("inactive")[0]
	a := b.prepared(list(agent, "nobody@demo.example", "Jun Zhang", "Mina Keller", supervisor, admin, inactive))
	want := []string{"To be revoked", "Not found", "Ambiguous", "Named twice", "Protected", "Yourself", "Inactive"}
	if got := a.plans(); !slices.Equal(got, want) {
		t.Errorf("the plan says %q, want %q", got, want)
	}
	tabs := a.page().Find(".filter-tabs a").Map(func(_ int, s *goquery.Selection) string { return squeezed(s.Text()) })
	wantTabs := []string{
		"Everybody 7", "To be revoked 1", "In an interaction 1", "Ambiguous 1", "Not found 1", "Named twice 1", "Inactive 1", "Protected 1", "Yourself 1",
	}
	if !slices.Equal(tabs, wantTabs) {
		t.Errorf("the tabs are %q, want %q", tabs, wantTabs)
	}
	if people, busy, admins := a.figure("To be revoked"), a.figure("in an interaction"), a.figure("Administrators"); people != "1" || busy != "1" || admins != "0" {
		t.Errorf("%s people, %s of them busy, %s administrators", people, busy, admins)
	}
	c.wantAsked(0, "DELETE ")
	entries := c.entries()
	if last := entries[len(entries)-1]; last.Action != audit.PrepareBatch || last.Plan == "" || !strings.HasSuffix(a.batchPath(), last.Batch) {
		t.Errorf("the record ends in %+v", last)
	}
}

// An ambiguous row is settled by choosing, and who prepared a batch joins it only by saying so, last.
func TestAPlanIsSettled(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	a := b.prepared(list("Jun Zhang", admin, agent))
	path := a.batchPath()
	option, _ := a.page().Find("select[name=person] option").Eq(1).Attr("value")
	b.post(path+"/choose", url.Values{"position": {"1"}, "person": {option}}).wantTo(path)
	b.get(path).wantText("Nobody is ambiguous any more")
	b.post(path+"/choose", url.Values{"position": {"1"}, "person": {option}}).wantProblem(http.StatusUnprocessableEntity, "batch-row-unknown")
	b.post(path+"/include", url.Values{"include": {"yes"}}).wantTo(path)
	a = b.get(path).wantText("You are among them, last.")
	if got := a.figure("To be revoked"); got != "3" {
		t.Errorf("%s people are to be revoked, want 3", got)
	}
	if got := a.figure("Administrators"); got != "1" {
		t.Errorf("%s of them are administrators, want 1", got)
	}
	b.post(path+"/include", nil).wantTo(path)
	if got := b.get(path).figure("To be revoked"); got != "2" {
		t.Errorf("%s people are to be revoked, want 2", got)
	}
}

// After a choice the next ambiguous row is at hand, or the first that was passed over, however long the list is.
func TestTheNextAmbiguousRowIsAtHand(t *testing.T) {
	t.Parallel()
	b := newConsole(t).signedIn(admin)
	a := b.prepared(list(slices.Repeat([]string{"Jun Zhang"}, 60)...))
	path := a.batchPath()
	option, _ := a.page().Find("select[name=person] option").Eq(1).Attr("value")
	for _, test := range []struct{ position, next, to string }{
		{"1", "2", "?after=1&show=ambiguous"}, {"55", "56", "?after=55&show=ambiguous"}, {"60", "2", "?show=ambiguous"},
	} {
		answer := b.post(path+"/choose", url.Values{"position": {test.position}, "person": {option}})
		answer.wantTo(path + test.to + "#choice-" + test.next)
		if b.get(path+test.to).page().Find("select#choice-"+test.next).Length() != 1 {
			t.Errorf("after row %s the choice of row %s is not there", test.position, test.next)
		}
	}
}

func TestWaysToChoosePeople(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	for from, name := range map[string]string{
		"queue": "Billing", "group": "Claims", "role": "Supervisor", "team": "Sales team 1", "division": "Insurance",
	} {
		t.Run(from, func(t *testing.T) {
			b := b.in(t)
			page := b.get("/batches/new?from=" + from + "&name=" + url.QueryEscape(strings.ToLower(name))).want(http.StatusOK)
			set, _ := page.page().Find("input[name=set]").First().Attr("value")
			a := b.prepared(url.Values{"from": {from}, "set": {set}})
			if plans := a.plans(); len(plans) == 0 || slices.Contains(plans, "Not found") {
				t.Errorf("the plan says %q", plans)
			}
			a.wantText("“" + name + "”")
			b.post("/batches", url.Values{"from": {from}, "set": {""}}).want(http.StatusUnprocessableEntity)
			b.post("/batches", url.Values{"from": {from}, "set": {"../me"}}).want(http.StatusUnprocessableEntity)
		})
	}
	t.Run("department", func(t *testing.T) {
		b := b.in(t)
		b.prepared(url.Values{"from": {"department"}, "name": {"night desk"}}).wantText("To be revoked")
		b.post("/batches", url.Values{"from": {"department"}, "name": {"Nowhere"}}).want(http.StatusUnprocessableEntity).wantText("Nobody is in it")
		b.post("/batches", url.Values{"from": {"department"}, "name": {" "}}).want(http.StatusUnprocessableEntity)
	})
	t.Run("ticked", func(t *testing.T) {
		b := b.in(t)
		ids := url.Values{"from": {"people"}, "id": {c.userID(agent), c.userID(supervisor)}}
		if plans := b.prepared(ids).plans(); len(plans) != 2 {
			t.Errorf("the plan says %q", plans)
		}
		b.post("/batches", url.Values{"from": {"people"}}).wantProblem(http.StatusUnprocessableEntity, "batch-empty")
		b.post("/batches", url.Values{"from": {"people"}, "id": {"me"}}).wantProblem(http.StatusBadRequest, "user-id-invalid")
	})
	t.Run("found", func(t *testing.T) {
		b := b.in(t)
		b.prepared(url.Values{"from": {"search"}, "q": {"keller"}}).wantText("Mina Keller")
	})
}

// A search that is empty, or not understood, never means everybody.
func TestAnEmptySearchIsNotEverybody(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	for name, form := range map[string]url.Values{
		"empty":            {},
		"only spaces":      {"q": {"  "}},
		"an unknown state": {"q": {""}, "state": {"everything"}},
		"an odd checkbox":  {"busy": {"1"}},
		"a state unknown":  {"q": {"a"}, "state": {"everything"}},
		"only a sort":      {"sort": {"-name"}},
	} {
		t.Run(name, func(t *testing.T) {
			form.Set("from", "search")
			b.in(t).post("/batches", form).wantProblem(http.StatusUnprocessableEntity, "batch-empty")
		})
	}
	b.post("/batches", url.Values{"from": {"everybody"}}).wantProblem(http.StatusBadRequest, "form-unreadable")
	b.post("/batches", url.Values{}).wantProblem(http.StatusBadRequest, "form-unreadable")
}

// What somebody may not read is not offered, and says which permission that takes.
func TestWaysThatTakeAPermission(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(supervisor)
	for from, permission := range map[string]string{
		"queue": "routing:queue:view", "team": "groups:team:view", "role": "authorization:role:view",
	} {
		page := b.get("/batches/new?from=" + from).want(http.StatusOK).wantText(permission)
		if page.page().Find("main form").Length() > 0 {
			t.Errorf("%s is offered", from)
		}
		b.post("/batches", url.Values{"from": {from}, "set": {"x"}}).wantProblem(http.StatusForbidden, "permission-missing").wantText(permission)
	}
	if admins := b.prepared(list(agent)).figure("Administrators"); admins != "Not known" {
		t.Errorf("%s administrators", admins)
	}
}

// upload is the form of a list that is in a file.
func (b *browser) upload(name, content string) *http.Request {
	b.t.Helper()
	return b.postParts("/batches", url.Values{"from": {"list"}, "people": {""}}, name, content)
}

func TestT7_UploadsAreBounded(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	a := b.do(b.upload("leavers.csv", "Name;Email\nMina;"+agent+"\n")).wantTo("/batches/")
	b.get(a.location()).wantText("Mina Keller")
	b.do(b.upload("leavers.xlsx", "PK\x03\x04\x00")).want(http.StatusUnprocessableEntity).wantText("not text")
	b.do(b.upload("long.txt", strings.Repeat("a@b.example\n", batch.MaxPeople+1))).want(http.StatusUnprocessableEntity).wantText("10,000")
	b.do(b.upload("large.txt", strings.Repeat("x", 3<<20))).wantProblem(http.StatusRequestEntityTooLarge, "form-too-large")
	c.forget()
	stranger := c.newBrowser()
	stranger.do(stranger.upload("leavers.csv", agent)).want(http.StatusSeeOther).wantTo("/login")
	c.wantAsked(0, "")
}

// What was typed is not lost when something is wrong with it.
func TestWhatWasTypedStays(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	many := strings.Repeat("a@b.example\n", batch.MaxPeople+1)
	a := b.post("/batches", list(many)).want(http.StatusUnprocessableEntity)
	if got := a.page().Find("#people").Text(); !strings.HasPrefix(strings.TrimSpace(got), "a@b.example") {
		t.Errorf("the list is %.40q", got)
	}
	path := b.prepared(list(agent)).batchPath()
	for name, form := range map[string]url.Values{
		"no reason":         {"reason": {""}, "ticket": {"INC-1"}, "count": {"1"}},
		"another number":    {"reason": {"Lost laptop"}, "ticket": {"INC-1"}, "count": {"2"}},
		"the number oddly":  {"reason": {"Lost laptop"}, "ticket": {"INC-1"}, "count": {"01"}},
		"no number":         {"reason": {"Lost laptop"}, "ticket": {"INC-1"}, "count": {"one"}},
		"a reason too long": {"reason": {strings.Repeat("a", 501)}, "ticket": {"INC-1"}, "count": {"1"}},
	} {
		t.Run(name, func(t *testing.T) {
			page := b.in(t).post(path+"/start", form).want(http.StatusUnprocessableEntity).page()
			for field, want := range form {
				got := page.Find("[name="+field+"]").AttrOr("value", page.Find("textarea[name="+field+"]").Text())
				if got != want[0] {
					t.Errorf("%s is %.40q, want %.40q", field, got, want[0])
				}
			}
			if page.Find("[aria-invalid=true]").Length() != 1 {
				t.Error("no field, or several, are marked")
			}
		})
	}
	c.wantAsked(0, "DELETE ")
}

// A batch that needs it waits for a second person, who is not the one who prepared it.
func TestASecondPersonDecides(t *testing.T) {
	t.Parallel()
	c := newConsole(t, withBatches(batch.Policy{ApprovalOver: 1, ApprovalWithin: time.Hour}))
	first, second := c.signedIn(admin), c.signedIn(supervisor)
	path := first.prepared(list(agent, "Jun Zhang", c.people("active")[5])).batchPath()
	start := url.Values{"reason": {"Lost laptop"}, "ticket": {"INC-1"}, "count": {"2"}}
	start.Set("reason", "Lost laptop "+c.mint(agent))
	first.post(path+"/start", start).wantTo(path)
	first.get(path).wantText("Waiting for approval", "Nobody is revoked before somebody else")
	first.post(path+"/approve", reason).wantProblem(http.StatusForbidden, "batch-same-person")
	first.get(path).wantText("Lost laptop [removed: looks like a token]")
	if again := second.post(path+"/decline", nil).want(http.StatusUnprocessableEntity); again.page().Find("#reason[aria-invalid=true]").Length() != 1 {
		t.Error("a decision without a reason is not marked")
	}
	second.post(path+"/decline", url.Values{"reason": {"Not these " + c.mint(agent)}}).wantTo(path)
	second.get(path).wantText("Cancelled", "declined it: Not these [removed: looks like a token]")
	second.post(path+"/approve", reason).wantProblem(http.StatusConflict, "batch-moved")
	c.wantAsked(0, "DELETE ")
}

// people are the addresses of the organization's people in a state.
func (c *console) people(state string) (emails []string) {
	c.t.Helper()
	status, content := c.call(http.MethodGet, "/api/v2/users?pageSize=100&state="+state, c.mint(admin), nil)
	var found struct{ Entities []struct{ Email string } }
	if err := json.Unmarshal(content, &found); err != nil || status != http.StatusOK {
		c.t.Fatal(status, err)
	}
	for _, u := range found.Entities {
		emails = append(emails, u.Email)
	}
	return emails
}

// Batches of other organizations do not exist, whatever is asked about them.
func TestBatchesOfOthersDoNotExist(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	path := c.signedIn(admin).prepared(list(agent)).batchPath()
	b := c.newBrowser()
	b.plant(sessionCookie, c.sealed(admin, func(s *session.Session) { s.Organization.ID = "another" }))
	for _, target := range []string{"", "/live", "/events", "/sheet", "/report.csv", "/report.json", "/receipt"} {
		b.get(path+target).wantProblem(http.StatusNotFound, "batch-unknown")
	}
	for _, act := range []string{"start", "approve", "decline", "pause", "resume", "cancel", "retry", "takeover", "include"} {
		b.post(path+"/"+act, reason).wantProblem(http.StatusNotFound, "batch-unknown")
	}
	b.get("/batches").want(http.StatusOK).wantText("No batches")
}

// The list of batches shows all of the organization, newest first, and only those in a state if asked.
func TestListOfBatches(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	for i := range 55 {
		c.clock.advance(time.Second)
		path := b.prepared(list(c.people("active")[i%5+3])).batchPath()
		if i%2 == 0 {
			b.post(path+"/cancel", nil).wantTo(path)
		}
	}
	rows := func(a *answer) int { return a.page().Find(".batches tbody tr").Length() }
	first := b.get("/batches").want(http.StatusOK)
	older, _ := first.page().Find("a[rel=next]").Attr("href")
	if n, rest := rows(first), rows(b.get(older)); n != 50 || rest != 5 {
		t.Errorf("the list has %d and %d rows", n, rest)
	}
	if n := rows(b.get("/batches?state=cancelled")); n != 28 {
		t.Errorf("%d are cancelled, want 28", n)
	}
	var people []string
	for _, who := range b.get("/batches").page().Find(".batches tbody th").EachIter() {
		people = append(people, squeezed(who.Text()))
	}
	slices.Sort(people)
	if people = slices.Compact(people); len(people) != 5 {
		t.Errorf("batches of 5 people look like %d: %q", len(people), people)
	}
	b.get("/batches?state=odd&q=x").wantProblem(http.StatusUnprocessableEntity, "filter-unreadable")
	b.get("/batches?after=odd").want(http.StatusOK)
}

// The list finds batches by who is in them or acted on them, by reason, ticket and whom they are about.
func TestBatchesAreFound(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	desk := b.prepared(url.Values{"from": {"department"}, "name": {"night desk"}}).batchPath()
	c.clock.advance(time.Second) // the list has the newest first
	one := b.prepared(list(agent)).batchPath()
	b.post(one+"/start", url.Values{"reason": {"Lost 100% of laptops"}, "ticket": {"INC-77"}, "count": {"1"}}).wantTo(one)
	both := []string{one, desk}
	for query, want := range map[string][]string{
		"":                       both,
		"q=night+DESK":           {desk},
		"q=inc-77":               {one},
		"q=100%25+of":            {one},
		"q=1__%25":               nil,
		"q=" + one[9:20]:         {one},
		"person=Mina":            {one},
		"person=" + agent:        {one},
		"person=ada+park":        both,
		"person=nobody":          nil,
		"state=prepared":         {desk},
		"state=prepared&q=night": {desk},
		"state=prepared&q=inc":   nil,
	} {
		t.Run(query, func(t *testing.T) {
			page := b.in(t).get("/batches?" + query).want(http.StatusOK).page()
			got := page.Find(".batches tbody th a").Map(func(_ int, s *goquery.Selection) string { return s.AttrOr("href", "") })
			if !slices.Equal(got, want) {
				t.Errorf("found %q, want %q", got, want)
			}
		})
	}
}

// The home page of those who may revoke shows what goes on or waits for somebody, and leads there.
func TestHomeShowsBatchesUnderWay(t *testing.T) {
	t.Parallel()
	c := newConsole(t, withBatches(batch.Policy{ApprovalOver: 1, ApprovalWithin: time.Hour}))
	b := c.signedIn(admin)
	panel := func() string { return squeezed(b.get("/").page().Find("section:has(#under-way)").Text()) }
	path := b.prepared(list(agent, c.people("active")[5])).batchPath()
	if text := panel(); !strings.Contains(text, "None is running, paused or waiting for approval.") {
		t.Errorf("a plan is under way: %q", text)
	}
	b.post(path+"/start", url.Values{"reason": {"Lost laptop"}, "count": {"2"}}).wantTo(path)
	if text := panel(); !strings.Contains(text, "A pasted list:") || !strings.Contains(text, "and 1 other waits for approval") {
		t.Errorf("the panel says %q", text)
	}
	if href, _ := b.get("/").page().Find("section:has(#under-way) li a").Attr("href"); href != path {
		t.Errorf("it leads to %q", href)
	}
}

// Long plans are shown a part at a time, and can be filtered.
func TestPeopleOfABatchAreFiltered(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	lines := append(c.people("active"), "<script>alert(1)</script>", "=HYPERLINK(1)")
	a := b.prepared(list(lines...))
	next, _ := a.page().Find("#people a[rel=next]").Attr("href")
	if n, rest := len(a.plans()), len(b.get(strings.TrimSuffix(next, "#people")).plans()); n != 50 || n+rest != len(lines) {
		t.Errorf("parts of %d and %d rows, of %d lines", n, rest, len(lines))
	}
	path := a.batchPath()
	if got := b.get(path + "?show=not-found").plans(); len(got) != 2 {
		t.Errorf("not found: %q", got)
	}
	if got := b.get(path + "?q=" + url.QueryEscape("script>alert")).plans(); len(got) != 1 {
		t.Errorf("by the line: %q", got)
	}
	b.get(path+"?show=everyone&after=-1").want(http.StatusOK).wantText("People", strconv.Itoa(len(lines)))
}

// P10: a report opens in a spreadsheet without anything happening.
func TestP10_ReportsHoldNoFormula(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	path := b.prepared(list(agent, "=HYPERLINK(1)", "\u202Egpj.exe")).batchPath()
	sheet := b.get(path + "/report.csv").want(http.StatusOK)
	if !strings.Contains(sheet.body, `"'=HYPERLINK(1)"`) || strings.ContainsRune(sheet.body, '\u202E') || !strings.Contains(sheet.body, `"to-revoke"`) {
		t.Errorf("%s", sheet.body)
	}
	var report struct {
		ID, State string
		Counts    map[string]int
		People    []struct{ ID, Email, State string }
	}
	content := b.get(path + "/report.json").want(http.StatusOK).body
	if err := json.Unmarshal([]byte(content), &report); err != nil || strings.ContainsRune(content, '\u202E') {
		t.Fatal(err, content)
	}
	if report.State != "prepared" || report.Counts["toRevoke"] != 1 || len(report.People) != 3 || report.People[0].Email != agent ||
		report.People[0].State != "waiting" || report.People[1].State != "not-found" {
		t.Errorf("%+v", report)
	}
	last := c.lastEntry()
	if last.Action != audit.Export || last.Count != 3 || !strings.HasSuffix(path, last.Batch) {
		t.Errorf("the record ends in %+v", last)
	}
}

// A report has a later token only of whoever came back, by the same rule as every page: what is within a second of the
// revocation is perhaps later.
func TestReportHasLaterTokensOnly(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		after         time.Duration // after the revocation
		sure, perhaps string
	}{
		"no new token":          {after: -time.Hour},
		"one of shortly before": {after: -2 * time.Second},
		"one at that moment":    {after: time.Second, perhaps: "2026-11-24T12:00:01.000Z"},
		"a new one":             {after: 40 * time.Second, sure: "2026-11-24T12:00:40.000Z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newConsole(t)
			b := c.signedIn(admin)
			path := b.prepared(list(agent)).batchPath()
			c.execute(fmt.Sprintf("UPDATE batch_people SET run = 'done', asked_at = %d, at = %d, token_before = %d, token_after = %d, evidence_at = %d",
				noon.UnixMilli(), noon.UnixMilli(), noon.Add(-time.Hour).UnixMilli(), noon.Add(test.after).UnixMilli(), noon.Add(time.Minute).UnixMilli()))
			rows, err := csv.NewReader(strings.NewReader(b.get(path + "/report.csv").want(http.StatusOK).body)).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			var report struct {
				People []struct{ TokenIssuedAfter, CameBackAt, PerhapsBackAt string }
			}
			if err := json.Unmarshal([]byte(b.get(path+"/report.json").want(http.StatusOK).body), &report); err != nil {
				t.Fatal(err)
			}
			at := func(column string) string { return rows[1][slices.Index(rows[0], column)] }
			back, inJSON := test.sure+test.perhaps, report.People[0]
			for what, c := range map[string]struct{ got, want string }{
				"token_issued_after": {at("token_issued_after"), back}, "tokenIssuedAfter": {inJSON.TokenIssuedAfter, back},
				"came_back_at": {at("came_back_at"), test.sure}, "cameBackAt": {inJSON.CameBackAt, test.sure},
				"perhaps_back_at": {at("perhaps_back_at"), test.perhaps}, "perhapsBackAt": {inJSON.PerhapsBackAt, test.perhaps},
			} {
				if c.got != c.want {
					t.Errorf("%s is %q, want %q", what, c.got, c.want)
				}
			}
			id := path[strings.LastIndex(path, "/")+1:]
			_, n, err := c.handler.Batches().People(t.Context(), demo(t).ID, id, batch.PeopleFilter{CameBack: true}, 0, 10)
			if err != nil || n != 0 != (back != "") {
				t.Errorf("%d are listed as back, %v", n, err)
			}
		})
	}
}

// Whoever comes back after a batch is over is in its report as soon as their page or the list of who came back
// learns of it.
func TestReportLearnsOfALaterReturn(t *testing.T) {
	t.Parallel()
	for name, look := range map[string]func(c *console) string{
		"from the list":          func(*console) string { return "/watch" },
		"from the person's page": func(c *console) string { return "/users/" + c.userID(agent) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newConsole(t)
			b := c.signedIn(admin)
			path := b.prepared(list(agent)).batchPath()
			c.add(audit.Entry{Actor: partyOf(t, admin), Subject: partyOf(t, agent), Reason: lostPhone})
			c.execute(fmt.Sprintf("UPDATE batch_people SET run = 'done', at = %d, evidence_at = %d", noon.UnixMilli(), noon.UnixMilli()),
				fmt.Sprintf("UPDATE batches SET ended_at = %d", noon.UnixMilli()))
			if body := b.get(path + "/report.json").want(http.StatusOK).body; strings.Contains(body, "cameBackAt") {
				t.Errorf("they came back: %s", body)
			}
			c.comeBack(agent)
			b.get(look(c)).want(http.StatusOK)
			b.get(path + "/report.json").wantRaw(`"cameBackAt":"2026-11-24T12:01:00.000Z"`)
			c.comeBack(agent) // the first return stays
			b.get(look(c)).want(http.StatusOK)
			b.get(path + "/report.json").wantRaw(`"cameBackAt":"2026-11-24T12:01:00.000Z"`)
		})
	}
}

// Whoever watches a batch is told what changes, and a browser that asks again is told what it missed.
func TestABatchIsWatchedLive(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	page := b.prepared(list(agent))
	if _, live := page.page().Find("[data-live]").Attr("data-events"); live {
		t.Error("a plan has a progress")
	}
	path := page.batchPath()
	b.post(path+"/start", url.Values{"reason": {"Lost laptop"}, "count": {"1"}}).wantTo(path)
	running := b.get(path).want(http.StatusOK)
	events, _ := running.page().Find("[data-live]").Attr("data-events")
	if refresh := running.page().Find("noscript").Text(); !strings.Contains(running.body, `http-equiv="refresh"`) {
		t.Errorf("without script nothing is refreshed: %q", refresh)
	}
	watcher := b.fork()
	told := make(chan *answer)
	go func() { told <- watcher.get(events, "Accept", "text/event-stream") }()
	b.post(path+"/cancel", nil).wantTo(path)
	a := (<-told).want(http.StatusOK)
	if kind := a.Header.Get("Content-Type"); kind != "text/event-stream" || !strings.Contains(a.body, `"state":"cancelled"`) || !strings.Contains(a.body, "1 skipped") {
		t.Errorf("%s: %s", kind, a.body)
	}
	if missed := b.get(strings.Split(events, "?")[0]+"?after=0", "Last-Event-ID", "0").body; !strings.Contains(missed, `"state":"cancelled"`) {
		t.Errorf("who asks again is told %q", missed)
	}
	b.get(path).wantText("1 skipped", "Prepare another try")
	retry := b.post(path+"/retry", nil).wantTo("/batches/")
	b.get(retry.location()).wantText("The batch that this one tries again", "Prepared")
}
