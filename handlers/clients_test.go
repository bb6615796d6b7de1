package handlers_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/emulator"
)

const narrowClient = "/clients/" + emulator.NarrowClientID

// hidden are the hidden fields of the form on a page, with a reason.
func (a *answer) hidden() url.Values {
	form := url.Values{"reason": {lostPhone}}
	a.page().Find("#confirm form input[type=hidden]").Each(func(_ int, s *goquery.Selection) {
		form.Set(s.AttrOr("name", ""), s.AttrOr("value", ""))
	})
	return form
}

// The client that can do most by itself comes first, and what nothing uses is
// marked.
func TestClientsComeByTheirRisk(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	page := c.signedIn(admin).get("/clients").want(http.StatusOK).page()
	rows := page.Find("table.clients tbody tr")
	if got := rows.Length(); got != 9 {
		t.Errorf("%d clients", got)
	}
	first := rows.First().Text()
	for _, want := range []string{"Workforce export", "High", "Client credentials", "Master Admin", "unused", "Ada Park", "2 d"} {
		if !strings.Contains(first, want) {
			t.Errorf("the first row does not say %q: %s", want, first)
		}
	}
	if last := rows.Last().Text(); !strings.Contains(last, "Legacy importer") || !strings.Contains(last, "disabled") {
		t.Errorf("the last is %s", last)
	}
	if n := len(c.asked("GET /api/v2/oauth/clients/")); n > 80 {
		t.Errorf("%d calls about their use", n)
	}
	before := len(c.asked(""))
	c.signedIn(admin).get("/clients").want(http.StatusOK)
	if n := len(c.asked("")) - before; n > 3 {
		t.Errorf("the second look makes %d calls", n)
	}
}

// What cannot be read is said, and the rest is shown.
func TestClientsWithoutRolesOrUse(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.disturb(faultOf("GET /api/v2/authorization/roles", 403), faultOf("GET /api/v2/oauth/clients/", 503))
	a := c.signedIn(admin).get("/clients").want(http.StatusOK).wantText("Not known", "What its roles allow could not be read", "needs the permission authorization:role:view", "Genesys Cloud failed")
	if n := a.page().Find("table.clients tbody tr").Length(); n != 9 {
		t.Errorf("%d clients", n)
	}
}

// Each client's use stands alone: one that cannot be read is said to be not known, and the others are shown.
func TestUseOfOneClientIsNotKnown(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]emulator.Fault{
		"refused":    faultOf("GET /api/v2/oauth/clients/demo-narrow/usage/summary", 403),
		"fails":      faultOf("GET /api/v2/oauth/clients/demo-narrow/usage/summary", 500),
		"breaks off": {Match: "GET /api/v2/oauth/clients/demo-narrow/usage/query", Reset: true},
		"no result":  {Match: "GET /api/v2/oauth/clients/demo-narrow/usage/query", Body: json.RawMessage(`{"queryStatus":"Failed"}`)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newConsole(t)
			c.disturb(fault)
			a := c.signedIn(admin).get("/clients").want(http.StatusOK).wantText("The use of 1 client is not known").wantNoText("not read yet")
			for _, row := range a.page().Find("table.clients tbody tr").EachIter() {
				use, narrow := squeezed(row.Find("td.number").Text()), strings.Contains(row.Text(), "Narrow client")
				if narrow != (use == "Not known") || use == "" || use == "Not read yet" {
					t.Errorf("%s: %q", squeezed(row.Find("th").Text()), use)
				}
			}
			c.signedIn(admin).get(narrowClient).want(http.StatusOK).wantText("Not known")
		})
	}
}

// Where all are refused the page says once which permission that takes.
func TestUseOfClientsTakesAPermission(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.disturb(emulator.Fault{Match: "GET /api/v2/oauth/clients/", Status: 403, Body: json.RawMessage(`{"status":403,
		"code":"missing.any.permissions","message":"Unable to perform the requested action. Missing usage:client:view"}`)})
	a := c.signedIn(admin).get("/clients").want(http.StatusOK).wantText("The use of 9 clients is not known", "Not known")
	if n := strings.Count(a.text(), "usage:client:view"); n != 1 {
		t.Errorf("the permission is named %d times", n)
	}
}

