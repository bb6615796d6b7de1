package genesys_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/emulator"
	"tokenconsole/internal/genesys"
)

// platform is an emulated Genesys Cloud and a client of it.
type platform struct {
	*testing.T
	*genesys.Client
	url string
}

func newPlatform(t *testing.T, o emulator.Options) *platform {
	t.Helper()
	server := httptest.NewServer(emulator.New(o))
	transport := genesys.NewTransport()
	t.Cleanup(func() { transport.CloseIdleConnections(); server.Close() })
	return &platform{t, genesys.NewClient(server.URL, transport), server.URL}
}

// send asks the emulator's back door.
func (p *platform) send(method, path, body string) []byte {
	p.Helper()
	req, err := http.NewRequestWithContext(p.Context(), method, p.url+path, strings.NewReader(body))
	if err != nil {
		p.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.Fatal(err)
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= 300 {
		p.Fatalf("%s %s: %s %s %v", method, path, resp.Status, content, err)
	}
	return content
}

func (p *platform) token(email, client string) genesys.Secret {
	p.Helper()
	var minted struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(p.send("POST", "/emulator/tokens", `{"email":"`+email+`","clientId":"`+client+`"}`), &minted); err != nil {
		p.Fatal(err)
	}
	return genesys.NewSecret(minted.AccessToken)
}

func (p *platform) me(token genesys.Secret) genesys.UserMe {
	p.Helper()
	me, err := p.GetUsersMe(p.Context(), token)
	if err != nil {
		p.Fatal(err)
	}
	return me
}

const (
	admin      = "admin@demo.example"
	supervisor = "supervisor@demo.example"
	agent      = "agent@demo.example"
)

func TestUsersMe(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, emulator.Options{})
	me := p.me(p.token(supervisor, emulator.DemoClientID))
	if me.Name != "Samuel Ortiz" || me.Email != supervisor || me.ID.IsZero() || me.Organization.Name == "" || me.Date.CurrentDate.IsZero() {
		t.Errorf("%+v", me)
	}
	slices.Sort(me.Authorization.Permissions)
	if d := cmp.Diff([]string{genesys.PermissionViewUser, genesys.PermissionDeleteToken}, me.Authorization.Permissions); d != "" {
		t.Errorf("permissions, -want +got:\n%s", d)
	}
}

func TestTokensMe(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, emulator.Options{IdleTimeout: 10 * time.Minute})
	token := p.token("trustee@partner.example", emulator.DemoClientID)
	info, err := p.GetTokensMe(t.Context(), token, genesys.ResetIdle)
	if err != nil {
		t.Fatal(err)
	}
	if info.Organization == info.HomeOrganization || info.ClonedUser == nil || info.ClonedUser.ID == "" || info.ClonedUser.Organization != (genesys.Named{ID: info.HomeOrganization.ID}) {
		t.Errorf("a trustee's organizations: %+v", info)
	}
	if info.OAuthClient.ID != emulator.DemoClientID || info.OAuthClient.State != "active" || !slices.Contains(info.AuthorizedScope, "users:readonly") {
		t.Errorf("client and scopes: %+v, %v", info.OAuthClient, info.AuthorizedScope)
	}
	if info.DateTokenIdles.IsZero() || !json.Valid(info.Raw) {
		t.Errorf("idles at %v, raw %s", info.DateTokenIdles, info.Raw)
	}
	receipt, err := p.HeadTokensMe(t.Context(), token)
	if err != nil || receipt.Status != http.StatusOK || receipt.CorrelationID == "" {
		t.Errorf("HEAD: %+v, %v", receipt, err)
	}
	receipt, err = p.DeleteTokensMe(t.Context(), token)
	if err != nil || receipt.Status != http.StatusOK || receipt.CorrelationID == "" {
		t.Errorf("DELETE: %+v, %v", receipt, err)
	}
	if _, err := p.GetTokensMe(t.Context(), token, genesys.ResetIdle); !errors.Is(err, genesys.ErrUnauthorized) {
		t.Errorf("after its end: %v", err)
	}
}

