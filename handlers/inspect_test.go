package handlers_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/emulator"
	"tokenconsole/internal/genesys"
	"tokenconsole/session"
)

// inspected inspects a token that lives and returns what the form to delete it
// carries.
func inspected(b *browser, token string) string {
	b.t.Helper()
	a := b.post("/inspect", url.Values{"token": {token}}).want(http.StatusOK)
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

func (rec *recorded) lives(token string) bool {
	rec.t.Helper()
	r, err := http.NewRequest(http.MethodGet, rec.platform+"/api/v2/tokens/me?preserveIdleTTL=true", nil)
	if err != nil {
		rec.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		rec.t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

func fingerprint(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:4])
}

func TestInspectReadsWhatPeoplePaste(t *testing.T) {
	t.Parallel()
	rec := newRecorded(t)
	b := rec.signedIn(agent)
	token := rec.mint(supervisor)
	for _, paste := range []string{
		token, "  " + token + "\n", `"` + token + `"`, "'" + token + "',", "`" + token + "`",
		"Bearer " + token, "bearer " + token, "BEARER " + token, "Authorization: Bearer " + token,
		`"Authorization": "Bearer ` + token + `",`, `-H 'Authorization: Bearer ` + token + `'`,
	} {
		rec.forget()
		a := b.post("/inspect", url.Values{"token": {paste}})
		if a.StatusCode != http.StatusOK || a.title() != "This token lives" {
			t.Errorf("%s: %d %s", strings.ReplaceAll(paste, token, "…"), a.StatusCode, a.title())
			continue
		}
		a.wantText("Fingerprint"+fingerprint(token), "OrganizationDemo Contact Centre", "Regiondemo", "user-basic-info")
		asked := rec.asked("")
		if len(asked) != 1 || asked[0].Path != "/api/v2/tokens/me?preserveIdleTTL=true" || asked[0].Bearer != fingerprint(token) {
			t.Errorf("the platform was asked %v, want one GetTokensMe that keeps nothing alive", asked)
		}
	}
}

func TestInspectRefusesJunkWithoutRepeatingIt(t *testing.T) {
	t.Parallel()
	rec := newRecorded(t)
	b := rec.signedIn(agent)
	rec.forget()
	before := len(rec.entries())
	for _, junk := range []string{
		"", "short", "two words that are long enough", strings.Repeat("x", 2001), "<script>alert(1)</script> and more", "Zunge\u00e4nderungstoken-long", "line\nbreak-in-the-middle-of-it", "nul\x00in-the-middle-of-it",
		`{"access_token":"aaaaaaaaaaaaaaaaaaaaaaaaaaa"}`, "Bearer", "Bearer ", "x\r\nX-Evil: 1\r\n\r\n",
	} {
		a := b.post("/inspect", url.Values{"token": {junk}}).want(http.StatusUnprocessableEntity).wantText("That is not an access token")
		if junk != "" && strings.Contains(a.body, junk) {
			t.Errorf("the page repeats %.40q", junk)
		}
		if value, _ := a.page().Find("#token").Attr("value"); value != "" {
			t.Errorf("the field still holds %q", value)
		}
	}
	rec.wantAsked(0, "")
	if n := len(rec.since(before)); n != 0 {
		t.Errorf("%d entries about nothing", n)
	}
}

func TestInspectSaysWhatBecameOfTheToken(t *testing.T) {
	t.Parallel()
	const get = "GET /api/v2/tokens/me"
	for _, test := range []struct {
		name    string
		fault   fault
		title   string
		outcome audit.Outcome
		status  int
	}{
		{"dead", fault{Match: get, Status: 401}, "This token is dead", audit.Done, 401},
		{"platform failed", fault{Match: get, Status: 503}, "Nobody knows whether this token lives", audit.Unknown, 503},
		{"cut off", fault{Match: get, Reset: true}, "Nobody knows whether this token lives", audit.Unknown, 0},
		{"garbage", fault{Match: get, Status: 200, Body: "<html>", ContentType: "text/html"}, "Nobody knows whether this token lives", audit.Unknown, 0},
		{"limited", fault{Match: get, Status: 429, RetryAfter: 9}, "Nobody knows whether this token lives", audit.Refused, 429},
	} {
		rec := newRecorded(t)
		b := rec.signedIn(agent)
		token := rec.mint(supervisor)
		rec.disturb(test.fault)
		a := b.post("/inspect", url.Values{"token": {token}}).want(http.StatusOK)
		if a.title() != test.title || a.page().Find("form[action='/inspect/delete']").Length() != 0 {
			t.Errorf("%s: %s", test.name, a.text())
		}
		all := rec.entries()
		e := all[len(all)-1]
		if e.Action != audit.Inspect || e.Outcome != test.outcome || e.PlatformStatus != test.status {
			t.Errorf("%s: the record says %s %s %d", test.name, e.Action, e.Outcome, e.PlatformStatus)
		}
	}
}

// A token lives in one region: all configured ones are asked, unless one is
// chosen, and the one where it lives is asked to delete it.
func TestInspectAcrossRegions(t *testing.T) {
	t.Parallel()
	far := emulator.New(emulator.Options{RateLimit: 1 << 20})
	server := httptest.NewServer(far)
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	rec := newRecorded(t, func(s *setup) {
		s.console.Regions = []genesys.Region{
			{Name: "near", Domain: "near.example"},
			{Name: "far", Domain: "far.example", LoginURL: server.URL, APIURL: server.URL},
		}
	})
	b := rec.signedIn(admin)
	away := &recorded{testServer: &testServer{t: t, platform: server.URL, emulator: far}}
	token := away.mint(agent)

	a := b.post("/inspect", url.Values{"token": {token}}).want(http.StatusOK)
	if a.title() != "This token lives" {
		t.Fatal(a.text())
	}
	a.wantText("Regionfar", "far.example")
	b.post("/inspect", url.Values{"token": {token}, "region": {"near.example"}}).wantText("This token is dead", "or belongs to another region")
	b.post("/inspect", url.Values{"token": {token}, "region": {"evil.example"}}).wantText("This token lives")
	b.post("/inspect", url.Values{"token": {"nowhere-at-all-known"}}).wantText("This token is dead", "in any region that this console knows")

	away.disturb(fault{Match: "GET /api/v2/tokens/me", Status: 503})
	b.post("/inspect", url.Values{"token": {token}}).wantText("Nobody knows whether this token lives")
	away.calm()

	rec.forget()
	b.follow(deleteFound(b, inspected(b, token)).wantTo("/inspect")).wantText("Token " + fingerprint(token) + " is deleted")
	rec.wantAsked(0, "DELETE ")
	away.wantAsked(1, "DELETE /api/v2/tokens/me")
	all := rec.entries()
	if e := all[len(all)-1]; e.Region != "near.example" || !strings.Contains(e.Detail, "in far.example") {
		t.Errorf("the record says region %q, %q", e.Region, e.Detail)
	}
}

func TestDeleteInspectedEndsThatVeryToken(t *testing.T) {
	t.Parallel()
	rec := newRecorded(t)
	b := rec.signedIn(agent) // no permission is needed: the token deletes itself
	found, other := rec.mint(supervisor), rec.mint(supervisor)
	before := len(rec.entries())
	a := deleteFound(b, inspected(b, found)).wantTo("/inspect")
	b.follow(a).wantText("Token "+fingerprint(found)+" is deleted", "Genesys Cloud confirmed")
	if rec.lives(found) || !rec.lives(other) || !b.isSignedIn() {
		t.Errorf("found lives: %v, other lives: %v, signed in: %v", rec.lives(found), rec.lives(other), b.isSignedIn())
	}
	var said []string
	for _, e := range rec.since(before) {
		said = append(said, string(e.Action)+" "+string(e.Outcome)+" "+e.Detail)
		if e.Actor != rec.party(agent) {
			t.Errorf("by %+v", e.Actor)
		}
	}
	detail := " token " + fingerprint(found) + " in demo, of Demo Contact Centre"
	want := "inspect done" + detail + "|delete-inspected asked" + detail + "|delete-inspected done" + detail
	if got := strings.Join(said, "|"); got != want {
		t.Errorf("the record says\n%s\nwant\n%s", got, want)
	}
}

func TestDeleteInspectedOwnToken(t *testing.T) {
	t.Parallel()
	var own string
	rec := newRecorded(t)
	b := rec.signedIn(agent)
	rec.onCall = func(r *http.Request) { own = strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ") }
	b.get("/token").want(http.StatusOK)
	rec.onCall = func(*http.Request) {}
	a := b.post("/inspect", url.Values{"token": {own}}).want(http.StatusOK).wantText("It is the token of this very session.")
	sealed, _ := a.page().Find("input[name=found]").Attr("value")
	b.follow(deleteFound(b, sealed).wantTo("/signed-out")).wantText("You are signed out")
	if rec.lives(own) || b.isSignedIn() {
		t.Errorf("token lives: %v, signed in: %v", rec.lives(own), b.isSignedIn())
	}
}

func TestDeleteInspectedOutcomes(t *testing.T) {
	t.Parallel()
	rec := newRecorded(t)
	b := rec.signedIn(agent)
	const match = "DELETE /api/v2/tokens/me"
	for _, test := range []struct {
		name    string
		fault   fault
		status  int
		says    string
		outcome audit.Outcome
	}{
		{"dead by now", fault{Match: match, Status: 401}, 200, "was not valid any more", audit.Done},
		{"cut off", fault{Match: match, Reset: true}, 502, "It is unknown whether the token was deleted", audit.Unknown},
		{"platform failed", fault{Match: match, Status: 500}, 502, "It is unknown whether the token was deleted", audit.Unknown},
		{"limited", fault{Match: match, Status: 429, RetryAfter: 9}, 429, "Too many requests", audit.Refused},
	} {
		sealed := inspected(b, rec.mint(supervisor))
		rec.disturb(test.fault)
		a := b.follow(deleteFound(b, sealed)).want(test.status).wantText(test.says)
		rec.calm()
		if test.status >= 400 && strings.Contains(a.text(), "is deleted") {
			t.Errorf("%s: claims a success: %s", test.name, a.text())
		}
		all := rec.entries()
		if e := all[len(all)-1]; e.Action != audit.DeleteInspected || e.Outcome != test.outcome {
			t.Errorf("%s: the record says %s %s", test.name, e.Action, e.Outcome)
		}
		rec.wantAsked(1, match)
		rec.forget()
	}
}

func TestSealedTokenIsGoodInItsSessionOnly(t *testing.T) {
	t.Parallel()
	rec := newRecorded(t)
	b, thief, again := rec.signedIn(agent), rec.signedIn(admin), rec.signedIn(agent)
	token := rec.mint(supervisor)
	sealed := inspected(b, token)
	flipped := []byte(sealed)
	flipped[len(flipped)/2] ^= 1
	for name, a := range map[string]*answer{
		"another person's session": deleteFound(thief, sealed),
		"another session":          deleteFound(again, sealed),
		"a tampered value":         deleteFound(b, string(flipped)),
		"a shortened value":        deleteFound(b, sealed[:len(sealed)-4]),
		"nothing":                  deleteFound(b, ""),
		"the session's cookie":     deleteFound(b, b.cookie(sessionCookie)),
		"the bare token":           deleteFound(b, token),
		"a long value":             deleteFound(b, strings.Repeat("A", 60_000)),
	} {
		if a.StatusCode != http.StatusBadRequest || a.title() != "That confirmation is no longer good" {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.title())
		}
	}
	rec.wantAsked(0, "DELETE ")
	// A form's value is no cookie either.
	b.plant(sessionCookie, sealed)
	if b.isSignedIn() {
		t.Error("the value of a form signs in")
	}
}

// The age of a sealed value is measured by the clock of the machine, which only
// a bubble can move.
func TestSealedTokenWaitsTenMinutes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store, err := session.NewStore(session.Options{Keys: [][]byte{testKey}, Idle: time.Hour, Total: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		sess := session.Session{ID: "one"}
		sealed, err := store.SealFound(session.Found{Token: genesys.NewSecret("a token"), Session: "one"})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(9*time.Minute + 50*time.Second)
		if _, err := store.OpenFound(sealed, sess); err != nil {
			t.Errorf("within 10 minutes: %v", err)
		}
		time.Sleep(20 * time.Second)
		if _, err := store.OpenFound(sealed, sess); err == nil {
			t.Error("it opens after more than 10 minutes")
		}
	})
}

