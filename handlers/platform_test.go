package handlers_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"tokenconsole/internal/emulator"
)

// platform is an emulated Genesys Cloud, and the way to its back door.
type platform struct {
	t        testing.TB
	emulator *emulator.Emulator
	url      string // of both the log-in server and the API
}

// userID returns the id of the person with that email address.
func (p platform) userID(email string) string {
	p.t.Helper()
	id := p.emulator.UserByEmail(email)
	if id == "" {
		p.t.Fatalf("nobody is called %s", email)
	}
	return id
}

// call asks the platform for something, beside the console.
func (p platform) call(method, path, bearer string, body any) (int, []byte) {
	p.t.Helper()
	encoded, err := json.Marshal(body)
	if err != nil {
		p.t.Fatal(err)
	}
	r := httptest.NewRequest(method, "http://localhost"+path, bytes.NewReader(encoded))
	r.Header.Set("Content-Type", "application/json")
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	w := httptest.NewRecorder()
	p.emulator.ServeHTTP(w, r)
	return w.Code, w.Body.Bytes()
}

// backDoor asks the emulator for what only tests ask.
func (p platform) backDoor(method, what string, body any) []byte {
	p.t.Helper()
	status, content := p.call(method, "/emulator/"+what, "", body)
	if status >= 300 {
		p.t.Fatalf("%s %s: %d %s", method, what, status, content)
	}
	return content
}

// asked is one request in the platform's journal.
type asked struct {
	Method, Path string
	Bearer       string // fingerprint of the token
	Status       int
}

func (a asked) String() string { return fmt.Sprintf("%s %s → %d", a.Method, a.Path, a.Status) }

// asked returns the requests that the platform got whose "METHOD /path" begins
// with prefix, oldest first.
func (p platform) asked(prefix string) []asked {
	p.t.Helper()
	var journal []asked
	if err := json.Unmarshal(p.backDoor(http.MethodGet, "requests", nil), &journal); err != nil {
		p.t.Fatal(err)
	}
	return slices.DeleteFunc(journal, func(a asked) bool { return !strings.HasPrefix(a.Method+" "+a.Path, prefix) })
}

// wantAsked checks how many requests with prefix the platform got.
func (p platform) wantAsked(n int, prefix string) {
	p.t.Helper()
	if got := p.asked(prefix); len(got) != n {
		p.t.Errorf("the platform was asked %q %d times, want %d: %v", prefix, len(got), n, got)
	}
}

// forget empties the journal.
func (p platform) forget() { p.t.Helper(); p.backDoor(http.MethodDelete, "requests", nil) }

// disturb arranges faults until calm.
func (p platform) disturb(faults ...emulator.Fault) {
	p.t.Helper()
	for _, f := range faults {
		p.backDoor(http.MethodPost, "faults", f)
	}
}

func (p platform) calm() { p.t.Helper(); p.backDoor(http.MethodDelete, "faults", nil) }

// body is value as the body of a fault: JSON, or a string as its bare text.
func body(value any) json.RawMessage {
	encoded, err := json.Marshal(value)
	if err != nil {
		panic(err) // a test's own values
	}
	return encoded
}

// organizationWith sets the emulated organization up.
func (p platform) organizationWith(settings map[string]any) {
	p.t.Helper()
	p.backDoor(http.MethodPut, "settings", settings)
}

// grant is a token that somebody holds outside the console.
type grant struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	Expires int    `json:"expires_in"` // seconds
}

// grant gives email a token of the OAuth client with that id.
func (p platform) grant(email, client string) (g grant) {
	p.t.Helper()
	content := p.backDoor(http.MethodPost, "tokens", map[string]string{"email": email, "clientId": client})
	if err := json.Unmarshal(content, &g); err != nil {
		p.t.Fatal(err)
	}
	return g
}

// mint returns a token of email's.
func (p platform) mint(email string) string {
	p.t.Helper()
	return p.grant(email, emulator.DemoClientID).Access
}

// lives reports whether the platform accepts token.
func (p platform) lives(token string) bool {
	p.t.Helper()
	status, _ := p.call(http.MethodGet, "/api/v2/tokens/me?preserveIdleTTL=true", token, nil)
	return status == http.StatusOK
}

// revoke ends all tokens of email's, as another administrator does elsewhere.
func (p platform) revoke(email string) {
	p.t.Helper()
	if status, content := p.call(http.MethodDelete, "/api/v2/tokens/"+p.userID(email), p.mint(admin), nil); status >= 300 {
		p.t.Fatalf("revoking beside the console: %d %s", status, content)
	}
}

// fingerprint names a token as journal, record and pages do.
func fingerprint(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:4])
}

// faultOf has the platform answer what begins with match by status.
func faultOf(match string, status int) emulator.Fault {
	return emulator.Fault{Match: match, Status: status}
}
