package main

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
)

// counting counts the calls that write to its connections.
type counting struct {
	net.Listener
	calls *atomic.Int32
}

func (l counting) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return countingConn{c, l.calls}, err
}

type countingConn struct {
	net.Conn
	calls *atomic.Int32
}

func (c countingConn) Write(p []byte) (int, error) {
	c.calls.Add(1)
	return c.Conn.Write(p)
}

// startWholes serves next as the console is served. Calls counts those that write.
func startWholes(t *testing.T, next http.HandlerFunc) (url string, calls *atomic.Int32) {
	t.Helper()
	calls = new(atomic.Int32)
	server := httptest.NewUnstartedServer(inOnePiece(next))
	server.Config.ConnContext = withConnection
	server.Listener = wholes{counting{server.Listener, calls}}
	server.Start()
	t.Cleanup(server.Close)
	return server.URL, calls
}

// TestAnswersComeInOnePiece holds that an answer of announced length is written by one call, and every other as always.
func TestAnswersComeInOnePiece(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		announced, pieces int
		calls             int32 // 0 for more than one
	}{
		"a page":          {100_000, 1, 1},
		"a short one":     {1000, 1, 1},
		"in pieces":       {100_000, 4, 0},
		"of no length":    {0, 1, 0},
		"a little longer": {2048, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			size := max(c.announced, 50_000)
			if c.announced > 0 {
				size = c.announced
			}
			content := bytes.Repeat([]byte("abcd"), size/4)
			url, calls := startWholes(t, func(w http.ResponseWriter, _ *http.Request) {
				if c.announced > 0 {
					w.Header().Set("Content-Length", strconv.Itoa(c.announced))
				}
				for i := range c.pieces {
					_, _ = w.Write(content[i*size/c.pieces : (i+1)*size/c.pieces])
				}
			})
			for range 2 { // over one connection
				calls.Store(0)
				resp, err := http.Get(url)
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(resp.Body)
				_ = resp.Body.Close()
				if err != nil || !bytes.Equal(body, content) {
					t.Errorf("%d bytes came, %v", len(body), err)
				}
				if got := calls.Load(); c.calls != 0 && got != c.calls || c.calls == 0 && got < 2 {
					t.Errorf("written by %d calls", got)
				}
			}
		})
	}
}

// TestWholesGoOut holds that nothing is held back for longer than it takes to write it: neither what is flushed, nor the
// head that answers HEAD.
func TestWholesGoOut(t *testing.T) {
	t.Parallel()
	read := make(chan struct{})
	url, _ := startWholes(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "5000")
		if r.URL.Path == "/flushed" {
			_, _ = io.WriteString(w, strings.Repeat("a", 4000))
			_ = http.NewResponseController(w).Flush()
			<-read
			_, _ = io.WriteString(w, strings.Repeat("b", 1000))
			return
		}
		_, _ = w.Write(bytes.Repeat([]byte("c"), 5000))
	})
	resp, err := http.Get(url + "/flushed")
	if err != nil {
		t.Fatal(err)
	}
	first := make([]byte, 4000)
	if _, err := io.ReadFull(resp.Body, first); err != nil {
		t.Error(err)
	}
	close(read)
	if rest, err := io.ReadAll(resp.Body); err != nil || len(rest) != 1000 {
		t.Errorf("%d more came, %v", len(rest), err)
	}
	_ = resp.Body.Close()
	if resp, err = http.Head(url); err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.ContentLength != 5000 {
		t.Errorf("HEAD: %d", resp.ContentLength)
	}
}
