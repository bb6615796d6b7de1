package handlers_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"tokenconsole/internal/genesys"
)

func quiet(s *setup) { s.console.Log = slog.New(slog.DiscardHandler) }

// BenchmarkToken compares GET /token with a bare handler that makes the same
// upstream call and writes a constant page of the same size. The metric "ratio" is
// the console's own cost: time of the page over time of the bare handler, taken in
// turns.
func BenchmarkToken(b *testing.B) {
	c := newConsole(b, overTCP, quiet, func(s *setup) { s.emulator.RateLimit = 1 << 30 })
	admin := c.signedIn(admin)
	token, constant := admin.session().AccessToken, []byte(admin.get("/token").want(http.StatusOK).body)
	client := genesys.NewClient(c.url, c.options.Transport)
	bare := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := client.GetTokensMe(r.Context(), token, genesys.ResetIdle); err != nil {
			b.Error(err)
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write(constant)
	})
	get := func(h http.Handler) {
		w := &sink{header: http.Header{}}
		h.ServeHTTP(w, admin.with(httptest.NewRequest(http.MethodGet, c.public.String()+"/token", nil)))
		if w.status != http.StatusOK {
			b.Fatalf("status %d", w.status)
		}
	}
	for name, h := range map[string]http.Handler{"console": c.handler, "bare": bare} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				get(h)
			}
		})
	}
	b.Run("ratio", func(b *testing.B) {
		var own, floor time.Duration
		for b.Loop() {
			begun := time.Now()
			get(c.handler)
			between := time.Now()
			get(bare)
			own += between.Sub(begun)
			floor += time.Since(between)
		}
		b.ReportMetric(float64(own)/float64(floor), "ratio")
	})
}

// BenchmarkRevocation is a revocation with all that it puts on the record, and its
// evidence, but for the time of the platform and of the disk.
func BenchmarkRevocation(b *testing.B) {
	c := newConsole(b, quiet, func(s *setup) { s.emulator.RateLimit = 1 << 30 })
	admin := c.signedIn(admin)
	for b.Loop() {
		admin.post(c.revocationOf(agent), revocationForm).wantTo("/users/")
	}
}

// sink is a response writer that keeps nothing but the status, so that what is
// measured is the handler.
type sink struct {
	header http.Header
	status int
}

func (w *sink) Header() http.Header         { return w.header }
func (w *sink) WriteHeader(status int)      { w.status = status }
func (w *sink) Write(p []byte) (int, error) { return len(p), nil }

// BenchmarkWatchOfAThousand is one look at a thousand watched people that asks the
// platform about all of them: every round is a minute later.
func BenchmarkWatchOfAThousand(b *testing.B) {
	c := newConsole(b, func(s *setup) { s.emulator.Users = 1200 })
	c.manyRevoked(1000)
	visitor := c.signedIn(admin)
	var took []time.Duration
	for b.Loop() {
		c.clock.advance(time.Minute)
		begun := time.Now()
		visitor.get("/watch").want(http.StatusOK)
		took = append(took, time.Since(begun))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*95/100].Milliseconds()), "p95-ms")
}
