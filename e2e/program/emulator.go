package program

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"tokenconsole/internal/emulator"
)

// Emulator is the back door of the Genesys Cloud beside a console.
type Emulator struct {
	// URL is its origin, of both the log-in server and the API.
	URL string

	t      testing.TB
	secret func(...string)
}

// client has a time-out of its own, longer than any fault's delay.
var client = &http.Client{Timeout: 30 * time.Second}

// Grant is a token somebody holds outside the console.
type Grant struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	ExpiresIn    int    `json:"expires_in"` // seconds

	emulator *Emulator
}

// Lives reports whether the platform still accepts the access token.
func (g Grant) Lives() bool {
	return g.emulator.try(http.MethodHead, "/api/v2/tokens/me", g.AccessToken, nil, nil) == nil
}

// Token signs somebody in without a browser and returns what they got.
func (e *Emulator) Token(email string) Grant {
	e.t.Helper()
	var grant Grant
	e.call(http.MethodPost, "/emulator/tokens", "", map[string]string{"email": email, "clientId": "demo-console"}, &grant)
	e.secret(grant.AccessToken, grant.RefreshToken)
	grant.emulator = e
	return grant
}

// UserID is the id of the person with that email address.
func (e *Emulator) UserID(email string) string {
	e.t.Helper()
	var me struct{ ID string }
	e.call(http.MethodGet, "/api/v2/users/me", e.Token(email).AccessToken, nil, &me)
	return me.ID
}

// Revoke ends all tokens of a person by their id, as another administrator does with
// another application.
func (e *Emulator) Revoke(id string) {
	e.t.Helper()
	e.call(http.MethodDelete, "/api/v2/tokens/"+id, e.Token("admin@demo.example").AccessToken, nil, nil)
}

// Fault is how the platform misbehaves for requests that match.
type Fault = emulator.Fault

// Text is the body of a Fault that is sent as it stands.
func Text(body string) json.RawMessage {
	encoded, err := json.Marshal(body)
	if err != nil {
		panic(err) // no string fails to
	}
	return encoded
}

// Break makes the platform misbehave from now on.
func (e *Emulator) Break(fault Fault) {
	e.t.Helper()
	e.call(http.MethodPost, "/emulator/faults", "", fault, nil)
}

// Mend ends all faults.
func (e *Emulator) Mend() {
	e.t.Helper()
	e.call(http.MethodDelete, "/emulator/faults", "", nil, nil)
}

// CutConnections breaks off the connections of all notification channels.
func (e *Emulator) CutConnections() {
	e.t.Helper()
	e.call(http.MethodDelete, "/emulator/connections", "", nil, nil)
}

// Request is one entry of the platform's journal.
type Request struct {
	Time   time.Time `json:"time"`
	Method string    `json:"method"`
	Path   string    `json:"path"` // with its query
	Status int       `json:"status"`
	Bearer string    `json:"bearer"` // the token's fingerprint; "" without one
}

// Requests returns what the platform was asked, oldest first: those whose method and path
// begin with match, such as "DELETE /api/v2/tokens/"; "" for all.
func (e *Emulator) Requests(match string) []Request {
	e.t.Helper()
	var all, matching []Request
	e.call(http.MethodGet, "/emulator/requests", "", nil, &all)
	for _, r := range all {
		if strings.HasPrefix(r.Method+" "+r.Path, match) {
			matching = append(matching, r)
		}
	}
	return matching
}

// WasAsked fails the test unless the platform was asked exactly want times for match, as
// in [Emulator.Requests].
func (e *Emulator) WasAsked(match string, want int) {
	e.t.Helper()
	if got := e.Requests(match); len(got) != want {
		e.t.Errorf("the platform was asked %d times for %q, want %d: %v", len(got), match, want, got)
	}
}

// bearers are the fingerprints of all tokens the platform has seen.
func (e *Emulator) bearers() []string {
	var all []Request
	if err := e.try(http.MethodGet, "/emulator/requests", "", nil, &all); err != nil {
		e.t.Errorf("asking the emulator which tokens it has seen: %v", err)
	}
	var bearers []string
	for _, r := range all {
		bearers = append(bearers, r.Bearer)
	}
	return bearers
}

func (e *Emulator) call(method, path, bearer string, body, reply any) {
	e.t.Helper()
	if err := e.try(method, path, bearer, body, reply); err != nil {
		e.t.Fatal(err)
	}
}

func (e *Emulator) try(method, path, bearer string, body, reply any) error {
	payload, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequest(method, e.URL+path, bytes.NewReader(payload))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	if bearer != "" {
		request.Header.Set("Authorization", "Bearer "+bearer)
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s: %s", method, path, response.Status, content)
	}
	if reply == nil {
		return nil
	}
	return json.Unmarshal(content, reply)
}
