package main

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
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
