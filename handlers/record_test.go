package handlers_test

import (
	"encoding/json"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database"
	"tokenconsole/internal/database/databasetest"
)

// recorded is a test server with a record of its own, and a look at every
// request on its way to the platform.
type recorded struct {
	*testServer
	db     *database.DB
	audit  *audit.Log
	onCall func(*http.Request) // may change where it goes

	mu           sync.Mutex
	correlations map[string]string // of the last answer, by method
}

func newRecorded(t *testing.T, options ...func(*setup)) *recorded {
	t.Helper()
	return newRecordedIn(t, databasetest.Open(t, databasetest.SQLite(t)), options...)
}

func newRecordedIn(t *testing.T, db *database.DB, options ...func(*setup)) *recorded {
	t.Helper()
	rec := &recorded{db: db, correlations: map[string]string{}, onCall: func(*http.Request) {}}
	watched := func(s *setup) {
		rec.audit = audit.New(db, s.console.Log, s.console.Now)
		s.console.Audit = rec.audit
		s.wrap = rec.watch
	}
	rec.testServer = newTestServer(t, append([]func(*setup){watched}, options...)...)
	return rec
}

func (rec *recorded) watch(next http.RoundTripper) http.RoundTripper {
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		r = r.Clone(r.Context())
		rec.onCall(r)
		resp, err := next.RoundTrip(r)
		rec.mu.Lock()
		defer rec.mu.Unlock()
		rec.correlations[r.Method] = ""
		if err == nil {
			rec.correlations[r.Method] = resp.Header.Get("Inin-Correlation-Id")
		}
		return resp, err
	})
}

// entries are all of the record, oldest first, those of no organization too.
func (rec *recorded) entries() []audit.Entry {
	rec.t.Helper()
	rows, err := rec.db.QueryContext(rec.t.Context(), "SELECT seq, organization_id FROM audit_entries ORDER BY seq")
	if err != nil {
		rec.t.Fatal(err)
	}
	type place struct {
		seq          int64
		organization string
	}
	var places []place
	for rows.Next() {
		var p place
		if err := rows.Scan(&p.seq, &p.organization); err != nil {
			rec.t.Fatal(err)
		}
		places = append(places, p)
	}
	if err := rows.Close(); err != nil {
		rec.t.Fatal(err)
	}
	var entries []audit.Entry
	for _, p := range places {
		e, err := rec.audit.Get(rec.t.Context(), p.organization, p.seq)
		if err != nil {
			rec.t.Fatal(err)
		}
		entries = append(entries, e)
	}
	return entries
}

// since are the entries after the first n.
func (rec *recorded) since(n int) []audit.Entry {
	rec.t.Helper()
	all := rec.entries()
	return all[min(n, len(all)):]
}

// mint returns a token of email's from beside the console.
func (rec *recorded) mint(email string) string {
	rec.t.Helper()
	var minted struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(rec.backDoor(http.MethodPost, "tokens", map[string]string{"email": email}), &minted); err != nil {
		rec.t.Fatal(err)
	}
	return minted.AccessToken
}

func (rec *recorded) party(email string) audit.Party {
	names := map[string]string{admin: "Ada Park", supervisor: "Samuel Ortiz", agent: "Mina Keller"}
	return audit.Party{ID: rec.userID(email), Name: names[email], Email: email}
}

// readOnly takes the record's right to be written.
func (rec *recorded) readOnly() {
	rec.t.Helper()
	rec.db.SetMaxOpenConns(1)
	rec.execute("PRAGMA query_only = 1")
}

func (rec *recorded) execute(statements ...string) {
	rec.t.Helper()
	for _, s := range statements {
		if _, err := rec.db.ExecContext(rec.t.Context(), s); err != nil {
			rec.t.Fatalf("%s: %v", s, err)
		}
	}
}

const lostPhone = "Lost her phone on the train"

var (
	revocationForm = url.Values{"reason": {lostPhone}, "ticket": {"INC-4711"}}
	timeoutChange  = url.Values{"enabled": {"on"}, "minutes": {"15"}, "reason": {lostPhone}}
)

