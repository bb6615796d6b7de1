package login_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"tokenconsole/internal/emulator"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/login"
)

const callback = "https://console.example/oauth/callback"

// site is an emulated log-in server and the flow of one of its clients.
type site struct {
	*testing.T
	*login.Flow
	url string
	now time.Time
}

func newSite(t *testing.T, client, secret string, o emulator.Options) *site {
	t.Helper()
	s := &site{T: t, now: time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)}
	now := func() time.Time { return s.now }
	o.Now, o.RedirectURIs = now, []string{callback}
	server := httptest.NewServer(emulator.New(o))
	t.Cleanup(server.Close)
	s.url = server.URL
	s.Flow = login.New(client, genesys.NewSecret(secret), callback, []genesys.Region{{Domain: "here", LoginURL: s.url}}, http.DefaultTransport, now)
	return s
}

// signIn goes through the authorize page as somebody does, up to the callback.
func (s *site) signIn(email string) (p login.Pending, code string) {
	s.Helper()
	return s.signInWith(login.Request{Region: "here"}, email)
}

func (s *site) signInWith(request login.Request, email string) (p login.Pending, code string) {
	s.Helper()
	location, p, err := s.Begin(request)
	if err != nil {
		s.Fatal(err)
	}
	req, err := http.NewRequestWithContext(s.Context(), http.MethodPost, location, strings.NewReader(url.Values{"email": {email}}.Encode()))
	if err != nil {
		s.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		s.Fatal(err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	back, err := resp.Location()
	if err != nil {
		s.Fatalf("status %d: %v", resp.StatusCode, err)
	}
	if err := s.Check(p, back.Query().Get("state")); err != nil {
		s.Fatal(err)
	}
	return p, back.Query().Get("code")
}

// whose returns the email of the person whose token it is.
func (s *site) whose(token genesys.Secret) string {
	s.Helper()
	me, err := genesys.NewClient(s.url, http.DefaultTransport).GetUsersMe(s.Context(), token)
	if err != nil {
		s.Error(err)
	}
	return me.Email
}

var clients = map[string]string{emulator.DemoClientID: emulator.DemoClientSecret, emulator.PublicClientID: ""}

func TestFinish(t *testing.T) {
	t.Parallel()
	for client, secret := range clients {
		s := newSite(t, client, secret, emulator.Options{TokenLifetime: 5 * time.Hour})
		p, code := s.signIn("agent@demo.example")
		grant, err := s.Finish(t.Context(), p, code)
		if err != nil {
			t.Fatalf("%s: %v", client, err)
		}
		// A public client gets no refresh token.
		if grant.RefreshToken.IsZero() != (secret == "") || !grant.Expiry.Equal(s.now.Add(5*time.Hour)) {
			t.Errorf("%s: refresh token there: %t, expiry %v", client, !grant.RefreshToken.IsZero(), grant.Expiry)
		}
		if email := s.whose(grant.AccessToken); email != "agent@demo.example" {
			t.Errorf("%s: the token is of %q", client, email)
		}
	}
}

// TestFinishInAnotherOrganization holds that a trustee gets a token for the
// organization that was asked for.
func TestFinishInAnotherOrganization(t *testing.T) {
	t.Parallel()
	s := newSite(t, emulator.DemoClientID, emulator.DemoClientSecret, emulator.Options{})
	p, code := s.signInWith(login.Request{Region: "here", Target: emulator.CustomerOrganizationID}, "supervisor@demo.example")
	grant, err := s.Finish(t.Context(), p, code)
	if err != nil {
		t.Fatal(err)
	}
	info, err := genesys.NewClient(s.url, http.DefaultTransport).GetTokensMe(t.Context(), grant.AccessToken, genesys.ResetIdle)
	if err != nil || info.Organization.ID != emulator.CustomerOrganizationID || info.HomeOrganization.ID == info.Organization.ID {
		t.Errorf("%+v, %v", info, err)
	}
}

func TestFinishWithoutRefreshToken(t *testing.T) {
	t.Parallel()
	s := newSite(t, emulator.DemoClientID, emulator.DemoClientSecret, emulator.Options{IdleTimeout: 10 * time.Minute})
	p, code := s.signIn("agent@demo.example")
	grant, err := s.Finish(t.Context(), p, code)
	if err != nil || grant.AccessToken.IsZero() || !grant.RefreshToken.IsZero() {
		t.Errorf("%+v, %v", grant, err)
	}
}

// TestFinishRefused holds what the platform's checks are relied upon for: a
// code is good once, for the sign-in it was given to (L6, L7).
func TestFinishRefused(t *testing.T) {
	t.Parallel()
	for client, secret := range clients {
		s := newSite(t, client, secret, emulator.Options{})
		mine, used := s.signIn("agent@demo.example")
		if _, err := s.Finish(t.Context(), mine, used); err != nil {
			t.Fatal(err)
		}
		_, theirs := s.signIn("admin@demo.example")
		for name, code := range map[string]string{"used": used, "of another sign-in": theirs, "made up": "made-up", "none": ""} {
			grant, err := s.Finish(t.Context(), mine, code)
			if !errors.Is(err, login.ErrRefused) || !grant.AccessToken.IsZero() {
				t.Errorf("%s, code %s: %v", client, name, err)
			}
		}
	}
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	s := newSite(t, emulator.DemoClientID, emulator.DemoClientSecret, emulator.Options{TokenLifetime: time.Hour})
	p, code := s.signIn("supervisor@demo.example")
	first, err := s.Finish(t.Context(), p, code)
	if err != nil {
		t.Fatal(err)
	}
	s.now = s.now.Add(59 * time.Minute)
	second, err := s.Refresh(t.Context(), "here", first.RefreshToken)
	if err != nil {
		t.Fatal(err)
	}
	if second.AccessToken == first.AccessToken || second.RefreshToken == first.RefreshToken || !second.Expiry.Equal(s.now.Add(time.Hour)) {
		t.Errorf("nothing new, or expiry %v", second.Expiry)
	}
	if email := s.whose(second.AccessToken); email != "supervisor@demo.example" {
		t.Errorf("the token is of %q", email)
	}
	for name, dead := range map[string]genesys.Secret{"used": first.RefreshToken, "made up": genesys.NewSecret("made-up")} {
		if _, err := s.Refresh(t.Context(), "here", dead); !errors.Is(err, login.ErrRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestUnknownRegion(t *testing.T) {
	t.Parallel()
	s := newSite(t, emulator.DemoClientID, emulator.DemoClientSecret, emulator.Options{})
	if _, err := s.Refresh(t.Context(), "elsewhere", genesys.NewSecret("r")); err == nil {
		t.Error("refreshed in a region that is not configured")
	}
	if _, err := s.Finish(t.Context(), login.Pending{Region: "elsewhere"}, "c"); err == nil {
		t.Error("finished in a region that is not configured")
	}
}

// TestRequestOfAnExchange holds what goes to the token endpoint, and where.
func TestRequestOfAnExchange(t *testing.T) {
	t.Parallel()
	for client, secret := range clients {
		var got *http.Request
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_ = r.ParseForm()
			got = r
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"access_token":"a","token_type":"bearer","expires_in":86400}`)
		}))
		defer server.Close()
		now := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
		f := login.New(client, genesys.NewSecret(secret), callback, []genesys.Region{{Domain: "here", LoginURL: server.URL}}, http.DefaultTransport, func() time.Time { return now })
		_, p, err := f.Begin(login.Request{Region: "here"})
		if err != nil {
			t.Fatal(err)
		}
		grant, err := f.Finish(t.Context(), p, "the-code")
		if err != nil || !grant.Expiry.Equal(now.Add(24*time.Hour)) {
			t.Fatalf("%s: %+v, %v", client, grant, err)
		}
		want := url.Values{"grant_type": {"authorization_code"}, "code": {"the-code"}, "redirect_uri": {callback}, "code_verifier": {p.Verifier.Reveal()}}
		id, password, basic := got.BasicAuth()
		if basic != (secret != "") || basic && (id != client || password != secret) {
			t.Errorf("%s: Basic %t, id %q", client, basic, id)
		}
		if !basic {
			want.Set("client_id", client)
		}
		if got.Method != http.MethodPost || got.RequestURI != "/oauth/token" || got.PostForm.Encode() != want.Encode() {
			t.Errorf("%s: %s %s %v, want %v", client, got.Method, got.RequestURI, got.PostForm, want)
		}
	}
}
