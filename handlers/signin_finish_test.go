package handlers_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"tokenconsole/internal/emulator"
	"tokenconsole/internal/genesys"
)

func TestL3_CallbackWithoutTheOneState(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.newBrowser()
	u, err := url.Parse(b.authorize(b.begin(""), agent))
	if err != nil {
		t.Fatal(err)
	}
	state, code := u.Query().Get("state"), u.Query().Get("code")
	for name, query := range map[string]string{
		"nothing":       "",
		"no state":      "code=" + code,
		"empty state":   "state=&code=" + code,
		"doubled state": "state=" + state + "&state=" + state + "&code=" + code,
		"two states":    "state=x&state=" + state + "&code=" + code,
		"cased state":   "State=" + state + "&code=" + code,
		"longer state":  "state=" + state + "A&code=" + code,
		"shorter state": "state=" + state[:len(state)-1] + "&code=" + code,
		"lower state":   "state=" + strings.ToLower(state) + "&code=" + code,
		"NUL":           "state=" + state + "%00&code=" + code,
		"semicolon":     "state=" + state + ";code=" + code,
		"huge state":    "state=" + strings.Repeat("A", 10_000) + "&code=" + code,
	} {
		t.Run(name, func(t *testing.T) {
			a := b.in(t).get("/oauth/callback?" + query).want(http.StatusBadRequest)
			if a.set(sessionCookie) != nil || a.page().Find(`main a[href="/login"]`).Length() != 1 {
				t.Errorf("cookie %v, page %s", a.set(sessionCookie), a.text())
			}
		})
	}
	c.wantAsked(0, "POST /oauth/token")
	if b.isSignedIn() {
		t.Error("somebody was signed in")
	}
	b.get(u.String()).wantTo(home) // the sign-in itself is unharmed
}

// Somebody else's link signs nobody in (login CSRF).
func TestL4_CodeAndStateOfAnotherBrowser(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	attacker := c.newBrowser()
	callback := attacker.authorize(attacker.begin(""), admin)
	fresh, midway, someone := c.newBrowser(), c.newBrowser(), c.signedIn(agent)
	midway.begin("")
	c.forget()
	for name, victim := range map[string]*browser{"without a cookie": fresh, "in the middle of a sign-in": midway, "signed in": someone} {
		t.Run(name, func(t *testing.T) {
			victim := victim.in(t)
			before := victim.cookie(sessionCookie)
			victim.get(callback).wantProblem(http.StatusBadRequest, "sign-in-not-begun")
			if victim.cookie(sessionCookie) != before {
				t.Error("the session changed")
			}
		})
	}
	c.wantAsked(0, "POST /oauth/token")
	someone.get("/token").want(http.StatusOK).wantText("Mina Keller")
}

func TestL5_CallbackReplayed(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.newBrowser()
	callback := b.authorize(b.begin(""), agent)
	early := b.fork() // still holds the sign-in that was begun
	b.get(callback).wantTo(home)
	for name, again := range map[string]*browser{"by itself": b, "by a copy from before": early} {
		t.Run(name, func(t *testing.T) {
			if a := again.in(t).get(callback).wantProblem(http.StatusBadRequest, "sign-in-used"); a.set(sessionCookie) != nil {
				t.Error("the replay touched the session")
			}
		})
	}
	c.wantAsked(1, "POST /oauth/token")
	if !b.isSignedIn() || early.isSignedIn() {
		t.Error("the session was harmed, or made twice")
	}
}

func TestL5_CallbackTwentyTimesAtOnce(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.newBrowser()
	callback := b.authorize(b.begin(""), agent)
	statuses := make([]int, 20)
	var group sync.WaitGroup
	for i := range statuses {
		group.Go(func() { statuses[i] = b.get(callback).StatusCode })
	}
	group.Wait()
	count := map[int]int{}
	for _, status := range statuses {
		count[status]++
	}
	if count[http.StatusSeeOther] != 1 || count[http.StatusBadRequest] != 19 {
		t.Errorf("statuses %v", count)
	}
	c.wantAsked(1, "POST /oauth/token")
	if !b.isSignedIn() {
		t.Error("not signed in")
	}
}

func TestL6_OwnStateWithAnothersCode(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	attacker, victim := c.newBrowser(), c.newBrowser()
	stolen, err := url.Parse(attacker.authorize(attacker.begin(""), admin))
	if err != nil {
		t.Fatal(err)
	}
	q := url.Values{"state": {victim.begin("").Query().Get("state")}, "code": {stolen.Query().Get("code")}}
	a := victim.get("/oauth/callback?"+q.Encode()).wantProblem(http.StatusBadGateway, "sign-in-refused")
	if a.value("Genesys Cloud correlation id") == "" {
		t.Error("no correlation id is shown")
	}
	if a.set(sessionCookie) != nil || victim.isSignedIn() {
		t.Error("a session was made")
	}
}