// TestPreserveIdle holds that looking by itself does not keep a token alive,
// and that use does.
func TestPreserveIdle(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	p := newPlatform(t, emulator.Options{IdleTimeout: 10 * time.Minute, Now: func() time.Time { return now }})
	token := p.token(agent, emulator.DemoClientID)
	idles := func(idle genesys.IdleTTL) time.Time {
		info, err := p.GetTokensMe(t.Context(), token, idle)
		if err != nil {
			t.Fatal(err)
		}
		return info.DateTokenIdles.UTC()
	}
	first := idles(genesys.ResetIdle)
	if platform, _ := p.Clock(); !platform.Equal(now) {
		t.Errorf("the platform's clock says %v, want %v", platform, now)
	}
	now = now.Add(6 * time.Minute)
	if got := idles(genesys.PreserveIdle); got != first {
		t.Errorf("looking moved the end from %v to %v", first, got)
	}
	if got := idles(genesys.ResetIdle); got != first.Add(6*time.Minute) {
		t.Errorf("use moved the end from %v to %v", first, got)
	}
}

func TestDeleteToken(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, emulator.Options{})
	acting, victim, again := p.token(supervisor, emulator.DemoClientID), p.token(agent, emulator.DemoClientID), p.token(agent, emulator.PublicClientID)
	id := p.me(victim).ID
	receipt, err := p.DeleteToken(t.Context(), acting, id)
	if err != nil || receipt.Status != http.StatusNoContent || receipt.CorrelationID == "" {
		t.Fatalf("%+v, %v", receipt, err)
	}
	for _, dead := range []genesys.Secret{victim, again} {
		if _, err := p.HeadTokensMe(t.Context(), dead); !errors.Is(err, genesys.ErrUnauthorized) {
			t.Errorf("the victim's token: %v", err)
		}
	}
	if _, err := p.HeadTokensMe(t.Context(), acting); err != nil {
		t.Errorf("the acting person's token: %v", err)
	}
	stranger, err := genesys.ParseUserID("018f3c1e-0000-7000-8000-000000000001")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.DeleteToken(t.Context(), acting, stranger); !errors.Is(err, genesys.ErrNotFound) || genesys.OutcomeUnknown(err) {
		t.Errorf("an unknown person: %v", err)
	}
}

func TestWhatIsMissing(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, emulator.Options{})
	id := p.me(p.token(admin, emulator.DemoClientID)).ID
	_, err := p.DeleteToken(t.Context(), p.token(agent, emulator.DemoClientID), id)
	if e, ok := errors.AsType[*genesys.Error](err); !ok || e.MissingPermission() != genesys.PermissionDeleteToken {
		t.Errorf("without the permission: %v", err)
	}
	_, err = p.GetUser(t.Context(), p.token(admin, emulator.NarrowClientID), id)
	e, ok := errors.AsType[*genesys.Error](err)
	if !ok {
		t.Fatalf("without the scope: %v", err)
	}
	if scope, ok := e.MissingScope(); !ok || scope != "users:readonly" || e.MissingPermission() != "" {
		t.Errorf("without the scope: %v names %q, %t, permission %q", err, scope, ok, e.MissingPermission())
	}
}

func TestUsers(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, emulator.Options{})
	token := p.token(supervisor, emulator.DemoClientID)
	page, err := p.PostUsersSearch(t.Context(), token, genesys.UserSearch{
		PageSize: 10, PageNumber: 1, SortBy: "name", SortOrder: "ASC",
		Query: []genesys.SearchCriterion{{Type: "EXACT", Fields: []string{"email"}, Value: agent}},
	})
	if err != nil || page.Total != 1 || len(page.Results) != 1 || page.Results[0].Name != "Mina Keller" {
		t.Fatalf("search: %+v, %v", page, err)
	}
	found := page.Results[0]
	user, err := p.GetUser(t.Context(), token, found.ID)
	if err != nil || user.ID != found.ID || user.Email != agent || user.RoutingStatus.Status != "INTERACTING" || user.LastTokenIssued.DateIssued.IsZero() {
		t.Errorf("GetUser: %+v, %v", user, err)
	}
	me := p.me(token)
	users, err := p.GetUsers(t.Context(), token, []genesys.UserID{found.ID, me.ID})
	var ids []string
	for _, u := range users {
		ids = append(ids, u.ID.String())
	}
	want := []string{found.ID.String(), me.ID.String()}
	slices.Sort(ids)
	slices.Sort(want)
	if d := cmp.Diff(want, ids); d != "" || err != nil {
		t.Errorf("GetUsers: %v, -want +got:\n%s", err, d)
	}
}

