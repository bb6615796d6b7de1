package handlers_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/emulator"
	"tokenconsole/internal/genesys"
)

// inspect pastes a token.
func (b *browser) inspect(token string) *answer {
	b.t.Helper()
	return b.post("/inspect", url.Values{"token": {token}})
}

// inspected inspects a token that lives and returns what the form to delete it
// carries.
func inspected(b *browser, token string) string {
	b.t.Helper()
	a := b.inspect(token).want(http.StatusOK)
	sealed, ok := a.page().Find("form[action='/inspect/delete'] input[name=found]").Attr("value")
	if !ok {
		b.t.Fatalf("no way to delete the token: %s", a.text())
	}
	return sealed
}

func deleteFound(b *browser, sealed string) *answer {
	b.t.Helper()
	return b.post("/inspect/delete", url.Values{"found": {sealed}})
}

// fate is what a page says has become of a token: lives, dead or unknown.
func (a *answer) fate() string {
	a.t.Helper()
	title := a.want(http.StatusOK).title()
	switch title {
	case "This token works":
		return "lives"
	case "This token no longer works":
		return "dead"
	case "It is not known whether this token works":
		return "unknown"
	}
	return title
}

// However a token is pasted, it is read, and asked about once, without keeping it
// alive.
func TestInspectReadsWhatPeoplePaste(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b, token := c.signedIn(agent), c.mint(supervisor)
	b.get("/inspect").want(http.StatusOK) // with the proof of one's own token
	for name, paste := range map[string]string{
		"bare": token, "spaced": "  " + token + "\n", "quoted": `"` + token + `"`, "single-quoted": "'" + token + "',", "in backticks": "`" + token + "`",
		"bearer": "Bearer " + token, "lower-case bearer": "bearer " + token, "upper-case bearer": "BEARER " + token, "header": "Authorization: Bearer " + token,
		"JSON": `"Authorization": "Bearer ` + token + `",`, "curl": `-H 'Authorization: Bearer ` + token + `'`,
	} {
		t.Run(name, func(t *testing.T) {
			c := c.in(t)
			c.forget()
			a := b.in(t).inspect(paste)
			if got := a.fate(); got != "lives" {
				t.Fatalf("the token is %s", got)
			}
			if a.page().Find(".fingerprint code").Text() != fingerprint(token) || !strings.HasPrefix(a.value("Organization"), demo(t).Name) || a.value("Region") == "" {
				t.Errorf("it says: %s", a.text())
			}
			asked := slices.DeleteFunc(c.asked(""), func(call asked) bool { return call.Bearer != fingerprint(token) })
			if len(asked) != 1 || asked[0].Path != "/api/v2/tokens/me?preserveIdleTTL=true" || asked[0].Bearer != fingerprint(token) {
				t.Errorf("the platform was asked %v", asked)
			}
		})
	}
}

// A found token has a bar of its idle time where it is known how long that is.
func TestInspectShowsWhatIsLeft(t *testing.T) {
	t.Parallel()
	c := newConsole(t, func(s *setup) { s.emulator.IdleTimeout = time.Hour })
	b, token := c.signedIn(agent), c.mint(supervisor)
	c.clock.advance(15 * time.Minute)
	if got := b.inspect(token).want(http.StatusOK).lives(); !slices.Equal(got, []string{"75 % of it is left"}) {
		t.Errorf("bars %q", got)
	}
	c.disturb(emulator.Fault{Match: "GET /api/v2/tokens/timeout", Status: http.StatusForbidden})
	a := b.inspect(token).want(http.StatusOK).wantText("in 45 min")
	if got := a.lives(); len(got) != 0 {
		t.Errorf("bars %q of what is not known", got)
	}
}

func TestInspectRefusesJunkWithoutRepeatingIt(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(agent)
	b.get("/inspect").want(http.StatusOK)
	c.forget()
	for name, junk := range map[string]string{
		"nothing": "", "short": "short", "words": "two words that are long enough", "too long": strings.Repeat("x", 2001),
		"markup": "<script>alert(1)</script> and more", "not ASCII": "Zunge\u00e4nderungstoken-long", "lines": "line\nbreak-in-the-middle-of-it",
		"NUL": "nul\x00in-the-middle-of-it", "control": "control\x01character-long", "JSON": `{"access_token":"aaaaaaaaaaaaaaaaaaaaaaaaaaa"}`,
		"scheme": "Bearer", "scheme and space": "Bearer ", "header injection": "x\r\nX-Evil: 1\r\n\r\n", "me": "me",
	} {
		t.Run(name, func(t *testing.T) {
			a := b.in(t).inspect(junk).want(http.StatusUnprocessableEntity)
			field := a.page().Find("#token[aria-invalid=true]")
			if field.Length() != 1 || field.AttrOr("value", "") != "" {
				t.Error("the field is not marked, or still holds it")
			}
			if len(junk) > 10 && strings.Contains(a.body, junk) {
				t.Error("the page repeats it")
			}
		})
	}
	c.wantAsked(0, "")
	if n := c.recorded(); n != 0 {
		t.Errorf("%d entries about nothing", n)
	}
}

