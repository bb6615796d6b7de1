package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"tokenconsole/handlers"
	"tokenconsole/internal/audit"
)

// panicking is a console whose calls of the platform panic while on.
func panicking(t *testing.T) (c *console, on *atomic.Bool) {
	t.Helper()
	c, on = newConsole(t), new(atomic.Bool)
	c.calls.each(func(*http.Request) {
		if on.Load() {
			panic("a fault of ours")
		}
	})
	return c, on
}

// Whichever page or act a fault of ours hits, it is told as one, with all security
// headers and nothing of its text, and costs nothing but that answer.
func TestT9_PanicOnEveryRoute(t *testing.T) {
	t.Parallel()
	c, on := panicking(t)
	c.threeEntries()
	form := url.Values{"reason": {lostPhone}, "enabled": {"on"}, "minutes": {"15"}, "token": {c.mint(supervisor)}}
	hit := 0
	c.eachRoute(t, 20, everyRoute, func(t *testing.T, r handlers.Route) {
		c := c.in(t)
		b := c.signedIn(admin)
		asked := b.request(r.Method, c.example(r), nil)
		if isPost(r) {
			asked = b.postRequest(c.example(r), form)
		}
		on.Store(true)
		a := b.do(asked)
		on.Store(false)
		wantHeaders(t, c, a)
		wantPolicy(t, c, a)
		if strings.Contains(a.body, "a fault of ours") || strings.Contains(a.body, "goroutine") {
			t.Errorf("it tells too much: %s", a.body)
		}
		if a.StatusCode == http.StatusInternalServerError {
			hit++
		}
	})
	if hit < 15 {
		t.Errorf("only %d routes were hit", hit)
	}
	wantLogged(t, c, "a fault of ours")
	c.signedIn(admin).get("/token").want(http.StatusOK)
}

// A fault of ours during an act leaves its outcome unknown, on the page and on the
// record, and the next act is done.
func TestT9_PanicAmidAnAct(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	sealed := inspected(b, c.mint(supervisor))
	for name, act := range map[string]func() *answer{
		"revocation": func() *answer { return b.post(c.revocationOf(agent), revocationForm) },
		"timeout":    func() *answer { return changeTimeout(b) },
		"deletion":   func() *answer { return deleteFound(b, sealed) },
	} {
		code := name + "-outcome-unknown"
		t.Run(name, func(t *testing.T) {
			c.calls.each(func(r *http.Request) {
				if r.Method != http.MethodGet {
					panic("a fault of ours")
				}
			})
			a := act().wantProblem(http.StatusBadGateway, code)
			c.calls.each(nil)
			wantPolicy(t, c, a)
			if e := c.lastEntry(); e.Outcome != audit.Unknown {
				t.Errorf("the record says %s", e.Outcome)
			}
		})
	}
	b.post(c.revocationOf(agent), reason).wantTo("/users/")
}

// broken is a client whose connection makes the console panic once it has got the
// beginning of an answer.
type broken struct{ *httptest.ResponseRecorder }

func (b broken) Write(p []byte) (int, error) {
	if b.Body.Len() > 0 {
		panic("a fault of ours")
	}
	return b.ResponseRecorder.Write(p)
}

// Half an export is not taken for whole: the connection is broken off.
func TestT9_PanicAmidAnAnswer(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.add(slices.Repeat([]audit.Entry{{Actor: partyOf(t, admin), Reason: lostPhone}}, 1100)...)
	b := c.signedIn(admin)
	c.serveAborting(t, broken{httptest.NewRecorder()}, b.with(b.request(http.MethodGet, "/audit.csv", nil)))
	wantLogged(t, c, "a fault of ours")
}
