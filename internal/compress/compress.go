// Package compress sends answers as gzip (RFC 1952) to whoever takes it.
//
// What a page says beside a secret must not be guessed from its compressed length. Each answer's head carries up to 256
// bytes of random length, so that lengths of single answers say nothing: a right guess makes a difference of one byte to
// six. Whoever makes a browser ask for the same page thousands of times can still take the mean.
package compress

import (
	"crypto/rand"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// least is from how many bytes on compressing pays.
const least = 1024

// Types that get smaller. Streams of events do not wait for more to come, and pictures are small already.
var types = []string{
	"text/html", "text/css", "text/javascript", "text/plain", "text/csv", "application/json", "image/svg+xml",
	"application/manifest+json",
}

// Handler is next, whose answers are compressed when the request accepts gzip (RFC 9110, section 12.5.3), they are of a
// type that gets smaller, and they have at least 1,024 bytes. Ranges of a file are sent as they are.
func Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Accept-Encoding")
		if r.Header.Get("Range") != "" || !Accepted(r) {
			next.ServeHTTP(w, r)
			return
		}
		c := &writer{ResponseWriter: w, body: w}
		if r.Method == http.MethodHead {
			c.body = io.Discard // lest its length be said
		}
		next.ServeHTTP(c, r)
		// Not after a panic: an answer that broke off must not look complete.
		c.finish()
	})
}

// Accepted tells whether whoever sent r takes gzip: they name it, with a weight that is not 0.
func Accepted(r *http.Request) bool {
	for _, header := range r.Header.Values("Accept-Encoding") {
		for coding := range strings.SplitSeq(header, ",") {
			name, weight, _ := strings.Cut(coding, ";")
			if strings.EqualFold(strings.TrimSpace(name), "gzip") {
				return !refused(weight)
			}
		}
	}
	return false
}

// refused tells whether a weight is q=0.
func refused(weight string) bool {
	value, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(weight)), "q=")
	q, err := strconv.ParseFloat(value, 64)
	return ok && (err != nil || q <= 0)
}

// writer compresses an answer, or passes it on, as soon as it is known which.
type writer struct {
	http.ResponseWriter
	body   io.Writer    // where the compressed answer goes
	status int          // 0 until the answer has one
	held   []byte       // what was written before that was known
	gzip   *gzip.Writer // of an answer that is compressed
	plain  bool         // of one that is not
}

// Unwrap serves [http.ResponseController].
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader implements [http.ResponseWriter].
func (w *writer) WriteHeader(status int) {
	switch {
	case status < http.StatusOK || w.status != 0:
		w.ResponseWriter.WriteHeader(status) // which also complains about a second one
	default:
		w.status = status
		switch suited, length := w.suited(); {
		case !suited:
			w.pass()
		case length >= least:
			_ = w.compress() // an error stays, and the next write tells it
		}
	}
}

// Write implements [http.ResponseWriter].
func (w *writer) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	switch {
	case w.plain:
		return w.ResponseWriter.Write(p)
	case w.gzip != nil:
		return w.gzip.Write(p)
	case len(w.held)+len(p) < least:
		w.held = append(w.held, p...)
		return len(p), nil
	}
	if err := w.compress(); err != nil {
		return 0, err
	}
	return w.gzip.Write(p)
}

// FlushError serves [http.ResponseController]: what was written is on its way.
func (w *writer) FlushError() error {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if !w.plain && w.gzip == nil {
		if err := w.compress(); err != nil {
			return err
		}
	}
	if w.gzip != nil {
		if err := w.gzip.Flush(); err != nil {
			return err
		}
	}
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// suited tells whether the answer that begins may be compressed, and its length where that is known.
func (w *writer) suited() (ok bool, length int) {
	length, err := strconv.Atoi(w.Header().Get("Content-Length"))
	if err == nil && length < least {
		return false, length
	}
	return compressible(w.Header(), w.status), length
}

// compressible tells whether an answer with that head may be compressed, if it is long enough.
func compressible(header http.Header, status int) bool {
	if status == http.StatusNoContent || status == http.StatusNotModified || header.Get("Content-Encoding") != "" {
		return false
	}
	given := header.Get("Content-Type")
	if given == "text/html; charset=utf-8" {
		return true // as pages have it: nothing to be parsed
	}
	media, _, err := mime.ParseMediaType(given)
	return err == nil && slices.Contains(types, media)
}

// pass sends the answer as it is from here on.
func (w *writer) pass() {
	w.plain = true
	w.ResponseWriter.WriteHeader(w.status)
}

var writers = sync.Pool{New: func() any {
	// Higher levels cost three times as much for pages that are a tenth smaller.
	w, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		panic(err) // no such level
	}
	return w
}}

var padding = strings.Repeat("-", 256)

// compress sends the head of a compressed answer, and what was held.
func (w *writer) compress() error {
	encoded(w.Header())
	w.ResponseWriter.WriteHeader(w.status)
	w.gzip = writers.Get().(*gzip.Writer)
	w.gzip.Reset(w.body)
	w.gzip.Comment = pad()
	_, err := w.gzip.Write(w.held)
	return err
}

// encoded makes header that of a compressed answer.
func encoded(header http.Header) {
	header.Del("Content-Length")
	header.Del("Accept-Ranges")
	header["Content-Encoding"] = gzipCoding
	if tag := header.Get("ETag"); strings.HasPrefix(tag, `"`) {
		header.Set("ETag", "W/"+tag) // the same text in other bytes (RFC 9110, section 8.8.1)
	}
}

var gzipCoding = []string{"gzip"} // shared by answers

// pad is a text of random length, from 1 to 256 bytes.
func pad() string {
	var random [1]byte
	_, _ = rand.Read(random[:]) // never fails
	return padding[:1+int(random[0])%len(padding)]
}

// finish sends what is left. An error is the connection's, which the server closes.
func (w *writer) finish() {
	switch {
	case w.gzip != nil:
		_ = w.gzip.Close()
		writers.Put(w.gzip)
	case !w.plain && w.status != 0:
		w.pass()
		_, _ = w.ResponseWriter.Write(w.held)
	}
}