func TestInspectSaysWhatBecameOfTheToken(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault   emulator.Fault
		fate    string
		problem string
		outcome audit.Outcome
		status  int
	}{
		"dead":            {emulator.Fault{Status: 401}, "dead", "", audit.Done, 401},
		"platform failed": {emulator.Fault{Status: 503}, "unknown", "platform-failed", audit.Unknown, 503},
		"cut off":         {emulator.Fault{Reset: true}, "unknown", "platform-garbled", audit.Unknown, 0},
		"garbage":         {emulator.Fault{Status: 200, Body: body("<html>"), ContentType: "text/html"}, "unknown", "platform-garbled", audit.Unknown, 0},
		"limited":         {emulator.Fault{Status: 429, RetryAfter: 9}, "unknown", "rate-limited", audit.Refused, 429},
		"silent":          {emulator.Fault{Status: 403, Body: body(map[string]any{"code": "app.not.authorized.for.scope", "message": "x", "status": 403})}, "lives", "found-token-silent", audit.Refused, 403},
	} {
		t.Run(name, func(t *testing.T) {
			c := newConsole(t)
			b, token := c.signedIn(agent), c.mint(supervisor)
			b.get("/inspect").want(http.StatusOK) // with the proof of one's own token
			test.fault.Match = "GET /api/v2/tokens/me"
			c.disturb(test.fault)
			a := b.inspect(token)
			if got := a.fate(); got != test.fate || a.problem() != test.problem {
				t.Errorf("the token is %s, the problem %q", got, a.problem())
			}
			if a.page().Find("form[action='/inspect/delete']").Length() != 0 {
				t.Error("it offers what cannot be done")
			}
			a.wantNoText("Your roles") // the permissions in question are the found token's
			if e := c.lastEntry(); e.Action != audit.Inspect || e.Outcome != test.outcome || e.PlatformStatus != test.status || e.Token != fingerprint(token) {
				t.Errorf("the record says %s %s %d of %s", e.Action, e.Outcome, e.PlatformStatus, e.Token)
			}
		})
	}
}

// A token lives in one region: all configured ones are asked, unless one is
// chosen, and the one where it lives is asked to delete it.
func TestInspectAcrossRegions(t *testing.T) {
	t.Parallel()
	c := newConsole(t, func(s *setup) {
		s.console.Regions = []genesys.Region{
			{Name: "near", Domain: "near.example"},
			{Name: "far", Domain: "far.example", LoginURL: "http://127.0.0.2", APIURL: "http://127.0.0.2"},
		}
	})
	far := c.addPlatform("127.0.0.2", newWire(), emulator.Options{})
	b, token := c.signedIn(admin), far.mint(agent)
	for name, test := range map[string]struct{ region, fate string }{
		"none chosen": {"", "lives"}, "the near chosen": {"near.example", "dead"}, "the far chosen": {"far.example", "lives"}, "none of ours": {"evil.example", "lives"},
	} {
		t.Run(name, func(t *testing.T) {
			a := b.in(t).post("/inspect", url.Values{"token": {token}, "region": {test.region}})
			if got := a.fate(); got != test.fate {
				t.Errorf("the token is %s", got)
			}
			if test.fate == "lives" && !strings.Contains(a.value("Region"), "far.example") {
				t.Errorf("in %s", a.value("Region"))
			}
		})
	}
	far.disturb(faultOf("GET /api/v2/tokens/me", 503))
	if got := b.inspect(token).fate(); got != "unknown" {
		t.Errorf("while its region is away the token is %s", got)
	}
	far.calm()
	c.forget()
	b.follow(deleteFound(b, inspected(b, token)).wantTo("/inspect")).wantTone("good")
	c.wantAsked(0, "DELETE ")
	far.wantAsked(1, ownToken)
	if e := c.lastEntry(); e.Region != "near.example" || e.TokenRegion != "far.example" {
		t.Errorf("the record says region %q, the token's %q", e.Region, e.TokenRegion)
	}
}

