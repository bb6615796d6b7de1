package handlers_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tokenconsole/session"
)

// The scope of a step is held, missing or not knowable, as the platform told at the sign-in; one that is missing comes
// with how to add it. So it is on a playbook's page, beside a revocation, and on the plan of a batch.
func TestStepsSayWhichScopeIsMissing(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	plan := c.signedIn(admin).prepared(list(agent)).batchPath() + "?playbook=steps"
	for name, test := range map[string]struct {
		scopes []string
		states []string // of the steps in the order of closing, without the tokens
		mends  []string // scopes that are to be added
	}{
		"all of them": {[]string{"user-basic-info", "users", "presence"}, []string{"held", "held", "held", "held", "held"}, nil},
		"no presence": {[]string{"user-basic-info", "users"}, []string{"held", "held", "held", "missing", "held"}, []string{"presence"}},
		"basic alone": {[]string{"user-basic-info"}, []string{"missing", "missing", "missing", "missing", "missing"},
			[]string{"users", "users", "users", "presence", "users"}},
		"none told": {nil, []string{"not knowable", "not knowable", "not knowable", "not knowable", "not knowable"}, nil},
	} {
		b := c.newBrowser()
		b.plant(sessionCookie, c.sealed(admin, func(s *session.Session) { s.Person.Scopes = test.scopes }))
		for where, path := range map[string]string{"playbook": c.playbookOf(agent, "steps"), "batch": plan, "revocation": c.revocationOf(agent)} {
			t.Run(name+", "+where, func(t *testing.T) {
				states, mends := map[string]string{}, 0
				for _, step := range b.in(t).get(path).want(http.StatusOK).page().Find(".step").EachIter() {
					said := squeezed(step.Text())
					states[step.Find("input").AttrOr("value", "")] = squeezed(step.Find("p.hint > span").Last().Find("span").Last().Text())
					for _, scope := range test.mends {
						if strings.Contains(said, "lacks the scope "+scope+": an administrator of Genesys Cloud adds it under Admin, Integrations, OAuth") {
							mends++
							break
						}
					}
				}
				for i, step := range []string{"deactivate", "factors", "offqueue", "offline", "station"} {
					if got, offered := states[step]; offered && got != test.states[i] || !offered && step != "factors" {
						t.Errorf("%s: the scope is %q, want %q", step, got, test.states[i])
					}
				}
				want := len(test.mends)
				if _, offered := states["factors"]; !offered && slices.Contains(test.mends, "users") {
					want--
				}
				if mends != want {
					t.Errorf("%d steps say how to add their scope, want %d", mends, want)
				}
			})
		}
	}
}

// A protected person is named by whoever takes any step on them: the field says so, and for others it does not.
func TestPlaybooksOnAProtectedPerson(t *testing.T) {
	t.Parallel()
	c := newConsole(t, withProtected(agent))
	b := c.signedIn(admin)
	hint := func(email string) string {
		page := b.get(c.playbookOf(email, "lost-phone")).want(http.StatusOK).page()
		return squeezed(page.Find("label[for=email]").Text()) + ": " + squeezed(page.Find("#email-hint").Text())
	}
	want := map[string]string{
		agent: "To take any step, type their email address: " +
			"This account is protected by the settings of this console, as one that other things hang on.",
		supervisor: "To deactivate, type their email address: Only for that step.",
	}
	if diff := cmp.Diff(want, map[string]string{agent: hint(agent), supervisor: hint(supervisor)}); diff != "" {
		t.Error(diff)
	}
	path := c.playbookOf(agent, "lost-phone")
	for _, step := range []string{"station", "factors", "offqueue"} {
		compromised := c.playbookOf(agent, "compromised")
		b.post(compromised, url.Values{"reason": {"gone"}, "steps": {step}}).want(http.StatusUnprocessableEntity).wantText("This account is protected")
	}
	form := url.Values{"reason": {"gone"}, "steps": {"tokens"}}
	again := b.post(path, form).want(http.StatusUnprocessableEntity).wantText("This account is protected: type " + agent)
	if marked := again.page().Find("[aria-invalid=true]"); marked.Length() != 1 || marked.AttrOr("name", "") != "email" {
		t.Errorf("%d fields are marked", marked.Length())
	}
	c.wantAsked(0, "DELETE ")
	form.Set("email", agent)
	b.post(path, form).wantTo(path + "/")
	c.wantAsked(1, "DELETE /api/v2/tokens/")
}
