// Package telemetry is what the console tells those who operate it: metrics for Prometheus, and traces for a collector
// of OpenTelemetry. Neither names a person, a token, an address or a query: every label is one of a set that the program
// itself lists.
//
//	requests, calls, acts ──► Metrics ──► GET /metrics, on an address of its own
//	                     └──► Tracer  ──► OTLP over HTTP, when the OTEL_* variables are set
//
// A nil *Metrics and a nil *Tracer take everything and keep nothing, so that whoever reports need not ask whether
// somebody listens.
package telemetry

import (
	"context"
	"database/sql"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics counts and times what the console does. It is safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry

	requests *prometheus.CounterVec
	latency  *prometheus.HistogramVec

	calls       *prometheus.CounterVec
	callLatency *prometheus.HistogramVec
	limitUsed   prometheus.Histogram

	signIns  *prometheus.CounterVec
	acts     *prometheus.CounterVec
	appends  prometheus.Histogram
	batches  *prometheus.CounterVec
	people   *prometheus.CounterVec
	sessions *prometheus.CounterVec
}

// NewMetrics returns metrics of their own registry, with those of Go and of the process. Version is the console's.
func NewMetrics(version string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: counter("requests_total", "Requests that were answered, by route, status and problem code.",
			"method", "route", "status", "problem"),
		latency: seconds("request_duration_seconds", "Time from a request's headers to its answer.", "route"),
		calls: counter("platform_calls_total", "Calls of Genesys Cloud, by operation, status (none without an answer) and problem code.",
			"operation", "status", "problem"),
		callLatency: seconds("platform_call_duration_seconds", "Time of a call of Genesys Cloud, to the last byte.", "operation"),
		limitUsed: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: prefix + "platform_rate_limit_used_ratio", Help: "Share of a token's rate limit that was used, as each reply told it.",
			Buckets: []float64{.1, .25, .5, .75, .9, .99, 1},
		}),
		signIns: counter("sign_ins_total", "Sign-ins on the record, by outcome.", "outcome"),
		acts:    counter("acts_total", "Acts on the record, other than sign-ins, by action and outcome.", "action", "outcome"),
		appends: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: prefix + "record_append_duration_seconds", Help: "Time to put an entry on the record, durably.", Buckets: buckets,
		}),
		batches: counter("batches_total", "Batches that came into a state: running, paused, done and so on.", "state"),
		people:  counter("batch_people_total", "People of batches who were asked about, by outcome; again at each attempt.", "outcome"),
		sessions: counter("sessions_ended_total",
			"Sessions that ended before their cookie did: signed out (or with a dead token), retired (idle, too old or replaced), "+
				"revoked (all of a person's, counted once).", "how"),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: prefix + "build_info", Help: "Always 1; the label says which version runs.",
		ConstLabels: prometheus.Labels{"version": version},
	})
	build.Set(1)
	m.registry.MustRegister(m.requests, m.latency, m.calls, m.callLatency, m.limitUsed, m.signIns, m.acts, m.appends, m.batches, m.people,
		m.sessions, build, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

const prefix = "tokenconsole_"

// buckets go from an answer out of memory to the time-out of a call, in seconds.
var buckets = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

func counter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: prefix + name, Help: help}, labels)
}

func seconds(name, help string, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: prefix + name, Help: help, Buckets: buckets}, labels)
}

// WatchDatabase adds the connection pool of db.
func (m *Metrics) WatchDatabase(db *sql.DB) {
	if m != nil {
		m.registry.MustRegister(collectors.NewDBStatsCollector(db, "console"))
	}
}

// Level is a gauge as it is read when somebody asks for the metrics. It may have one label.
type Level struct {
	Name, Help   string
	Label, Value string // "" for none
	Reading      float64
}

// WatchLevels adds the gauges that read returns at every scrape, within readFor. It may return fewer when it fails.
func (m *Metrics) WatchLevels(read func(context.Context) []Level) {
	if m != nil {
		m.registry.MustRegister(levels(read))
	}
}

// readFor bounds the reading of levels.
const readFor = 2 * time.Second

type levels func(context.Context) []Level

// Describe implements [prometheus.Collector]. It describes nothing, since what can be read is known only then.
func (levels) Describe(chan<- *prometheus.Desc) {}

// Collect implements [prometheus.Collector].
func (read levels) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), readFor)
	defer cancel()
	for _, l := range read(ctx) {
		var names, values []string
		if l.Label != "" {
			names, values = []string{l.Label}, []string{l.Value}
		}
		to <- prometheus.MustNewConstMetric(prometheus.NewDesc(prefix+l.Name, l.Help, names, nil), prometheus.GaugeValue, l.Reading, values...)
	}
}

// Handler answers GET /metrics, and nothing else.
func (m *Metrics) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 10 * time.Second}))
	return mux
}
