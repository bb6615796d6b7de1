package e2e

import (
	"strings"
	"testing"
	"time"

	"tokenconsole/e2e/browser"
)

// evaluated runs script in the page and returns what it makes.
func evaluated(t *testing.T, page *browser.Page, script string) any {
	t.Helper()
	value, err := page.Evaluate(script)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// Pages that the browser kept show nothing of the session that is over: neither the one that the sign-in led to, nor
// those after it.
func TestS15_BackAfterSignOutShowsNothing(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	for name, adjust := range map[string]func(*browser.Options){
		"with script":    func(*browser.Options) {},
		"without script": noScript,
	} {
		t.Run(name, func(t *testing.T) {
			page := signedInByHand(t, console, supervisor, adjust)
			page.Tolerate("fetch failed with 401")
			page.Link("People").Click()
			page.At("/users")
			page.Link("Record").Click()
			page.At("/audit")
			signOut(page)
			for step := range 3 {
				if _, err := page.GoBack(); err != nil {
					t.Fatal(err)
				}
				page.Heading("Sign in").Shows()
				text, err := page.CSS("body").InnerText()
				if err != nil {
					t.Fatal(err)
				}
				for _, secret := range []string{"Samuel Ortiz", "Active", "supervisor@"} {
					if strings.Contains(text, secret) {
						t.Errorf("%d times Back after the sign-out show %q: %s", step+1, secret, text)
					}
				}
			}
		})
	}
}

// A page that comes out of the browser's memory is loaded again, whatever the session is by then.
func TestS15_RestoredPagesLoadAgain(t *testing.T) {
	t.Parallel()
	page := signedIn(t, web.Start(t), supervisor)
	for _, path := range []string{"/token", "/users", "/audit", "/settings"} {
		page.Visit(path)
		evaluated(t, page, `() => { window.old = true; dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })); }`)
		if _, err := page.WaitForFunction("() => !window.old", nil); err != nil {
			t.Errorf("%s shows again as it was: %v", path, err)
		}
	}
}

// The other tabs leave as soon as one signs out. Their own time stands still: nothing but that tab tells them.
func TestS15_OtherTabsAreTold(t *testing.T) {
	t.Parallel()
	page := atToken(t, web.Start(t), supervisor)
	page.Tolerate("fetch failed with 401")
	var others []*browser.Page
	for _, path := range []string{"/token", "/users", "/audit", "/settings"} {
		other := page.Tab()
		other.TakeClock()
		other.Visit(path)
		if err := other.Clock().PauseAt(time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		others = append(others, other)
	}
	signOut(page)
	for _, other := range others {
		other.At("/signed-out")
		other.Heading("You are signed out").Shows()
	}
}

// Whose session is ended by somebody else is out of every page within seconds, and learns why.
func TestS15_PagesOfARevokedPersonLeave(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := signedIn(t, console, agent)
	page.Tolerate("fetch failed with 401")
	page.Visit("/audit")
	boss := signedIn(t, console, supervisor)
	boss.Visit("/users/" + console.Emulator.UserID(agent) + "/revoke")
	boss.Field("Reason").Fill("Lost laptop")
	boss.CSS("main form button[type=submit], main form button:not([type])").Click()
	page.Heading("Sign in").Shows()
	if text, err := page.CSS("main").InnerText(); err != nil || !strings.Contains(text, "ended") {
		t.Errorf("%v: %s", err, text)
	}
}
