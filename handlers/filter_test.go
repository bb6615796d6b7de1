package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tokenconsole/internal/audit"
)

// filters are queries and the entries that each shows of TestRecordFilters.
var filters = map[string][]string{
	"":                              {"4", "3", "2", "1"},
	"person=KELLER":                 {"3", "2"},
	"person=agent@demo":             {"3", "2"},
	"person={agent}":                {"3", "2"},
	"person=100%25":                 {"4"},
	"person=%25":                    {"4"},
	"person=_":                      {"4"},
	"person=' OR 1=1 --":            nil,
	"actor=ortiz":                   {"3", "2"},
	"actor=ortiz&person=ada":        nil,
	"action=inspect":                {"4"},
	"action=revoke&outcome=refused": {"2"},
	"outcome=asked":                 {"3"},
	"open=on":                       {"3"},
	"batch=b1":                      {"2"},
	"to=2026-11-24":                 {"1"},
	"from=2026-11-25":               {"4", "3", "2"},
	"from=2026-11-24&to=2026-11-25": {"4", "3", "2", "1"},
	"person=&actor=&action=&outcome=&from=&to=": {"4", "3", "2", "1"},
}

// filterable is a console with a record to filter.
func filterable(t *testing.T) *console {
	c := newConsole(t)
	c.add(audit.Entry{Actor: partyOf(t, admin), Action: audit.SignIn}) // 1
	c.clock.advance(24 * time.Hour)
	c.add(
		audit.Entry{Actor: partyOf(t, supervisor), Subject: partyOf(t, agent), Outcome: audit.Refused, Batch: "b1"},          // 2
		audit.Entry{Actor: partyOf(t, supervisor), Subject: partyOf(t, agent), Outcome: audit.Asked},                         // 3
		audit.Entry{Actor: partyOf(t, agent), Subject: audit.Party{ID: "x", Name: "100% Wool_worth"}, Action: audit.Inspect}, // 4
	)
	return c
}

// A filter shows what it says, stays in the form, and exports the same.
func TestRecordFilters(t *testing.T) {
	t.Parallel()
	for query, want := range filters {
		t.Run(query, func(t *testing.T) {
			c := filterable(t) // exports are entries too
			values, err := url.ParseQuery(strings.ReplaceAll(query, "{agent}", c.userID(agent)))
			if err != nil {
				t.Fatal(err)
			}
			b := c.signedIn(admin)
			a := b.get("/audit?" + values.Encode()).want(http.StatusOK)
			if diff := cmp.Diff(want, a.seqs(), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			wantFilterShown(t, a, values)
			for _, format := range formats {
				link, ok := a.page().Find("a[download][href^='/audit." + format + "']").Attr("href")
				if ok != (len(want) > 0) {
					t.Errorf("an export as %s is offered: %v", format, ok)
				}
				if !ok {
					continue
				}
				if diff := cmp.Diff(want, b.get(link).exported()); diff != "" {
					t.Errorf("exported as %s (-want +got):\n%s", format, diff)
				}
			}
		})
	}
}

// wantFilterShown checks that the form of a list holds the filter.
func wantFilterShown(t *testing.T, a *answer, values url.Values) {
	t.Helper()
	for name := range values {
		field := a.page().Find("form.record-form [name=" + name + "]")
		shown, _ := field.Attr("value")
		switch {
		case field.Is("select"):
			shown = field.Find("option[selected]").AttrOr("value", "")
		case field.Is("[type=checkbox]:not([checked])"):
			shown = ""
		}
		if shown != values.Get(name) {
			t.Errorf("the form shows %q for %s", shown, name)
		}
	}
}

func TestRecordRefusesFiltersThatAreNone(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.threeEntries()
	b := c.signedIn(admin)
	for _, query := range []string{
		"from=yesterday", "to=2026-02-30", "from=2026-1-2", "to=%00", "from=2026-01-02T00:00", "from=99999-01-01",
		"from=2026-11-25&to=2026-11-24", "action=revok", "outcome=fine", "action=%00", "outcome=%ff",
	} {
		t.Run(query, func(t *testing.T) {
			b := b.in(t)
			a := b.get("/audit?" + query).want(http.StatusUnprocessableEntity)
			if len(a.seqs()) != 0 {
				t.Error("entries all the same")
			}
			name, _, _ := strings.Cut(query, "=")
			if id := a.page().Find("[name="+name+"]").AttrOr("aria-describedby", "none"); a.page().Find("#"+id).Text() == "" {
				t.Error("the field does not say what is wrong")
			}
			for _, format := range formats {
				b.get("/audit."+format+"?"+query).wantProblem(http.StatusUnprocessableEntity, "filter-unreadable")
			}
		})
	}
	if n := c.recorded(); n != 3 {
		t.Errorf("%d entries: what was not exported is on the record", n)
	}
}

// Whatever bytes come as a filter, the answer is a page.
func TestRecordFiltersOfOddBytes(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	for name, text := range map[string]string{
		"NUL": "\x00", "NUL within": "a\x00b", "not UTF-8": "\xff\xfe", "long": strings.Repeat("ü", 300), "CJK": strings.Repeat("漢", 67),
		"backslash": `\`, "pattern": `%\`, "quote": "'", "double quote": `"`, "turned": "\u202e",
	} {
		t.Run(name, func(t *testing.T) {
			b := b.in(t)
			for _, field := range []string{"person", "actor", "batch"} {
				query := url.Values{field: {text}}.Encode()
				b.get("/audit?" + query).want(http.StatusOK)
				b.get("/audit.csv?" + query).want(http.StatusOK)
			}
		})
	}
}
