package handlers_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// wire leads to one server. It is a pipe in memory, so that a test can have the
// time to itself (testing/synctest), unless it is made over TCP.
type wire struct {
	net.Listener
	dial func(context.Context) (net.Conn, error)
}

// newWire returns a wire in memory.
func newWire() wire {
	p := &pipes{waiting: make(chan net.Conn), closed: make(chan struct{})}
	return wire{p, p.dial}
}

// newTCPWire returns a wire through the loopback interface.
func newTCPWire(t testing.TB) wire {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return wire{listener, func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", listener.Addr().String())
	}}
}

// serve has h answer what comes over w until the test ends.
func serve(t testing.TB, w wire, h http.Handler) {
	server := &httptest.Server{Listener: w, Config: &http.Server{Handler: h, DisableGeneralOptionsHandler: true}}
	server.Start()
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
}

// transport returns a way to the servers of a test: hosts by name and port in
// memory, all others through the machine's network.
func transport(t testing.TB, base *http.Transport, hosts map[string]wire) *http.Transport {
	base.Proxy = nil
	base.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if w, ok := hosts[address]; ok {
			return w.dial(ctx)
		}
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	t.Cleanup(base.CloseIdleConnections)
	return base
}

// roundTrip is a transport made of a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// inProcess is a transport that calls h, and no network at all.
func inProcess(h http.Handler) http.RoundTripper {
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		r = r.Clone(r.Context())
		r.Host = r.URL.Host
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		response := w.Result()
		response.Request = r
		return response, nil
	})
}

// pipes is a listener in memory.
type pipes struct {
	waiting chan net.Conn
	closed  chan struct{}
	once    sync.Once
}

func (p *pipes) dial(ctx context.Context) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case p.waiting <- local{far}:
		return near, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept implements [net.Listener].
func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.waiting:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// Close implements [net.Listener].
func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

// Addr implements [net.Listener].
func (p *pipes) Addr() net.Addr { return loopback }

var loopback = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1}

// local is the end of a pipe whose other end is on this machine.
type local struct{ net.Conn }

func (local) RemoteAddr() net.Addr { return loopback }
