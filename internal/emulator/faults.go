package emulator

import (
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Fault is a disturbance of requests to the log-in server or the API, as POST
// /emulator/faults takes it. A request meets the first that matches.
type Fault struct {
	Match       string            `json:"match"`                 // "METHOD /path?query" by its beginning; no method or *: any
	Status      int               `json:"status,omitempty"`      // 0 without a body: the usual answer, after the delay
	Body        json.RawMessage   `json:"body,omitempty"`        // JSON is sent as it is, a string as its text
	Delay       string            `json:"delay,omitempty"`       // a duration, such as 2s
	Times       int               `json:"times,omitempty"`       // how many requests; 0: until the faults are cleared
	RetryAfter  int               `json:"retryAfter,omitempty"`  // seconds
	Reset       bool              `json:"reset,omitempty"`       // reset the connection instead of answering
	Headers     map[string]string `json:"headers,omitempty"`     // set on the answer
	ContentType string            `json:"contentType,omitempty"` // of the body
}

// fault is a Fault in force.
type fault struct {
	Fault
	method, prefix string
	delay          time.Duration
	left           int
}

// prepare checks the fields and reads those that are text.
func (f *fault) prepare() error {
	f.method, f.prefix = "", f.Match
	if method, prefix, ok := strings.Cut(f.Match, " "); ok {
		f.method, f.prefix = strings.TrimPrefix(method, "*"), strings.TrimSpace(prefix)
	}
	if f.Delay != "" {
		d, err := time.ParseDuration(f.Delay)
		if err != nil {
			return err
		}
		f.delay = d
	}
	if f.Status != 0 && (f.Status < 200 || f.Status > 599) || f.Times < 0 {
		return errors.New("status is 200 to 599 or 0, times is not negative")
	}
	if string(f.Body) == "null" {
		f.Body = nil
	}
	f.left = f.Times
	return nil
}

// faults are the disturbances in force. A request meets the first that matches.
type faults struct {
	mu    sync.Mutex
	queue []*fault
}

func (f *faults) add(one *fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.queue = append(f.queue, one)
}

func (f *faults) clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.queue = nil
}

// take returns the fault that r meets, or nil, and counts it.
func (f *faults) take(r *http.Request) *fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.queue) == 0 {
		return nil
	}
	uri := r.URL.RequestURI()
	i := slices.IndexFunc(f.queue, func(one *fault) bool {
		return (one.method == "" || one.method == r.Method) && strings.HasPrefix(uri, one.prefix)
	})
	if i < 0 {
		return nil
	}
	met := f.queue[i]
	if met.Times > 0 {
		if met.left--; met.left == 0 {
			f.queue = slices.Delete(f.queue, i, i+1)
		}
	}
	return met
}

// disturb applies the fault and reports whether it answered the request.
func (f *fault) disturb(w http.ResponseWriter, r *http.Request) bool {
	if f.delay > 0 {
		timer := time.NewTimer(f.delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
			return true
		}
	}
	if f.Reset {
		reset(w)
	}
	for name, value := range f.Headers {
		w.Header().Set(name, value)
	}
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(f.RetryAfter))
	}
	if f.Status == 0 && len(f.Body) == 0 {
		return false
	}
	f.answer(w, r)
	return true
}

func (f *fault) answer(w http.ResponseWriter, r *http.Request) {
	status := f.Status
	if status == 0 {
		status = http.StatusOK
	}
	kind, body := "application/json", []byte(f.Body)
	var text string
	switch {
	case len(body) == 0 && status >= 400 && strings.HasPrefix(r.URL.Path, "/api/"):
		usualError(status, f.RetryAfter).write(w)
		return
	case len(body) == 0 && status >= 400 && r.URL.Path == "/oauth/token":
		body = []byte(`{"error":"server_error","error_description":"Arranged fault.","description":"Arranged fault."}`)
	case json.Unmarshal(body, &text) == nil:
		body = []byte(text)
		if !json.Valid(body) {
			kind = http.DetectContentType(body)
		}
	}
	if f.ContentType != "" {
		kind = f.ContentType
	}
	if len(body) > 0 && w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", kind)
	}
	w.WriteHeader(status)
	if r.Method != http.MethodHead && status != http.StatusNoContent && status != http.StatusNotModified {
		w.Write(body)
	}
}

// usualError is the error that the platform gives with that status.
func usualError(status, retryAfter int) *apiError {
	switch status {
	case 400:
		return malformed()
	case 401:
		return badToken()
	case 403:
		return fail(status, "not.authorized", "This person may not.")
	case 404:
		return notFound()
	case 408:
		return fail(status, "client.timeout", "The request took too long to arrive.")
	case 409:
		return fail(status, "request.conflict", "Somebody changed it meanwhile.")
	case 413:
		return tooLarge()
	case 415:
		return wrongMediaType()
	case 429:
		return tooManyRequests(strconv.Itoa(retryAfter))
	case 503:
		return fail(status, "service.unavailable", "Closed for now.")
	case 504:
		return fail(status, "request.timeout", "The answer took too long.")
	}
	if status < 500 {
		e := malformed()
		e.Status = status
		return e
	}
	return fail(status, "internal.server.error",
		"Something broke.")
}

// reset ends the connection with a TCP reset.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		if tcp, ok := conn.(*net.TCPConn); ok {
			tcp.SetLinger(0)
		}
		conn.Close()
	}
	panic(http.ErrAbortHandler)
}