// The verifier is sent and fits the challenge; a public client has no secret to
// send beside it.
func TestL7_VerifierFitsTheChallenge(t *testing.T) {
	t.Parallel()
	for _, client := range []string{emulator.DemoClientID, emulator.PublicClientID} {
		t.Run(client, func(t *testing.T) {
			public := client == emulator.PublicClientID
			c := newConsole(t, withClient(client), func(s *setup) {
				if public {
					s.console.ClientSecret = genesys.Secret{}
				}
			})
			var sent url.Values
			var header http.Header
			c.calls.each(func(r *http.Request) {
				if r.URL.Path == "/oauth/token" {
					body := readAll(r.Body)
					sent, _ = url.ParseQuery(body)
					header = r.Header.Clone()
					*r = *withBody(r, body)
				}
			})
			b := c.newBrowser()
			u := b.begin("")
			b.get(b.authorize(u, agent)).wantTo(home)
			sum := sha256.Sum256([]byte(sent.Get("code_verifier")))
			if got := base64.RawURLEncoding.EncodeToString(sum[:]); got != u.Query().Get("code_challenge") {
				t.Errorf("the verifier %q does not fit the challenge", sent.Get("code_verifier"))
			}
			if got := sent.Get("redirect_uri"); got != c.public.String()+"/oauth/callback" {
				t.Errorf("redirect_uri %q", got)
			}
			if _, basic := header["Authorization"]; basic == public || sent.Has("client_secret") {
				t.Errorf("Authorization %v, client_secret in the body %v", basic, sent.Has("client_secret"))
			}
		})
	}
}

// The platform's error is told in our words, and believed with a valid state only.
func TestL10_Denied(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	const hostile = "&error_description=%3Cscript%3Ealert(1)%3C%2Fscript%3E&error_uri=https%3A%2F%2Fevil.example"
	for name, test := range map[string]struct {
		code    string
		status  int
		problem string
	}{
		"denied":       {"access_denied", http.StatusForbidden, "sign-in-denied"},
		"failed":       {"server_error", http.StatusBadGateway, "sign-in-failed"},
		"unauthorized": {"unauthorized_client", http.StatusBadGateway, "oauth-client-misconfigured"},
		"hostile":      {"%3Cscript%3E", http.StatusBadGateway, "oauth-client-misconfigured"},
		"empty":        {"", http.StatusBadGateway, "oauth-client-misconfigured"},
	} {
		t.Run(name, func(t *testing.T) {
			b := c.in(t).newBrowser()
			state := b.begin("").Query().Get("state")
			a := b.get("/oauth/callback?state="+state+"&error="+test.code+hostile).wantProblem(test.status, test.problem)
			for _, foreign := range []string{"alert(1)", "evil.example", "<script>"} {
				if strings.Contains(a.body, foreign) {
					t.Errorf("the page repeats %q", foreign)
				}
			}
			b.get("/oauth/callback?state=forged&error="+test.code+hostile).wantProblem(http.StatusBadRequest, "sign-in-not-begun")
		})
	}
	c.wantAsked(0, "POST /oauth/token")
}

func TestL16_NothingOfTheSignInInLaterAddresses(t *testing.T) {
	t.Parallel()
	b := newConsole(t).newBrowser()
	a := b.get(b.authorize(b.begin("/users?q=park"), admin)).wantTo("/users?q=park")
	if got := a.Header.Get("Referrer-Policy"); got != "no-referrer" {
		t.Errorf("the callback's Referrer-Policy is %q", got)
	}
	if strings.Contains(a.body, "code=") || strings.Contains(a.body, "state=") {
		t.Errorf("the callback's body: %s", a.body)
	}
	failed := b.get("/oauth/callback?code=x&state=y").want(http.StatusBadRequest)
	if got := failed.Header.Get("Referrer-Policy"); got != "no-referrer" {
		t.Errorf("a failed callback's Referrer-Policy is %q", got)
	}
}

func TestS3_BegunSignInOfARegionNoLongerConfigured(t *testing.T) {
	t.Parallel()
	before := newConsole(t, withRegions("one.example", "two.example"))
	after := newConsole(t, withRegions("two.example"))
	b, moved := before.newBrowser(), after.newBrowser()
	state := b.begin("").Query().Get("state")
	for _, c := range b.cookies() {
		moved.plant(c.Name, c.Value)
	}
	moved.get("/oauth/callback?code=x&state="+state).wantProblem(http.StatusBadRequest, "sign-in-not-begun")
}
