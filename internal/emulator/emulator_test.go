package emulator

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const callback = "http://console.example/oauth/callback"

// clock is a time that tests move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.at }

func (c *clock) pass(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.at = c.at.Add(d) }

// world is a served emulator, seen as its clients see it.
type world struct {
	*testing.T
	emulator *Emulator
	clock    *clock
	url      string
	browser  *http.Client // keeps cookies, follows no redirect
	// undescribed lets replies hold members that the vendor does not describe.
	undescribed bool

	mu     sync.Mutex
	bodies []string // of arranged faults: they are not held to the description
}

func newWorld(t *testing.T, o Options) *world {
	t.Helper()
	w := &world{T: t, clock: &clock{at: time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)}}
	o.Now = w.clock.now
	o.RedirectURIs = append(o.RedirectURIs, callback)
	w.emulator = New(o)
	s := httptest.NewServer(w.emulator)
	t.Cleanup(s.Close)
	w.url = s.URL
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := witness{w, s.Client().Transport}
	w.browser = &http.Client{Jar: jar, Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return w
}

// reply is an answer, read to its end.
type reply struct {
	status int
	header http.Header
	body   string
	json   map[string]any
}

func (w *world) send(r *http.Request) reply {
	w.Helper()
	res, err := w.browser.Do(r)
	if err != nil {
		w.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		w.Fatal(err)
	}
	got := reply{status: res.StatusCode, header: res.Header, body: string(b)}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "application/json") {
		json.Unmarshal(b, &got.json) // arrays are left to got.body
	}
	return got
}

// readAndRestore returns the body of res and leaves it to be read again.
func readAndRestore(res *http.Response) ([]byte, error) {
	body, err := io.ReadAll(res.Body)
	res.Body.Close()
	res.Body = io.NopCloser(bytes.NewReader(body))
	return body, err
}

// arranged reports whether body is that of a fault.
func (w *world) arranged(body []byte) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Contains(w.bodies, string(body))
}

func (w *world) request(method, path, body string) *http.Request {
	w.Helper()
	r, err := http.NewRequest(method, w.url+path, strings.NewReader(body))
	if err != nil {
		w.Fatal(err)
	}
	return r
}

// call asks the API, or the back door, with a bearer token and a JSON body.
func (w *world) call(token, method, path, body string) reply {
	w.Helper()
	r := w.request(method, path, body)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return w.send(r)
}

// tokensOf has the back door issue tokens for a person.
func (w *world) tokensOf(email, client string) (access, refresh string) {
	w.Helper()
	got := w.call("", "POST", "/emulator/tokens", `{"email":"`+email+`","clientId":"`+client+`"}`)
	if got.status != 200 {
		w.Fatalf("POST /emulator/tokens for %s: %d %s", email, got.status, got.body)
	}
	refresh, _ = got.json["refresh_token"].(string)
	return got.json["access_token"].(string), refresh
}

func (w *world) tokenOf(email string) string {
	w.Helper()
	access, _ := w.tokensOf(email, DemoClientID)
	return access
}

const verifier = "a-verifier-that-is-long-enough-for-rfc-7636-section-4.1"

func challenge() string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// ask is the authorize request of a well-behaved client, with changes as name,
// value, …; an empty value leaves the parameter out.
func ask(changes ...string) url.Values {
	q := url.Values{
		"client_id": {DemoClientID}, "redirect_uri": {callback}, "response_type": {"code"}, "state": {"a state & more"},
		"code_challenge": {challenge()}, "code_challenge_method": {"S256"},
	}
	return changed(q, changes)
}

func changed(q url.Values, changes []string) url.Values {
	for i := 0; i+1 < len(changes); i += 2 {
		if q.Del(changes[i]); changes[i+1] != "" {
			q.Set(changes[i], changes[i+1])
		}
	}
	return q
}

// choose presses a button of the authorize page and returns where that leads.
func (w *world) choose(q url.Values, button, value string) reply {
	w.Helper()
	r := w.request("POST", "/oauth/authorize?"+q.Encode(), url.Values{button: {value}}.Encode())
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return w.send(r)
}

// landing returns the parameters with which the browser comes back.
func (r reply) landing(t *testing.T) url.Values {
	t.Helper()
	u, err := url.Parse(r.header.Get("Location"))
	if err != nil || !strings.HasPrefix(u.String(), callback+"?") {
		t.Fatalf("status %d leads to %q, want the redirect URI; body: %s", r.status, r.header.Get("Location"), r.body)
	}
	return u.Query()
}

func (w *world) code(email string, changes ...string) string {
	w.Helper()
	got := w.choose(ask(changes...), "email", email).landing(w.T)
	if got.Get("code") == "" {
		w.Fatalf("no code: %v", got)
	}
	return got.Get("code")
}

// exchange posts to the token endpoint, with Basic unless user is empty.
func (w *world) exchange(user, password string, form url.Values) reply {
	w.Helper()
	r := w.request("POST", "/oauth/token", form.Encode())
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if user != "" {
		r.SetBasicAuth(user, password)
	}
	return w.send(r)
}

func codeForm(code string, changes ...string) url.Values {
	return changed(url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {callback}, "code_verifier": {verifier},
	}, changes)
}

func (w *world) alive(access string) bool {
	w.Helper()
	return w.call(access, "GET", "/api/v2/tokens/me", "").status == 200
}
