package handlers_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"
)

// factsOf returns the facts that a page shows, by label.
func factsOf(a *answer) map[string]string {
	a.t.Helper()
	all := map[string]string{}
	rows := a.page().Find("main dl.facts > div")
	for i := range rows.Nodes {
		all[rows.Eq(i).Find("dt").Text()] = strings.Join(strings.Fields(rows.Eq(i).Find("dd").Text()), " ")
	}
	return all
}

func TestToken_Values(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t, func(s *setup) { s.emulator.IdleTimeout = time.Hour })
	b := ts.signedIn(supervisor)
	a := b.get("/token").want(http.StatusOK)
	got := factsOf(a)
	for label, want := range map[string]string{
		"Email": supervisor, "User id": ts.userID(supervisor), "Grant": "Authorization code", "State": "active", "Belongs to": "Demo Contact Centre",
	} {
		if got[label] != want {
			t.Errorf("%s is %q, want %q", label, got[label], want)
		}
	}
	var deadlines []string
	page := a.page()
	page.Find(".deadline time").Each(func(i int, _ *selection) {
		at, _ := page.Find(".deadline time").Eq(i).Attr("datetime")
		deadlines = append(deadlines, at)
	})
	now := ts.clock.now().UTC()
	want := []string{now.Add(24 * time.Hour).Format(time.RFC3339), now.Add(time.Hour).Format(time.RFC3339), now.Add(12 * time.Hour).Format(time.RFC3339)}
	if diff := cmp.Diff(want, deadlines); diff != "" {
		t.Errorf("deadlines (-want +got):\n%s", diff)
	}
	scopes := page.Find(".chips code").Map(func(_ int, s *selection) string { return s.Text() })
	if diff := cmp.Diff([]string{"user-basic-info", "users:readonly", "organization:readonly", "authorization"}, scopes); diff != "" {
		t.Errorf("scopes (-want +got):\n%s", diff)
	}
	asked := ts.asked("GET /api/v2/tokens/me")
	if fingerprint := page.Find(".fingerprint code").Text(); fingerprint == "" || fingerprint != asked[len(asked)-1].Bearer {
		t.Errorf("the fingerprint is %q", fingerprint)
	}
	if !strings.Contains(page.Find("details.raw code").Text(), `"dateTokenIdles"`) {
		t.Error("the raw reply is not shown")
	}
}

func TestToken_AwayFromHome(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	ts.signedIn("trustee@partner.example").get("/token").want(http.StatusOK).wantText("This token works in Demo Contact Centre, but its person belongs to Partner Consulting", "Clone of")
}

func TestToken_Verify(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.signedIn(agent)
	b.follow(b.post("/token/verify", nil).wantTo("/token")).wantText("Genesys Cloud confirms the token", "It answered 200", "correlation id")
	ts.wantAsked(1, "HEAD /api/v2/tokens/me")
	for status, want := range map[int]int{503: 502, 429: 429, 403: 403, 504: 504} {
		ts.disturb(fault{Match: "HEAD ", Status: status, Times: 1})
		if a := b.post("/token/verify", nil); a.StatusCode != want || strings.Contains(a.text(), "confirms") {
			t.Errorf("the platform's %d is answered with %d", status, a.StatusCode)
		}
	}
	ts.disturb(fault{Match: "HEAD ", Status: 401, Times: 1})
	b.post("/token/verify", nil).want(http.StatusUnauthorized).wantText("Your token is no longer valid")
	b.get("/token").wantTo("/login?")
}

func TestToken_PlatformFaults(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.signedIn(agent)
	for name, test := range map[string]struct {
		fault  fault
		status int
		words  string
	}{
		"429":     {fault{Status: 429, RetryAfter: 9}, 429, "Try again in 9 seconds"},
		"500":     {fault{Status: 500}, 502, "Genesys Cloud failed"},
		"503":     {fault{Status: 503}, 502, "Genesys Cloud failed"},
		"504":     {fault{Status: 504}, 504, "took too long"},
		"408":     {fault{Status: 408}, 504, "took too long"},
		"404":     {fault{Status: 404}, 404, "does not know that"},
		"418":     {fault{Status: 418}, 502, "answered 418"},
		"garbage": {fault{Body: "garbage"}, 502, "no usable answer"},
		"reset":   {fault{Reset: true}, 502, "no usable answer"},
	} {
		test.fault.Match = "GET /api/v2/tokens/me"
		ts.disturb(test.fault)
		a := b.get("/token").want(test.status)
		status := b.get("/token/status")
		ts.calm()
		if !strings.Contains(a.page().Find("main").Text(), test.words) {
			t.Errorf("%s: %s", name, a.text())
		}
		if status.StatusCode != test.status || !strings.Contains(status.body, `"unknown"`) {
			t.Errorf("%s: the status is %d %s", name, status.StatusCode, status.body)
		}
		if !b.isSignedIn() {
			t.Errorf("%s ended the session", name)
		}
	}
}

