package handlers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"tokenconsole/handlers"
	"tokenconsole/internal/audit"
	"tokenconsole/internal/database"
	"tokenconsole/internal/emulator"
	"tokenconsole/internal/genesys"
	"tokenconsole/session"
)

// The emulator's people that the tests are about.
const (
	admin      = "admin@demo.example"
	supervisor = "supervisor@demo.example"
	agent      = "agent@demo.example"
)

var testKey = []byte("\x00\x9f\x01tests: not a secret at all, \xff!")[:32]

// record is the database of most tests' records: a file of its own for each
// would cost more than most of them.
var record *database.DB

func TestMain(m *testing.M) {
	directory, err := os.MkdirTemp("", "handlers")
	if err == nil {
		record, err = openRecord(directory)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	record.Close()
	os.RemoveAll(directory)
	http.DefaultClient.CloseIdleConnections()
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// openRecord opens a database in directory that does not wait for the disk:
// what is asked here is not whether the record survives a power cut.
func openRecord(directory string) (*database.DB, error) {
	ctx := context.Background()
	db, err := database.Open(ctx, "sqlite:"+filepath.Join(directory, "record.db"))
	if err != nil {
		return nil, err
	}
	for range db.Stats().MaxOpenConnections {
		conn, err := db.Conn(ctx)
		if err != nil {
			return nil, err
		}
		defer conn.Close() // back into the pool, once all of it was reached
		if _, err := conn.ExecContext(ctx, "PRAGMA synchronous = OFF"); err != nil {
			return nil, err
		}
	}
	return db, nil
}

// testServer is a console and the emulator that it talks to, both reached over
// TCP as in production.
type testServer struct {
	t        *testing.T
	handler  *handlers.Server
	public   *url.URL // what browsers see
	addr     string   // where the console listens
	emulator *emulator.Emulator
	platform string // origin of the emulator
	log      *lockedBuffer
	clock    *clock
}

// setup is what a test may change before its servers are made.
type setup struct {
	emulator emulator.Options
	console  handlers.Options
	wrap     func(http.RoundTripper) http.RoundTripper // the console's way to the platform
}

func withHTTPS(s *setup) { s.console.PublicURL = &url.URL{Scheme: "https", Host: "console.example"} }

// withRecord gives the console a record of its own, for tests that read it.
func withRecord(t *testing.T) func(*setup) {
	t.Helper()
	db, err := openRecord(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return func(s *setup) { s.console.Audit = audit.New(db, s.console.Log, s.console.Now) }
}

func withClient(id string) func(*setup) {
	return func(s *setup) { s.console.ClientID = id }
}

func withTransport(wrap func(http.RoundTripper) http.RoundTripper) func(*setup) {
	return func(s *setup) { s.wrap = wrap }
}

// roundTrip is a transport made of a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func newTestServer(t *testing.T, options ...func(*setup)) *testServer {
	t.Helper()
	ts := &testServer{t: t, log: &lockedBuffer{}, clock: &clock{at: time.Now()}}
	console := httptest.NewUnstartedServer(nil)
	ts.addr = console.Listener.Addr().String()
	transport := genesys.NewTransport()
	s := setup{
		emulator: emulator.Options{RateLimit: 1 << 20, Now: ts.clock.now},
		console: handlers.Options{
			PublicURL:    &url.URL{Scheme: "http", Host: ts.addr},
			ClientID:     emulator.DemoClientID,
			ClientSecret: genesys.NewSecret(emulator.DemoClientSecret),
			Sessions:     session.Options{Keys: [][]byte{testKey}, Idle: 30 * time.Minute, Total: 12 * time.Hour},
			Log:          slog.New(slog.NewJSONHandler(ts.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
			Now:          ts.clock.now,
		},
		wrap: func(rt http.RoundTripper) http.RoundTripper { return rt },
	}
	for _, option := range options {
		option(&s)
	}
	ts.public = s.console.PublicURL
	s.emulator.RedirectURIs = []string{ts.public.String() + "/oauth/callback"}
	ts.emulator = emulator.New(s.emulator)
	platform := httptest.NewServer(ts.emulator)
	ts.platform = platform.URL
	if s.console.Regions == nil {
		s.console.Regions = []genesys.Region{{Name: "demo", Domain: "demo"}}
	}
	for i := range s.console.Regions {
		if s.console.Regions[i].LoginURL == "" {
			s.console.Regions[i].LoginURL, s.console.Regions[i].APIURL = platform.URL, platform.URL
		}
	}
	s.console.Transport = s.wrap(transport)
	if s.console.Audit == nil {
		s.console.Audit = audit.New(record, s.console.Log, ts.clock.now)
	}
	var err error
	if ts.handler, err = handlers.New(s.console); err != nil {
		t.Fatal(err)
	}
	console.Config.Handler = ts.handler
	console.Start()
	t.Cleanup(func() {
		console.CloseClientConnections()
		console.Close()
		transport.CloseIdleConnections()
		platform.CloseClientConnections()
		platform.Close()
	})
	return ts
}

// clock is a clock that stands until it is moved.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// lockedBuffer collects a log.
type lockedBuffer struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.String()
}

// userID returns the id of the person with that email address.
func (ts *testServer) userID(email string) string {
	ts.t.Helper()
	id := ts.emulator.UserByEmail(email)
	if id == "" {
		ts.t.Fatalf("nobody is called %s", email)
	}
	return id
}

// asked is one request in the emulator's journal.
type asked struct {
	Method, Path, Bearer string
	Status               int
}

func (a asked) String() string { return fmt.Sprintf("%s %s → %d", a.Method, a.Path, a.Status) }

// asked returns the requests that the platform got whose "METHOD /path" begins
// with prefix.
func (ts *testServer) asked(prefix string) []asked {
	ts.t.Helper()
	var journal, matching []asked
	if err := json.Unmarshal(ts.backDoor(http.MethodGet, "requests", nil), &journal); err != nil {
		ts.t.Fatal(err)
	}
	for _, a := range journal {
		if strings.HasPrefix(a.Method+" "+a.Path, prefix) {
			matching = append(matching, a)
		}
	}
	return matching
}

// wantAsked checks how many requests with prefix the platform got.
func (ts *testServer) wantAsked(n int, prefix string) {
	ts.t.Helper()
	if got := ts.asked(prefix); len(got) != n {
		ts.t.Errorf("the platform was asked %q %d times, want %d: %v", prefix, len(got), n, got)
	}
}

// fault is a disturbance that the emulator is to arrange.
type fault struct {
	Match       string            `json:"match"`
	Status      int               `json:"status,omitempty"`
	Body        any               `json:"body,omitempty"`
	Times       int               `json:"times,omitempty"`
	Reset       bool              `json:"reset,omitempty"`
	RetryAfter  int               `json:"retryAfter,omitempty"`
	Headers     map[string]string `json:"headers,omitempty"`
	ContentType string            `json:"contentType,omitempty"`
}

func (ts *testServer) disturb(faults ...fault) {
	ts.t.Helper()
	for _, f := range faults {
		ts.backDoor(http.MethodPost, "faults", f)
	}
}

func (ts *testServer) calm() { ts.t.Helper(); ts.backDoor(http.MethodDelete, "faults", nil) }

func (ts *testServer) forget() { ts.t.Helper(); ts.backDoor(http.MethodDelete, "requests", nil) }

// backDoor asks the emulator for what only tests ask.
func (ts *testServer) backDoor(method, what string, body any) []byte {
	ts.t.Helper()
	encoded, err := json.Marshal(body)
	if err != nil {
		ts.t.Fatal(err)
	}
	req, err := http.NewRequest(method, ts.platform+"/emulator/"+what, bytes.NewReader(encoded))
	if err != nil {
		ts.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		ts.t.Fatal(err)
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= 300 {
		ts.t.Fatalf("%s %s: %d %s %v", method, what, resp.StatusCode, content, err)
	}
	return content
}

func readAll(r io.Reader) string {
	content, _ := io.ReadAll(r)
	return string(content)
}

// withBody is r with its body, which was read, to be read again.
func withBody(r *http.Request, body string) *http.Request {
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(strings.NewReader(body))
	return r
}
