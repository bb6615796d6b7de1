package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestPreferences holds that every page shows what a browser chose, signed in or
// not, and that what there is not to choose is no choice.
func TestPreferences(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	for name, test := range map[string]struct{ theme, zone, wantTheme, wantZone string }{
		"theme and zone": {"dark", "Europe/Berlin", "dark", "Europe/Berlin"},
		"neither":        {"", "", "", "UTC"},
		"nonsense":       {"plaid", "../Mars", "", "UTC"},
	} {
		t.Run(name, func(t *testing.T) {
			b := c.in(t).signedIn(agent)
			b.post("/settings", url.Values{"theme": {test.theme}, "zone": {test.zone}}).wantTo("/settings")
			page := b.get("/token").want(http.StatusOK).page()
			if got := page.Find("html").AttrOr("data-theme", ""); got != test.wantTheme {
				t.Errorf("the theme is %q, want %q", got, test.wantTheme)
			}
			if got := page.Find("[data-zone-name]").Text(); got != test.wantZone {
				t.Errorf("times are in %q, want %q", got, test.wantZone)
			}
		})
	}
}

func TestPreferencesMoveTimes(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(agent)
	before := b.get("/token").page().Find(".deadline time").First()
	b.post("/settings", url.Values{"zone": {"Asia/Tokyo"}})
	after := b.get("/token").page().Find(".deadline time").First()
	if before.AttrOr("datetime", "a") != after.AttrOr("datetime", "b") || before.Text() == after.Text() {
		t.Errorf("%s was told as %q in UTC and as %q in Tokyo", after.AttrOr("datetime", ""), before.Text(), after.Text())
	}
}

// Where nobody chose a zone, pages and filters are in the one that the browser told.
func TestTheBrowsersZoneCounts(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	for name, test := range map[string]struct{ told, chosen, want, wantDays string }{
		"told":            {"Asia/Tokyo", "", "Asia/Tokyo", "JST"},
		"another chosen":  {"Asia/Tokyo", "Asia/Kolkata", "Asia/Kolkata", "IST"},
		"none of ours":    {"../Mars", "", "UTC", "UTC"},
		"nothing":         {"", "", "UTC", "UTC"},
		"the machine's":   {"Local", "", "UTC", "UTC"},
		"a text of a tag": {"<b>UTC</b>", "", "UTC", "UTC"},
	} {
		t.Run(name, func(t *testing.T) {
			b := c.in(t).signedIn(admin)
			if test.told != "" {
				b.plant("console-zone", test.told)
			}
			if test.chosen != "" {
				b.post("/settings", url.Values{"zone": {test.chosen}}).wantTo("/settings")
			}
			page := b.get("/audit").want(http.StatusOK).page()
			if got := page.Find("[data-zone-name]").Text(); got != test.want {
				t.Errorf("times are in %q, want %q", got, test.want)
			}
			if got := page.Find("form .hint").Text(); !strings.Contains(got, test.wantDays) {
				t.Errorf("the filter's days are in %q, want %q", got, test.wantDays)
			}
		})
	}
}
