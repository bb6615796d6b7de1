package handlers_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/emulator"
)

func behindProxy(s *setup) {
	s.console.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
}

// denied begins a sign-in from an address and says no.
func (b *browser) denied(address string) *answer {
	b.t.Helper()
	begun, err := url.Parse(b.post("/login", nil, "X-Forwarded-For", address).wantTo(b.c.url).location())
	if err != nil {
		b.t.Fatal(err)
	}
	return b.get("/oauth/callback?error=access_denied&state="+url.QueryEscape(begun.Query().Get("state")), "X-Forwarded-For", address)
}

// A thousand failed sign-ins make a few entries, and the numbers that the page
// shows are those that were counted.
func TestP9_StrangersCannotFillTheRecord(t *testing.T) {
	t.Parallel()
	c := newConsole(t, behindProxy)
	b := c.newBrowser()
	for n := range 1000 {
		address := "203.0.113.7"
		if n%5 == 4 { // 200 addresses, once each
			address = fmt.Sprintf("198.51.100.%d", n/5)
		}
		b.denied(address).wantProblem(http.StatusForbidden, "sign-in-denied")
	}
	if n := c.recorded(); n != 0 {
		t.Errorf("%d entries before anything was written", n)
	}
	c.strangers.Flush(t.Context())
	entries := c.entries()
	var counted int64
	for _, e := range entries {
		counted += e.Count
		if e.Action != audit.SignIn || e.Outcome != audit.Refused || e.Organization.ID != "" || e.Actor != (audit.Party{}) {
			t.Errorf("entry %d: %s %s by %+v", e.Seq, e.Action, e.Outcome, e.Actor)
		}
	}
	if len(entries) > 20 || counted != 1000 {
		t.Errorf("%d entries count %d", len(entries), counted)
	}
	if first := entries[0]; first.Count != 800 || first.Address != "203.0.113.7" || first.Problem != "sign-in-denied" {
		t.Errorf("the first entry: %+v", first)
	}
	page := c.signedIn(supervisor).get("/audit?nobody=on").want(http.StatusOK).page()
	shown := 0
	page.Find("table.record td[data-label=Why]").Each(func(_ int, s *goquery.Selection) {
		for word := range strings.FieldsSeq(s.Text()) {
			if n, err := strconv.Atoi(strings.Trim(word, ";,.")); err == nil {
				shown += n
			}
		}
	})
	if shown != 1000 {
		t.Errorf("the page shows %d in all", shown)
	}
}

// What did not begin here is not even counted: anybody can send that.
func TestP9_CallbacksThatNobodyBegan(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.newBrowser()
	for n := range 50 {
		b.get(fmt.Sprintf("/oauth/callback?state=made-up-%d&code=x", n)).want(http.StatusBadRequest)
	}
	c.strangers.Flush(t.Context())
	if n := c.recorded(); n != 0 {
		t.Errorf("%d entries", n)
	}
}

// A sign-in that the person or the platform refused is told from one that failed.
func TestR16_FailedSignInsAreCounted(t *testing.T) {
	t.Parallel()
	signIn := func(b *browser) *answer { return b.signIn(supervisor) }
	for name, test := range map[string]struct {
		fault   emulator.Fault
		try     func(b *browser) *answer
		outcome audit.Outcome
		problem string
	}{
		"denied":           {emulator.Fault{}, func(b *browser) *answer { return b.denied("127.0.0.1") }, audit.Refused, "sign-in-denied"},
		"exchange refused": {emulator.Fault{Match: exchange, Status: 400, Body: body(map[string]string{"error": "invalid_grant"})}, signIn, audit.Failed, "sign-in-refused"},
		"platform failed":  {faultOf(exchange, 500), signIn, audit.Failed, "login-server-away"},
		"person unknown":   {faultOf("GET /api/v2/users/me", 503), signIn, audit.Failed, "platform-failed"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newConsole(t)
			if test.fault.Match != "" {
				c.disturb(test.fault)
			}
			test.try(c.newBrowser())
			c.strangers.Flush(t.Context())
			entries := c.entries()
			if len(entries) != 1 {
				t.Fatalf("%d entries", len(entries))
			}
			want := audit.Entry{
				Seq: 1, At: noon, Action: audit.SignIn, Outcome: test.outcome, Problem: test.problem, Region: "demo", Count: 1, Address: "127.0.0.1",
			}
			if entries[0] != want {
				t.Errorf("the record says %+v, want %+v", entries[0], want)
			}
		})
	}
}