// Disabling is confirmed, recorded with its proof, and ends the client's tokens.
// Enabling lets it have new ones, with the secret that it had.
func TestClientIsDisabledAndEnabled(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b, doomed := c.signedIn(admin), c.grant(agent, emulator.NarrowClientID).Access
	var sent map[string]any
	c.calls.each(func(r *http.Request) {
		if r.Method == http.MethodPut {
			content := readAll(r.Body)
			_ = json.Unmarshal([]byte(content), &sent)
			*r = *withBody(r, content)
		}
	})
	for _, step := range []struct{ path, was, is, title string }{
		{"/disable", "active", "disabled", "The client is disabled"}, {"/enable", "disabled", "active", "The client is enabled"},
	} {
		form := b.get(narrowClient + step.path).want(http.StatusOK).hidden()
		b.follow(b.post(narrowClient+step.path, form).wantTo(narrowClient)).wantTone("good").wantText(step.title, "on the record")
		e := c.lastEntry()
		if e.Action != audit.ChangeClient || e.Outcome != audit.Done || e.Change != (audit.Change{From: step.was, To: step.is}) ||
			e.Client != (audit.Client{ID: emulator.NarrowClientID, Name: "Narrow client (demo)"}) || e.Reason != lostPhone || e.CorrelationID == "" {
			t.Errorf("the record says %+v", e)
		}
		if sent["state"] != step.is || sent["name"] != "Narrow client (demo)" || sent["authorizedGrantType"] != "CODE" || sent["secret"] != nil {
			t.Errorf("sent %v", sent)
		}
	}
	if c.lives(doomed) {
		t.Error("its token lives")
	}
	status, content := c.call(http.MethodGet, "/api/v2/oauth/clients/"+emulator.NarrowClientID, c.mint(admin), nil)
	if status != 200 || !strings.Contains(string(content), `"secret":"`+emulator.DemoClientSecret+`"`) {
		t.Errorf("the platform has %s", content)
	}
}

// The confirmation says how much a client is used, if that was read before.
func TestDisablingSaysThatAClientIsInUse(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b, own := c.signedIn(admin), "/clients/"+emulator.DemoClientID
	b.get(own + "/disable").want(http.StatusOK).wantNoText("It is in use")
	b.get("/clients").want(http.StatusOK)
	b.get(own+"/disable").want(http.StatusOK).wantText("It is in use", "requests in the last 7 days. Whatever made them stops working")
	b.get(narrowClient + "/disable").want(http.StatusOK).wantNoText("It is in use")
}

// A secret that the platform sends appears nowhere: on no page, in no log, on no
// record.
func TestClientSecretsAppearNowhere(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	for _, path := range []string{"/clients", narrowClient, narrowClient + "/disable"} {
		b.get(path).want(http.StatusOK).wantNoText(emulator.DemoClientSecret)
	}
	b.post(narrowClient+"/disable", b.get(narrowClient+"/disable").hidden())
	for _, a := range b.seen.all {
		if strings.Contains(a.body, emulator.DemoClientSecret) {
			t.Errorf("it is on %s", a.Request.URL)
		}
	}
	if strings.Contains(c.log.String(), emulator.DemoClientSecret) {
		t.Error("it is in the log")
	}
}

// What was confirmed is what is changed: not what somebody else made of it since.
func TestClientChangedMeanwhile(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	form := b.get(narrowClient + "/disable").hidden()
	changed := map[string]any{"name": "Renamed", "authorizedGrantType": "CODE", "state": "active", "scope": []string{"user-basic-info"}}
	if status, content := c.call(http.MethodPut, "/api/v2/oauth/clients/"+emulator.NarrowClientID, c.mint(admin), changed); status != 200 {
		t.Fatalf("%s", content)
	}
	c.forget()
	b.post(narrowClient+"/disable", form).wantProblem(http.StatusConflict, "client-changed-meanwhile").wantText("Renamed")
	c.wantAsked(0, "PUT ")
	if n := c.recorded(); n != 0 {
		t.Errorf("%d entries about nothing", n)
	}
}

