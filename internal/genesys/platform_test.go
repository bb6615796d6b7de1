package genesys

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// platformOf is a platform of one region, answered by handler.
func platformOf(t *testing.T, handler http.HandlerFunc) *Platform {
	t.Helper()
	server := httptest.NewServer(handler)
	transport := NewTransport()
	t.Cleanup(func() { transport.CloseIdleConnections(); server.Close() })
	return NewPlatform([]Region{{Domain: "mypurecloud.ie", APIURL: server.URL}}, transport)
}

func TestRegionOfAPlatform(t *testing.T) {
	t.Parallel()
	p := NewPlatform([]Region{{Domain: "mypurecloud.ie"}, {Domain: "mypurecloud.de"}}, NewTransport())
	for domain, want := range map[string]string{
		"mypurecloud.ie": "mypurecloud.ie", "mypurecloud.de": "mypurecloud.de", "mypurecloud.jp": "mypurecloud.ie", "": "mypurecloud.ie",
	} {
		if got := p.Region(domain); got.Domain != want {
			t.Errorf("%q is %q, want %q", domain, got.Domain, want)
		}
	}
}

// A reading proves a token alive; its end and a refusal prove it dead; nothing else proves anything.
func TestWhatProvesAToken(t *testing.T) {
	t.Parallel()
	read := func(ctx context.Context, c *Client) { _, _ = c.GetOrganizationsAuthenticationSettings(ctx, bearer) }
	end := func(ctx context.Context, c *Client) { _, _ = c.DeleteTokensMe(ctx, bearer) }
	look := func(ctx context.Context, c *Client) { _, _ = c.HeadTokensMe(ctx, bearer) }
	for name, test := range map[string]struct {
		status int
		call   func(context.Context, *Client)
		want   string
	}{
		"read": {200, read, "alive"}, "read in vain": {503, read, ""}, "read, refused": {401, read, "dead"},
		"ended": {200, end, "dead"}, "not ended": {503, end, ""}, "looked at": {200, look, ""}, "looked at, refused": {401, look, "dead"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := platformOf(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(test.status)
				_, _ = w.Write([]byte("{}"))
			})
			test.call(t.Context(), p.Client("mypurecloud.ie")) // told to nobody
			proved := ""
			p.OnProof(func(token Secret, alive bool) {
				if token != bearer {
					t.Error("another token")
				}
				proved += map[bool]string{true: "alive", false: "dead"}[alive]
			})
			if test.call(t.Context(), p.Client("mypurecloud.ie")); proved != test.want {
				t.Errorf("proved %q, want %q", proved, test.want)
			}
		})
	}
}

// watcher is an [Observer] that keeps what it is told.
type watcher struct {
	operation, problem    string
	status, used, allowed int
}

func (w *watcher) CallBegan(ctx context.Context, operation string) (context.Context, func(int, string)) {
	w.operation = operation
	return ctx, func(status int, problem string) { w.status, w.problem = status, problem }
}

func (w *watcher) RateLimit(used, allowed int) { w.used, w.allowed = used, allowed }

func TestObserverIsTold(t *testing.T) {
	t.Parallel()
	p := platformOf(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Inin-Ratelimit-Allowed", "300")
		w.Header().Set("Inin-Ratelimit-Count", "7")
		w.Header().Set("Inin-Ratelimit-Reset", "42")
		w.WriteHeader(http.StatusNotFound)
	})
	var told watcher
	p.Observe(&told)
	_, _ = p.Client("mypurecloud.ie").HeadTokensMe(t.Context(), bearer)
	if want := (watcher{"HeadTokensMe", "not-found", 404, 7, 300}); told != want {
		t.Errorf("%+v, want %+v", told, want)
	}
}

// The platform is probed rarely, and forgiven a moment of silence.
func TestHealth(t *testing.T) {
	t.Parallel()
	var status, asked atomic.Int32
	p := platformOf(t, func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.WriteHeader(int(status.Load()))
	})
	now := noon
	health := NewHealth(p, func() time.Time { return now })
	for _, step := range []struct {
		after   time.Duration // the step before
		status  int32
		answers bool
		asked   int32
	}{
		{0, 500, false, 1},              // it never answered
		{probeEvery - 1, 401, false, 1}, // not asked again yet
		{1, 401, true, 2},               // a refusal is an answer
		{probeEvery, 499, true, 3},      // so is this
		{probeEvery, 500, true, 4},      // forgiven
		{graceAfterOK - probeEvery - 1, 500, true, 5},
		{1, 500, false, 5},
		{probeEvery, 200, false, 6}, // no reply of the API
		{probeEvery, 404, true, 7},
	} {
		now = now.Add(step.after)
		status.Store(step.status)
		if answers := health.Answers(t.Context()); answers != step.answers || asked.Load() != step.asked {
			t.Errorf("at %s, status %d: answers %t, asked %d times", now.Sub(noon), step.status, answers, asked.Load())
		}
	}
}

// Calls that are made together tell the first error, and a panic as one.
func TestTogether(t *testing.T) {
	t.Parallel()
	fine := func(context.Context) error { return nil }
	until := func(ctx context.Context) error { <-ctx.Done(); return nil }
	failed := errors.New("failed")
	if err := Together(t.Context(), fine, fine); err != nil {
		t.Error(err)
	}
	if err := Together(t.Context(), until, func(context.Context) error { return failed }); !errors.Is(err, failed) {
		t.Errorf("a failure: %v", err)
	}
	if err := Together(t.Context(), until, func(context.Context) error { panic("of a call") }); err == nil || !strings.Contains(err.Error(), "panic: of a call") {
		t.Errorf("a panic: %v", err)
	}
}

func TestBusy(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]bool{
		"INTERACTING": true, "COMMUNICATING": true, "IDLE": false, "OFF_QUEUE": false, "NOT_RESPONDING": false, "": false,
	} {
		var u User
		if u.RoutingStatus.Status = status; u.Busy() != want {
			t.Errorf("%q is busy: %t", status, u.Busy())
		}
	}
}

// No stage of a call takes longer than the whole may, and no connection is kept for ever.
func TestEachStageHasALimit(t *testing.T) {
	t.Parallel()
	transport := NewTransport()
	for name, limit := range map[string]time.Duration{
		"TLS": transport.TLSHandshakeTimeout, "headers": transport.ResponseHeaderTimeout,
	} {
		if limit < time.Second || limit > CallTimeout {
			t.Errorf("%s: %s", name, limit)
		}
	}
	if idle := transport.IdleConnTimeout; idle < CallTimeout || idle > 5*time.Minute {
		t.Errorf("idle: %s", idle)
	}
}
