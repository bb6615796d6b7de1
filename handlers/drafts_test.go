package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"tokenconsole/internal/genesys"
)

// late sends a form from a browser whose session has idled out, and returns where
// it leads: to the sign-in.
func (b *browser) late(target string, form url.Values) *answer {
	b.t.Helper()
	b.c.clock.advance(2 * time.Hour)
	return b.post(target, form).wantTo("/login?")
}

// returned signs in again as the sign-in page that a leads to asks for.
func (b *browser) returned(a *answer, email string) *answer {
	b.t.Helper()
	to, _ := b.follow(a).page().Find("input[name=return_to]").Attr("value")
	return b.follow(b.signInTo(to, email))
}

func filled(a *answer) (reason, ticket string) {
	doc := a.page()
	return doc.Find("textarea[name=reason]").Text(), doc.Find("input[name=ticket]").AttrOr("value", "")
}

// What somebody typed outlives the sign-in in between, without script, and is
// theirs alone.
func TestTypedOutlivesASignIn(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	typed := url.Values{"reason": {"Lost “her” phone\r\non the train"}, "ticket": {"INC-7"}}
	for name, row := range map[string]struct {
		target string
		more   url.Values
		at     string
	}{
		"revoke":  {c.revocationOf(agent), nil, c.revocationOf(agent)},
		"from":    {c.revocationOf(agent), url.Values{"from": {"q=keller"}}, c.revocationOf(agent) + "?from=q%3Dkeller"},
		"timeout": {"/timeout/change", url.Values{"enabled": {"on"}, "minutes": {"20"}}, "/timeout/change?enabled=on&minutes=20"},
		"client":  {narrowClient + "/disable", nil, narrowClient + "/disable"},
	} {
		t.Run(name, func(t *testing.T) {
			b := c.in(t).signedIn(admin)
			form := url.Values{}
			for _, fields := range []url.Values{typed, row.more} {
				for name, values := range fields {
					form[name] = values
				}
			}
			a := b.returned(b.late(row.target, form), admin)
			if a.want(http.StatusOK).Request.URL.RequestURI() != row.at {
				t.Errorf("came back to %s", a.Request.URL.RequestURI())
			}
			reason, ticket := filled(a)
			if reason != "Lost “her” phone\non the train" || name != "timeout" && ticket != "INC-7" {
				t.Errorf("the form has %q and %q", reason, ticket)
			}
			if reason, _ := filled(b.get(row.at)); reason != "" {
				t.Errorf("the form has %q a second time", reason)
			}
		})
	}
	c.wantAsked(0, "DELETE /api/v2/tokens/"+c.userID(agent))
	c.wantAsked(0, "PUT ")
}

func TestTypedIsForOnePersonAlone(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(supervisor)
	target := c.revocationOf(agent)
	a := b.late(target, url.Values{"reason": {"Said in confidence"}})
	if reason, _ := filled(b.returned(a, admin).want(http.StatusOK)); reason != "" {
		t.Errorf("another person reads %q", reason)
	}
	if strings.Contains(a.location(), "confidence") || b.cookie("console-draft") != "" {
		t.Error("it stays for the next")
	}
}

// What is too large for a cookie is not kept, and the sign-in page says so.
func TestTypedThatIsTooLargeIsToldSo(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	for want, reason := range map[string]string{"kept": "short", "lost": strings.Repeat("x", 4000)} {
		b := c.signedIn(admin)
		a := b.late(c.revocationOf(agent), url.Values{"reason": {reason}})
		if at, _ := url.Parse(a.location()); at.Query().Get("draft") != want {
			t.Errorf("%d characters: it leads to %s", len(reason), a.location())
		}
		if says := strings.Contains(b.follow(a).text(), "What you typed"); !says {
			t.Error("the sign-in page says nothing of it")
		}
		if (b.cookie("console-draft") != "") != (want == "kept") {
			t.Errorf("%d characters: kept or not", len(reason))
		}
	}
}

// A token that dies while somebody types leads to a problem page, and the sign-in
// from there back to the form.
func TestTypedOutlivesADeadToken(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	c.revoke(admin)
	b.post(c.revocationOf(agent), url.Values{"reason": {"Left"}}).wantProblem(http.StatusUnauthorized, string(genesys.TokenInvalid))
	if reason, _ := filled(b.follow(b.signInTo(c.revocationOf(agent), admin))); reason != "Left" {
		t.Errorf("the form has %q", reason)
	}
}

// The people chosen for a batch outlive the sign-in, too, in whatever form they were sent.
func TestChosenPeopleOutliveASignIn(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	for name, row := range map[string]struct {
		form          url.Values
		at, shown, as string
	}{
		"list":       {list("a@demo.example", "b@demo.example"), "/batches/new?from=list", "textarea[name=people]", "a@demo.example\nb@demo.example"},
		"department": {url.Values{"from": {"department"}, "name": {"claims"}}, "/batches/new?from=department", "input[name=name]", "claims"},
		"ticks":      {url.Values{"from": {"people"}, "id": {c.userID(agent)}}, "/batches/new?from=people", "main a[href='/users']", "Find people"},
	} {
		t.Run(name, func(t *testing.T) {
			b := c.in(t).signedIn(admin)
			a := b.returned(b.late("/batches", row.form), admin).want(http.StatusOK)
			if a.Request.URL.RequestURI() != row.at {
				t.Errorf("came back to %s", a.Request.URL.RequestURI())
			}
			field := a.page().Find(row.shown).First()
			if got := field.AttrOr("value", field.Text()); got != row.as {
				t.Errorf("the form has %q", got)
			}
		})
	}
	b := c.signedIn(admin)
	b.late("/batches", list(strings.Repeat("somebody@demo.example\n", 5000)))
	if b.cookie("console-draft") != "" {
		t.Error("a list larger than other forms is read for nobody")
	}
}

// What is pasted into the form for found tokens is never kept.
func TestFoundTokensAreNoDrafts(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	for _, route := range c.handler.Routes() {
		for _, field := range append(route.Gate.Typed, route.Gate.Asked...) {
			if strings.Contains(field, "token") || strings.HasPrefix(route.Path, "/inspect") {
				t.Errorf("%s %s keeps %s", route.Method, route.Path, field)
			}
		}
	}
	b := c.signedIn(admin)
	b.late("/inspect", url.Values{"token": {"found-token"}})
	if b.cookie("console-draft") != "" {
		t.Error("a found token is kept")
	}
}
