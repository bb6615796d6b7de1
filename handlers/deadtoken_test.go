package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// everyPage are a supervisor's pages and acts, but for those that are open to
// everybody.
func everyPage(c *console, found string) map[string]func(b *browser) *answer {
	post := func(target string, form url.Values) func(b *browser) *answer {
		return func(b *browser) *answer { return b.post(target, form) }
	}
	person := "/users/" + c.userID(agent)
	return map[string]func(b *browser) *answer{
		"home": at("/"), "record": at("/audit"), "record as CSV": at("/audit.csv"), "record as JSON": at("/audit.json"),
		"act": at("/audit/1"), "receipt": at("/audit/1/receipt"), "checkpoint": at("/audit/checkpoint"),
		"form to inspect": at("/inspect"), "inspection": post("/inspect", url.Values{"token": {found}}),
		"deletion of a found token": func(b *browser) *answer { return deleteFound(b, "sealed long ago") },
		"people":                    at("/users"), "search": at("/users?q=keller"), "person": at(person), "form to revoke": at(person + "/revoke"),
		"revocation": post(person+"/revoke", reason), "token": at("/token"), "verification": post("/token/verify", nil), "timeout": at("/timeout"),
	}
}

// The person who was revoked sees nothing of the organization from that moment:
// neither pages that ask the platform anyway, nor those that do not.
func TestS13_DeadTokenOpensNoPageAndNoAct(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	found := c.mint(agent)
	b := c.signedIn(supervisor)
	b.post(c.revocationOf(agent), revocationForm).wantTo("/users/") // something to see
	c.clock.advance(16 * time.Second)
	c.revoke(supervisor) // elsewhere: the console's own sessions do not end by it
	before := c.recorded()
	for name, open := range everyPage(c, found) {
		t.Run(name, func(t *testing.T) {
			c := c.in(t)
			c.forget()
			b := b.in(t).fork()
			b.plant(sessionCookie, c.sealed(supervisor, nil))
			c.revoke(supervisor)
			a := open(b).wantProblem(http.StatusUnauthorized, "token-invalid")
			for _, secret := range []string{"Mina Keller", "INC-4711", lostPhone, "Samuel Ortiz"} {
				if strings.Contains(a.body, secret) {
					t.Errorf("it shows %q", secret)
				}
			}
			if cleared := a.set(sessionCookie); cleared == nil || cleared.MaxAge >= 0 {
				t.Error("the session is not ended")
			}
			c.wantAsked(1, "DELETE ") // the one beside the console
			open(b).wantTo("/login?")
		})
	}
	for _, e := range c.since(before) {
		if e.Outcome == "done" {
			t.Errorf("something was done: %s on %s", e.Action, e.Subject.Name)
		}
	}
}

// A proof serves for 15 s, so that pages that need none of the platform do not
// each ask it.
func TestS13_ProofServesForFifteenSeconds(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(supervisor)
	const proof = "GET /api/v2/tokens/me"
	b.get("/audit").want(http.StatusOK)
	b.get("/inspect").want(http.StatusOK)
	c.wantAsked(1, proof)
	if asked := c.asked(proof); !strings.HasSuffix(asked[0].Path, "?preserveIdleTTL=true") {
		t.Errorf("the proof keeps the token alive: %s", asked[0].Path)
	}
	c.revoke(supervisor)
	c.clock.advance(14 * time.Second)
	b.get("/audit").want(http.StatusOK)
	c.clock.advance(time.Second)
	b.get("/audit").wantProblem(http.StatusUnauthorized, "token-invalid")
	c.wantAsked(2, proof)
}

// A token that the platform has deleted for somebody at this console opens nothing more, not even for those seconds.
func TestS13_NoProofOutlivesADeletion(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	victim, b := c.signedIn(supervisor), c.signedIn(admin)
	victim.get("/audit").want(http.StatusOK)
	b.follow(deleteFound(b, inspected(b, victim.session().AccessToken.Reveal())))
	victim.get("/audit").wantProblem(http.StatusUnauthorized, "token-invalid")
}

// Without an answer of the platform nobody knows whether the token lives, so that
// nothing is shown; the session stays.
func TestS13_WithoutAProofNothingIsShown(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(supervisor)
	c.disturb(faultOf("GET /api/v2/tokens/me", 503))
	for _, target := range []string{"/", "/audit", "/audit.csv", "/inspect", "/users"} {
		t.Run(target, func(t *testing.T) {
			b.in(t).get(target).wantProblem(http.StatusBadGateway, "platform-failed")
		})
	}
	c.calm()
	b.get("/audit").want(http.StatusOK)
}

