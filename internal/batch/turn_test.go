package batch

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
)

// One at a time has the turn of a batch, whoever gives up waiting hinders nobody, and nothing is left once all are through.
func TestTurns(t *testing.T) {
	t.Parallel()
	var ts turns
	give, err := ts.take(t.Context(), "batch")
	if err != nil {
		t.Fatal(err)
	}
	other, err := ts.take(t.Context(), "another")
	if err != nil {
		t.Fatal(err)
	}
	other()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := ts.take(gone, "batch"); !errors.Is(err, ErrAway) {
		t.Errorf("a turn for somebody who is gone: %v", err)
	}
	var all sync.WaitGroup
	var having atomic.Int64
	for range 20 {
		all.Go(func() {
			give, err := ts.take(t.Context(), "batch")
			if err != nil {
				t.Error(err)
				return
			}
			if n := having.Add(1); n != 1 {
				t.Errorf("%d have the turn", n)
			}
			having.Add(-1)
			give()
		})
	}
	for waiting := 0; waiting < 21; {
		ts.mu.Lock()
		waiting = ts.by["batch"].waiting
		ts.mu.Unlock()
	}
	if having.Load() != 0 {
		t.Error("another one has the turn, too")
	}
	give()
	all.Wait()
	if len(ts.by) != 0 {
		t.Errorf("%d turns are left", len(ts.by))
	}
}

// The log gets what River warns of, and nothing of its daily business.
func TestTheQueueIsQuiet(t *testing.T) {
	t.Parallel()
	for level, want := range map[slog.Level]bool{slog.LevelDebug: false, slog.LevelInfo: false, slog.LevelWarn: true, slog.LevelError: true} {
		log := quiet{slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug})}
		if got := log.WithGroup("river").WithAttrs([]slog.Attr{slog.Int("n", 1)}).Enabled(t.Context(), level); got != want {
			t.Errorf("%s is logged: %t", level, got)
		}
	}
}