func TestUsers_Search(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.signedIn(supervisor)
	rows := b.get("/users?q=" + url.QueryEscape(" "+strings.ToUpper(agent)+" ")).want(http.StatusOK).page().Find("table.people tbody tr")
	if first := rows.First().Text(); !strings.Contains(first, "Mina Keller") || !strings.Contains(first, "exact email") {
		t.Errorf("the exact email address is not first: %s", first)
	}
	for name, test := range map[string]struct {
		query string
		found string
	}{
		"hostile name": {"<img", `"><img src=x onerror=alert(1)>`},
		"apostrophe":   {"o'connor", "Niamh O'Connor"},
		"department":   {"billing", "Mina Keller"},
		"percent":      {"%", "Nobody found"},
		"no match":     {"zzzzzz", "Nobody found"},
	} {
		a := b.get("/users?q=" + url.QueryEscape(test.query)).want(http.StatusOK)
		if !strings.Contains(a.page().Find("#results").Text(), test.found) || a.page().Find("main img").Length() > 0 {
			t.Errorf("%s: %s", name, a.text())
		}
	}
	b.get("/users?q=" + strings.ToUpper(ts.userID(agent))).wantTo("/users/" + ts.userID(agent))
	b.get("/users?q=" + strings.Repeat("a", 201)).want(http.StatusUnprocessableEntity)
	for _, query := range []string{"%00", "%ff%fe", "%F0%9F%92%A9", "a&q=b", "a&page=0", "a&page=-1", "a&page=99999999999999999999", "a&page=x", "%E2%80%AE"} {
		if a := b.get("/users?q=" + query); a.StatusCode >= 500 {
			t.Errorf("%s: %d", query, a.StatusCode)
		}
	}
}

func TestUsers_Paging(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.signedIn(admin)
	seen := map[string]bool{}
	next := "/users?q=demo.example"
	for pages := 0; next != "" && pages < 10; pages++ {
		page := b.get(next).want(http.StatusOK).page()
		for _, href := range page.Find("a.who").Map(func(_ int, s *selection) string { return s.AttrOr("href", "") }) {
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
	ts.wantAsked(3, "GET /api/v2/users?") // the evidence of a page in one call
}

func TestUsers_EvidenceMayFail(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.signedIn(admin)
	ts.disturb(fault{Match: "GET /api/v2/users", Status: 503})
	b.get("/users?q=keller").want(http.StatusOK).wantText("Mina Keller", "did not give the evidence")
	a := b.get("/users/" + ts.userID(agent)).want(http.StatusOK).wantText("Who this is could not be found out")
	if a.page().Find("main a.danger").Length() != 1 {
		t.Error("the action is not offered")
	}
	b.get(revocationOf(ts, agent)).want(http.StatusOK).wantText("Make sure of the id")
	ts.calm()
	b.get("/users/00000000-0000-4000-8000-000000000000").want(http.StatusNotFound).wantText("no such user")
	b.get("/users/00000000-0000-4000-8000-000000000000/revoke").want(http.StatusNotFound)
}

func TestInspect_FoundToken(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t, withRecord(t))
	b, other := ts.signedIn(agent), ts.signedIn(supervisor)
	token := mint(ts, admin)
	ts.forget()
	a := b.post("/inspect", url.Values{"token": {"Authorization: Bearer " + token}}).want(http.StatusOK).wantText("Demo Contact Centre")
	if all := ts.asked(""); len(all) != 1 || all[0].Path != "/api/v2/tokens/me?preserveIdleTTL=true" {
		t.Errorf("an inspection asked %v", all)
	}
	sealed := a.page().Find("input[name=found]").AttrOr("value", "")
	if sealed == "" || strings.Contains(a.body, token) || strings.Contains(ts.log.String(), token) {
		t.Fatal("nothing is sealed, or the token shows")
	}
	other.post("/inspect/delete", url.Values{"found": {sealed}}).want(http.StatusBadRequest)
	b.post("/inspect/delete", url.Values{"found": {b.cookie(sessionCookie)}}).want(http.StatusBadRequest)
	b.post("/inspect/delete", url.Values{"found": {sealed[:len(sealed)-4]}}).want(http.StatusBadRequest)
	b.plant(sessionCookie, sealed)
	ts.wantAsked(0, "DELETE ")
	b.get("/token").wantTo("/login?") // what is sealed for a form is no session

	owner := ts.signedIn(agent)
	page := owner.post("/inspect", url.Values{"token": {token}}).want(http.StatusOK).page()
	owner.follow(owner.post("/inspect/delete", url.Values{"found": {page.Find("input[name=found]").AttrOr("value", "")}}).wantTo("/inspect")).wantText("is deleted")
	if deleted := ts.asked("DELETE "); len(deleted) != 1 || deleted[0].Path != "/api/v2/tokens/me" {
		t.Errorf("the platform was asked %v", deleted)
	}
	owner.post("/inspect", url.Values{"token": {token}}).want(http.StatusOK)
	for _, odd := range []string{"", "short", "me", "with a space in it, so no token", "with\r\nX-Evil: 1 more than sixteen", strings.Repeat("a", 2001), "ünïcödé-that-is-long-enough", "control\x01character-long"} {
		owner.post("/inspect", url.Values{"token": {odd}}).want(http.StatusUnprocessableEntity)
	}
}

type selection = goquery.Selection

// mint takes a token of the person with that email address from the emulator.
func mint(ts *testServer, email string) string {
	ts.t.Helper()
	var minted struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(ts.backDoor(http.MethodPost, "tokens", map[string]string{"email": email}), &minted); err != nil {
		ts.t.Fatal(err)
	}
	return minted.AccessToken
}

func TestUsers_LongestQueryCountsCharacters(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	ts.signedIn(admin).get("/users?q=" + url.QueryEscape(strings.Repeat("é", 150))).want(http.StatusOK)
}