// The console's own client is disabled only by somebody who types its name, and
// the answer says that everybody is out.
func TestOwnClientNeedsItsName(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	own := "/clients/" + emulator.DemoClientID
	form := b.get(own + "/disable").wantText("nobody can sign in again").hidden()
	for _, name := range []string{"", "token console (demo)", "Narrow client (demo)"} {
		form.Set("name", name)
		a := b.post(own+"/disable", form).want(http.StatusUnprocessableEntity)
		if a.page().Find("#name-error").Length() != 1 {
			t.Errorf("%q: the field does not say what is wrong", name)
		}
	}
	c.wantAsked(0, "PUT ")
	form.Set("name", "Token console (demo)")
	beside := c.signedIn(supervisor)
	beside.get("/audit").want(http.StatusOK) // which proves the token for a while
	b.follow(b.post(own+"/disable", form).wantTo("/signed-out")).wantText("client is disabled")
	if b.isSignedIn() {
		t.Error("the session lives")
	}
	beside.get("/audit").wantProblem(http.StatusUnauthorized, "token-invalid")
}

// Each answer of the platform to a change is told for what it is.
func TestClientChangeFails(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault   emulator.Fault
		status  int
		code    string
		outcome audit.Outcome
	}{
		"refused":    {faultOf("PUT ", 403), 403, "permission-missing", audit.Refused},
		"conflict":   {faultOf("PUT ", 409), 502, "platform-refused", audit.Refused},
		"failed":     {faultOf("PUT ", 500), 502, "client-outcome-unknown", audit.Unknown},
		"broken off": {emulator.Fault{Match: "PUT ", Reset: true}, 502, "client-outcome-unknown", audit.Unknown},
		"not taken": {emulator.Fault{Match: "PUT ", Status: 200, Body: json.RawMessage(`{"id":"` + emulator.NarrowClientID + `","state":"active"}`)},
			502, "client-outcome-unknown", audit.Unknown},
		"another": {emulator.Fault{Match: "PUT ", Status: 200, Body: json.RawMessage(`{"id":"another","state":"disabled"}`)},
			502, "client-outcome-unknown", audit.Unknown},
		"rate limited": {emulator.Fault{Match: "PUT ", Status: 429, RetryAfter: 7}, 429, "rate-limited", audit.Refused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newConsole(t)
			b := c.signedIn(admin)
			form := b.get(narrowClient + "/disable").hidden()
			c.disturb(test.fault)
			a := b.post(narrowClient+"/disable", form).wantProblem(test.status, test.code)
			if got := a.page().Find("textarea").Text(); got != lostPhone {
				t.Errorf("the reason came back as %q", got)
			}
			if e := c.lastEntry(); e.Action != audit.ChangeClient || e.Outcome != test.outcome {
				t.Errorf("the record says %s %s", e.Action, e.Outcome)
			}
		})
	}
}

func TestClientThatIsNone(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	for _, id := range []string{"none", "a%3fb", "a%20b", strings.Repeat("x", 65), "a.b"} {
		t.Run(id, func(t *testing.T) {
			b.in(t).get("/clients/"+id).wantProblem(http.StatusNotFound, "client-unknown")
		})
	}
	c.wantAsked(1, "GET /api/v2/oauth/clients/") // for the one that could be one
}

// The page about a found token leads to its client, for those who may see it.
func TestFoundTokenLeadsToItsClient(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	token := url.Values{"token": {c.grant(agent, emulator.NarrowClientID).Access}}
	for who, want := range map[string]int{admin: 1, supervisor: 0} {
		t.Run(who, func(t *testing.T) {
			page := c.in(t).signedIn(who).post("/inspect", token).want(http.StatusOK).page()
			if n := page.Find("a[href='" + narrowClient + "']").Length(); n != want {
				t.Errorf("%d links", n)
			}
		})
	}
}