// Nobody needs a permission to end a found token: it deletes itself, and nothing
// else.
func TestDeleteFoundEndsThatVeryToken(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(agent)
	found, other := c.mint(supervisor), c.mint(supervisor)
	b.follow(deleteFound(b, inspected(b, found)).wantTo("/inspect")).wantTone("good").wantText(fingerprint(found))
	if c.lives(found) || !c.lives(other) || !b.isSignedIn() {
		t.Errorf("found lives: %v, other lives: %v, signed in: %v", c.lives(found), c.lives(other), b.isSignedIn())
	}
	var said []string
	for _, e := range c.entries() {
		said = append(said, string(e.Action)+" "+string(e.Outcome))
		if e.Actor != partyOf(t, agent) || e.Token != fingerprint(found) || e.TokenRegion != "demo" || e.TokenOrganization != demo(t) {
			t.Errorf("entry %d: by %+v, of token %s in %s of %+v", e.Seq, e.Actor, e.Token, e.TokenRegion, e.TokenOrganization)
		}
	}
	if diff := cmp.Diff([]string{"inspect done", "delete-inspected asked", "delete-inspected done"}, said); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestDeleteFoundOwnTokenSignsOut(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(agent)
	own := b.session().AccessToken.Reveal()
	a := b.inspect(own).want(http.StatusOK)
	if a.page().Find("main .notice-warning").Length() != 1 {
		t.Errorf("it does not warn: %s", a.text())
	}
	sealed, _ := a.page().Find("input[name=found]").Attr("value")
	b.follow(deleteFound(b, sealed).wantTo("/signed-out")).wantTone("good")
	if c.lives(own) || b.isSignedIn() {
		t.Errorf("token lives: %v, signed in: %v", c.lives(own), b.isSignedIn())
	}
}

func TestDeleteFoundOutcomes(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(agent)
	for name, test := range map[string]struct {
		fault   emulator.Fault
		status  int
		problem string
		outcome audit.Outcome
	}{
		"dead by now":     {emulator.Fault{Status: 401}, 200, "", audit.Done},
		"cut off":         {emulator.Fault{Reset: true}, 502, "deletion-outcome-unknown", audit.Unknown},
		"platform failed": {emulator.Fault{Status: 500}, 502, "deletion-outcome-unknown", audit.Unknown},
		"limited":         {emulator.Fault{Status: 429, RetryAfter: 9}, 429, "rate-limited", audit.Refused},
	} {
		t.Run(name, func(t *testing.T) {
			c, b := c.in(t), b.in(t)
			sealed := inspected(b, c.mint(supervisor))
			c.forget()
			test.fault.Match = ownToken
			c.disturb(test.fault)
			a := b.follow(deleteFound(b, sealed)).wantProblem(test.status, test.problem)
			c.calm()
			if good := a.tone() == "good"; good != (test.problem == "") {
				t.Errorf("it claims a success: %v", good)
			}
			if e := c.lastEntry(); e.Action != audit.DeleteInspected || e.Outcome != test.outcome {
				t.Errorf("the record says %s %s", e.Action, e.Outcome)
			}
			c.wantAsked(1, ownToken)
		})
	}
}

// The confirmation is good in the session that asked for it, for that token alone.
func TestDeleteFoundNeedsTheSessionThatInspected(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b, thief, again := c.signedIn(agent), c.signedIn(admin), c.signedIn(agent)
	token := c.mint(supervisor)
	sealed := inspected(b, token)
	flipped := []byte(sealed)
	flipped[len(flipped)/2] ^= 1
	for name, test := range map[string]struct {
		b     *browser
		found string
	}{
		"another person's session": {thief, sealed},
		"another session":          {again, sealed},
		"a tampered value":         {b, string(flipped)},
		"a shortened value":        {b, sealed[:len(sealed)-4]},
		"nothing":                  {b, ""},
		"the session's cookie":     {b, b.cookie(sessionCookie)},
		"the bare token":           {b, token},
		"a long value":             {b, strings.Repeat("A", 60_000)},
	} {
		t.Run(name, func(t *testing.T) {
			deleteFound(test.b.in(t), test.found).wantProblem(http.StatusBadRequest, "found-token-expired")
		})
	}
	c.wantAsked(0, "DELETE ")
	b.plant(sessionCookie, sealed)
	if b.isSignedIn() {
		t.Error("what is sealed for a form signs in")
	}
}
