package handlers_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/emulator"
)

// What cannot be put on the record is not done, but for signing out.
func TestWithoutARecordNothingIsDone(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		lose   func(*console)
		signIn string // the problem of a sign-in
	}{
		"read-only":      {func(c *console) { c.readOnly(true) }, "sessions-away"},
		"without tables": {func(c *console) { c.execute("ALTER TABLE audit_head RENAME TO audit_away") }, "record-unwritable"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newConsole(t)
			b := c.signedIn(admin)
			found := inspected(b, c.mint(agent))
			test.lose(c)
			for target, form := range map[string]url.Values{
				c.revocationOf(agent): revocationForm,
				"/timeout/change":     timeoutChange,
				"/inspect/delete":     {"found": {found}},
				"/inspect":            {"token": {c.mint(agent)}},
			} {
				b.post(target, form).wantProblem(http.StatusServiceUnavailable, "record-unwritable")
			}
			b.get("/audit.csv").wantProblem(http.StatusServiceUnavailable, "record-unwritable")
			c.wantAsked(0, "DELETE ")
			c.wantAsked(0, "PUT ")
			c.newBrowser().signIn(agent).wantProblem(http.StatusServiceUnavailable, test.signIn)
			if !strings.Contains(c.log.String(), "an act could not be recorded, and was not done") {
				t.Error("the log does not tell")
			}
			c.forget()
			b.follow(signOut(b).wantTo("/signed-out")).wantTone("good").wantText("could not be put on the record")
			c.wantAsked(1, ownToken)
		})
	}
}

// An outcome that cannot be recorded is told where the act is told, and its entry
// stays visibly open.
func TestOutcomeThatCannotBeRecordedIsTold(t *testing.T) {
	t.Parallel()
	revocation := func(email string) func(b *browser) *answer {
		return func(b *browser) *answer { return b.post(b.c.revocationOf(email), revocationForm) }
	}
	deletion := func(token func(b *browser) string) func(b *browser) *answer {
		return func(b *browser) *answer { return deleteFound(b, inspected(b, token(b))) }
	}
	somebodys := func(b *browser) string { return b.c.mint(agent) }
	own := func(b *browser) string { return b.session().AccessToken.Reveal() }
	for name, test := range map[string]struct {
		method string
		do     func(b *browser) *answer
		fault  emulator.Fault
		lands  string // path
	}{
		"revoked":                 {"DELETE", revocation(agent), emulator.Fault{}, "/users/"},
		"not revoked":             {"DELETE", revocation(agent), faultOf("DELETE ", 404), "/users/"},
		"revocation unknown":      {"DELETE", revocation(agent), emulator.Fault{Match: "DELETE ", Reset: true}, "/users/"},
		"revoked with dead token": {"DELETE", revocation(agent), faultOf("DELETE ", 401), "/users/"},
		"oneself revoked":         {"DELETE", revocation(admin), emulator.Fault{}, "/signed-out"},
		"oneself not revoked":     {"DELETE", revocation(admin), faultOf("DELETE ", 503), "/users/"},
		"timeout changed":         {"PUT", changeTimeout, emulator.Fault{}, "/timeout"},
		"timeout not changed":     {"PUT", changeTimeout, faultOf("PUT ", 503), "/timeout/change"},
		"found token deleted":     {"DELETE", deletion(somebodys), emulator.Fault{}, "/inspect"},
		"found token dead by now": {"DELETE", deletion(somebodys), faultOf("DELETE ", 401), "/inspect"},
		"found token not deleted": {"DELETE", deletion(somebodys), faultOf("DELETE ", 429), "/inspect/delete"},
		"found token unknown":     {"DELETE", deletion(somebodys), faultOf("DELETE ", 503), "/inspect/delete"},
		"own token deleted":       {"DELETE", deletion(own), emulator.Fault{}, "/signed-out"},
		"signed out":              {"DELETE", signOut, emulator.Fault{}, "/signed-out"},
		"sign-out unconfirmed":    {"DELETE", signOut, faultOf("DELETE ", 503), "/signed-out"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newConsole(t)
			b := c.signedIn(admin)
			if test.fault.Match != "" {
				c.disturb(test.fault)
			}
			c.calls.each(func(r *http.Request) {
				if r.Method == test.method {
					c.readOnly(true)
				}
			})
			a := b.follow(test.do(b))
			c.readOnly(false)
			c.calm()
			open := c.lastEntry()
			if open.Outcome != audit.Asked || !open.Open {
				t.Fatalf("the last entry is not open: %s %s", open.Action, open.Outcome)
			}
			if !strings.HasPrefix(a.Request.URL.Path, test.lands) {
				t.Errorf("it ends on %s", a.Request.URL.Path)
			}
			a.wantText("entry " + strconv.FormatInt(open.Seq, 10) + " stays open")
			if a.StatusCode == http.StatusOK && a.tone() == "" {
				t.Error("it is not told as a notice")
			}
			if !strings.Contains(c.log.String(), "the outcome of an act could not be recorded") {
				t.Error("the log does not tell")
			}
			wantOpenRow(t, c.signedIn(supervisor).get("/audit?open=on"), open.Seq)
		})
	}
}

// wantOpenRow checks that a list shows entry seq as open.
func wantOpenRow(t *testing.T, a *answer, seq int64) {
	t.Helper()
	row := a.want(http.StatusOK).page().Find("table.record tbody tr").FilterFunction(func(_ int, s *goquery.Selection) bool {
		return s.Find("td[data-label=Entry]").Text() == strconv.FormatInt(seq, 10)
	})
	if row.Length() == 0 || row.Find(".tag-warning").Length() != row.Length() {
		t.Errorf("entry %d is not shown as open: %s", seq, a.text())
	}
}

// Those who may revoke are told of open acts on their home, and on the record.
func TestOpenActsAreToldToThoseWhoMayRevoke(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.add(audit.Entry{Actor: partyOf(t, admin), Subject: partyOf(t, agent), Outcome: audit.Asked})
	c.add(audit.Entry{Actor: partyOf(t, admin), Organization: audit.Organization{ID: "other"}, Outcome: audit.Asked})
	b := c.signedIn(supervisor)
	home := b.get("/")
	wantOpenRow(t, home, 1)
	if strings.Contains(home.text(), "other") || len(home.seqs()) != 2 { // open, and among the latest revocations
		t.Errorf("home shows %v", home.seqs())
	}
	if link := b.get("/audit").page().Find("main a.chip-warning[href='/audit?open=on']"); link.Length() != 1 || !strings.HasPrefix(link.Text(), "One act") {
		t.Errorf("the record says %q", link.Text())
	}
}