// act is something that a person does, and what the record must say of it.
// Fields that every act shares are left out of want.
type act struct {
	name   string
	who    string
	faults []fault
	do     func(rec *recorded, b *browser) *answer
	call   string // method of the platform's call, whose correlation id counts
	want   []audit.Entry
}

func acts(rec *recorded) []act {
	target, mina := revocationOf(rec.testServer, agent), rec.party(agent)
	issued := "last token issued " + rec.clock.now().UTC().Format(time.RFC3339)
	revoke := func(_ *recorded, b *browser) *answer { return b.post(target, revocationForm) }
	asked := audit.Entry{Action: audit.Revoke, Outcome: audit.Asked, Subject: mina, Reason: lostPhone, Ticket: "INC-4711", Detail: issued, Asks: -1}
	came := func(o audit.Outcome, status int) []audit.Entry {
		e := asked
		e.Outcome, e.PlatformStatus, e.Asks = o, status, 1
		return []audit.Entry{asked, e}
	}
	logout := func(_ *recorded, b *browser) *answer { return b.post("/logout", nil) }
	verify := func(_ *recorded, b *browser) *answer { return b.post("/token/verify", nil) }
	change := func(_ *recorded, b *browser) *answer { return b.post("/timeout/change", timeoutChange) }
	changed := func(o audit.Outcome, status int) []audit.Entry {
		e := audit.Entry{Action: audit.ChangeTimeout, Reason: lostPhone, Detail: "from off to 15 min"}
		first, last := e, e
		first.Outcome, first.Asks = audit.Asked, -1
		last.Outcome, last.PlatformStatus, last.Asks = o, status, 1
		return []audit.Entry{first, last}
	}
	const deleteOf, ownToken = "DELETE /api/v2/tokens/", "DELETE /api/v2/tokens/me"
	return []act{
		{"revocation done", supervisor, nil, revoke, "DELETE", came(audit.Done, 204)},
		{"revocation refused by the platform", supervisor, []fault{{Match: deleteOf, Status: 403}}, revoke, "DELETE", came(audit.Refused, 403)},
		{"revocation of nobody", supervisor, []fault{{Match: deleteOf, Status: 404}}, revoke, "DELETE", came(audit.Refused, 404)},
		{"revocation under the rate limit", supervisor, []fault{{Match: deleteOf, Status: 429, RetryAfter: 7}}, revoke, "DELETE", came(audit.Refused, 429)},
		{"revocation cut off", supervisor, []fault{{Match: deleteOf, Reset: true}}, revoke, "DELETE", came(audit.Unknown, 0)},
		{"revocation the platform failed at", supervisor, []fault{{Match: deleteOf, Status: 503}}, revoke, "DELETE", came(audit.Unknown, 503)},
		{"revocation never sent", supervisor, nil, func(rec *recorded, b *browser) *answer {
			rec.onCall = func(r *http.Request) {
				if r.Method == http.MethodDelete {
					r.URL.Host = "127.0.0.1:1"
				}
			}
			defer func() { rec.onCall = func(*http.Request) {} }()
			return revoke(rec, b)
		}, "DELETE", came(audit.Failed, 0)},
		{"revocation without the permission", agent, nil, revoke, "", []audit.Entry{
			{Action: audit.Revoke, Outcome: audit.Refused, Subject: audit.Party{ID: mina.ID}, Detail: "missing permission oauth:token:delete"},
		}},
		{"sign-out done", agent, nil, logout, "DELETE", []audit.Entry{{Action: audit.SignOut, Outcome: audit.Done, PlatformStatus: 200, Detail: "{token}"}}},
		{"sign-out with a dead token", agent, []fault{{Match: ownToken, Status: 401}}, logout, "DELETE", []audit.Entry{{Action: audit.SignOut, Outcome: audit.Done, PlatformStatus: 401, Detail: "{token}, which was not valid any more"}}},
		{"sign-out cut off", agent, []fault{{Match: ownToken, Reset: true}}, logout, "DELETE", []audit.Entry{{Action: audit.SignOut, Outcome: audit.Unknown, Detail: "{token}"}}},
		{"verification done", agent, nil, verify, "HEAD", []audit.Entry{{Action: audit.Verify, Outcome: audit.Done, PlatformStatus: 200}}},
		{"verification of a dead token", agent, []fault{{Match: "HEAD /api/v2/tokens/me", Status: 401}}, verify, "HEAD", []audit.Entry{{Action: audit.Verify, Outcome: audit.Refused, PlatformStatus: 401}}},
		{"timeout change refused", admin, []fault{{Match: "PUT /api/v2/tokens/timeout", Status: 403}}, change, "PUT", changed(audit.Refused, 403)},
		{"timeout change cut off", admin, []fault{{Match: "PUT /api/v2/tokens/timeout", Reset: true}}, change, "PUT", changed(audit.Unknown, 0)},
		{"timeout change without the permission", agent, nil, change, "", []audit.Entry{
			{Action: audit.ChangeTimeout, Outcome: audit.Refused, Detail: "missing permission directory:organization:admin"},
		}},
		{"timeout change done", admin, nil, change, "PUT", changed(audit.Done, 200)},
	}
}

