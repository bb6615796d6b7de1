package main

import (
	"context"
	"log/slog"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/batch"
	"tokenconsole/internal/config"
	"tokenconsole/internal/telemetry"
	"tokenconsole/session"
)

// newTelemetry returns what c asks the console to tell about its work, nil for nothing.
func newTelemetry(c config.Config, getenv func(string) string, log *slog.Logger) (*telemetry.Telemetry, error) {
	tracer, err := telemetry.NewTracer(getenv, describeVersion(), log)
	if err != nil {
		return nil, config.Problems{err.Error()}
	}
	if c.MetricsAddr == "" && tracer == nil {
		return nil, nil
	}
	tells := &telemetry.Telemetry{Tracer: tracer}
	if c.MetricsAddr != "" {
		tells.Metrics = telemetry.NewMetrics(describeVersion())
	}
	return tells, nil
}

// warnOfReach warns when others may read the metrics at addr too.
func warnOfReach(addr string, log *slog.Logger) {
	if config.Reachable(addr) {
		log.Warn("the metrics are not on a loopback address: anybody who reaches it can read how much the console is used, "+
			"though not by whom; let only the Prometheus server through, or listen on 127.0.0.1", "addr", addr)
	}
}

// countEntries counts what goes on the record.
func countEntries(metrics *telemetry.Metrics) func(audit.Entry, time.Duration) {
	if metrics == nil {
		return nil
	}
	return func(e audit.Entry, took time.Duration) {
		metrics.Appended(took)
		if e.Outcome == audit.Asked {
			return
		}
		metrics.Act(string(e.Action), string(e.Outcome), e.Count)
		switch {
		case e.Batch == "":
		case e.Action == audit.ChangeBatch && e.Outcome == audit.Done:
			metrics.Batch(e.Change.To)
		case e.Action == audit.RunPlaybook, e.Action == audit.Revoke && e.Within == 0:
			metrics.BatchPerson(string(e.Outcome))
		}
	}
}

// batchLevels says how many batches are not over yet, by state.
func (c *console) batchLevels(ctx context.Context) []telemetry.Level {
	open, err := c.Batches().Open(ctx)
	if err != nil {
		return nil
	}
	var levels []telemetry.Level
	for _, state := range batch.States() {
		if !state.Over() {
			levels = append(levels, telemetry.Level{
				Name: "batches_open", Help: "Batches that are not over, by state.", Label: "state", Value: string(state),
				Reading: float64(open[state]),
			})
		}
	}
	return levels
}

// countSessions counts the sessions that end.
func countSessions(metrics *telemetry.Metrics) func(session.How) {
	return func(how session.How) { metrics.SessionEnded(string(how)) }
}

// recordLevels says how the record stands, and how far its checking is behind.
func (c *console) recordLevels(ctx context.Context) []telemetry.Level {
	state := c.monitor.State(ctx)
	var levels []telemetry.Level
	for _, condition := range audit.Conditions() {
		level := telemetry.Level{
			Name: "record_condition", Help: "1 for the condition that the record is in.", Label: "condition", Value: string(condition),
		}
		if condition == state.Condition {
			level.Reading = 1
		}
		levels = append(levels, level)
	}
	if !state.CheckedAt.IsZero() {
		levels = append(levels, telemetry.Level{
			Name: "record_checked_timestamp_seconds", Help: "When the whole record was last checked.",
			Reading: float64(state.CheckedAt.Unix()),
		})
	}
	standing, err := c.record.Standing(ctx)
	if err != nil {
		return levels
	}
	oldest := 0.0
	if standing.Open > 0 {
		oldest = max(0, time.Since(standing.OldestOpen).Seconds())
	}
	return append(levels,
		telemetry.Level{Name: "record_entries", Help: "Entries ever put on the record.", Reading: float64(standing.Size)},
		telemetry.Level{Name: "record_lag_entries", Help: "Entries that no check has covered yet.",
			Reading: float64(max(0, standing.Size-state.Through))},
		telemetry.Level{Name: "record_open_entries", Help: "Acts on the record whose outcome nobody recorded yet.",
			Reading: float64(standing.Open)},
		telemetry.Level{Name: "record_oldest_open_seconds", Help: "Age of the oldest of them, 0 without any.", Reading: oldest},
	)
}
