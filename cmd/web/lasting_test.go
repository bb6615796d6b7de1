package main

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A panic in the background is told, costs that round alone, and does not end the
// process (T9).
func TestT9_PanicInTheBackground(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		begun := time.Now()
		var rounds []time.Duration
		ctx, cancel := context.WithCancel(t.Context())
		go lasting(ctx, slog.New(slog.NewTextHandler(&log, nil)), "tidying", func(ctx context.Context) {
			rounds = append(rounds, time.Since(begun))
			if len(rounds) < 3 {
				panic("a fault of ours")
			}
			<-ctx.Done()
		})
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(rounds) != 3 || rounds[2] != 2*restAfterPanic {
			t.Errorf("it began at %v", rounds)
		}
		for _, want := range []string{"level=ERROR", "worker=tidying", "a fault of ours", "lasting_test.go"} {
			if strings.Count(log.String(), want) < 2 {
				t.Errorf("the log does not tell %q twice: %s", want, &log)
			}
		}
		cancel()
	})
}

// A worker that rests after a panic ends with the process.
func TestWorkerEndsWhileItRests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), restAfterPanic/2)
		defer cancel()
		begun := time.Now()
		lasting(ctx, slog.New(slog.DiscardHandler), "tidying", func(context.Context) { panic("a fault of ours") })
		if rested := time.Since(begun); rested != restAfterPanic/2 {
			t.Errorf("it ended after %s", rested)
		}
	})
}
