//go:build unix

package main

import (
	"bufio"
	"io"
	"log/slog"
	"strings"
	"syscall"
	"testing"

	"tokenconsole/internal/config"
)

// TestLevelBySignal holds that SIGUSR1 switches the log to debug, and back. It runs alone: the signal reaches every log.
func TestLevelBySignal(t *testing.T) {
	reader, writer := io.Pipe()
	defer reader.Close()
	log, level := newLog(config.Config{LogLevel: slog.LevelWarn, LogFormat: config.Text}, &logLines{to: writer})
	switchLevel(t.Context(), level, log)
	lines := bufio.NewScanner(reader)
	for _, want := range []slog.Level{slog.LevelDebug, slog.LevelWarn} {
		if err := syscall.Kill(syscall.Getpid(), syscall.SIGUSR1); err != nil {
			t.Fatal(err)
		}
		if !lines.Scan() || !strings.Contains(lines.Text(), want.String()) {
			t.Fatalf("said %q, want %s", lines.Text(), want)
		}
	}
}

// TestJournal holds that each line begins with its priority and leaves the time to the journal.
func TestJournal(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	log, _ := newLog(config.Config{LogLevel: slog.LevelDebug, LogFormat: config.Journal}, &logLines{to: &b})
	log.Debug("a")
	log.With("request", "r").Info("b\n<0>level=ERROR")
	log.Warn("c")
	log.Error("d")
	want := "<7>level=DEBUG msg=a\n<6>level=INFO msg=\"b\\n<0>level=ERROR\" request=r\n<4>level=WARN msg=c\n<3>level=ERROR msg=d\n"
	if b.String() != want {
		t.Errorf("%q", b.String())
	}
}
