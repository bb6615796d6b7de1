package handlers_test

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/audit"
)

// seqs are the numbers of the entries that a page lists, as listed.
func (a *answer) seqs() []string {
	a.t.Helper()
	return a.page().Find("table.record td[data-label=Entry]").Map(func(_ int, s *goquery.Selection) string { return squeezed(s.Text()) })
}

// exported are the numbers of the entries in an export, as they stand there, but
// for those of exports themselves.
func (a *answer) exported() (seqs []string) {
	a.t.Helper()
	a.want(http.StatusOK)
	if strings.HasPrefix(a.Header.Get("Content-Type"), "text/csv") {
		for _, line := range csvOf(a.t, a.body)[1:] {
			if line[2] != string(audit.Export) {
				seqs = append(seqs, line[0])
			}
		}
		return seqs
	}
	var entries []struct {
		Seq    int64
		Action audit.Action
	}
	if err := json.Unmarshal([]byte(a.body), &entries); err != nil {
		a.t.Fatalf("not JSON: %v", err)
	}
	for _, e := range entries {
		if e.Action != audit.Export {
			seqs = append(seqs, strconv.FormatInt(e.Seq, 10))
		}
	}
	return seqs
}

// csvOf are the lines of an export, the header first.
func csvOf(t testing.TB, text string) [][]string {
	t.Helper()
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || lines[0][0] != "seq" || lines[0][2] != "action" {
		t.Fatalf("not a CSV: %v %.100s", err, text)
	}
	return lines
}

var formats = []string{"csv", "json"}

// People who may revoke see their organization's record, others their own entries;
// no filter widens that, nor an export.
func TestRecordWhoSeesWhat(t *testing.T) {
	t.Parallel()
	all := []string{"5", "3", "2", "1"}
	for who, want := range map[string][]string{admin: all, supervisor: all, trustee: all, agent: {"3", "2"}} {
		t.Run(who, func(t *testing.T) {
			c := newConsole(t)
			c.add(
				audit.Entry{Actor: partyOf(t, admin), Subject: partyOf(t, supervisor)},                                                // 1
				audit.Entry{Actor: partyOf(t, supervisor), Subject: partyOf(t, agent)},                                                // 2
				audit.Entry{Actor: partyOf(t, agent), Action: audit.Verify},                                                           // 3
				audit.Entry{Actor: partyOf(t, supervisor), Subject: partyOf(t, agent), Organization: audit.Organization{ID: "other"}}, // 4
				audit.Entry{Actor: partyOf(t, trustee), Action: audit.SignIn},                                                         // 5
			)
			b := c.signedIn(who)
			a := b.get("/audit").want(http.StatusOK)
			if diff := cmp.Diff(want, a.seqs()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			// Who sees their own alone has nobody to look for.
			if n := a.page().Find("#person, #actor, [name=nobody]").Length(); (n == 0) != (who == agent) {
				t.Errorf("%d fields to look for people", n)
			}
			for _, query := range []string{"?person=none", "?actor=" + c.userID(admin), "?own=&organization=other", "?nobody=on", "?open=on", "?after=older-9"} {
				for _, seq := range b.get("/audit" + query).want(http.StatusOK).seqs() {
					if !slices.Contains(want, seq) {
						t.Errorf("entry %s is seen by %s", seq, query)
					}
				}
			}
			for _, format := range formats {
				if diff := cmp.Diff(want, b.get("/audit."+format).exported()); diff != "" {
					t.Errorf("exported as %s (-want +got):\n%s", format, diff)
				}
			}
		})
	}
}

func TestRecordPages(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	e := audit.Entry{Actor: partyOf(t, admin)}
	c.add(slices.Repeat([]audit.Entry{e}, 130)...)
	b := c.signedIn(admin)
	walk := func(a *answer, rel string) (pages []*answer) {
		for {
			pages = append(pages, a)
			next, ok := a.page().Find("a[rel=" + rel + "]").Attr("href")
			if !ok || len(pages) > 5 {
				return pages
			}
			a = b.get(next).want(http.StatusOK)
		}
	}
	pages := walk(b.get("/audit?actor=Ada").want(http.StatusOK), "next")
	var sizes []int
	var seqs, want []string
	for _, a := range pages {
		sizes = append(sizes, len(a.seqs()))
		seqs = append(seqs, a.seqs()...)
	}
	for n := 130; n > 0; n-- {
		want = append(want, strconv.Itoa(n))
	}
	if diff := cmp.Diff([]int{50, 50, 30}, sizes); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, seqs); diff != "" {
		t.Errorf("entries through Older (-want +got):\n%s", diff)
	}
	back := walk(pages[2], "prev")
	if len(back) != 3 || !slices.Equal(back[2].seqs(), pages[0].seqs()) {
		t.Errorf("through Newer one comes back by %d pages to %v", len(back), back[len(back)-1].seqs())
	}
	if len(b.get("/audit.csv?actor=Ada").exported()) != 130 {
		t.Error("the export is not of all pages")
	}
}

// A place that is none shows the newest entries.
func TestRecordPlacesThatAreNone(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.threeEntries()
	b := c.signedIn(admin)
	for _, after := range []string{"x", "older-", "older-1-2", "newer--", "older-9999999999999999999999", "%00", "older-01", "sideways-1"} {
		t.Run(after, func(t *testing.T) {
			if got := b.in(t).get("/audit?after=" + after).want(http.StatusOK).seqs(); len(got) != 3 {
				t.Errorf("it shows %v", got)
			}
		})
	}
}

// Text of the platform and of people is text, wherever the record shows it (H5).
func TestRecordShowsTextAsText(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	party := audit.Party{ID: "javascript:alert(1)", Name: hostile, Email: hostile}
	c.add(audit.Entry{Actor: party, Subject: party, Reason: hostile, Ticket: hostile, Token: hostile, Region: hostile, CorrelationID: hostile})
	b := c.signedIn(admin)
	for _, target := range []string{"/audit?person=" + url.QueryEscape(hostile), "/audit/1", "/"} {
		t.Run(target, func(t *testing.T) {
			a := b.in(t).get(target).want(http.StatusOK)
			if n := strings.Count(a.page().Find("main").Text(), hostile); n < 5 {
				t.Errorf("the text shows %d times", n)
			}
			wantNothingInline(t, a)
			if n := a.page().Find("img").Length(); n != 0 {
				t.Errorf("%d elements came out of the text", n)
			}
		})
	}
	if got := b.get("/audit?person="+url.QueryEscape(hostile)).page().Find("#person").AttrOr("value", ""); got != hostile {
		t.Errorf("the field holds %q", got)
	}
}

// Names and reasons stand isolated on the page, so that none turns the text around
// it (bidirectional characters).
func TestP10_TextOfPeopleIsIsolated(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	const turned = "\u202egpj.exe"
	party := audit.Party{ID: "x", Name: turned}
	c.add(audit.Entry{Actor: party, Subject: party, Reason: turned, Ticket: turned})
	page := c.signedIn(admin).get("/audit").page()
	page.Find("table.record td *").Each(func(_ int, s *goquery.Selection) {
		if s.Children().Length() == 0 && strings.Contains(s.Text(), turned) && s.Closest("bdi").Length() == 0 {
			t.Errorf("not isolated in <%s class=%q>", goquery.NodeName(s), s.AttrOr("class", ""))
		}
	})
	isolated := page.Find("table.record bdi").FilterFunction(func(_ int, s *goquery.Selection) bool { return s.Text() == turned })
	if isolated.Length() != 4 {
		t.Errorf("%d of 4 texts stand isolated", isolated.Length())
	}
}
