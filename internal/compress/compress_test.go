package compress_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"tokenconsole/internal/compress"
)

const browsers = "gzip, deflate, br, zstd"

var long = strings.Repeat("One line of many. ", 100)

// ask serves one request by handler on a real server. The client takes the answer as it comes.
func ask(t *testing.T, method string, headers map[string]string, handler http.HandlerFunc) (*http.Response, []byte) {
	t.Helper()
	server := httptest.NewServer(compress.Handler(handler))
	t.Cleanup(server.Close)
	r, err := http.NewRequestWithContext(t.Context(), method, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	resp, err := (&http.Transport{DisableCompression: true}).RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, body
}

func opened(t *testing.T, body []byte) string {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func page(content string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, content)
	}
}

func TestWhoGetsGzip(t *testing.T) {
	t.Parallel()
	for accepted, want := range map[string]bool{
		browsers: true, "gzip": true, "GZIP": true, "br, gzip;q=0.5": true, "gzip ; q=1": true,
		"": false, "br": false, "gzip;q=0": false, "gzip; q=0.000": false, "gzip;q=much": false, "xgzip": false, "*": false, "identity": false,
	} {
		t.Run(accepted, func(t *testing.T) {
			t.Parallel()
			resp, body := ask(t, "GET", map[string]string{"Accept-Encoding": accepted}, page(long))
			if got := resp.Header.Get("Content-Encoding") == "gzip"; got != want {
				t.Fatalf("compressed: %t, want %t", got, want)
			}
			if resp.Header.Get("Vary") != "Accept-Encoding" {
				t.Errorf("Vary is %q", resp.Header.Get("Vary"))
			}
			if want && (opened(t, body) != long || len(body) > len(long)/2) || !want && string(body) != long {
				t.Errorf("%d bytes that are not the page", len(body))
			}
		})
	}
}

func TestWhatIsCompressed(t *testing.T) {
	t.Parallel()
	typed := func(media string, status int, more ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", media)
			for i := 0; i < len(more); i += 2 {
				w.Header().Set(more[i], more[i+1])
			}
			w.WriteHeader(status)
			for piece := range strings.SplitAfterSeq(long, ".") {
				_, _ = io.WriteString(w, piece)
			}
		}
	}
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		want    bool
	}{
		"a page in pieces": {typed("text/html; charset=utf-8", 200), true},
		"an error's page":  {typed("text/html", 503), true},
		"JSON":             {typed("application/json", 200), true},
		"of known length":  {typed("text/css", 200, "Content-Length", strconv.Itoa(len(long))), true},
		"a picture":        {typed("image/png", 200), false},
		"events":           {typed("text/event-stream", 200), false},
		"no type":          {typed("", 200), false},
		"encoded already":  {typed("text/html", 200, "Content-Encoding", "br"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resp, body := ask(t, "GET", map[string]string{"Accept-Encoding": browsers}, c.handler)
			if got := resp.Header.Get("Content-Encoding") == "gzip"; got != c.want {
				t.Fatalf("compressed: %t, want %t", got, c.want)
			}
			if c.want {
				body = []byte(opened(t, body))
			}
			if string(body) != long {
				t.Errorf("%d bytes, want %d", len(body), len(long))
			}
		})
	}
}

func TestWhatIsNotCompressed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		status  int
		body    string
	}{
		"too short":     {page("short"), 200, "short"},
		"nothing":       {page(""), 200, ""},
		"said nothing":  {func(http.ResponseWriter, *http.Request) {}, 200, ""},
		"no content":    {func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(204) }, 204, ""},
		"not modified":  {func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(304) }, 304, ""},
		"a redirection": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "", http.StatusSeeOther) }, 303, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resp, body := ask(t, "GET", map[string]string{"Accept-Encoding": browsers}, c.handler)
			if resp.StatusCode != c.status || resp.Header.Get("Content-Encoding") != "" || c.body != "" && string(body) != c.body {
				t.Errorf("%s, encoding %q: %q", resp.Status, resp.Header.Get("Content-Encoding"), body)
			}
		})
	}
}

// A file is sent with a weak tag when compressed, is recognised by it, and in ranges as it is.
func TestFiles(t *testing.T) {
	t.Parallel()
	file := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"v1"`)
		http.ServeContent(w, r, "style.css", time.Time{}, strings.NewReader(long))
	}
	resp, body := ask(t, "GET", map[string]string{"Accept-Encoding": browsers}, file)
	if resp.Header.Get("ETag") != `W/"v1"` || opened(t, body) != long || resp.Header.Get("Accept-Ranges") != "" {
		t.Errorf("%v", resp.Header)
	}
	if resp, _ = ask(t, "GET", map[string]string{"Accept-Encoding": browsers, "If-None-Match": `W/"v1"`}, file); resp.StatusCode != 304 {
		t.Errorf("known already: %s", resp.Status)
	}
	resp, body = ask(t, "GET", map[string]string{"Accept-Encoding": browsers, "Range": "bytes=1-3"}, file)
	if resp.StatusCode != 206 || string(body) != long[1:4] {
		t.Errorf("a range: %s %q", resp.Status, body)
	}
	resp, body = ask(t, "HEAD", map[string]string{"Accept-Encoding": browsers}, file)
	if resp.Header.Get("Content-Encoding") != "gzip" || resp.ContentLength != -1 || len(body) != 0 {
		t.Errorf("HEAD: %v", resp.Header)
	}
}

// What was flushed arrives before the rest is written.
func TestFlush(t *testing.T) {
	t.Parallel()
	read := make(chan struct{})
	server := httptest.NewServer(compress.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/csv")
		_, _ = io.WriteString(w, "first")
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
		<-read
		_, _ = io.WriteString(w, ", last")
	})))
	t.Cleanup(server.Close)
	resp, err := server.Client().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	first := make([]byte, 5)
	_, err = io.ReadFull(resp.Body, first)
	close(read)
	rest, restErr := io.ReadAll(resp.Body)
	if !resp.Uncompressed || err != nil || restErr != nil || string(first)+string(rest) != "first, last" {
		t.Errorf("%q, %v, %q, %v; compressed: %t", first, err, rest, restErr, resp.Uncompressed)
	}
}

// An answer that broke off does not look complete.
func TestBrokenOff(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(compress.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page(long)(w, r)
		panic(http.ErrAbortHandler)
	})))
	t.Cleanup(server.Close)
	resp, err := server.Client().Get(server.URL)
	if err != nil {
		return // not even a head
	}
	defer resp.Body.Close()
	if content, err := io.ReadAll(resp.Body); err == nil {
		t.Errorf("%d bytes came as if they were all", len(content))
	}
}

// The length of one answer says nothing about a guess in it.
func TestLengthsDiffer(t *testing.T) {
	t.Parallel()
	lengths := map[int]bool{}
	for range 40 {
		_, body := ask(t, "GET", map[string]string{"Accept-Encoding": browsers}, page(long))
		lengths[len(body)] = true
	}
	if len(lengths) < 30 {
		t.Errorf("40 answers had %d lengths", len(lengths))
	}
}

func BenchmarkPage(b *testing.B) {
	content := []byte(strings.Repeat(`<li><a href="/users/1">Amara Vásquez</a> amara.vasquez@demo.example`+"\n", 130))
	handler := compress.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(content)
	}))
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Accept-Encoding", browsers)
	b.SetBytes(int64(len(content)))
	b.ReportAllocs()
	for b.Loop() {
		handler.ServeHTTP(httptest.NewRecorder(), r)
	}
}