func TestTokensTimeout(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, emulator.Options{})
	token := p.token(admin, emulator.DemoClientID)
	want := genesys.IdleTokenTimeout{Seconds: 1800, Enabled: true}
	if _, err := p.PutTokensTimeout(t.Context(), token, want); err != nil {
		t.Fatal(err)
	}
	if got, err := p.GetTokensTimeout(t.Context(), token); err != nil || !got.Same(want) {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	for _, seconds := range []int{genesys.MinIdleTimeout - 1, genesys.MaxIdleTimeout + 1} {
		if _, err := p.PutTokensTimeout(t.Context(), token, genesys.IdleTokenTimeout{Seconds: seconds, Enabled: true}); !errors.Is(err, genesys.ErrTimeoutBounds) {
			t.Errorf("%d s: %v", seconds, err)
		}
	}
	p.send("PUT", "/emulator/settings", `{"hipaa":true}`)
	_, err := p.PutTokensTimeout(t.Context(), token, want)
	if !errors.Is(err, genesys.ErrTimeoutBounds) || !genesys.HIPAA(err) {
		t.Errorf("under HIPAA: %v", err)
	}
}

// TestTimeoutOfGroupsSurvives holds that changing the organization's timeout
// leaves those of its groups as they were.
func TestTimeoutOfGroupsSurvives(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, emulator.Options{})
	token := p.token(admin, emulator.DemoClientID)
	p.send("PUT", "/emulator/settings", `{"groupTimeouts":true}`)
	before, err := p.GetTokensTimeout(t.Context(), token)
	if err != nil || before.Enabled || !before.GroupsEnabled || len(before.Groups) != 2 {
		t.Fatalf("%+v, %v", before, err)
	}
	wanted := before
	wanted.Seconds, wanted.Enabled = 1800, true
	if wanted.Same(before) {
		t.Error("a change is taken for none")
	}
	if _, err := p.PutTokensTimeout(t.Context(), token, wanted); err != nil {
		t.Fatal(err)
	}
	if after, err := p.GetTokensTimeout(t.Context(), token); err != nil || !after.Same(wanted) {
		t.Errorf("%+v, %v; want %+v", after, err, wanted)
	}
	groups, err := p.GetGroups(t.Context(), token, before.Groups[1].GroupIDs)
	if err != nil || len(groups) != 2 || groups[0].Name != "Billing" || groups[1].Name != "Claims" {
		t.Errorf("their groups: %v, %v", groups, err)
	}
}

func TestAuthenticationSettings(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, emulator.Options{})
	got, err := p.GetOrganizationsAuthenticationSettings(t.Context(), p.token(admin, emulator.DemoClientID))
	if err != nil || len(got.InactivityTimeoutExclusions) == 0 {
		t.Errorf("%+v, %v", got, err)
	}
	_, err = p.GetOrganizationsAuthenticationSettings(t.Context(), p.token(supervisor, emulator.DemoClientID))
	if e, ok := errors.AsType[*genesys.Error](err); !ok || e.MissingPermission() != genesys.PermissionAdminOrg {
		t.Errorf("without the permission: %v", err)
	}
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, emulator.Options{RateLimit: 2})
	token := p.token(agent, emulator.DemoClientID)
	var err error
	for range 3 {
		_, err = p.HeadTokensMe(t.Context(), token)
	}
	e, ok := errors.AsType[*genesys.Error](err)
	if !ok || !errors.Is(err, genesys.ErrRateLimited) || e.RetryAfter <= 0 || e.RetryAfter > time.Minute {
		t.Errorf("the third of two: %#v", err)
	}
}
