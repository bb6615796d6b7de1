package handlers_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"tokenconsole/handlers"
	"tokenconsole/internal/audit"
	"tokenconsole/internal/database"
	"tokenconsole/internal/emulator"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/signing"
	"tokenconsole/session"
)

var testKey = []byte("\x00\x9f\x01tests: not a secret at all, \xff!")[:32]

// console is a console on an emulated Genesys Cloud, with a database of its own.
// Both are reached through real HTTP; see wire for what carries it.
type console struct {
	t testing.TB
	platform
	handler   *handlers.Server
	public    *url.URL // what browsers see
	wire      wire     // leads to it
	hosts     map[string]wire
	inside    http.RoundTripper // browsers' way to it
	outside   http.RoundTripper // browsers' way to everything else
	db        *database.DB
	path      string            // of the database's file; "" if it was given one
	key       signing.PublicKey // of the record
	options   handlers.Options
	record    *audit.Log
	monitor   *audit.Monitor
	strangers *audit.Strangers
	sessions  *session.Store // opens and seals what the console does
	log       *logbook
	clock     *clock
	calls     *calls
}

// setup is what a test may change before its servers are made.
type setup struct {
	t        testing.TB
	emulator emulator.Options
	console  handlers.Options
	db       *database.DB
	clock    *clock
	beside   *console                                  // whose platform it shares
	tcp      bool                                      // instead of pipes in memory
	wrap     func(http.RoundTripper) http.RoundTripper // the console's way to the platform
}

func withHTTPS(s *setup) { s.console.PublicURL = &url.URL{Scheme: "https", Host: "console.example"} }

func withClient(id string) func(*setup) {
	return func(s *setup) { s.console.ClientID = id }
}

func withKeys(keys ...[]byte) func(*setup) {
	return func(s *setup) { s.console.Sessions.Keys = keys }
}

func withRegions(domains ...string) func(*setup) {
	return func(s *setup) {
		s.console.Regions = nil
		for _, domain := range domains {
			s.console.Regions = append(s.console.Regions, genesys.Region{Name: "region of " + domain, Domain: domain})
		}
	}
}

func withTransport(wrap func(http.RoundTripper) http.RoundTripper) func(*setup) {
	return func(s *setup) { s.wrap = wrap }
}

// answeredBy has platform answer every call of the console, and the emulator none.
func answeredBy(platform http.RoundTripper) func(*setup) {
	return withTransport(func(http.RoundTripper) http.RoundTripper { return platform })
}

func withDatabase(db *database.DB) func(*setup) { return func(s *setup) { s.db = db } }

// besides is a replica of c: another console with the same keys, platform, clock
// and database.
func besides(c *console) func(*setup) {
	return func(s *setup) { s.beside, s.clock, s.db, s.console = c, c.clock, c.db, c.options }
}

func overTCP(s *setup) { s.tcp = true }

// inBubble lets the time of testing/synctest be the test's.
func inBubble(s *setup) { s.clock = &clock{follows: true} }

