package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"tokenconsole/e2e/browser"
)

func TestTokenPageTellsWhatTheTokenIs(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := signedIn(t, console, supervisor)
	for _, want := range []string{
		"Samuel Ortiz", supervisor, console.Emulator.UserID(supervisor), // the person
		"Demo Contact Centre",                        // the organization
		"Token console (demo)", "Authorization code", // the OAuth client
		"user-basic-info", "users:readonly", // its scopes
	} {
		page.CSS("main").Holds(want)
	}
	page.CSS("[data-deadline=expires]").Holds("in 23 h 59 min")
	page.CSS("[data-deadline=session]").Holds("in 11 h 59 min")
	page.CSS("[data-token-state]").Reads("Active")
	asked := console.Emulator.Requests("GET /api/v2/tokens/me")
	page.CSS(".fingerprint code").Reads(asked[len(asked)-1].Bearer[:8])

	page.CSS("pre").Hides()
	page.Text("Raw reply from Genesys Cloud").Click()
	page.CSS("pre").Holds(`"authorizedGrantType": "CODE"`)
}

func TestTokenPageCountsDown(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := visitor(t, console)
	page.TakeClock()
	page.Visit("/login")
	signIn(page, agent)
	page.CSS("[data-deadline=expires]").Holds("in 23 h 59 min")
	page.Later(2 * time.Hour)
	page.CSS("[data-deadline=expires]").Holds("in 21 h 59 min")
}

func TestVerifyTellsWhatGenesysCloudAnswered(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := signedIn(t, console, agent)
	page.Button("Verify with Genesys Cloud").Click()
	page.Status("Genesys Cloud confirms the token").Shows()
	page.Status("It answered 200 to HeadTokensMe").Shows()
	showsCorrelationID(t, page)
	console.Emulator.WasAsked("HEAD /api/v2/tokens/me", 1)
	// The notice is shown once, and a reload does not ask again.
	page.Visit("/token")
	page.Status("Genesys Cloud confirms the token").Hides()
	console.Emulator.WasAsked("HEAD /api/v2/tokens/me", 1)
}

func TestTimesShowInTheReadersZone(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	berlin, err := time.LoadLocation("Europe/Berlin") // as every context's, see browser.Context
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		adjust func(*browser.Options)
		zone   *time.Location
	}{
		"with script":    {func(*browser.Options) {}, berlin},
		"without script": {noScript, time.UTC},
	} {
		t.Run(name, func(t *testing.T) {
			page := signedIn(t, console, agent, test.adjust)
			shown := page.CSS(".deadline:has([data-deadline=expires]) time")
			expires, err := time.Parse(time.RFC3339, shown.Attribute("datetime"))
			if err != nil {
				t.Fatal(err)
			}
			shown.Holds(expires.In(test.zone).Format("2 Jan 2006, 15:04:05"))
			page.CSS("footer").Holds("Times in " + test.zone.String())
			// The server knows it from now on: the days of the record's filter are days in it.
			page.Visit("/audit")
			abbreviation, _ := time.Now().In(test.zone).Zone()
			page.CSS("form .hint").Holds(abbreviation)
		})
	}
}

func TestCopyButtonsCopy(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := signedIn(t, console, agent)
	if err := page.Context().GrantPermissions([]string{"clipboard-read", "clipboard-write"}); err != nil {
		t.Fatal(err)
	}
	fingerprint, err := page.CSS(".fingerprint code").InnerText()
	if err != nil {
		t.Fatal(err)
	}
	page.Button("Copy " + fingerprint).Click()
	page.CSS(".fingerprint .copy").Reads("Copied")
	copied, err := page.Evaluate("navigator.clipboard.readText()")
	if err != nil {
		t.Fatal(err)
	}
	if copied != fingerprint {
		t.Errorf("the clipboard holds %q, want %q", copied, fingerprint)
	}
}

func TestTheTokenIsInNoPage(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := signedIn(t, console, admin)
	asked := console.Emulator.Requests("GET /api/v2/tokens/me")
	fingerprint := asked[len(asked)-1].Bearer
	for _, address := range []string{"/token", "/users?q=park", "/users/" + console.Emulator.UserID(admin)} {
		page.Visit(address)
		content, err := page.Content()
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range strings.FieldsFunc(content, func(r rune) bool { return !strings.ContainsRune(tokenAlphabet, r) }) {
			if sum := sha256.Sum256([]byte(word)); strings.HasPrefix(hex.EncodeToString(sum[:]), fingerprint) {
				t.Errorf("%s holds the access token", address)
			}
		}
	}
}

// tokenAlphabet are the characters of a bearer token (RFC 6750, section 2.1).
const tokenAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/="