func TestR16_EveryActIsOnTheRecord(t *testing.T) {
	t.Parallel()
	rec := newRecorded(t)
	rec.mint(agent) // so that a last token is known
	for _, act := range acts(rec) {
		b := rec.signedIn(act.who)
		organization := rec.entries()[0]
		rec.mint(agent)
		before := len(rec.entries())
		signIn := rec.entries()[before-1]
		rec.disturb(act.faults...)
		a := act.do(rec, b)
		rec.calm()
		var want []audit.Entry
		for _, e := range act.want {
			e.Actor, e.Region = rec.party(act.who), "demo"
			e.OrganizationID, e.OrganizationName = organization.OrganizationID, "Demo Contact Centre"
			e.RequestID, e.ClientAddress = a.Header.Get("X-Request-Id"), "127.0.0.1"
			e.At = rec.clock.now().UTC().Truncate(time.Millisecond)
			e.Seq = int64(before + len(want) + 1)
			e.Detail = strings.Replace(e.Detail, "{token}", signIn.Detail, 1)
			if e.Asks > 0 {
				e.Asks = e.Seq - 1
			}
			if e.Outcome == audit.Asked {
				e.Asks = 0
			} else if act.call != "" {
				e.CorrelationID = rec.correlations[act.call]
			}
			want = append(want, e)
		}
		if diff := cmp.Diff(want, rec.since(before), cmp.FilterPath(func(p cmp.Path) bool {
			name := p.Last().String()
			return name == ".Hash" || name == ".Previous"
		}, cmp.Ignore())); diff != "" {
			t.Errorf("%s: the record differs (-want +got):\n%s", act.name, diff)
		}
	}
	chain, err := rec.audit.Verify(t.Context())
	if err != nil || chain.Broken != nil || chain.Open != 0 {
		t.Errorf("the chain afterwards: %+v %v", chain, err)
	}
}

func TestR16_SignInsAreOnTheRecord(t *testing.T) {
	t.Parallel()
	rec := newRecorded(t)
	denied := func(b *browser) *answer {
		return b.get("/oauth/callback?error=access_denied&state=" + url.QueryEscape(b.begin("").Query().Get("state")))
	}
	try := func(b *browser) *answer { return b.signInTo("", supervisor) }
	for _, test := range []struct {
		name    string
		fault   *fault
		signIn  func(*browser) *answer
		outcome audit.Outcome
		detail  string
		known   bool // who it is
	}{
		{"done", nil, try, audit.Done, "token ", true},
		{"denied", nil, denied, audit.Refused, "The sign-in was refused", false},
		{"exchange refused", &fault{Match: "POST /oauth/token", Status: 400, Body: map[string]string{"error": "invalid_grant"}}, try, audit.Failed, "Genesys Cloud refused to finish the sign-in", false},
		{"platform failed", &fault{Match: "POST /oauth/token", Status: 500}, try, audit.Failed, "Genesys Cloud does not answer", false},
		{"person unknown", &fault{Match: "GET /api/v2/users/me", Status: 503}, try, audit.Failed, "Genesys Cloud failed", false},
	} {
		if test.fault != nil {
			rec.disturb(*test.fault)
		}
		before := len(rec.entries())
		a := test.signIn(rec.newBrowser())
		rec.calm()
		entries := rec.since(before)
		if len(entries) != 1 {
			t.Fatalf("%s: %d entries: %+v", test.name, len(entries), entries)
		}
		e := entries[0]
		who := audit.Party{}
		if test.known {
			who = rec.party(supervisor)
		}
		if e.Action != audit.SignIn || e.Outcome != test.outcome || !strings.HasPrefix(e.Detail, test.detail) || e.Actor != who {
			t.Errorf("%s: %s %s %q by %+v", test.name, e.Action, e.Outcome, e.Detail, e.Actor)
		}
		if e.RequestID != a.Header.Get("X-Request-Id") || e.Region != "demo" || e.ClientAddress != "127.0.0.1" {
			t.Errorf("%s: request %q, region %q, client %q", test.name, e.RequestID, e.Region, e.ClientAddress)
		}
	}
}

