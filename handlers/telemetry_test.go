package handlers_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"tokenconsole/internal/emulator"
	"tokenconsole/internal/telemetry"
)

func withMetrics(m *telemetry.Metrics) func(*setup) {
	return func(s *setup) { s.console.Telemetry = &telemetry.Telemetry{Metrics: m} }
}

func scrape(t *testing.T, m *telemetry.Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	return w.Body.String()
}

var labelValue = regexp.MustCompile(`[{,]([a-z_]+)="((?:[^"\\]|\\.)*)"`)

// What the console counts names routes, operations and codes, and nobody and nothing that came from outside.
func TestMetricsOfAConsoleInUse(t *testing.T) {
	t.Parallel()
	m := telemetry.NewMetrics("test")
	c := newConsole(t, withMetrics(m))
	b := c.newBrowser()
	b.signIn(admin)
	b.get("/users?q=Keller").want(http.StatusOK)
	b.post(c.revocationOf(agent), reason).wantTo("/users/")
	b.get("/users/not-an-id-of-anybody").want(http.StatusBadRequest)
	b.get("/somewhere/else/b6a0").want(http.StatusNotFound)
	b.get("/somewhere/more").want(http.StatusNotFound)
	c.disturb(emulator.Fault{Match: "GET /api/v2/tokens/me", Status: http.StatusServiceUnavailable})
	b.get("/token").want(http.StatusBadGateway)
	page := scrape(t, m)
	if !regexp.MustCompile(`(?m)^tokenconsole_platform_rate_limit_used_ratio_count [1-9]`).MatchString(page) {
		t.Error("what is left of the platform's rate limit is not told")
	}
	for _, line := range []string{
		`tokenconsole_requests_total{method="GET",problem="",route="/users",status="200"} 1`,
		`tokenconsole_requests_total{method="POST",problem="",route="/users/{id}/revoke",status="303"} 1`,
		`tokenconsole_requests_total{method="GET",problem="page-unknown",route="none",status="404"} 2`,
		`tokenconsole_platform_calls_total{operation="DeleteToken",problem="",status="204"} 1`,
		`tokenconsole_platform_calls_total{operation="PostOauthToken",problem="",status="200"} 1`,
		`tokenconsole_platform_calls_total{operation="GetTokensMe",problem="platform-failed",status="503"} 1`,
	} {
		if !strings.Contains(page, "\n"+line) {
			t.Errorf("missing: %s\n%s", line, strings.Join(regexp.MustCompile(`(?m)^tokenconsole_(requests|platform_calls)_total.*`).FindAllString(page, -1), "\n"))
		}
	}
	known := map[string]bool{"none": true}
	for _, route := range c.handler.Routes() {
		known[route.Path] = true
	}
	for _, label := range labelValue.FindAllStringSubmatch(page, -1) {
		if label[1] == "route" && !known[label[2]] {
			t.Errorf("a route that is none: %s", label[2])
		}
		for _, foreign := range []string{"Keller", "keller", "b6a0", c.userID(admin), c.userID(agent), "@"} {
			if strings.Contains(label[2], foreign) {
				t.Errorf("the label %s names %q", label[1], label[2])
			}
		}
	}
}

// One line a request with route, status, problem code, duration and request id; and no line at info names a person,
// beside those of the record itself.
func TestLogLines(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	b.get("/users?q=Mina+Keller").want(http.StatusOK).wantText("Mina Keller")
	b.get("/users/" + c.userID(agent)).want(http.StatusOK).wantText("Mina Keller")
	b.post(c.revocationOf(agent), url.Values{"reason": {"lost"}}).wantTo("/users/")
	b.post(c.revocationOf(agent), nil).want(http.StatusUnprocessableEntity)
	b.get("/nowhere").wantProblem(http.StatusNotFound, "page-unknown")
	b.get("/audit?person=Mina+Keller").want(http.StatusOK).wantText("Mina Keller")
	ids := map[any]bool{}
	var others []any // of lines beside those of requests and of the record
	for text := range strings.Lines(c.log.await(t, `"msg":"request"`, 6)) {
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatal(err)
		}
		switch line["msg"] {
		case "audit":
			continue
		case "request":
			for _, key := range []string{"request", "route", "status", "problem", "took", "method"} {
				if _, ok := line[key]; !ok {
					t.Errorf("a request's line has no %s: %v", key, line)
				}
			}
			ids[line["request"]] = true
			if line["route"] == "/" && line["problem"] != "page-unknown" {
				t.Errorf("the problem is not named: %v", line)
			}
		case "could not answer":
			others = append(others, line["request"])
		}
		if line["level"] == "DEBUG" {
			continue
		}
		for key, value := range line {
			text, _ := value.(string)
			for _, name := range []string{"Mina", "Keller", "keller", "@", "lost"} {
				if strings.Contains(text, name) {
					t.Errorf("%s names somebody: %v", key, line)
				}
			}
		}
	}
	if len(others) != 1 || !ids[others[0]] {
		t.Errorf("the lines about problems are of the requests %v, not of one of %v", others, ids)
	}
}
