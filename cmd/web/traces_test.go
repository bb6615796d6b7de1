package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// collector is where traces go to.
type collector struct {
	mu    sync.Mutex
	all   strings.Builder
	spans []span
}

type span struct {
	TraceID, SpanID, ParentSpanID, Name string
	Attributes                          []struct {
		Key   string
		Value struct{ StringValue, IntValue string }
	}
}

func (c *collector) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	content, _ := io.ReadAll(r.Body)
	var request struct {
		ResourceSpans []struct{ ScopeSpans []struct{ Spans []span } }
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all.WriteString(r.URL.Path + " " + r.Header.Get("X-Key") + "\n" + string(content))
	if json.Unmarshal(content, &request) == nil {
		for _, resource := range request.ResourceSpans {
			for _, scope := range resource.ScopeSpans {
				c.spans = append(c.spans, scope.Spans...)
			}
		}
	}
}

// TestTraces holds that a request, the calls of the platform and the statements of the database that it needs are one
// trace, which names no query and nobody.
func TestTraces(t *testing.T) {
	t.Parallel()
	c := &collector{}
	server := httptest.NewServer(c)
	defer server.Close()
	env := map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT": server.URL, "OTEL_EXPORTER_OTLP_HEADERS": "x-key=a%20b", "OTEL_SERVICE_NAME": "my-console",
	}
	d := startDemoWith(t, func(name string) string { return env[name] })
	d.get(d.console + "/readyz?who=somebody@demo.example")
	d.get(d.console + "/oauth/callback?code=abc&state=def")
	d.client.CloseIdleConnections()
	d.stop()
	d.ended()
	names := map[string]span{}
	byID := map[string]span{}
	for _, s := range c.spans {
		names[s.Name], byID[s.SpanID] = s, s
	}
	for name, parent := range map[string]string{"GetTokensMe": "GET /readyz", "UPDATE": "GET /readyz", "tidy": "", "DELETE": "tidy"} {
		s, ok := names[name]
		if !ok || byID[s.ParentSpanID].Name != parent {
			t.Errorf("%s is in %q, want %q", name, byID[s.ParentSpanID].Name, parent)
		}
		if parent != "" && s.TraceID != byID[s.ParentSpanID].TraceID {
			t.Errorf("%s is of another trace than its parent", name)
		}
	}
	all := c.all.String()
	for _, want := range []string{"/v1/traces a b\n", `"my-console"`, `{"key":"http.response.status_code","value":{"intValue":"200"}}`} {
		if !strings.Contains(all, want) {
			t.Errorf("not sent: %s", want)
		}
	}
	for _, foreign := range []string{"somebody", "code=", "abc", "127.0.0.1", "FROM", "WHERE"} {
		if strings.Contains(all, foreign) {
			t.Errorf("%q is in a trace", foreign)
		}
	}
}