// What is not on disk is not asked: the platform gets the DELETE only when the
// record holds the question.
func TestAskedIsOnDiskBeforeThePlatformIsCalled(t *testing.T) {
	t.Parallel()
	rec := newRecorded(t)
	b := rec.signedIn(admin)
	var held []audit.Outcome
	rec.onCall = func(r *http.Request) {
		if r.Method != http.MethodDelete && r.Method != http.MethodPut {
			return
		}
		// Another connection, so that it is committed and not only written.
		all := rec.entries()
		held = append(held, all[len(all)-1].Outcome)
		if !all[len(all)-1].Open {
			t.Errorf("%s arrives and the last entry is closed: %+v", r.Method, all[len(all)-1])
		}
	}
	b.post(revocationOf(rec.testServer, agent), revocationForm).wantTo("/users/")
	b.post("/timeout/change", timeoutChange).wantTo("/timeout")
	if diff := cmp.Diff([]audit.Outcome{audit.Asked, audit.Asked}, held); diff != "" {
		t.Errorf("the record when the call arrives (-want +got):\n%s", diff)
	}
}

func TestWithoutARecordNothingIsDone(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(*recorded){
		"read-only": (*recorded).readOnly,
		"closed":    func(rec *recorded) { rec.db.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rec := newRecorded(t)
			b := rec.signedIn(admin)
			found := inspected(b, rec.mint(agent))
			lose(rec)
			for target, form := range map[string]url.Values{
				revocationOf(rec.testServer, agent): revocationForm,
				"/timeout/change":                   timeoutChange,
				"/inspect/delete":                   {"found": {found}},
			} {
				b.post(target, form).want(http.StatusServiceUnavailable).
					wantText("The record cannot be written", "nothing was changed")
			}
			rec.wantAsked(0, "DELETE ")
			rec.wantAsked(0, "PUT ")
			b.get("/audit").want(map[string]int{"read-only": 200, "closed": 503}[name])
			b.follow(b.post("/logout", nil)).wantText("Genesys Cloud confirmed that your token is deleted")
			rec.newBrowser().signInTo("", agent).want(http.StatusServiceUnavailable).wantText("The record cannot be written")
		})
	}
}

// forgetful makes the record unable to be written once the platform is called.
func (rec *recorded) forgetful(method string) {
	rec.db.SetMaxOpenConns(1)
	rec.onCall = func(r *http.Request) {
		if r.Method == method {
			rec.execute("PRAGMA query_only = 1")
		}
	}
}

func (rec *recorded) remembers() {
	rec.onCall = func(*http.Request) {}
	rec.execute("PRAGMA query_only = 0")
}

