package emulator

import (
	"encoding/json"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

const (
	correlationHeader = "Inin-Correlation-Id"
	journalSize       = 10_000
)

// entry is one request. The status is 0 until the request is answered, and stays
// 0 when the connection is reset.
type entry struct {
	time         time.Time
	method, path string
	status       atomic.Int32
	bearer       string // fingerprint of the access token
}

// MarshalJSON implements [json.Marshaler].
func (e *entry) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Time   instant `json:"time"`
		Method string  `json:"method"`
		Path   string  `json:"path"`
		Status int32   `json:"status"`
		Bearer string  `json:"bearer"`
	}{instant(e.time), e.method, e.path, e.status.Load(), e.bearer})
}

// journal keeps the last journalSize requests in a ring.
type journal struct {
	mu      sync.Mutex
	entries []*entry
	next    int
}

func (j *journal) add(e *entry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.entries) < journalSize {
		j.entries = append(j.entries, e)
		return
	}
	j.entries[j.next] = e
	j.next = (j.next + 1) % journalSize
}

// all returns the entries, oldest first.
func (j *journal) all() []*entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append(append([]*entry{}, j.entries[j.next:]...), j.entries[:j.next]...)
}

func (j *journal) clear() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries, j.next = nil, 0
}

// recorder notes the status before it is sent, so that a test that has its answer
// finds the journal complete.
type recorder struct {
	http.ResponseWriter
	entry *entry
}

// WriteHeader implements [http.ResponseWriter].
func (r *recorder) WriteHeader(status int) {
	r.entry.status.CompareAndSwap(0, int32(status))
	r.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (r *recorder) Write(b []byte) (int, error) {
	r.entry.status.CompareAndSwap(0, http.StatusOK)
	return r.ResponseWriter.Write(b)
}

// Unwrap serves [http.ResponseController].
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// observe enters a request in the journal, gives the answer a correlation id and a
// date, and answers, unless a fault does.
func (e *Emulator) observe(w http.ResponseWriter, r *http.Request) {
	noted := &entry{time: e.now(), method: r.Method, path: r.URL.RequestURI(), bearer: fingerprint(bearer(r))}
	e.journal.add(noted)
	rec := &recorder{ResponseWriter: w, entry: noted}
	w.Header()[correlationHeader] = []string{uuid.NewString()}
	w.Header()["Date"] = []string{e.now().UTC().Format(http.TimeFormat)}
	if f := e.faults.take(r); f != nil && f.disturb(rec, r) {
		return
	}
	e.inside.ServeHTTP(rec, r)
	noted.status.CompareAndSwap(0, http.StatusOK)
}
