package main

import (
	"bytes"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"tokenconsole/handlers"
	"tokenconsole/internal/config"
	"tokenconsole/internal/database/databasetest"
	"tokenconsole/session"
)

// raw sends what stands in request to the console, and returns all that comes back.
func (d *demo) raw(t *testing.T, host, request string) string {
	t.Helper()
	conn, err := net.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil && len(answer) == 0 {
		t.Errorf("no answer: %v", err)
	}
	return string(answer)
}

// paths are those of the route table, and one that leads nowhere.
func paths(t *testing.T) []string {
	t.Helper()
	server, err := handlers.New(handlers.Options{
		PublicURL: &url.URL{Scheme: "http", Host: "console.example"},
		Sessions:  session.Options{Keys: [][]byte{bytes.Repeat([]byte("k"), config.KeySize)}, Idle: time.Hour, Total: time.Hour, DB: databasetest.Open(t, databasetest.SQLite(t))},
	})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{"/nowhere": true}
	for _, r := range server.Routes() {
		all[strings.NewReplacer("{$}", "", "{", "", "}", "").Replace(r.Path)] = true
	}
	if len(all) < 20 {
		t.Fatalf("the route table has %d paths", len(all))
	}
	return slices.Sorted(maps.Keys(all))
}

// Heads that others may read otherwise get one answer, 400, and the connection is closed. Nothing that follows is read.
func TestT4_AmbiguousHeadsAreRefused(t *testing.T) {
	d := startDemoHere(t)
	defer func() { d.stop(); d.ended() }()
	address, err := url.Parse(d.console)
	if err != nil {
		t.Fatal(err)
	}
	host := address.Host
	const next = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
	all := paths(t)
	for name, head := range map[string]string{
		"folded":            "X: a\r\n b\r\n\r\n",
		"folded by a tab":   "X: a\r\n\tb\r\n\r\n",
		"bare line feed":    "X: a\nY: b\r\n\r\n",
		"bare end":          "X: a\r\n\n",
		"NUL":               "X: a\x00b\r\n\r\n",
		"one length, twice": "Content-Length: 1\r\nContent-Length: 1\r\n\r\na",
		"coded in HTTP/1.0": "Transfer-Encoding: chunked\r\n\r\n",
		"chunks":            "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"length and chunks": "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"endless chunk":     "Transfer-Encoding: chunked\r\n\r\nffffffff\r\n",
	} {
		version := "HTTP/1.1"
		if strings.HasSuffix(name, "1.0") {
			version = "HTTP/1.0"
		}
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "OPTIONS"} {
			for _, path := range all {
				got := d.raw(t, host, method+" "+path+" "+version+"\r\nHost: "+host+"\r\n"+head+next)
				if !strings.HasPrefix(got, "HTTP/1.1 400 ") || strings.Count(got, "HTTP/1.1 ") != 1 {
					t.Errorf("%s, %s %s: %.100q", name, method, path, got)
				}
			}
		}
	}
	good := "POST /login HTTP/1.1\r\nHost: " + host + "\r\nContent-Length: 12\r\n\r\na\n b\x00\r\n\r\n c\n" +
		"GET /healthz HTTP/1.1\r\nHost: " + host + "\r\n\r\n" + strings.Replace(next, "Host: x", "Host: "+host, 1)
	if got := d.raw(t, host, good); strings.Count(got, "HTTP/1.1 200") != 2 || strings.Count(got, "HTTP/1.1 400") != 0 {
		t.Errorf("a body is taken for a head: %.300q", got)
	}
}

// BenchmarkStrictHeads sends 10,000 small requests over one connection.
func BenchmarkStrictHeads(b *testing.B) {
	const requests = 10_000
	for name, wrap := range map[string]func(net.Listener) net.Listener{
		"without": func(l net.Listener) net.Listener { return l },
		"with":    func(l net.Listener) net.Listener { return strictHeads{l} },
	} {
		b.Run(name, func(b *testing.B) {
			plain, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				b.Fatal(err)
			}
			server := &http.Server{
				ReadHeaderTimeout: 10 * time.Second,
				Handler:           http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }),
			}
			go func() { _ = server.Serve(wrap(plain)) }()
			defer func() { _ = server.Close() }()
			all := strings.Repeat("GET / HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\nCookie: a="+strings.Repeat("x", 400)+"\r\n\r\n", requests-1) +
				"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
			for b.Loop() {
				conn, err := net.Dial("tcp", plain.Addr().String())
				if err != nil {
					b.Fatal(err)
				}
				go func() { _, _ = io.WriteString(conn, all) }()
				if answer, err := io.ReadAll(conn); err != nil || bytes.Count(answer, []byte("HTTP/1.1 204")) != requests {
					b.Fatalf("%d bytes, %v", len(answer), err)
				}
				_ = conn.Close()
			}
		})
	}
}
