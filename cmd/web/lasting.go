package main

import (
	"context"
	"log/slog"
	"runtime/debug"
	"time"
)

// restAfterPanic is how long a worker rests after a panic before it begins again.
const restAfterPanic = time.Minute

// lasting runs work, which lasts until ctx ends. A panic in it does not end the
// process: it is logged, and the work begins again after a rest.
func lasting(ctx context.Context, log *slog.Logger, name string, work func(context.Context)) {
	for panics(ctx, log, name, work) {
		select {
		case <-time.After(restAfterPanic):
		case <-ctx.Done():
			return
		}
	}
}

// panics runs work, and reports whether it ended in a panic.
func panics(ctx context.Context, log *slog.Logger, name string, work func(context.Context)) (panicked bool) {
	defer func() {
		if p := recover(); p != nil {
			panicked = true
			log.ErrorContext(ctx, "panic in the background", "worker", name, "panic", p, "stack", string(debug.Stack()))
		}
	}()
	work(ctx)
	return false
}
