package handlers_test

import (
	"net/http"
	"net/url"
	"testing"

	"tokenconsole/internal/emulator"
)

// withProtected sets who is protected, by ids and emails.
func withProtected(people ...string) func(*setup) {
	return func(s *setup) { s.console.Protected = people }
}

// A protected person is revoked singly by somebody only who typed their email, and the page says loudly why.
func TestAProtectedPersonIsNamedToBeRevoked(t *testing.T) {
	t.Parallel()
	c := newConsole(t, withProtected("Supervisor@demo.example"))
	b := c.signedIn(admin)
	path := "/users/" + c.userID(supervisor) + "/revoke"
	a := b.get(path).want(http.StatusOK).wantText("This account is protected")
	if field := a.page().Find("input[name=email][required]"); field.Length() != 1 {
		t.Error("the email is not asked for")
	}
	for _, email := range []string{"", agent, "supervisor"} {
		a := b.post(path, url.Values{"reason": {"Lost phone"}, "email": {email}}).wantProblem(http.StatusUnprocessableEntity, "person-protected")
		if reason := a.page().Find("textarea[name=reason]").Text(); reason != "Lost phone" {
			t.Errorf("the reason is lost: %q", reason)
		}
	}
	c.wantAsked(0, "DELETE ")
	b.post(path, url.Values{"reason": {"Lost phone"}, "email": {" SUPERVISOR@demo.example"}}).wantTo("/users/")
	c.wantAsked(1, "DELETE ")
	if b.get("/users/"+c.userID(agent)+"/revoke").page().Find("input[name=email][required]").Length() != 0 {
		t.Error("the email of somebody who is not protected is required")
	}
}

// Also with next steps ticked, the field says that what was typed is not their address.
func TestAProtectedPersonIsNamedForNextSteps(t *testing.T) {
	t.Parallel()
	c := newConsole(t, withProtected("supervisor@demo.example"))
	b := c.signedIn(admin)
	for _, step := range []string{"station", "deactivate"} {
		form := url.Values{"reason": {"Lost phone"}, "email": {agent}, "steps": {step}}
		page := b.post(c.revocationOf(supervisor), form).want(http.StatusUnprocessableEntity).page()
		if said := page.Find("#email-error").Text(); page.Find("input[name=email][aria-invalid=true]").Length() != 1 || said == "" {
			t.Errorf("%s: the field says %q", step, said)
		}
	}
	c.wantAsked(0, "DELETE ")
}

// While nobody can tell whether somebody is protected, their id has to be typed.
func TestNobodyKnowsWhetherAPersonIsProtected(t *testing.T) {
	t.Parallel()
	c := newConsole(t, withProtected("supervisor@demo.example"))
	b, id := c.signedIn(admin), c.userID(supervisor)
	c.disturb(emulator.Fault{Match: "GET /api/v2/users/" + id, Status: 503})
	path := "/users/" + id + "/revoke"
	b.post(path, reason).wantProblem(http.StatusBadGateway, "platform-failed")
	c.wantAsked(0, "DELETE ")
	b.post(path, url.Values{"reason": {"Lost phone"}, "email": {id}}).wantTo("/users/")
	c.wantAsked(1, "DELETE ")
}