func newConsole(t testing.TB, options ...func(*setup)) *console {
	t.Helper()
	c := &console{t: t, log: &logbook{}, calls: &calls{}}
	s := setup{
		t: t, clock: &clock{at: noon}, emulator: emulator.Options{RateLimit: 1 << 20},
		console: handlers.Options{
			PublicURL:    &url.URL{Scheme: "http", Host: "console.example"},
			ClientID:     emulator.DemoClientID,
			ClientSecret: genesys.NewSecret(emulator.DemoClientSecret),
			Regions:      []genesys.Region{{Name: "demo", Domain: "demo"}},
			Sessions:     session.Options{Keys: [][]byte{testKey}, Idle: 30 * time.Minute, Total: 12 * time.Hour},
			Log:          slog.New(slog.NewJSONHandler(c.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		},
		wrap: func(way http.RoundTripper) http.RoundTripper { return way },
	}
	for _, option := range options {
		option(&s)
	}
	c.clock, c.db, c.public = s.clock, s.db, s.console.PublicURL
	if c.db == nil {
		c.db, c.path = newDatabase(t)
	}
	c.wire = s.newWire()
	c.findPlatform(s)
	c.keepRecord(&s)
	c.start(s)
	return c
}

func (s *setup) newWire() wire {
	if s.tcp {
		return newTCPWire(s.t)
	}
	return newWire()
}

// findPlatform starts an emulator for c, or takes that of the console beside it.
func (c *console) findPlatform(s setup) {
	c.t.Helper()
	if s.beside != nil {
		c.platform, c.hosts = s.beside.platform, s.beside.hosts
		c.platform.t = c.t
		return
	}
	s.emulator.Now = s.clock.now
	s.emulator.RedirectURIs = []string{c.public.String() + "/oauth/callback"}
	c.hosts = map[string]wire{}
	c.platform = c.addPlatform("localhost", s.newWire(), s.emulator)
}

// addPlatform starts an emulator that answers under a host name.
func (c *console) addPlatform(host string, w wire, o emulator.Options) platform {
	c.t.Helper()
	p := platform{t: c.t, emulator: emulator.New(o), url: "http://" + host}
	c.hosts[host+":80"] = w
	serve(c.t, w, p.emulator)
	return p
}

// keepRecord gives the console its record, signed with a key of its own.
func (c *console) keepRecord(s *setup) {
	c.t.Helper()
	log, keys := s.console.Log, recordKeys(c.t)
	c.key = keys[0].Public()
	c.record = audit.New(audit.Options{DB: c.db, Keys: keys, Log: log, Now: s.clock.now})
	c.monitor = audit.NewMonitor(c.record, log, s.clock.now)
	c.strangers = audit.NewStrangers(c.record, log)
}

// recordKeys are the keys that all tests sign their records with.
func recordKeys(t testing.TB) []signing.Key {
	t.Helper()
	private, err := recordKey()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := signing.ParseKeys(private)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

var recordKey = sync.OnceValues(func() (string, error) {
	private, _, err := signing.GenerateKey("tests")
	return private, err
})

// start starts the console.
func (c *console) start(s setup) {
	c.t.Helper()
	o := s.console
	for i := range o.Regions {
		if o.Regions[i].LoginURL == "" {
			o.Regions[i].LoginURL, o.Regions[i].APIURL = c.url, c.url
		}
	}
	o.Sessions.DB, o.Sessions.Now, o.Sessions.Secure = c.db, c.clock.now, c.public.Scheme == "https"
	o.Now, o.Audit, o.Monitor, o.Strangers = c.clock.now, c.record, c.monitor, c.strangers
	o.Transport = c.calls.note(s.wrap(transport(c.t, genesys.NewTransport(), c.hosts)))
	var err error
	if c.handler, err = handlers.New(o); err != nil {
		c.t.Fatal(err)
	}
	if c.sessions, err = session.NewStore(o.Sessions); err != nil {
		c.t.Fatal(err)
	}
	c.options = o
	c.t.Cleanup(c.handler.Wait)
	serve(c.t, c.wire, c.handler)
	c.inside = transport(c.t, &http.Transport{MaxIdleConnsPerHost: 32}, map[string]wire{c.public.Hostname() + ":80": c.wire})
	c.outside = transport(c.t, &http.Transport{}, c.hosts)
}

// in is c for a subtest.
func (c *console) in(t testing.TB) *console {
	within := *c
	within.t, within.platform.t = t, t
	return &within
}

// ask calls the console as a function, for tests of what its answer is written to.
func (c *console) ask(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	return w
}

// watching lets the record's watch run until the test ends.
func (c *console) watching() {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { c.monitor.Run(ctx) })
	c.t.Cleanup(func() { cancel(); running.Wait() })
}

// logbook collects a log.
type logbook struct {
	mu      sync.Mutex
	all     bytes.Buffer
	written chan struct{} // closed by the next write, if somebody waits for it
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.written != nil {
		close(l.written)
		l.written = nil
	}
	return l.all.Write(p)
}

func (l *logbook) String() string {
	text, _ := l.read(false)
	return text
}

func (l *logbook) read(waiting bool) (string, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if waiting && l.written == nil {
		l.written = make(chan struct{})
	}
	return l.all.String(), l.written
}

// await is String as soon as the log holds text n times. A request's line is written after its answer.
func (l *logbook) await(t testing.TB, text string, n int) string {
	t.Helper()
	late := time.After(10 * time.Second)
	for {
		all, written := l.read(true)
		if strings.Count(all, text) >= n {
			return all
		}
		select {
		case <-written:
		case <-late:
			t.Fatalf("the log does not hold %s %d times:\n%s", text, n, all)
		}
	}
}

// calls sees every call of the platform on its way.
type calls struct {
	mu           sync.Mutex
	on           func(*http.Request)
	correlations map[string]string
}

// each has f look at every call from now on; f may change where it goes.
func (c *calls) each(f func(*http.Request)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.on = f
}

// correlation is the platform's correlation id of the last call with method, ""
// if it was not answered.
func (c *calls) correlation(method string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.correlations[method]
}

func (c *calls) note(way http.RoundTripper) http.RoundTripper {
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		c.mu.Lock()
		look := c.on
		c.mu.Unlock()
		if look != nil {
			r = r.Clone(r.Context())
			look(r)
		}
		response, err := way.RoundTrip(r)
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.correlations == nil {
			c.correlations = map[string]string{}
		}
		c.correlations[r.Method] = ""
		if err == nil {
			c.correlations[r.Method] = response.Header.Get("Inin-Correlation-Id")
		}
		return response, err
	})
}
