package genesys

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// refusedAddr is an address on this machine that nobody listens at.
func refusedAddr(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// TestNotSent holds that what never left is not reported as of unknown outcome,
// and that the error tells no URL.
func TestNotSent(t *testing.T) {
	t.Parallel()
	answer := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("arrived: %s %s", r.Method, r.URL) })
	untrusted := httptest.NewUnstartedServer(answer)
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	untrusted.StartTLS()
	plain := httptest.NewServer(answer)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	t.Cleanup(func() { untrusted.Close(); plain.Close() })
	for name, c := range map[string]struct {
		ctx  context.Context
		base string
	}{
		"connection refused":         {t.Context(), "http://" + refusedAddr(t)},
		"certificate not trusted":    {t.Context(), untrusted.URL},
		"no TLS there":               {t.Context(), strings.Replace(plain.URL, "http:", "https:", 1)},
		"cut off in the handshake":   {t.Context(), "https://" + hangUp(t)},
		"given up before it is sent": {ended, plain.URL},
	} {
		for operation, call := range operations(t) {
			err := call(c.ctx, NewClient(c.base, NewTransport()))
			none, ok := errors.AsType[*NoAnswerError](err)
			if !ok || none.Sent || OutcomeUnknown(err) || !errors.Is(err, ErrNoAnswer) {
				t.Errorf("%s, %s: %#v", name, operation, err)
				continue
			}
			if strings.Contains(err.Error(), "/api/v2") || leaks(err.Error()) {
				t.Errorf("%s, %s: the error says too much: %v", name, operation, err)
			}
		}
	}
}

// hangUp returns an address where every connection is closed at once.
func hangUp(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conn.Close()
		}
	}()
	return listener.Addr().String()
}

// TestBrokenOff holds that a request which was sent and not answered is of
// unknown outcome (R11), and is not sent again.
func TestBrokenOff(t *testing.T) {
	t.Parallel()
	for name, reply := range map[string]string{
		"reset":            "",
		"not HTTP":         "SSH-2.0-OpenSSH_9.2\r\n",
		"headers cut off":  "HTTP/1.1 200 OK\r\nContent-Type: appl",
		"headers too long": "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 80<<10) + "\r\n\r\n",
	} {
		var asked atomic.Int32
		client := clientOf(t, func(w http.ResponseWriter, _ *http.Request) {
			asked.Add(1)
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = io.WriteString(conn, reply)
			if reply == "" {
				_ = conn.(*net.TCPConn).SetLinger(0)
			}
			conn.Close()
		})
		_, err := client.DeleteToken(t.Context(), bearer, userID(t, someone))
		if none, ok := errors.AsType[*NoAnswerError](err); !ok || !none.Sent || none.Timeout() || !OutcomeUnknown(err) {
			t.Errorf("%s: %#v", name, err)
		}
		if n := asked.Load(); n != 1 {
			t.Errorf("%s: sent %d times", name, n)
		}
	}
}

// TestBodyCutOff keeps the correlation id of headers that did arrive.
func TestBodyCutOff(t *testing.T) {
	t.Parallel()
	client := clientOf(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("ININ-Correlation-Id", correlation)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, `{"organization":{}}`)
	})
	_, err := client.GetTokensMe(t.Context(), bearer, ResetIdle)
	if !errors.Is(err, io.ErrUnexpectedEOF) || !OutcomeUnknown(err) || CorrelationID(err) != correlation {
		t.Errorf("%#v", err)
	}
}

// pipeTransport leads every connection to serve, in memory, so that synctest
// can let the time pass.
func pipeTransport(serve func(net.Conn)) *http.Transport {
	transport := NewTransport()
	transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
		near, far := net.Pipe()
		go serve(far)
		return near, nil
	}
	return transport
}

// TestSlow holds that a platform that stalls, anywhere, is given up after
// CallTimeout (R12).
func TestSlow(t *testing.T) {
	t.Parallel()
	const head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\nInin-Correlation-Id: " + correlation + "\r\n\r\n"
	for name, reply := range map[string]string{"no headers": "", "headers by the byte": strings.ToLower(head), "body by the byte": head} {
		synctest.Test(t, func(t *testing.T) {
			hungUp := make(chan struct{})
			transport := pipeTransport(func(conn net.Conn) {
				defer close(hungUp)
				defer conn.Close()
				if _, err := http.ReadRequest(bufio.NewReader(conn)); err != nil {
					return
				}
				if name == "body by the byte" {
					_, _ = io.WriteString(conn, reply)
					reply = strings.Repeat(" ", 1000)
				}
				for i := range len(reply) {
					time.Sleep(time.Second) // of the bubble
					if _, err := io.WriteString(conn, reply[i:i+1]); err != nil {
						return
					}
				}
				_, _ = conn.Read(make([]byte, 1)) // until the other end gives up
			})
			begun := time.Now()
			_, err := NewClient("http://api.example", transport).GetTokensMe(t.Context(), bearer, ResetIdle)
			none, ok := errors.AsType[*NoAnswerError](err)
			if !ok || !none.Sent || !none.Timeout() {
				t.Errorf("%s: %#v", name, err)
			}
			if took := time.Since(begun); took != CallTimeout {
				t.Errorf("%s: given up after %v, want %v", name, took, CallTimeout)
			}
			<-hungUp
		})
	}
}

// TestCallerGivesUp holds that a call ends with its context, and tells whether
// it had left by then.
func TestCallerGivesUp(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		dials bool
		sent  bool
	}{"while dialling": {false, false}, "while waiting": {true, true}} {
		synctest.Test(t, func(t *testing.T) {
			transport := pipeTransport(func(conn net.Conn) {
				defer conn.Close()
				_, _ = io.Copy(io.Discard, conn)
			})
			over := make(chan struct{})
			defer close(over)
			if !c.dials {
				transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
					<-over // the transport goes on dialling for whoever comes next
					return nil, errors.New("nobody is left")
				}
			}
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			begun := time.Now()
			_, err := NewClient("http://api.example", transport).DeleteToken(ctx, bearer, userID(t, someone))
			none, ok := errors.AsType[*NoAnswerError](err)
			if !ok || none.Sent != c.sent || !none.Timeout() || time.Since(begun) != 2*time.Second {
				t.Errorf("%s: %#v after %v", name, err, time.Since(begun))
			}
		})
	}
}

// TestConnectionsAreKept holds that calls in sequence share one connection,
// whatever was answered.
func TestConnectionsAreKept(t *testing.T) {
	t.Parallel()
	connections := map[string]bool{}
	n := 0
	client := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		connections[r.RemoteAddr] = true
		n++
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader([]int{200, 404, 503}[n%3])
		_, _ = io.WriteString(w, `{"message":"m"}`)
	})
	for range 5 {
		for _, call := range operations(t) {
			_ = call(t.Context(), client) // what came of it is tested elsewhere
		}
	}
	if len(connections) != 1 {
		t.Errorf("%d connections for %d calls", len(connections), n)
	}
}

// TestBaseThatIsNoURL holds that a bad setting is an error, not a request.
func TestBaseThatIsNoURL(t *testing.T) {
	t.Parallel()
	_, err := NewClient("http://bad host", http.DefaultTransport).HeadTokensMe(t.Context(), bearer)
	if _, ok := errors.AsType[*url.Error](err); !ok || OutcomeUnknown(err) {
		t.Errorf("%v", err)
	}
}
