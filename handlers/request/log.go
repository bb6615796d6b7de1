package request

import (
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// LogAnswer writes the line about v: route is the pattern that matched, "" for none.
func LogAnswer(v *Visit, route string, status int, took time.Duration) {
	log := v.log.Handler()
	if !log.Enabled(v.Context(), slog.LevelInfo) {
		return
	}
	line := slog.NewRecord(time.Now(), slog.LevelInfo, "request", 0) // a Logger would look up who calls it
	line.AddAttrs(idAttr(v), slog.String("method", v.Request.Method), slog.String("route", route),
		slog.String("path", loggedPath(v.Request.URL.Path)), slog.Int("status", status), slog.String("problem", v.Problem), slog.Duration("took", took),
		slog.String("address", v.Address), slog.String("person", v.Session.Person.ID.String()))
	_ = log.Handle(v.Context(), line) // a Logger would not tell either
}

func idAttr(v *Visit) slog.Attr { return slog.String("request", v.ID) }

// loggedPath is path without what is longer than any id or name of ours: it may
// be a token that somebody pasted into the address bar.
func loggedPath(path string) string {
	const longest = 36 // a UUID
	if len(path) <= longest {
		return path
	}
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		if len(segment) > longest {
			segments[i] = "…"
		}
	}
	return strings.Join(segments, "/")
}

// StatusWriter remembers the status that was sent.
type StatusWriter struct {
	http.ResponseWriter
	Status int // 0 until something is sent
}

// WriteHeader implements [http.ResponseWriter].
func (w *StatusWriter) WriteHeader(status int) {
	if w.Status == 0 {
		w.Status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (w *StatusWriter) Write(b []byte) (int, error) {
	if w.Status == 0 {
		w.Status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *StatusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