// Pages that keep the way to a revocation open while the platform does not answer, and those for everybody, show nothing
// of the organization then. The session goes on.
func TestS13_WithoutAProofNothingOfTheOrganizationIsShown(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(supervisor)
	b.post(c.revocationOf(agent), revocationForm).wantTo("/users/")
	c.clock.advance(time.Minute)
	c.disturb(faultOf("GET /api/v2/", 503))
	person := "/users/" + c.userID(agent)
	for target, status := range map[string]int{
		person: 200, person + "/revoke": 200, person + "/playbooks/lost-phone": 200, "/watch": 502, "/settings": 200,
		"/login": 200, "/signed-out": 303, "/nothing": 404, "/audit": 502,
	} {
		t.Run(target, func(t *testing.T) {
			a := b.in(t).get(target).want(status)
			for _, secret := range []string{demo(t).Name, demo(t).ID, "Mina Keller", "INC-4711"} {
				if strings.Contains(a.body, secret) {
					t.Errorf("it shows %q", secret)
				}
			}
		})
	}
	c.calm()
	b.get(person).want(http.StatusOK).wantText("INC-4711")
}

// A page that stays open learns within a minute of a revocation that was made
// elsewhere.
func TestS13_OpenPagesLearnOfARevocationElsewhere(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(supervisor)
	for range 15 { // as pages ask
		b.getJSON("/session").want(http.StatusOK)
		c.clock.advance(4 * time.Second)
	}
	c.wantAsked(1, "GET /api/v2/tokens/me?preserveIdleTTL=true")
	c.wantAsked(1, "")
	c.disturb(faultOf("GET /api/v2/tokens/me", 503))
	b.getJSON("/session").want(http.StatusOK) // nobody knows
	c.calm()
	c.revoke(supervisor)
	if a := b.getJSON("/session").want(http.StatusUnauthorized); !strings.Contains(a.body, `"token-invalid"`) {
		t.Errorf("it says %s", a.body)
	}
	if b.isSignedIn() {
		t.Error("the session goes on")
	}
}

// A token that has expired is renewed when its person does something, however
// long a page was open.
func TestS9_OpenPagesEndNoSessionThatCanBeRenewed(t *testing.T) {
	t.Parallel()
	c := newConsole(t, withShortTokens)
	b := c.signedIn(admin)
	for range 10 {
		c.clock.advance(time.Minute)
		b.getJSON("/session").want(http.StatusOK)
	}
	b.get("/token").want(http.StatusOK)
}

// Whatever a dead token asks for, by whichever route, form or method: it is told nothing of the organization, not even its
// name or how many came back, and puts nothing on the record.
func TestS13_DeadTokenIsToldNothingByAnyRoute(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.signedIn(admin).post(c.revocationOf(agent), revocationForm).wantTo("/users/")
	c.clock.advance(time.Minute)
	c.mint(agent) // came back
	c.signedIn(admin).get("/watch").want(http.StatusOK).wantText("Came back")
	forms := map[string]url.Values{
		"filled in": {"reason": {"x"}, "token": {"abcdefghijklmnopqrstuvwxyz"}, "people": {supervisor}, "enabled": {"on"}, "minutes": {"20"}},
		"empty":     {},
		"too long":  {"reason": {strings.Repeat("x", 2000)}, "token": {"x"}, "people": {strings.Repeat("x", 3000)}, "minutes": {"-1"}, "theme": {"dark"}},
	}
	for _, email := range []string{supervisor, agent, admin} {
		t.Run(email, func(t *testing.T) {
			c := c.in(t)
			ask := func(name string, request func(b *browser) *http.Request) {
				t.Run(name, func(t *testing.T) {
					c := c.in(t)
					b := c.newBrowser()
					b.plant(sessionCookie, c.sealed(email, nil))
					c.revoke(email)
					before := c.recorded()
					a := b.do(request(b))
					for _, secret := range []string{demo(t).Name, demo(t).ID, "Mina Keller", "INC-4711", "came back", "Region region of"} {
						if strings.Contains(a.body, secret) {
							t.Errorf("%s, status %d shows %q", a.what(), a.StatusCode, secret)
						}
					}
					for _, e := range c.since(before) {
						if e.Action != "sign-out" {
							t.Errorf("%s, status %d: the record says %s %s", a.what(), a.StatusCode, e.Action, e.Outcome)
						}
					}
				})
			}
			for _, r := range c.handler.Routes() {
				if !isPost(r) {
					ask(r.Method+" "+r.Path, func(b *browser) *http.Request { return b.request(http.MethodGet, c.example(r), nil) })
					continue
				}
				for name, form := range forms {
					ask(r.Method+" "+r.Path+" "+name, func(b *browser) *http.Request { return b.postRequest(c.example(r), form) })
				}
			}
			ask("unknown page", func(b *browser) *http.Request { return b.request(http.MethodGet, "/nothing", nil) })
			ask("callback", func(b *browser) *http.Request {
				return b.request(http.MethodGet, "/oauth/callback?state=a&code=b", nil)
			})
			ask("method", func(b *browser) *http.Request {
				return b.request(http.MethodPut, "/audit", nil, "Origin", c.public.String())
			})
			ask("person that is none", func(b *browser) *http.Request { return b.request(http.MethodGet, "/users/me", nil) })
			ask("search", func(b *browser) *http.Request { return b.request(http.MethodGet, "/users?q=keller", nil) })
			ask("odd filter", func(b *browser) *http.Request { return b.request(http.MethodGet, "/audit?from=never", nil) })
		})
	}
}
