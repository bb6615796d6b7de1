package handlers_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"
)

// One act is one row, with its time line in it.
func TestOneActIsOneRow(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.mint(agent)
	c.clock.advance(time.Minute)
	b := c.signedIn(supervisor)
	revokeAgent(b).wantTo("/users/")
	a := b.get("/audit").want(http.StatusOK)
	rows := a.page().Find("table.record tbody tr")
	if rows.Length() != 1 || rows.Find(".outcome-done").Length() != 1 {
		t.Fatalf("%d rows: %s", rows.Length(), a.text())
	}
	steps := rows.Find(".steps li").Map(func(_ int, s *goquery.Selection) string { return squeezed(s.Text()) })
	if diff := cmp.Diff([]string{"asked", "done at once", "no new token at once"}, steps); diff != "" {
		t.Errorf("its time line (-want +got):\n%s", diff)
	}
	if n := len(b.get("/users/" + c.userID(agent)).seqs()); n != 1 {
		t.Errorf("%d rows on the person's page", n)
	}
}

// A return that is known later shows in the row of its revocation, on the record and on the person's page. Of an earlier
// revocation it says nothing.
func TestALaterReturnShowsInItsRow(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(supervisor)
	revokeAgent(b)
	c.clock.advance(time.Minute)
	revokeAgent(b)
	c.comeBack(agent)
	b.get("/watch").want(http.StatusOK)
	for _, path := range []string{"/audit", "/users/" + c.userID(agent)} {
		rows := b.get(path).want(http.StatusOK).page().Find("table.record tbody tr")
		back := rows.Map(func(_ int, row *goquery.Selection) string { return squeezed(row.Find(".step-back").Text()) })
		if diff := cmp.Diff([]string{"came back after 1 min", ""}, back[:2]); diff != "" {
			t.Errorf("on %s (-want +got):\n%s", path, diff)
		}
	}
	if n := c.signedIn(agent).get("/audit").want(http.StatusOK).page().Find(".step-back").Length(); n != 0 {
		t.Error("they read it themselves")
	}
}

// Chips are filters one click away; the one in force says so.
func TestChipsOfTheRecord(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.clock.advance(-48 * time.Hour)
	c.threeEntries() // two days ago
	c.clock.advance(48 * time.Hour)
	b := c.signedIn(supervisor)
	revokeAgent(b).wantTo("/users/")
	for label, want := range map[string]int{"All": 4, "Today": 1, "Last 7 days": 4, "Mine": 1, "Open": 0} {
		t.Run(label, func(t *testing.T) {
			b := b.in(t)
			chip := b.get("/audit").page().Find("nav a.chip").FilterFunction(func(_ int, s *goquery.Selection) bool { return s.Text() == label })
			a := b.get(chip.AttrOr("href", "/nowhere")).want(http.StatusOK)
			if got := len(a.seqs()); got != want {
				t.Errorf("%d acts, want %d", got, want)
			}
			if got := a.page().Find("nav a.chip[aria-current]").Text(); got != label {
				t.Errorf("%q is said to be chosen", got)
			}
		})
	}
}

// The picture above the record counts revocations by day, and each bar is a filter.
func TestHistogramOfTheRecord(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(supervisor)
	if n := b.get("/audit").page().Find("figure.histogram").Length(); n != 0 {
		t.Error("a picture of nothing")
	}
	c.threeEntries()
	c.clock.advance(48 * time.Hour)
	c.threeEntries()
	b = c.signedIn(supervisor)
	figure := b.get("/audit").page().Find("figure.histogram")
	bars := figure.Find("a")
	if got := figure.Find("figcaption").Text(); got != "6 revoked in 14 days" || bars.Length() != 14 {
		t.Fatalf("%d bars, %q", bars.Length(), got)
	}
	if got := bars.Eq(11).AttrOr("aria-label", ""); got != "24 Nov: 3 revoked" {
		t.Errorf("the bar of two days ago says %q", got)
	}
	a := b.get(bars.Eq(11).AttrOr("href", "/nowhere")).want(http.StatusOK)
	if got := a.page().Find(".histogram a.current").AttrOr("aria-label", ""); len(a.seqs()) != 3 || got != "24 Nov: 3 revoked" {
		t.Errorf("it leads to %d acts, and %q is marked", len(a.seqs()), got)
	}
}
