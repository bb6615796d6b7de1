package handlers_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tokenconsole/handlers"
	"tokenconsole/internal/audit"
	"tokenconsole/internal/emulator"
	"tokenconsole/internal/genesys"
	"tokenconsole/session"
)

// slowest is how long an answer may take, whatever the platform does: what is
// asked about a person on the way, and the call itself.
const slowest = 3*time.Second + genesys.CallTimeout + time.Second

// isolated is a console without a network, whose platform is transport; asking
// it is a call of a function, so that time can be the test's own. It returns a
// request maker with a session.
func isolated(t *testing.T, transport http.RoundTripper) (*handlers.Server, func(method, path string) *http.Request, func(string) string) {
	t.Helper()
	db, err := openRecord(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	log := slog.New(slog.DiscardHandler)
	server, err := handlers.New(handlers.Options{
		PublicURL: &url.URL{Scheme: "http", Host: "console.example"},
		ClientID:  "client", ClientSecret: genesys.NewSecret("client secret"),
		Regions:   []genesys.Region{{Name: "demo", Domain: "demo", LoginURL: "http://login.example", APIURL: "http://api.example"}},
		Transport: transport, Audit: audit.New(db, log, time.Now), Log: log,
		Sessions: session.Options{Keys: [][]byte{testKey}, Idle: 30 * time.Minute, Total: 12 * time.Hour},
	})
	if err != nil {
		t.Fatal(err)
	}
	people := &testServer{t: t, clock: &clock{at: time.Now()}, emulator: emulator.New(emulator.Options{})}
	cookie := sealSession(t, people, nil, admin)
	request := func(method, path string) *http.Request {
		r := httptest.NewRequest(method, "http://console.example"+path, strings.NewReader(reason.Encode()))
		if method == http.MethodGet {
			r = httptest.NewRequest(method, "http://console.example"+path, nil)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", "http://console.example")
		r.AddCookie(&http.Cookie{Name: sessionCookie, Value: cookie})
		return r
	}
	return server, request, people.userID
}

func ask(server *handlers.Server, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	server.ServeHTTP(w, r)
	return w
}

// dripping is a body of a byte a second that never ends.
type dripping struct{ ctx context.Context }

func (d dripping) Read(p []byte) (int, error) {
	select {
	case <-d.ctx.Done():
		return 0, d.ctx.Err()
	case <-time.After(time.Second):
		p[0] = ' '
		return 1, nil
	}
}

func (dripping) Close() error { return nil }

// blackHole takes a request and never answers.
func blackHole(r *http.Request) (*http.Response, error) {
	if trace := httptrace.ContextClientTrace(r.Context()); trace != nil && trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func reply(r *http.Request, status int, body io.ReadCloser) *http.Response {
	return &http.Response{StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{"Content-Type": {"application/json"}}, Body: body, Request: r, ContentLength: -1}
}

func TestR12_SlowPlatform(t *testing.T) {
	t.Parallel()
	for name, transport := range map[string]roundTrip{
		"black hole": blackHole,
		"a byte a second": func(r *http.Request) (*http.Response, error) {
			return reply(r, http.StatusOK, dripping{r.Context()}), nil
		},
		"a byte of an error a second": func(r *http.Request) (*http.Response, error) {
			return reply(r, http.StatusServiceUnavailable, dripping{r.Context()}), nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server, request, userID := isolated(t, transport)
				user := "/users/" + userID(agent)
				for _, r := range []*http.Request{
					request("GET", "/token"), request("GET", "/token/status"), request("GET", "/users?q=a@b"), request("GET", user), request("POST", "/token/verify"),
					request("POST", user+"/revoke"), request("POST", "/logout"), request("GET", "/readyz"),
				} {
					begun := time.Now()
					w := ask(server, r)
					if took := time.Since(begun); took > slowest {
						t.Errorf("%s %s took %s", r.Method, r.URL.Path, took)
					}
					if w.Code == http.StatusInternalServerError {
						t.Errorf("%s %s: %d", r.Method, r.URL.Path, w.Code)
					}
					if strings.HasSuffix(r.URL.Path, "/revoke") && !strings.Contains(w.Body.String(), "It is unknown whether the tokens were revoked") {
						t.Errorf("a revocation without an answer: %d %s", w.Code, w.Body)
					}
				}
			})
		})
	}
}

func TestR12_HundredWaitingDoNotStopHealth(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server, request, _ := isolated(t, roundTrip(blackHole))
		var waiting sync.WaitGroup
		for range 100 {
			waiting.Go(func() {
				if w := ask(server, request("GET", "/token")); w.Code != http.StatusGatewayTimeout {
					t.Errorf("status %d", w.Code)
				}
			})
		}
		synctest.Wait()
		begun := time.Now()
		for range 10 {
			if w := ask(server, request("GET", "/healthz")); w.Code != http.StatusOK {
				t.Errorf("healthz: %d", w.Code)
			}
		}
		if took := time.Since(begun); took > 0 {
			t.Errorf("healthz took %s", took)
		}
		waiting.Wait()
	})
}

func TestL15_TokenEndpointHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server, request, _ := isolated(t, roundTrip(blackHole))
		begin := ask(server, request("POST", "/login")).Result()
		target, err := begin.Location()
		if err != nil {
			t.Fatal(err)
		}
		callback := request("GET", "/oauth/callback?code=c&state="+target.Query().Get("state"))
		for _, c := range begin.Cookies() {
			callback.AddCookie(c)
		}
		begun := time.Now()
		w := ask(server, callback)
		if took := time.Since(begun); took > slowest || w.Code != http.StatusBadGateway || !strings.Contains(w.Body.String(), "Genesys Cloud does not answer") {
			t.Errorf("after %s: %d %s", took, w.Code, w.Body)
		}
	})
}

var spaces = strings.Repeat(" ", 1<<20)

// endless is a body of spaces that never ends, and counts what is read of it.
type endless struct{ read *atomic.Int64 }

func (e endless) Read(p []byte) (int, error) {
	n := copy(p, spaces)
	e.read.Add(int64(n))
	return n, nil
}

func (endless) Close() error { return nil }

func TestR13_EndlessReplies(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 403, 500} {
		var read atomic.Int64
		server, request, userID := isolated(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			return reply(r, status, endless{&read}), nil
		}))
		user := "/users/" + userID(agent)
		for _, r := range []*http.Request{request("GET", "/token"), request("GET", user), request("POST", "/token/verify"), request("POST", user+"/revoke")} {
			read.Store(0)
			w := ask(server, r)
			if w.Code == http.StatusInternalServerError || read.Load() > 12<<20 {
				t.Errorf("%s %s with an endless %d: %d after reading %d bytes", r.Method, r.URL.Path, status, w.Code, read.Load())
			}
		}
		begin := ask(server, request("POST", "/login")).Result()
		target, err := begin.Location()
		if err != nil {
			t.Fatal(err)
		}
		callback := request("GET", "/oauth/callback?code=c&state="+target.Query().Get("state"))
		for _, c := range begin.Cookies() {
			callback.AddCookie(c)
		}
		read.Store(0)
		if w := ask(server, callback); w.Code != http.StatusBadGateway || read.Load() > 12<<20 {
			t.Errorf("the sign-in with an endless %d: %d after reading %d bytes", status, w.Code, read.Load())
		}
	}
}
