package main

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestT17_OwnAnswersCarryTheHeaders holds that what net/http answers by itself
// carries the security headers too, and that what handlers write is left alone.
func TestT17_OwnAnswersCarryTheHeaders(t *testing.T) {
	t.Parallel()
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{
		MaxHeaderBytes:    4 << 10,
		ReadHeaderTimeout: 10 * time.Second,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			w.Header().Set("Connection", "close")
			_, _ = io.WriteString(w, "HTTP/1.1 400 \r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n")
		}),
	}
	go func() {
		_ = server.Serve(withOwnAnswers(plain, "X-Content-Type-Options", "nosniff", "Cache-Control", "no-store"))
	}()
	t.Cleanup(func() { _ = server.Close() })
	tests := []struct {
		name, request, status string
		own                   bool
	}{
		{"a page", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "200 OK", false},
		{"not HTTP", "HELLO\r\n\r\n", "400 Bad Request", true},
		{"no host", "GET / HTTP/1.1\r\n\r\n", "400 Bad Request: missing required Host header", true},
		{"odd header", "GET / HTTP/1.1\r\nHost: a\r\nA b: c\r\n\r\n", "400 Bad Request", true},
		{"odd expectation", "GET / HTTP/1.1\r\nHost: a\r\nExpect: more\r\n\r\n", "417 Expectation Failed", true},
		{"large header", "GET / HTTP/1.1\r\nHost: a\r\nA: " + strings.Repeat("a", 12<<10) + "\r\n\r\n", "431 Request Header Fields Too Large", true},
		{"odd encoding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", "501 Not Implemented", true},
		{"version", "GET / HTTP/9.9\r\nHost: a\r\n\r\n", "505 HTTP Version Not Supported", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			conn, err := net.Dial("tcp", plain.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
			if _, err := io.WriteString(conn, test.request); err != nil {
				t.Fatal(err)
			}
			answer, err := io.ReadAll(conn)
			if err != nil {
				t.Fatal(err)
			}
			head, body, _ := strings.Cut(string(answer), "\r\n\r\n")
			if !strings.HasPrefix(head, "HTTP/1.1 "+test.status) {
				t.Errorf("answered %.100q, want %s", head, test.status)
			}
			for _, header := range []string{"\r\nX-Content-Type-Options: nosniff", "\r\nCache-Control: no-store"} {
				if strings.Contains(head, header) != test.own {
					t.Errorf("%q in %q: want %t", header, head, test.own)
				}
			}
			if strings.Contains(body, "nosniff") {
				t.Errorf("the body was changed: %q", body)
			}
		})
	}
}
