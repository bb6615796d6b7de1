package login

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/genesys"
)

const (
	clientSecret = "client-secret-VALUE"
	callback     = "https://console.example/oauth/callback"
)

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// newFlow returns a flow of a confidential client whose log-in server is at
// loginURL, in the region "here".
func newFlow(loginURL string, now func() time.Time) *Flow {
	regions := []genesys.Region{{Domain: "here", LoginURL: loginURL}, {Domain: "there", LoginURL: "https://login.there.example"}}
	return New("the-client", genesys.NewSecret(clientSecret), callback, regions, http.DefaultTransport, now)
}

func at(t time.Time) func() time.Time { return func() time.Time { return t } }

func begin(t *testing.T, f *Flow, req Request) (*url.URL, Pending) {
	t.Helper()
	location, p, err := f.Begin(req)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(location)
	if err != nil {
		t.Fatal(err)
	}
	return u, p
}

func TestBegin(t *testing.T) {
	t.Parallel()
	f := newFlow("https://login.here.example", at(noon))
	for name, c := range map[string]struct {
		req  Request
		more url.Values
	}{
		"plainly":                      {Request{}, nil},
		"straight to a provider":       {Request{OrgName: "acme & co", Provider: "okta"}, url.Values{"org": {"acme & co"}, "provider": {"okta"}}},
		"organization alone":           {Request{OrgName: "acme"}, nil},
		"provider alone":               {Request{Provider: "okta"}, nil},
		"asking for credentials":       {Request{Prompt: true}, url.Values{"prompt": {"login"}}},
		"a parameter in the provider":  {Request{OrgName: "a", Provider: "okta&state=x"}, url.Values{"org": {"a"}, "provider": {"okta&state=x"}}},
		"everything, with a way back":  {Request{OrgName: "a", Provider: "adfs", Prompt: true, ReturnTo: "/users?q=a%26b"}, url.Values{"org": {"a"}, "provider": {"adfs"}, "prompt": {"login"}}},
		"to work in an organization":   {Request{Target: organization}, url.Values{"target": {organization}}},
		"in one named in capitals":     {Request{Target: strings.ToUpper(organization)}, url.Values{"target": {organization}}},
		"a way back to somewhere else": {Request{ReturnTo: "//evil.example"}, nil},
	} {
		c.req.Region = "here"
		u, p := begin(t, f, c.req)
		challenge := sha256.Sum256([]byte(p.Verifier.Reveal()))
		want := url.Values{
			"client_id": {"the-client"}, "response_type": {"code"}, "redirect_uri": {callback}, "state": {p.State},
			"code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])}, "code_challenge_method": {"S256"},
		}
		for key, value := range c.more {
			want[key] = value
		}
		if d := cmp.Diff(want, u.Query()); d != "" {
			t.Errorf("%s: parameters, -want +got:\n%s", name, d)
		}
		if u.Scheme+"://"+u.Host+u.Path != "https://login.here.example/oauth/authorize" {
			t.Errorf("%s: leads to %s", name, u)
		}
		if strings.Contains(u.String(), clientSecret) || strings.Contains(u.String(), p.Verifier.Reveal()) {
			t.Errorf("%s: a secret is in %s", name, u)
		}
		if p.Region != "here" || p.ReturnTo != ReturnPath(c.req.ReturnTo) || !p.Begun.Equal(noon) {
			t.Errorf("%s: pending %+v", name, p)
		}
	}
}

const organization = "6e61b501-d95a-56be-b87a-009ea80487d7"

// TestBeginRefusesTargets holds that only the id of an organization is sent.
func TestBeginRefusesTargets(t *testing.T) {
	t.Parallel()
	f := newFlow("https://login.here.example", at(noon))
	for _, target := range []string{
		"acme", " " + organization, organization + "x", "{" + organization + "}", "urn:uuid:" + organization,
		strings.ReplaceAll(organization, "-", ""), "00000000-0000-0000-0000-000000000000", organization + "&prompt=login",
	} {
		location, _, err := f.Begin(Request{Region: "here", Target: target})
		if !errors.Is(err, ErrTarget) || location != "" {
			t.Errorf("%q: %v, leads to %q", target, err, location)
		}
	}
}

func TestBeginInEachRegion(t *testing.T) {
	t.Parallel()
	f := newFlow("https://login.here.example", at(noon))
	if u, p := begin(t, f, Request{Region: "there"}); u.Host != "login.there.example" || p.Region != "there" {
		t.Errorf("leads to %s, %+v", u, p)
	}
	for _, region := range []string{"", "elsewhere", "HERE"} {
		if location, _, err := f.Begin(Request{Region: region}); err == nil {
			t.Errorf("region %q leads to %s", region, location)
		}
	}
}

// TestFresh holds that state and verifier never repeat and have at least 128
// bits (L2): of 22 characters of base64 or 26 of base32 and more.
func TestFresh(t *testing.T) {
	t.Parallel()
	f := newFlow("https://login.here.example", at(noon))
	seen := map[string]bool{}
	const many = 2000
	for range many {
		u, p := begin(t, f, Request{Region: "here"})
		seen[p.State], seen[p.Verifier.Reveal()], seen[u.Query().Get("code_challenge")] = true, true, true
		if len(p.State) < 26 || len(p.Verifier.Reveal()) < 43 { // RFC 7636, section 4.1
			t.Fatalf("too short: state %q, verifier of %d characters", p.State, len(p.Verifier.Reveal()))
		}
	}
	if len(seen) != 3*many {
		t.Errorf("%d different values, want %d", len(seen), 3*many)
	}
	// Each position varies: nothing of a state is fixed.
	for i := range 26 {
		letters := map[byte]bool{}
		for range 200 {
			_, p := begin(t, f, Request{Region: "here"})
			letters[p.State[i]] = true
		}
		if len(letters) < 16 {
			t.Errorf("position %d of a state has only %d different letters in 200", i, len(letters))
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	const state = "the-state"
	for name, c := range map[string]struct {
		pending Pending
		state   string
		want    error
	}{
		"in time":                 {Pending{State: state, Begun: noon.Add(-time.Minute)}, state, nil},
		"at the last moment":      {Pending{State: state, Begun: noon.Add(-PendingLife)}, state, nil},
		"too late":                {Pending{State: state, Begun: noon.Add(-PendingLife - time.Second)}, state, ErrExpired},
		"never begun":             {Pending{State: state}, state, ErrExpired},
		"clocks a little apart":   {Pending{State: state, Begun: noon.Add(time.Minute)}, state, nil},
		"begun in the future":     {Pending{State: state, Begun: noon.Add(time.Minute + time.Second)}, state, ErrClock},
		"another state":           {Pending{State: state, Begun: noon}, "another", ErrState},
		"a longer state":          {Pending{State: state, Begun: noon}, state + "x", ErrState},
		"no state":                {Pending{State: state, Begun: noon}, "", ErrState},
		"both without":            {Pending{Begun: noon}, "", ErrState},
		"late with another state": {Pending{State: state, Begun: noon.Add(-time.Hour)}, "another", ErrState},
	} {
		if err := newFlow("https://login.here.example", at(noon)).Check(c.pending, c.state); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}
