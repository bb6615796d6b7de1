package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"time"
)

const (
	// linesLife is how long a line about a request may wait for others, to be written with them.
	linesLife = 100 * time.Millisecond
	// mostLines is how many bytes of lines may wait.
	mostLines = 32 << 10
)

// logLines writes lines about requests together: a call of the system for each would take a twentieth of the time of a
// page. It is safe for concurrent use.
type logLines struct {
	mu      sync.Mutex
	to      io.Writer
	waiting []byte
	timer   *time.Timer
}

// Write implements [io.Writer]: p waits.
func (l *logLines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.waiting = append(l.waiting, p...); len(l.waiting) >= mostLines {
		return len(p), l.send()
	}
	if l.timer == nil {
		l.timer = time.AfterFunc(linesLife, func() { _ = l.flush() })
	}
	return len(p), nil
}

// flush writes what waits.
func (l *logLines) flush() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.send()
}

// send is flush for who holds mu.
func (l *logLines) send() error {
	if l.timer != nil {
		l.timer.Stop()
		l.timer = nil
	}
	if len(l.waiting) == 0 {
		return nil
	}
	_, err := l.to.Write(l.waiting)
	l.waiting = l.waiting[:0]
	return err
}

// promptly has every line written at once, with those that wait, but for the lines about requests.
type promptly struct {
	slog.Handler
	lines *logLines
}

// Handle implements [slog.Handler].
func (p promptly) Handle(ctx context.Context, r slog.Record) error {
	err := p.Handler.Handle(ctx, r)
	if r.Message != "request" || r.Level != slog.LevelInfo {
		err = errors.Join(err, p.lines.flush())
	}
	return err
}

// WithAttrs implements [slog.Handler].
func (p promptly) WithAttrs(attrs []slog.Attr) slog.Handler {
	return promptly{p.Handler.WithAttrs(attrs), p.lines}
}

// WithGroup implements [slog.Handler].
func (p promptly) WithGroup(name string) slog.Handler {
	return promptly{p.Handler.WithGroup(name), p.lines}
}
