package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"

	"tokenconsole/internal/config"
)

// newLog returns the log of lines, and its level, which can be changed while it is in use.
func newLog(c config.Config, lines *logLines) (*slog.Logger, *slog.LevelVar) {
	level := &slog.LevelVar{}
	level.Set(c.LogLevel)
	options := &slog.HandlerOptions{Level: level}
	var handler slog.Handler
	switch {
	case c.LogFormat == config.Journal:
		options.ReplaceAttr = withoutTime
		handler = slog.NewTextHandler(journal{lines}, options)
	case c.LogFormat == config.JSON && !c.Demo:
		handler = slog.NewJSONHandler(lines, options)
	default:
		handler = slog.NewTextHandler(lines, options)
	}
	return slog.New(promptly{handler, lines}), level
}

// switchLevel switches between level's first value and debug with every signal, until ctx ends.
func switchLevel(ctx context.Context, level *slog.LevelVar, log *slog.Logger) {
	signals := make(chan os.Signal, 1)
	if len(levelSignals) == 0 {
		return
	}
	signal.Notify(signals, levelSignals...)
	first := level.Level()
	go func() {
		defer signal.Stop(signals)
		for {
			select {
			case <-ctx.Done():
				return
			case <-signals:
			}
			next := slog.LevelDebug
			if level.Level() == slog.LevelDebug {
				next = first
			}
			level.Set(min(next, slog.LevelInfo)) // so that the line below is seen
			log.Info("the level of the log was changed by signal", "level", next.String())
			level.Set(next)
		}
	}()
}
