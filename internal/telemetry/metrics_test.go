package telemetry

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// scrape returns what GET /metrics answers, in lines.
func scrape(t testing.TB, m *Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	return w.Body.String()
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	m := NewMetrics("v1")
	m.Request(Request{Method: "GET", Route: "/users/{id}", Status: 200, Took: 3 * time.Millisecond})
	m.Request(Request{Method: "GET", Route: "/users/{id}", Status: 404, Problem: "not-found", Took: time.Second})
	m.Request(Request{Method: "BREW", Status: 9999})
	m.Request(Request{Method: "POST", Route: "/"})
	m.Call(Call{Operation: "DeleteToken", Status: 204, Took: 80 * time.Millisecond})
	m.Call(Call{Operation: "DeleteToken", Problem: "platform-slow", Took: 10 * time.Second})
	m.RateLimit(270, 300)
	m.RateLimit(1, 0)
	m.Act("revoke", "done", 1)
	m.Act("export", "done", 5000) // entries in the export, not exports
	m.Act("sign-in", "refused", 40)
	m.Act("sign-in", "done", 0)
	m.Appended(time.Millisecond)
	m.SessionEnded("retired")
	m.Batch("done-with-failures")
	m.BatchPerson("unknown")
	m.WatchLevels(func(context.Context) []Level {
		return []Level{{Name: "record_entries", Help: "h", Reading: 7}, {Name: "cond", Help: "h", Label: "is", Value: "whole", Reading: 1}}
	})
	page := scrape(t, m)
	for name, line := range map[string]string{
		"a request":                 `tokenconsole_requests_total{method="GET",problem="",route="/users/{id}",status="200"} 1`,
		"a request with a problem":  `tokenconsole_requests_total{method="GET",problem="not-found",route="/users/{id}",status="404"} 1`,
		"what no route names":       `tokenconsole_requests_total{method="other",problem="",route="none",status="other"} 1`,
		"a browser that gave up":    `tokenconsole_requests_total{method="POST",problem="",route="none",status="none"} 1`,
		"latency":                   `tokenconsole_request_duration_seconds_bucket{route="/users/{id}",le="0.005"} 1`,
		"a call":                    `tokenconsole_platform_calls_total{operation="DeleteToken",problem="",status="204"} 1`,
		"a call without an answer":  `tokenconsole_platform_calls_total{operation="DeleteToken",problem="platform-slow",status="none"} 1`,
		"headroom":                  `tokenconsole_platform_rate_limit_used_ratio_bucket{le="0.9"} 1`,
		"no limit told":             `tokenconsole_platform_rate_limit_used_ratio_count 1`,
		"an act":                    `tokenconsole_acts_total{action="revoke",outcome="done"} 1`,
		"an export, once":           `tokenconsole_acts_total{action="export",outcome="done"} 1`,
		"sign-ins counted together": `tokenconsole_sign_ins_total{outcome="refused"} 40`,
		"a sign-in":                 `tokenconsole_sign_ins_total{outcome="done"} 1`,
		"the record's speed":        `tokenconsole_record_append_duration_seconds_count 1`,
		"a session":                 `tokenconsole_sessions_ended_total{how="retired"} 1`,
		"a batch":                   `tokenconsole_batches_total{state="done-with-failures"} 1`,
		"a person of a batch":       `tokenconsole_batch_people_total{outcome="unknown"} 1`,
		"a level":                   `tokenconsole_record_entries 7`,
		"a level with a label":      `tokenconsole_cond{is="whole"} 1`,
		"the version":               `tokenconsole_build_info{version="v1"} 1`,
		"Go":                        `go_goroutines `,
		"the process":               `process_resident_memory_bytes `,
	} {
		if !strings.Contains(page, "\n"+line) {
			t.Errorf("%s is not there: %s", name, line)
		}
	}
}

func TestMetricsAnswerNothingElse(t *testing.T) {
	t.Parallel()
	handler := NewMetrics("").Handler()
	for request, want := range map[[2]string]int{
		{"POST", "/metrics"}: http.StatusMethodNotAllowed, {"GET", "/"}: http.StatusNotFound, {"GET", "/debug/pprof/"}: http.StatusNotFound,
	} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), request[0], request[1], nil))
		if w.Code != want {
			t.Errorf("%v: %d, want %d", request, w.Code, want)
		}
	}
}

// Without telemetry everybody may report all the same, at no cost. Allocations are counted, so it runs alone.
func TestNobodyListens(t *testing.T) {
	var nothing *Telemetry
	if way := nothing.Transport("PostOauthToken", http.DefaultTransport); way != http.DefaultTransport {
		t.Error("calls take another way")
	}
	allocations := testing.AllocsPerRun(10, func() {
		nothing.Request(nil, Request{Method: "GET", Route: "/", Status: 200})
		m := nothing.Counts()
		m.Call(Call{})
		m.RateLimit(1, 2)
		m.Act("revoke", "done", 1)
		m.Appended(time.Second)
		m.SessionEnded("ended")
		m.Batch("done")
		m.BatchPerson("done")
		m.WatchLevels(nil)
		m.WatchDatabase(nil)
	})
	if allocations != 0 {
		t.Errorf("%v allocations", allocations)
	}
}

func BenchmarkRequest(b *testing.B) {
	m := NewMetrics("")
	b.ReportAllocs()
	for b.Loop() {
		m.Request(Request{Method: "GET", Route: "/users/{id}", Status: 200, Took: time.Millisecond})
	}
}
