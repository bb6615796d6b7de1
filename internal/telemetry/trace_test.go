package telemetry

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func environment(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func TestTracerOfTheEnvironment(t *testing.T) {
	t.Parallel()
	const endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT"
	for name, test := range map[string]struct {
		env  []string
		url  string // "" for no tracer
		says string // of the error
	}{
		"nothing is set":            {nil, "", ""},
		"an endpoint":               {[]string{endpoint, "http://collector:4318/"}, "http://collector:4318/v1/traces", ""},
		"an endpoint of traces":     {[]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://c/x"}, "https://c/x", ""},
		"disabled":                  {[]string{endpoint, "http://c:4318", "OTEL_SDK_DISABLED", "true"}, "", ""},
		"no exporter":               {[]string{endpoint, "http://c:4318", "OTEL_TRACES_EXPORTER", "none"}, "", ""},
		"another exporter":          {[]string{endpoint, "http://c:4318", "OTEL_TRACES_EXPORTER", "zipkin"}, "", "give otlp or none"},
		"gRPC":                      {[]string{endpoint, "http://c:4317", "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"}, "", "port 4318"},
		"no address":                {[]string{endpoint, "collector:4318"}, "", "give one such as"},
		"a sampler that there is":   {[]string{endpoint, "http://c", "OTEL_TRACES_SAMPLER", "parentbased_always_off"}, "http://c/v1/traces", ""},
		"a sampler that there isnt": {[]string{endpoint, "http://c", "OTEL_TRACES_SAMPLER", "jaeger_remote"}, "", "OTEL_TRACES_SAMPLER"},
		"a share of two":            {[]string{endpoint, "http://c", "OTEL_TRACES_SAMPLER", "traceidratio", "OTEL_TRACES_SAMPLER_ARG", "2"}, "", "0 to 1"},
		"a time-out of nothing":     {[]string{endpoint, "http://c", "OTEL_EXPORTER_OTLP_TIMEOUT", "0"}, "", "milliseconds"},
		"headers without a value":   {[]string{endpoint, "http://c", "OTEL_EXPORTER_OTLP_HEADERS", "topsecret"}, "", "name=value"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tracer, err := NewTracer(environment(test.env...), "v1", slog.New(slog.DiscardHandler))
			if (err != nil) != (test.says != "") || err != nil && (!strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "topsecret")) {
				t.Fatalf("%v", err)
			}
			if url := ""; tracer != nil && tracer.export.url != test.url || tracer == nil && test.url != url {
				t.Errorf("%+v, want %q", tracer, test.url)
			}
		})
	}
}

// A trace that is not kept has no parts either.
func TestSamplerDropsWholeTraces(t *testing.T) {
	t.Parallel()
	tracer := &Tracer{share: 0, export: &exporter{queue: make(chan *Span, 9)}}
	ctx, span := tracer.Start(t.Context(), "a", Server)
	_, below := tracer.Start(ctx, "b", Client)
	below.End()
	span.End()
	if len(tracer.export.queue) != 0 {
		t.Errorf("%d spans are kept", len(tracer.export.queue))
	}
}

// A collector that is away costs spans and one line of the log, never memory or waiting.
func TestCollectorIsAway(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	away := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }))
	defer away.Close()
	tracer, err := NewTracer(environment("OTEL_EXPORTER_OTLP_ENDPOINT", away.URL), "v1", slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	for range queueLength + 100 {
		_, span := tracer.Start(t.Context(), "a", Job)
		span.End()
	}
	if got := tracer.export.lost.Load(); got != 100 {
		t.Errorf("%d spans were lost at once, want 100", got)
	}
	tracer.export.flush(t.Context())
	if strings.Count(log.String(), "503") != 1 || len(tracer.export.queue) != 0 {
		t.Errorf("%d spans wait; the log: %s", len(tracer.export.queue), &log)
	}
}

// Run sends every few seconds, and what is left at the end.
func TestRunSendsWhatIsLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sent := 0
		tracer := &Tracer{share: 1, export: &exporter{
			url: "http://collector", timeout: sendEvery, queue: make(chan *Span, 9), log: slog.New(slog.DiscardHandler),
			client: &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
				sent++
				return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
			})},
		}}
		ctx, stop := context.WithCancel(t.Context())
		go tracer.Run(ctx)
		tracer.Do(ctx, "tidy", func(context.Context) {})
		time.Sleep(2*sendEvery + 1)
		synctest.Wait()
		if sent != 1 {
			t.Errorf("sent %d times after two intervals, want once", sent)
		}
		tracer.Do(ctx, "tidy", func(context.Context) {})
		stop()
		synctest.Wait()
		if sent != 2 {
			t.Errorf("sent %d times at the end", sent)
		}
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
