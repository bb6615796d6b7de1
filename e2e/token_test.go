package e2e

import (
	"testing"
	"time"

	"tokenconsole/e2e/browser"
)

func TestTokenPageCountsDown(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := visitor(t, console)
	page.TakeClock()
	page.Visit("/login")
	signIn(page, agent)
	page.CSS("[data-deadline=expires]").Holds("in 23 h 59 min")
	page.Later(2 * time.Hour)
	page.CSS("[data-deadline=expires]").Holds("in 21 h 59 min")
}

func TestTimesShowInTheReadersZone(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	berlin, err := time.LoadLocation("Europe/Berlin") // as every context's, see browser.Context
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		adjust func(*browser.Options)
		zone   *time.Location
	}{
		"with script":    {func(*browser.Options) {}, berlin},
		"without script": {noScript, time.UTC},
	} {
		t.Run(name, func(t *testing.T) {
			page := atToken(t, console, agent, test.adjust)
			shown := page.CSS(".deadline:has([data-deadline=expires]) time")
			expires, err := time.Parse(time.RFC3339, shown.Attribute("datetime"))
			if err != nil {
				t.Fatal(err)
			}
			shown.Holds(expires.In(test.zone).Format("2 Jan 2006, 15:04:05"))
			page.CSS("footer").Holds("Times in " + test.zone.String())
			// The server knows it from now on: the days of the record's filter are days in it.
			page.Visit("/audit")
			abbreviation, _ := time.Now().In(test.zone).Zone()
			page.CSS("form .hint").Holds(abbreviation)
		})
	}
}

func TestCopyButtonsCopy(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := atToken(t, console, agent)
	if err := page.Context().GrantPermissions([]string{"clipboard-read", "clipboard-write"}); err != nil {
		t.Fatal(err)
	}
	fingerprint, err := page.CSS(".fingerprint code").InnerText()
	if err != nil {
		t.Fatal(err)
	}
	page.Button("Copy " + fingerprint).Click()
	page.CSS(".fingerprint .copy").Reads("Copied")
	copied, err := page.Evaluate("navigator.clipboard.readText()")
	if err != nil {
		t.Fatal(err)
	}
	if copied != fingerprint {
		t.Errorf("the clipboard holds %q, want %q", copied, fingerprint)
	}
}
