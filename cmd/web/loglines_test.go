package main

import (
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tokenconsole/internal/config"
)

// writes are what was written, one call after the other.
type writes []string

func (w *writes) Write(p []byte) (int, error) {
	*w = append(*w, string(p))
	return len(p), nil
}

// TestLinesAboutRequestsWait holds that they are written together, soon, in order with all others, and none is lost.
func TestLinesAboutRequestsWait(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		do   func(log *slog.Logger, lines *logLines)
		want []int // lines of each call
	}{
		"alone":   {func(*slog.Logger, *logLines) { time.Sleep(linesLife + 1) }, []int{2}},
		"not yet": {func(*slog.Logger, *logLines) { time.Sleep(linesLife - 1) }, nil},
		"two times": {func(log *slog.Logger, _ *logLines) {
			time.Sleep(linesLife + 1)
			log.Info("request")
			time.Sleep(linesLife + 1)
		}, []int{2, 1}},
		"another line": {func(log *slog.Logger, _ *logLines) { log.Info("serving"); time.Sleep(linesLife + 1) }, []int{3}},
		"a warning": {func(log *slog.Logger, _ *logLines) {
			log.With("a", "b").WithGroup("g").Warn("request")
			time.Sleep(linesLife + 1)
		}, []int{3}},
		"at the end": {func(_ *slog.Logger, lines *logLines) { _ = lines.flush(); _ = lines.flush(); time.Sleep(linesLife + 1) }, []int{2}},
		"too many":   {func(log *slog.Logger, _ *logLines) { log.Info("request", "path", strings.Repeat("x", mostLines)) }, []int{3}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var to writes
				lines := &logLines{to: &to}
				log, _ := newLog(config.Config{LogFormat: config.JSON}, lines)
				log.Info("request", "n", 1)
				log.Info("request", "n", 2)
				c.do(log, lines)
				synctest.Wait()
				if len(to) != len(c.want) {
					t.Fatalf("written in %d calls, want %d", len(to), len(c.want))
				}
				for i, call := range to {
					if got := strings.Count(call, "\n"); got != c.want[i] {
						t.Errorf("call %d has %d lines, want %d", i, got, c.want[i])
					}
				}
				if whole := strings.Join(to, ""); whole != "" && !(strings.Index(whole, `"n":1`) < strings.Index(whole, `"n":2`)) {
					t.Errorf("out of order: %s", whole)
				}
				_ = lines.flush() // its timer would outlive the test
			})
		})
	}
}
