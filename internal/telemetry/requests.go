package telemetry

import (
	"net/http"
	"strconv"
	"time"
)

// Request is a request that was answered.
type Request struct {
	Method  string
	Route   string // the pattern that matched, "" for none
	Status  int    // 0 when the browser gave up before an answer
	Problem string // code of the problem that was told, "" for none
	Took    time.Duration
}

// Request counts r.
func (m *Metrics) Request(r Request) {
	if m == nil {
		return
	}
	route := routeOf(r.Route)
	m.requests.WithLabelValues(method(r.Method), route, status(r.Status), r.Problem).Inc()
	m.latency.WithLabelValues(route).Observe(r.Took.Seconds())
}

// routeOf is the pattern of a route as a label.
func routeOf(pattern string) string {
	if pattern == "" || pattern == "/" {
		return "none"
	}
	return pattern
}

// method is one of those that browsers use: anybody can send any word.
func method(name string) string {
	switch name {
	case http.MethodGet, http.MethodHead, http.MethodPost:
		return name
	}
	return "other"
}

// status is an HTTP status as a label.
func status(code int) string {
	switch {
	case code == 0:
		return "none"
	case code < 100 || code > 599:
		return "other"
	}
	return strconv.Itoa(code)
}
