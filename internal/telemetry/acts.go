package telemetry

import "time"

// Act counts an act on the record that count others are counted with, or just one.
func (m *Metrics) Act(action, outcome string, count int64) {
	if m == nil {
		return
	}
	if action == "sign-in" {
		m.signIns.WithLabelValues(outcome).Add(float64(max(count, 1)))
		return
	}
	m.acts.WithLabelValues(action, outcome).Inc()
}

// Batch counts a batch that came into a state.
func (m *Metrics) Batch(state string) {
	if m != nil {
		m.batches.WithLabelValues(state).Inc()
	}
}

// BatchPerson counts what came of one person of a batch.
func (m *Metrics) BatchPerson(outcome string) {
	if m != nil {
		m.people.WithLabelValues(outcome).Inc()
	}
}

// Appended notes how long it took to put an entry on the record.
func (m *Metrics) Appended(took time.Duration) {
	if m != nil {
		m.appends.Observe(took.Seconds())
	}
}

// SessionEnded counts a session that ended, and how.
func (m *Metrics) SessionEnded(how string) {
	if m != nil {
		m.sessions.WithLabelValues(how).Inc()
	}
}