// T1: a pasted token is in no page, address, cookie, log line or entry.
func TestT1_PastedTokenLeavesNoTrace(t *testing.T) {
	t.Parallel()
	rec := newRecorded(t)
	b := rec.signedIn(admin)
	found, inReason := rec.mint(supervisor), rec.mint(supervisor)
	rec.disturb(fault{Match: "DELETE /api/v2/tokens/me", Status: 503, Times: 1})
	for range 2 { // once failing
		b.follow(deleteFound(b, inspected(b, found)))
	}
	b.post("/inspect", url.Values{"token": {found}}).wantText("This token is dead")
	b.post("/inspect", url.Values{"token": {found + " "}, "region": {found}})
	b.post("/inspect", url.Values{"token": {found + " and words"}}).want(http.StatusUnprocessableEntity)
	b.follow(b.post(revocationOf(rec.testServer, agent), url.Values{"reason": {"found " + inReason + " in a log"}, "ticket": {inReason}})).
		wantText("found [removed: looks like a token] in a log")
	b.post("/timeout/change", url.Values{"enabled": {"on"}, "minutes": {"20"}, "reason": {inReason}}).wantTo("/timeout")
	b.get("/audit").want(http.StatusOK)
	csv, json := b.get("/audit.csv").body, b.get("/audit.json").body
	var database strings.Builder
	for _, e := range rec.entries() {
		line, err := e.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		database.Write(line)
	}
	places := map[string]string{"CSV": csv, "JSON": json, "record": database.String(), "log": rec.log.String()}
	for _, a := range b.seen {
		places["page "+a.Request.URL.Path] += a.body + a.Request.URL.String() + a.Request.Referer()
		for name, values := range a.Header {
			places["header "+name] += strings.Join(values, "\n")
		}
	}
	for place, text := range places {
		for what, token := range map[string]string{"inspected": found, "in the reason": inReason} {
			if strings.Contains(text, token) || strings.Contains(text, token[:40]) {
				t.Errorf("%s holds the token %s", place, what)
			}
		}
	}
	if rec.log.String() == "" || !strings.Contains(csv, fingerprint(found)) {
		t.Error("nothing was looked at")
	}
}

// A refusal to describe a found token is about that token, not about the reader.
func TestInspectTokenThatMayNotTell(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.signedIn(supervisor)
	ts.disturb(fault{Match: "GET /api/v2/tokens/me", Status: 403, Body: map[string]any{"code": "app.not.authorized.for.scope", "message": "App not authorized to use scope user-basic-info", "status": 403}})
	a := b.post("/inspect", url.Values{"token": {strings.Repeat("t", 40)}}).want(http.StatusOK).wantText("This token lives", "It may not tell about itself")
	if strings.Contains(a.text(), "your role") || a.page().Find("form[action='/inspect/delete']").Length() != 0 {
		t.Errorf("speaks of the reader, or offers what cannot be done: %s", a.text())
	}
}
