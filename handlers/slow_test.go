package handlers_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tokenconsole/internal/genesys"
)

// slowest is how long an answer may take, whatever the platform does: what is
// asked about a person on the way, and the call itself.
const slowest = 3*time.Second + genesys.CallTimeout + time.Second

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
	return &http.Response{
		StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{"Content-Type": {"application/json"}},
		Body: body, Request: r, ContentLength: -1,
	}
}

func TestR12_SlowPlatform(t *testing.T) {
	t.Parallel()
	for name, platform := range map[string]roundTrip{
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
				c := newConsole(t, inBubble, answeredBy(platform))
				b, person := c.signedIn(admin), "/users/"+c.userID(agent)
				timed := func(r *http.Request) *answer {
					begun := time.Now()
					a := b.do(r)
					if took := time.Since(begun); took > slowest || a.StatusCode == http.StatusInternalServerError {
						t.Errorf("%s: %d after %s", a.what(), a.StatusCode, took)
					}
					return a
				}
				for _, target := range []string{"/token", "/token/status", "/users?q=a@b", person, "/timeout", "/audit", "/readyz"} {
					timed(b.request("GET", target, nil))
				}
				timed(b.postRequest("/token/verify", nil))
				if a := timed(b.postRequest(person+"/revoke", reason)); a.problem() != "revocation-outcome-unknown" {
					t.Errorf("a revocation without an answer is told as %q", a.problem())
				}
				timed(b.postRequest("/logout", nil)).wantTo("/signed-out")
			})
		})
	}
}

func TestR12_HundredWaitingDoNotStopHealth(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newConsole(t, inBubble, answeredBy(roundTrip(blackHole)))
		b := c.signedIn(admin)
		var waiting sync.WaitGroup
		person, stalled := "/users/"+c.userID(agent), time.Now()
		targets := []string{"/token", "/users?q=keller", person, person + "/revoke", "/timeout", "/audit", "/audit.csv", "/inspect", "/", "/token/status"}
		for i := range 10 * len(targets) {
			waiting.Go(func() {
				a := b.get(targets[i%len(targets)])
				if took := time.Since(stalled); took > slowest || a.StatusCode == http.StatusInternalServerError {
					t.Errorf("%s: %d after %s", a.what(), a.StatusCode, took)
				}
			})
		}
		synctest.Wait()
		begun := time.Now()
		for range 10 {
			c.newBrowser().get("/healthz").want(http.StatusOK)
		}
		if took := time.Since(begun); took > 0 {
			t.Errorf("healthz took %s", took)
		}
		waiting.Wait()
	})
}

// callbackOf begins a sign-in and returns the callback that ends it, with a code
// that no log-in server gave.
func (b *browser) callbackOf() string {
	b.t.Helper()
	return "/oauth/callback?" + url.Values{"code": {"c"}, "state": {b.begin("").Query().Get("state")}}.Encode()
}

func TestL15_TokenEndpointHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newConsole(t, inBubble, answeredBy(roundTrip(blackHole))).newBrowser()
		callback := b.callbackOf()
		begun := time.Now()
		b.get(callback).wantProblem(http.StatusBadGateway, "login-server-away")
		if took := time.Since(begun); took > slowest {
			t.Errorf("it took %s", took)
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

// Of a reply that never ends only so much is read.
func TestR13_EndlessReplies(t *testing.T) {
	t.Parallel()
	const most = 12 << 20
	for _, status := range []int{200, 403, 500} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			var read atomic.Int64
			c := newConsole(t, answeredBy(roundTrip(func(r *http.Request) (*http.Response, error) {
				return reply(r, status, endless{&read}), nil
			})))
			b, stranger, person := c.signedIn(admin), c.newBrowser(), "/users/"+c.userID(agent)
			callback := stranger.callbackOf()
			for _, r := range []*http.Request{
				b.with(b.request("GET", "/token", nil)), b.with(b.request("GET", person, nil)), b.with(b.postRequest("/token/verify", nil)),
				b.with(b.postRequest(person+"/revoke", reason)), stranger.with(stranger.request("GET", callback, nil)),
			} {
				read.Store(0)
				if w := c.ask(r); w.Code == http.StatusInternalServerError || read.Load() > most {
					t.Errorf("%s %s: %d after reading %d bytes", r.Method, r.URL.Path, w.Code, read.Load())
				}
			}
		})
	}
}

// The age of what is sealed into a form is measured by the machine's clock, which
// only a bubble can move.
func TestSealedTokenWaitsTenMinutes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newConsole(t, inBubble)
		b := c.signedIn(agent)
		first, second := inspected(b, c.mint(supervisor)), inspected(b, c.mint(supervisor))
		time.Sleep(9*time.Minute + 50*time.Second)
		deleteFound(b, first).wantTo("/inspect")
		time.Sleep(20 * time.Second)
		deleteFound(b, second).wantProblem(http.StatusBadRequest, "found-token-expired")
	})
}
