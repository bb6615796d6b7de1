package handlers_test

import (
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"tokenconsole/internal/database/databasetest"
	"tokenconsole/internal/emulator"
)

// A fault of ours is told as one, with all security headers, and costs nothing but
// that answer.
func TestT9_Panic(t *testing.T) {
	t.Parallel()
	var panicking atomic.Bool
	c := newConsole(t)
	b := c.signedIn(agent)
	c.calls.each(func(*http.Request) {
		if panicking.Load() {
			panic("a fault of ours")
		}
	})
	panicking.Store(true)
	a := b.get("/token").wantProblem(http.StatusInternalServerError, "unexpected")
	wantPolicy(t, c, a)
	if strings.Contains(a.body, "a fault of ours") || strings.Contains(a.body, "goroutine") || a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("the page tells too much, or may be kept: %s", a.text())
	}
	wantLogged(t, c, "a fault of ours")
	panicking.Store(false)
	b.get("/token").want(http.StatusOK)
}

// healthz lives without the platform. readyz is honest, asks rarely, forgives one
// failure, and tells neither configuration nor a token.
func TestT11_Health(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.newBrowser()
	for range 51 {
		if a := b.get("/readyz").want(http.StatusOK); a.body != "ready\n" {
			t.Errorf("readyz: %q", a.body)
		}
	}
	if got := len(c.asked("")); got != 1 {
		t.Errorf("51 questions made %d probes", got)
	}
	c.disturb(emulator.Fault{Match: "* /", Reset: true})
	c.clock.advance(6 * time.Second)
	b.get("/readyz").want(http.StatusOK) // one failure is forgiven
	c.clock.advance(31 * time.Second)
	if a := b.get("/readyz").want(http.StatusServiceUnavailable); a.body != "not ready: Genesys Cloud does not answer\n" {
		t.Errorf("readyz tells %q", a.body)
	}
	if a := b.get("/healthz").want(http.StatusOK); a.body != "ok\n" {
		t.Errorf("healthz: %q", a.body)
	}
	c.calm()
	c.clock.advance(6 * time.Second)
	b.get("/readyz").want(http.StatusOK)
	for _, asked := range c.asked("") {
		if asked.Bearer != "" {
			t.Error("a probe sends a token")
		}
	}
}

// Not parallel: it counts goroutines and descriptors.
func TestT13_BurstLeavesNothingBehind(t *testing.T) {
	before, descriptors := append(databasetest.Leaves(), goleak.IgnoreCurrent()), openDescriptors(t)
	t.Run("burst", func(t *testing.T) {
		c := newConsole(t, overTCP)
		b := c.signedIn(admin)
		c.disturb(emulator.Fault{Match: "GET /api/v2/users/", Reset: true, Times: 20})
		targets := []string{"/token", "/token/status", "/session", "/users?q=a@b", "/users/" + c.userID(agent), "/audit", "/healthz", "/readyz", "/nowhere", "/login"}
		var group sync.WaitGroup
		for i := range 200 {
			group.Go(func() { b.get(targets[i%len(targets)]) })
		}
		group.Wait()
	})
	if err := goleak.Find(before...); err != nil {
		t.Error(err)
	}
	if now := openDescriptors(t); now > descriptors {
		t.Errorf("%d descriptors are open, %d were before", now, descriptors)
	}
}

// openDescriptors counts the files and connections that this process has open, where
// the system tells.
func openDescriptors(t *testing.T) int {
	t.Helper()
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil && runtime.GOOS == "linux" {
		t.Error(err)
	}
	return len(open)
}
