package handlers_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"tokenconsole/handlers"
	"tokenconsole/internal/audit"
)

// wantNoError checks that the log holds no line that wakes somebody up.
func wantNoError(t *testing.T, c *console) {
	t.Helper()
	for line := range strings.SplitSeq(c.log.String(), "\n") {
		if strings.Contains(line, `"level":"ERROR"`) || strings.Contains(line, `"panic"`) {
			t.Errorf("the log says %s", line)
		}
	}
}

// A request that its browser gave up is no error of ours, whichever it is.
func TestAbandonedRequestsAreNoErrors(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.threeEntries()
	b := c.signedIn(admin)
	gone, leave := context.WithCancel(t.Context())
	leave()
	c.eachRoute(t, 20, everyRoute, func(t *testing.T, r handlers.Route) {
		asked := b.request(http.MethodGet, c.example(r), nil)
		if isPost(r) {
			asked = b.postRequest(c.example(r), timeoutChange)
		}
		c.ask(b.with(asked).WithContext(gone))
		wantNoError(t, c)
	})
}

// Nor is one that is given up while the platform is asked.
func TestAbandonedWhileThePlatformIsAsked(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b, person := c.signedIn(admin), "/users/"+c.userID(agent)
	for _, target := range []string{"/token", "/token/status", "/users?q=keller", person, person + "/revoke", "/timeout", "/audit"} {
		t.Run(target, func(t *testing.T) {
			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			c.calls.each(func(r *http.Request) {
				leave()
				<-r.Context().Done()
			})
			defer c.calls.each(nil)
			if w := c.ask(b.with(b.request(http.MethodGet, target, nil)).WithContext(ctx)); w.Body.Len() > 0 {
				t.Errorf("a page for nobody: %d", w.Code)
			}
			wantNoError(t, c)
		})
	}
}

// An act is seen through though its browser is gone: the platform is asked once,
// and the record holds what came of it.
func TestAbandonedActIsSeenThrough(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	ctx, leave := context.WithCancel(t.Context())
	c.calls.each(func(r *http.Request) {
		if r.Method == http.MethodDelete {
			leave()
		}
	})
	c.ask(b.with(b.postRequest(c.revocationOf(agent), reason)).WithContext(ctx))
	c.wantAsked(1, "DELETE ")
	var said []string
	for _, e := range c.entries() {
		said = append(said, string(e.Action)+" "+string(e.Outcome))
	}
	if got := strings.Join(said, ", "); got != "revoke asked, revoke done, read-evidence done" {
		t.Errorf("the record says %s", got)
	}
	if e := c.entries()[1]; e.Action != audit.Revoke || e.PlatformStatus != http.StatusNoContent {
		t.Errorf("the outcome: %+v", e)
	}
	wantNoError(t, c)
}

// Whoever sends half a form and waits, or closes only their end, is not told
// that it went well: nothing was done.
func TestAbandonedRequestIsNotTakenForDone(t *testing.T) {
	t.Parallel()
	c := newConsole(t, overTCP)
	b := c.signedIn(admin)
	for name, request := range map[string]string{
		"half a form": b.head(http.MethodPost, c.revocationOf(agent)) + "Content-Length: 800\r\n\r\nreason=x",
		"no page":     "GET /token HTTP/1.1\r\nHost: " + c.public.Host + "\r\nCookie: " + sessionCookie + "=" + b.cookie(sessionCookie) + "\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := c.wire.dial(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			c.calls.each(func(r *http.Request) { <-r.Context().Done() })
			defer c.calls.each(nil)
			if _, err := io.WriteString(conn, request); err != nil {
				t.Fatal(err)
			}
			if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(conn)
			if err != nil || !strings.HasPrefix(string(got), "HTTP/1.1 408 ") {
				t.Errorf("%v: %.100s", err, got)
			}
		})
	}
	c.wantAsked(0, "DELETE ")
}
