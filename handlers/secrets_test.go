package handlers_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"tokenconsole/internal/emulator"
)

// secrets collects what must show nowhere: all that travels between the console
// and the platform, and every cookie.
type secrets struct {
	mu    sync.Mutex
	known map[string]string // what it is, by value
}

func (s *secrets) add(what, value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(value) >= 8 {
		s.known[value] = what
	}
}

func (s *secrets) spy(way http.RoundTripper) http.RoundTripper {
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		s.add("bearer", strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
		if r.URL.Path == "/oauth/token" {
			body := readAll(r.Body)
			form, _ := url.ParseQuery(body)
			s.add("verifier", form.Get("code_verifier"))
			s.add("code", form.Get("code"))
			s.add("refresh token", form.Get("refresh_token"))
			r = withBody(r, body)
		}
		response, err := way.RoundTrip(r)
		if err == nil && r.URL.Path == "/oauth/token" {
			body := readAll(response.Body)
			for part := range strings.SplitSeq(body, `"`) {
				if len(part) > 40 {
					s.add("token", part)
				}
			}
			response.Body = io.NopCloser(strings.NewReader(body))
		}
		return response, err
	})
}

// No secret shows in a page, an address, a header or the log at debug level,
// whatever went wrong.
func TestT1_SecretsNowhere(t *testing.T) {
	t.Parallel()
	known := &secrets{known: map[string]string{}}
	known.add("client secret", emulator.DemoClientSecret)
	known.add("session key", base64.StdEncoding.EncodeToString(testKey))
	c := newConsole(t, withTransport(known.spy), func(s *setup) { s.emulator.TokenLifetime = 6 * time.Minute })
	b := everything(c)
	b.signIn(admin).wantTo(home)
	c.clock.advance(7 * time.Minute)
	b.get("/token").want(http.StatusOK) // renewed
	for _, f := range []emulator.Fault{
		{Reset: true}, {Status: 500}, {Body: body("garbage")}, {Status: 400, Body: body(map[string]string{"error": "invalid_grant"})},
	} {
		f.Match = "* /"
		callback := b.authorize(b.begin(""), admin)
		c.disturb(f)
		b.get(callback)
		b.get("/token")
		b.post("/logout", nil)
		c.calm()
		b.signIn(admin)
	}
	b.inspect("a-found-token-of-some-length")
	known.add("found token", "a-found-token-of-some-length")
	for _, a := range b.seen.all {
		for _, cookie := range a.Cookies() {
			known.add("cookie", cookie.Value)
		}
	}
	kinds := map[string]bool{}
	for value, what := range known.known {
		kinds[what] = true
		wantNowhere(t, b, value, what)
	}
	for _, what := range []string{"bearer", "verifier", "code", "refresh token", "token", "cookie", "client secret"} {
		if !kinds[what] {
			t.Errorf("no %s was seen, so nothing was looked for", what)
		}
	}
}

// wantNowhere checks that value shows in nothing that b saw, nor in the log. Codes
// are in the callback's address, where the platform puts them.
func wantNowhere(t *testing.T, b *browser, value, what string) {
	t.Helper()
	if strings.Contains(b.c.log.String(), value) {
		t.Errorf("the log holds a %s", what)
	}
	for _, a := range b.seen.all {
		header := a.Header.Clone()
		header.Del("Set-Cookie")
		if strings.Contains(a.body, value) || strings.Contains(fmt.Sprint(header), value) {
			t.Errorf("%s shows a %s", a.what(), what)
		}
		if strings.Contains(a.Request.URL.String(), value) && (what != "code" || a.Request.URL.Path != "/oauth/callback") {
			t.Errorf("%s has a %s in its address", a.what(), what)
		}
	}
}

func TestT1_PathsAreLoggedWithoutWhatMayBeAToken(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	pasted := strings.Repeat("Secret7", 8)
	c.signedIn(supervisor).get("/users/" + pasted).want(http.StatusBadRequest)
	if log := c.log.String(); strings.Contains(log, pasted) || !strings.Contains(log, "/users/…") {
		t.Error("the log holds what was pasted into the address bar")
	}
}

// A pasted token is in no page, address, cookie, log line or entry, wherever it
// was pasted.
func TestT1_PastedTokenLeavesNoTrace(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	found, inReason, inList := c.mint(supervisor), c.mint(supervisor), c.mint(supervisor)
	c.disturb(emulator.Fault{Match: ownToken, Status: 503, Times: 1})
	for range 2 { // once failing
		b.follow(deleteFound(b, inspected(b, found)))
	}
	b.inspect(found)
	b.post("/inspect", url.Values{"token": {found + " "}, "region": {found}})
	b.inspect(found + " and words").want(http.StatusUnprocessableEntity)
	a := b.follow(b.post(c.revocationOf(agent), url.Values{"reason": {"found " + inReason + " in a log"}, "ticket": {inReason}}))
	a.wantText("found [removed: looks like a token] in a log")
	b.post("/timeout/change", url.Values{"enabled": {"on"}, "minutes": {"20"}, "reason": {inReason}}).wantTo("/timeout")
	b.get("/audit").want(http.StatusOK)
	if csv := b.get("/audit.csv").want(http.StatusOK); !strings.Contains(csv.body, fingerprint(found)) {
		t.Error("nothing was looked at")
	}
	b.get("/audit.json").want(http.StatusOK)
	batch := b.prepared(list(agent, inList, "Nobody Here, "+inList)).wantText("Nobody Here, [removed: looks like a token]")
	b.get(batch.batchPath() + "/report.csv").want(http.StatusOK)
	for what, token := range map[string]string{"found token": found, "token in a reason": inReason, "token in a list of people": inList} {
		wantNowhere(t, b, token, what)
		wantNowhere(t, b, token[:40], "part of a "+what)
	}
}
