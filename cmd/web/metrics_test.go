package main

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/telemetry"
)

// TestMetrics holds that the metrics are at an address of their own and nowhere else, and tell how the record stands.
func TestMetrics(t *testing.T) {
	t.Parallel()
	d := startDemoHere(t, "--metrics-addr=127.0.0.1:0")
	metrics, ok := strings.CutPrefix(d.third(), "metrics ")
	if !ok {
		t.Fatalf("no third line: %q", metrics)
	}
	d.get(d.console + "/login")
	status, page := d.get(metrics)
	if status != http.StatusOK {
		t.Fatalf("%d", status)
	}
	for _, line := range []string{
		`tokenconsole_requests_total\{method="GET",problem="",route="/login",status="200"\} 1`,
		`tokenconsole_record_condition\{condition="(whole|checking)"\} 1`,
		`tokenconsole_record_condition\{condition="broken"\} 0`,
		`tokenconsole_record_entries 0`, `tokenconsole_record_open_entries 0`, `tokenconsole_record_oldest_open_seconds 0`,
		`tokenconsole_batches_open\{state="running"\} 0`, `tokenconsole_batches_open\{state="waiting-for-approval"\} 0`,
		`go_sql_open_connections\{db_name="console"\} \d`,
	} {
		if !regexp.MustCompile(`(?m)^` + line).MatchString(page) {
			t.Errorf("missing: %s", line)
		}
	}
	if status, _ := d.get(d.console + "/metrics"); status != http.StatusNotFound {
		t.Errorf("browsers get %d for /metrics", status)
	}
	if status, _ := d.get(strings.TrimSuffix(metrics, "/metrics") + "/login"); status != http.StatusNotFound {
		t.Errorf("the address of the metrics answers %d for /login", status)
	}
	d.stop()
	if err := <-d.done; err != nil {
		t.Error(err)
	}
}

// TestBatchesAreCounted holds which entries of the record count for batches, and that none names anybody.
func TestBatchesAreCounted(t *testing.T) {
	t.Parallel()
	metrics := telemetry.NewMetrics("")
	count := countEntries(metrics)
	ada := audit.Party{ID: "1", Name: "Ada Park", Email: "ada@demo.example"}
	moved := audit.Change{From: "running", To: "done"}
	for _, e := range []audit.Entry{
		{Action: audit.ChangeBatch, Outcome: audit.Asked, Batch: "b", Change: moved},
		{Action: audit.ChangeBatch, Outcome: audit.Done, Batch: "b", Change: moved, Closes: 1},
		{Action: audit.ChangeBatch, Outcome: audit.Refused, Batch: "b", Change: audit.Change{From: "done", To: "paused"}},
		{Action: audit.Revoke, Outcome: audit.Asked, Batch: "b", Subject: ada},
		{Action: audit.Revoke, Outcome: audit.Done, Batch: "b", Subject: ada, Actor: ada},
		{Action: audit.Revoke, Outcome: audit.Unknown, Batch: "b", Subject: ada},
		{Action: audit.Revoke, Outcome: audit.Failed, Subject: ada},
		{Action: audit.Revoke, Outcome: audit.Done, Batch: "b", Within: 7, Subject: ada},
		{Action: audit.RunPlaybook, Outcome: audit.Done, Batch: "b", Subject: ada},
	} {
		count(e, 0)
	}
	w := httptest.NewRecorder()
	metrics.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	page := w.Body.String()
	got := regexp.MustCompile(`(?m)^tokenconsole_batch.*`).FindAllString(page, -1)
	want := []string{
		`tokenconsole_batch_people_total{outcome="done"} 2`, `tokenconsole_batch_people_total{outcome="unknown"} 1`,
		`tokenconsole_batches_total{state="done"} 1`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if strings.Contains(page, "Ada") || strings.Contains(page, "ada@") {
		t.Error("somebody is named")
	}
}