func TestAnOutcomeThatCannotBeRecordedStaysVisiblyOpen(t *testing.T) {
	t.Parallel()
	rec := newRecorded(t)
	b := rec.signedIn(admin)
	own := revocationOf(rec.testServer, admin)
	for _, test := range []struct {
		name, method, target string
		form                 url.Values
		faults               []fault
	}{
		{"revoked", "DELETE", revocationOf(rec.testServer, agent), revocationForm, nil},
		{"not revoked", "DELETE", revocationOf(rec.testServer, agent), revocationForm, []fault{{Match: "DELETE ", Status: 404}}},
		{"revocation unknown", "DELETE", revocationOf(rec.testServer, agent), revocationForm, []fault{{Match: "DELETE ", Reset: true}}},
		{"timeout changed", "PUT", "/timeout/change", timeoutChange, nil},
		{"timeout not changed", "PUT", "/timeout/change", timeoutChange, []fault{{Match: "PUT ", Status: 503}}},
		{"found token deleted", "DELETE", "/inspect/delete", url.Values{"found": {""}}, nil},
		{"found token not deleted", "DELETE", "/inspect/delete", url.Values{"found": {""}}, []fault{{Match: "DELETE ", Status: 503}}},
		{"oneself revoked", "DELETE", own, revocationForm, nil},
	} {
		if test.form.Has("found") {
			test.form.Set("found", inspected(b, rec.mint(agent)))
		}
		rec.disturb(test.faults...)
		rec.forgetful(test.method)
		a := b.follow(b.post(test.target, test.form))
		rec.remembers()
		rec.calm()
		all := rec.entries()
		last := all[len(all)-1]
		if !last.Open {
			t.Errorf("%s: the last entry is not open: %+v", test.name, last)
		}
		// The page after revoking oneself has no room for it.
		if want := "entry " + strconv.FormatInt(last.Seq, 10) + " stays open"; test.target != own && !strings.Contains(a.text(), want) {
			t.Errorf("%s: the page does not say %q but: %s", test.name, want, a.text())
		}
		if test.target == own {
			b = rec.signedIn(admin)
		}
		page := b.get("/audit?open=on").want(http.StatusOK)
		first := page.page().Find("table.record tbody tr").First()
		if text := first.Text(); !strings.Contains(text, "open: outcome not known") || strings.TrimSpace(first.Find("summary").Text()) != strconv.FormatInt(last.Seq, 10) {
			t.Errorf("%s: the audit page shows first: %s", test.name, text)
		}
	}
}

func TestClientAddressThroughTrustedProxies(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		trusted, forwarded, want string
	}{
		{"10.0.0.0/8", "203.0.113.9", "127.0.0.1"}, // who asks is no proxy of ours
		{"127.0.0.0/8", "203.0.113.9", "203.0.113.9"},
		{"127.0.0.0/8", "198.51.100.1, 203.0.113.9", "203.0.113.9"}, // the first was claimed by the client
		{"127.0.0.0/8", "not an address", "127.0.0.1"},
		{"127.0.0.0/8", "2001:db8::7", "2001:db8::7"},
	} {
		rec := newRecorded(t, func(s *setup) { s.console.TrustedProxies = []netip.Prefix{netip.MustParsePrefix(test.trusted)} })
		b := rec.signedIn(agent)
		b.post("/token/verify", nil, "X-Forwarded-For", test.forwarded)
		all := rec.entries()
		if got := all[len(all)-1]; got.Action != audit.Verify || got.ClientAddress != test.want {
			t.Errorf("X-Forwarded-For %q with %s trusted: %s from %q, want %q", test.forwarded, test.trusted, got.Action, got.ClientAddress, test.want)
		}
	}
}

// A sign-out that is tried again is still that person's, though the session is gone.
func TestR16_SignOutTriedAgainNamesItsPerson(t *testing.T) {
	t.Parallel()
	rec := newRecorded(t)
	b := rec.signedIn(agent)
	rec.disturb(fault{Match: "DELETE /api/v2/tokens/me", Status: 503, Times: 1})
	b.post("/logout", nil).wantTo("/signed-out")
	b.post("/logout", nil).wantTo("/signed-out")
	all := rec.entries()
	if len(all) != 3 {
		t.Fatalf("%d entries of the organization, want sign-in and two sign-outs", len(all))
	}
	for i, outcome := range []audit.Outcome{audit.Unknown, audit.Done} {
		if e := all[i+1]; e.Action != audit.SignOut || e.Outcome != outcome || e.Actor != rec.party(agent) {
			t.Errorf("try %d: %s %s by %+v", i+1, e.Action, e.Outcome, e.Actor)
		}
	}
}

func TestT1_PathsAreLoggedWithoutWhatMayBeAToken(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.signedIn(supervisor)
	pasted := strings.Repeat("Secret7", 8)
	b.get("/users/" + pasted).want(http.StatusBadRequest)
	if text := ts.log.String(); strings.Contains(text, pasted) || !strings.Contains(text, "/users/…") {
		t.Error("the log holds what was pasted into the address bar")
	}
}
