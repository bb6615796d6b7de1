package main

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
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

// breaking has connections that get half of what is written out, as when the time for writing ends.
type breaking struct{ net.Listener }

func (l breaking) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return breakingConn{c}, err
}

type breakingConn struct{ net.Conn }

func (c breakingConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p[:len(p)/2])
	return n, errors.Join(err, errors.New("broken"))
}

// TestNothingFollowsHalfAnAnswer holds that a connection ends where an answer broke off, whatever was asked on it next:
// who reads there must not take one answer for the rest of another, nor wait for what never comes.
func TestNothingFollowsHalfAnAnswer(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	server := httptest.NewUnstartedServer(inOnePiece(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.Header().Set("Content-Length", "5000")
		_, _ = w.Write(bytes.Repeat([]byte("c"), 5000))
	})))
	server.Config.ConnContext = withConnection
	server.Listener = wholes{breaking{server.Listener}}
	server.Start()
	t.Cleanup(server.Close)
	c, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	_, _ = io.WriteString(c, strings.Repeat("GET / HTTP/1.1\r\nHost: console\r\n\r\n", 2))
	came, err := io.ReadAll(c)
	if err != nil {
		t.Errorf("the connection stays open: %v", err)
	}
	if got := bytes.Count(came, []byte("HTTP/1.1 200")); got != 1 || asked.Load() != 1 {
		t.Errorf("%d answers began, %d were asked for", got, asked.Load())
	}
}

// TestAnswersGoOutAtTheEnd holds that nobody has a whole answer before its handler has ended, which counts it and writes
// its line, unless the handler sends it off.
func TestAnswersGoOutAtTheEnd(t *testing.T) {
	t.Parallel()
	type seen struct{ held, flushed int32 }
	saw := make(chan seen, 1)
	var calls *atomic.Int32
	var url string
	url, calls = startWholes(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "5000")
		_, _ = w.Write(bytes.Repeat([]byte("c"), 5000))
		held := calls.Load()
		_ = http.NewResponseController(w).Flush()
		saw <- seen{held, calls.Load()}
	})
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	if n != 5000 || err != nil {
		t.Errorf("%d bytes came, %v", n, err)
	}
	if got := <-saw; got != (seen{0, 1}) {
		t.Errorf("%d calls before the handler sent the answer off, %d after it", got.held, got.flushed)
	}
}
