package telemetry

import "time"

// Call is a call of the platform that is over.
type Call struct {
	Operation string // the vendor's name of it
	Status    int    // 0 without an answer
	Problem   string // code, "" for none
	Took      time.Duration
}

// Call counts c.
func (m *Metrics) Call(c Call) {
	if m == nil {
		return
	}
	m.calls.WithLabelValues(c.Operation, status(c.Status), c.Problem).Inc()
	m.callLatency.WithLabelValues(c.Operation).Observe(c.Took.Seconds())
}

// RateLimit notes how many of the allowed calls a token had used when the platform told.
func (m *Metrics) RateLimit(used, allowed int) {
	if m != nil && allowed > 0 {
		m.limitUsed.Observe(float64(used) / float64(allowed))
	}
}
