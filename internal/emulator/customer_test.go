package emulator

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// signIn exchanges the code of a sign-in and returns the access token.
func (w *world) signIn(email string, changes ...string) string {
	w.Helper()
	got := w.exchange(DemoClientID, DemoClientSecret, codeForm(w.code(email, changes...)))
	if got.status != 200 {
		w.Fatalf("%s with %v: %d %s", email, changes, got.status, got.body)
	}
	return got.json["access_token"].(string)
}

// A trustee who signs in with a target works there: token, people and timeout
// are that organization's.
func TestTrusteeWorksInTheTarget(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	customer := map[string]any{"id": CustomerOrganizationID, "name": "Harbour Insurance"}
	demo := map[string]any{"id": demoOrganization.ID, "name": demoOrganization.Name}
	partner := map[string]any{"id": partnerOrganization.ID, "name": partnerOrganization.Name}
	for email, home := range map[string]map[string]any{
		"admin@demo.example": demo, "supervisor@demo.example": demo, "trustee@partner.example": partner,
	} {
		t.Run(email, func(t *testing.T) {
			token := w.signIn(email, "target", CustomerOrganizationID, "prompt", "login")
			info := w.call(token, "GET", "/api/v2/tokens/me", "").json
			native := w.emulator.people.find(email)
			clone := map[string]any{"id": native.id, "organization": map[string]any{"id": home["id"]}}
			if native.trusteeOf != "" {
				clone["id"] = native.trusteeOf
			}
			got := []any{info["organization"], info["homeOrganization"], info["clonedUser"]}
			if d := cmp.Diff([]any{customer, home, clone}, got); d != "" {
				t.Error("organization, home, clone (-want +got):", d)
			}
			me := w.call(token, "GET", "/api/v2/users/me?expand=organization", "").json
			if me["id"] == native.id || me["email"] != email || me["organization"].(map[string]any)["name"] != customer["name"] {
				t.Errorf("users/me: %v", me)
			}
			if org := w.call(token, "GET", "/api/v2/organizations/me", "").json; org["id"] != CustomerOrganizationID {
				t.Errorf("organizations/me: %v", org)
			}
		})
	}
}

func TestTargetThatIsHome(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	info := w.call(w.signIn("agent@demo.example", "target", demoOrganization.ID), "GET", "/api/v2/tokens/me", "").json
	if info["clonedUser"] != nil || info["organization"].(map[string]any)["id"] != demoOrganization.ID {
		t.Errorf("%v", info)
	}
}

func TestOnlyTrusteesWorkInTheTarget(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	page := w.open("target", CustomerOrganizationID)
	want := []string{"admin@demo.example", "supervisor@demo.example", "trustee@partner.example"}
	if d := cmp.Diff(want, offered(t, page)); d != "" {
		t.Error("offered (-want +got):", d)
	}
	if !strings.Contains(parse(t, page).Find("main").Text(), "Harbour Insurance") {
		t.Error("the page does not name the organization")
	}
	got := w.choose(ask("target", CustomerOrganizationID), "email", "agent@demo.example")
	if got.status != 400 || got.header.Get("Location") != "" {
		t.Errorf("somebody else: %d to %q", got.status, got.header.Get("Location"))
	}
	w.code("agent@demo.example") // is remembered
	if got := w.open("target", CustomerOrganizationID); len(offered(t, got)) != 3 {
		t.Errorf("a remembered log-in of somebody else: %d", got.status)
	}
	if got := w.open("target", stableID("organization", "nowhere")).landing(t); got.Get("error") != "invalid_request" {
		t.Errorf("an unknown organization: %v", got)
	}
}

// What is done in one organization stays there.
func TestOrganizationsAreApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	here, there := w.signIn("supervisor@demo.example"), w.signIn("supervisor@demo.example", "target", CustomerOrganizationID)
	greta, agent := w.emulator.customer.find("greta@harbour.example").id, w.emulator.UserByEmail("agent@demo.example")
	for name, test := range map[string]struct {
		token, id string
		want      int
	}{
		"one's own here": {here, agent, 200}, "theirs from here": {here, greta, 404},
		"theirs from there": {there, greta, 200}, "one's own from there": {there, agent, 404},
	} {
		if got := w.call(test.token, "GET", "/api/v2/users/"+test.id, ""); got.status != test.want {
			t.Errorf("%s: %d", name, got.status)
		}
	}
	wants(t, w.call(there, "DELETE", "/api/v2/tokens/"+agent, ""), 404, "not.found")
	found := names(w.call(there, "POST", "/api/v2/users/search", `{"query":[{"type":"MATCH_ALL"}]}`))
	if d := cmp.Diff([]string{"Greta Olsen", "Idris Bello", "Lena Fuchs", "Ravi Menon"}, found); d != "" {
		t.Error("people there (-want +got):", d)
	}
	if total := w.call(there, "GET", "/api/v2/users", "").json["total"]; total != 4.0 {
		t.Errorf("GET /users there counts %v", total)
	}
	if got := w.call(there, "DELETE", "/api/v2/tokens/"+greta, ""); got.status != 204 {
		t.Errorf("a revocation there: %d %s", got.status, got.body)
	}
	// Revoking the clone leaves the person's tokens at home alone.
	clone := w.call(there, "GET", "/api/v2/users/me", "").json["id"].(string)
	if w.call(there, "DELETE", "/api/v2/tokens/"+clone, ""); w.alive(there) || !w.alive(here) {
		t.Error("the clone's token lives, or that at home is dead")
	}
}

func TestTimeoutsAreApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	there := w.signIn("admin@demo.example", "target", CustomerOrganizationID)
	w.call("", "PUT", "/emulator/settings", `{"idleTimeout":"10m"}`)
	if got := w.call(there, "GET", timeoutPath, "").json["enableIdleTokenTimeout"]; got != false {
		t.Errorf("the customer has the demo's timeout: %v", got)
	}
	form := codeForm(w.code("admin@demo.example", "target", CustomerOrganizationID))
	if got := w.exchange(DemoClientID, DemoClientSecret, form); got.json["refresh_token"] == nil {
		t.Errorf("no refresh token where no timeout is: %s", got.body)
	}
	wants(t, w.call(there, "PUT", timeoutPath, "{}"), 403, "missing.any.permissions")
}

func TestBackDoorTarget(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	issue := func(email, target string) reply {
		return w.call("", "POST", "/emulator/tokens", `{"email":"`+email+`","target":"`+target+`"}`)
	}
	got := issue("admin@demo.example", CustomerOrganizationID)
	token, _ := got.json["access_token"].(string)
	if info := w.call(token, "GET", "/api/v2/tokens/me", ""); info.json["clonedUser"] == nil {
		t.Errorf("%d %s", info.status, info.body)
	}
	for _, refused := range []reply{issue("agent@demo.example", CustomerOrganizationID), issue("admin@demo.example", "x")} {
		if refused.status != 400 {
			t.Errorf("%d %s", refused.status, refused.body)
		}
	}
}
