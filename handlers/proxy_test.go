package handlers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/Shopify/toxiproxy/v2/stream"
	"github.com/Shopify/toxiproxy/v2/toxics"
	"github.com/rs/zerolog"
)

// A network is what lies between a console and its platform, over real TCP, and can
// be harmed (Shopify/toxiproxy).
type network struct {
	t      testing.TB
	behind string // the platform's address
	proxy  atomic.Pointer[toxiproxy.Proxy]
	bad    *atomic.Bool // while it misbehaves
}

// A toxic is a way to harm a network, on one of its two directions.
type toxic struct {
	Type       string         `json:"type"`
	Stream     string         `json:"stream,omitempty"` // downstream, towards the console, if empty
	Attributes map[string]any `json:"attributes"`
}

// putNetwork puts a network between c, which was made overTCP and has called
// nothing yet, and the platform at host. It says in bad when it misbehaves.
func (c *console) putNetwork(host string, bad *atomic.Bool) *network {
	c.t.Helper()
	behind := c.hosts[host+":80"]
	n := &network{t: c.t, behind: behind.Addr().String(), bad: bad}
	n.begin()
	c.t.Cleanup(func() { n.proxy.Load().Stop() })
	c.hosts[host+":80"] = wire{behind, func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", n.proxy.Load().Listen)
	}}
	return n
}

// begin puts a proxy in between that does no harm, in place of the one before.
func (n *network) begin() {
	n.t.Helper()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	proxy := toxiproxy.NewProxy(server, "platform", "127.0.0.1:0", n.behind)
	if err := proxy.Start(); err != nil {
		n.t.Fatal(err)
	}
	if before := n.proxy.Swap(proxy); before != nil {
		before.Stop()
		// Taking a toxic from a connection that is just being closed may block toxiproxy for ever: nobody waits for it.
		go before.Toxics.ResetToxics(context.Background())
	}
}

// harm has the network misbehave from now on, on open connections too.
func (n *network) harm(t toxic) {
	n.t.Helper()
	n.bad.Store(true)
	encoded, err := json.Marshal(t)
	if err != nil {
		n.t.Fatal(err)
	}
	if _, err := n.proxy.Load().Toxics.AddToxicJson(bytes.NewReader(encoded)); err != nil {
		n.t.Fatal(err)
	}
}

// heal ends all harm, and with it the connections that suffered it.
func (n *network) heal() {
	n.t.Helper()
	n.begin()
	n.bad.Store(false)
}

// flood is a toxic that sends something else in place of what the platform answers:
// a head, and a piece again and again, for ever, unless the piece is empty.
type flood struct{ Head, Piece string }

// flooded counts the bytes that floods got rid of.
var flooded atomic.Int64

func init() { toxics.Register("flood", new(flood)) }

// Pipe implements [toxics.Toxic].
func (f *flood) Pipe(stub *toxics.ToxicStub) {
	var next chan<- *stream.StreamChunk // nil, and so never ready, until there is an answer to replace
	content := []byte(f.Head)
	for {
		select {
		case <-stub.Interrupt:
			return
		case answer := <-stub.Input:
			if answer == nil {
				stub.Close()
				return
			}
			next = stub.Output
		case next <- &stream.StreamChunk{Data: content, Timestamp: time.Now()}:
			flooded.Add(int64(len(content)))
			if content = []byte(f.Piece); len(content) == 0 {
				stub.Close()
				return
			}
		}
	}
}

// hurried limits every call of the platform that begins while bad, up to the last
// byte of its answer, to less than the console does.
func hurried(bad *atomic.Bool, limit time.Duration) func(*setup) {
	return withTransport(func(way http.RoundTripper) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			if !bad.Load() {
				return way.RoundTrip(r)
			}
			ctx, cancel := context.WithTimeout(r.Context(), limit)
			response, err := way.RoundTrip(r.WithContext(ctx))
			if err != nil {
				cancel()
				return nil, err
			}
			response.Body = endingBody{response.Body, cancel}
			return response, nil
		})
	})
}

// endingBody calls end when it is closed.
type endingBody struct {
	io.ReadCloser
	end func()
}

func (b endingBody) Close() error {
	defer b.end()
	return b.ReadCloser.Close()
}
