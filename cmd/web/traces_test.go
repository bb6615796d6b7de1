package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
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
	d.get(d.console + "/oauth/callback?code=uvw&state=xyz")
	d.client.CloseIdleConnections()
	d.stop()
	d.ended()
	byID := map[string]span{}
	for _, s := range c.spans {
		byID[s.SpanID] = s
	}
	// Other requests and other work have spans of these names too, with other parents.
	for name, parent := range map[string]string{"GetTokensMe": "GET /readyz", "UPDATE": "GET /readyz", "tidy": "", "DELETE": "tidy"} {
		within := func(s span) bool {
			of := byID[s.ParentSpanID]
			return s.Name == name && of.Name == parent && (parent == "" || s.TraceID == of.TraceID)
		}
		if !slices.ContainsFunc(c.spans, within) {
			t.Errorf("no %s is in %q, in the same trace: %+v", name, parent, c.spans)
		}
	}
	all := c.all.String()
	for _, want := range []string{"/v1/traces a b\n", `"my-console"`, `{"key":"http.response.status_code","value":{"intValue":"200"}}`} {
		if !strings.Contains(all, want) {
			t.Errorf("not sent: %s", want)
		}
	}
	for _, foreign := range []string{"somebody", "code=", "uvw", "xyz", "127.0.0.1", "FROM", "WHERE"} {
		if strings.Contains(all, foreign) {
			t.Errorf("%q is in a trace", foreign)
		}
	}
}
