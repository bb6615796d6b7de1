package main

import (
	"bytes"
	"io"
	"log/slog"
)

// journal writes lines for systemd's journal: each begins with its priority in angle brackets (sd-daemon(3)), and the
// time is left to the journal.
type journal struct{ io.Writer }

var priorities = []struct{ level, priority string }{
	{"level=ERROR", "<3>"}, {"level=WARN", "<4>"}, {"level=DEBUG", "<7>"},
}

// Write writes one line, as slog's text handler hands it over.
func (j journal) Write(line []byte) (int, error) {
	priority := "<6>"
	for _, p := range priorities {
		if bytes.HasPrefix(line, []byte(p.level)) {
			priority = p.priority
		}
	}
	if _, err := j.Writer.Write(append([]byte(priority), line...)); err != nil {
		return 0, err
	}
	return len(line), nil
}

func withoutTime(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}
