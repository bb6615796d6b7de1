package handlers_test

import (
	"net/http"
	"net/url"
	"testing"

	"tokenconsole/handlers"
)

// hostileReturns are return paths that must lead nowhere but home.
var hostileReturns = []string{
	"//evil.example", "///evil.example", `/\evil.example`, `\/evil.example`, `\\evil.example`,
	"/%2f%2fevil.example", "/%2fevil.example/..", "/%5cevil.example",
	"/\t/evil.example", "/\n/evil.example", "/\r\n/evil.example", "\t//evil.example", " //evil.example", "/users\r\nSet-Cookie: a=b",
	"https://evil.example", "https:evil.example", "http:/evil.example", "javascript:alert(1)", "data:text/html,x",
	"@evil.example", ".evil.example", "evil.example",
	"/..//evil.example", "/./evil", "/users/../..//evil.example", "/%2e%2e//evil.example", "/%09/evil.example",
	"/%0d%0aSet-Cookie:a=b", "/%00", "/logout", "/login", "/oauth/callback?code=1", "",
}

func TestL11_ReturnPathNeverLeavesTheSite(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	for _, evil := range hostileReturns {
		t.Run(url.QueryEscape(evil), func(t *testing.T) {
			b := c.in(t).newBrowser()
			a := b.get("/login?return_to=" + url.QueryEscape(evil)).want(http.StatusOK)
			if got, _ := a.page().Find("input[name=return_to]").Attr("value"); got != home {
				t.Errorf("the form leads to %q", got)
			}
			if a := b.signInTo(evil, agent).wantTo(home); a.location() != home {
				t.Errorf("the sign-in ends at %q", a.location())
			}
		})
	}
}

func TestL12_ReturnPathComesBackIntact(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	for _, page := range []string{
		"/users?q=a%26b", "/users?q=a+b&page=2", "/users?q=%C3%A9%2F%2F", "/users?q=https://x.example/", "/users/" + c.userID(agent),
		"/users/" + c.userID(agent) + "/revoke", "/users?q=%22%3E%3Cscript%3E", "/audit?open=on",
	} {
		t.Run(url.QueryEscape(page), func(t *testing.T) {
			b := c.in(t).newBrowser()
			form := b.follow(b.get(page).wantTo("/login?")).page().Find("form[action='/login']")
			returnTo, _ := form.Find("input[name=return_to]").Attr("value")
			if got := b.signInTo(returnTo, admin); got.location() != page {
				t.Errorf("came back to %q", got.location())
			}
		})
	}
}

// A form that comes too late leads back to the page it was sent from, which is
// not always the path it was sent to.
func TestS9_FormSentTooLateLeadsBackToItsPage(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	for from, to := range map[string]string{
		"/token/verify": "/token", "/inspect": "/inspect", "/inspect/delete": "/inspect", "/batches": "/batches/new",
		"/timeout/change": "/timeout/change", c.revocationOf(agent): c.revocationOf(agent),
		"/batches/7/steps": "/batches/7",
	} {
		t.Run(from, func(t *testing.T) {
			if got := c.in(t).newBrowser().post(from, nil).location(); got != "/login?return_to="+url.QueryEscape(to)+"&why=lost" {
				t.Errorf("it leads to %s", got)
			}
		})
	}
}

// Whichever form comes too late, it leads back to an address that has a page.
func TestS9_EveryFormSentTooLateLeadsBackToAPage(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	late := func(r handlers.Route) bool { return isPost(r) && needsSession(r) }
	c.eachRoute(t, 20, late, func(t *testing.T, r handlers.Route) {
		c, b := c.in(t), b.in(t)
		signIn, err := url.Parse(c.newBrowser().post(c.example(r), nil).wantTo("/login?").location())
		if err != nil {
			t.Fatal(err)
		}
		page := signIn.Query().Get("return_to")
		if got := b.get(page).problem(); got == "method-not-allowed" || got == "page-unknown" {
			t.Errorf("it leads back to %s: %s", page, got)
		}
	})
}
