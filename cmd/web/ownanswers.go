package main

import (
	"bytes"
	"net"
	"strings"
)

// ownAnswers adds the security headers to the answers that net/http writes by
// itself, before any handler sees the request: 400, 417, 431, 501, 505. They are
// written to the connection as they are, so that is where they are found.
type ownAnswers struct {
	net.Listener
	headers string // as they stand in an answer
}

// withOwnAnswers wraps l. Name and value alternate in headers.
func withOwnAnswers(l net.Listener, headers ...string) net.Listener {
	var text strings.Builder
	for i := 0; i+1 < len(headers); i += 2 {
		text.WriteString(headers[i] + ": " + headers[i+1] + "\r\n")
	}
	return ownAnswers{l, text.String()}
}

// Accept implements [net.Listener].
func (l ownAnswers) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return ownAnswersConn{c, l.headers}, nil
}

type ownAnswersConn struct {
	net.Conn
	headers string
}

// ownAnswer begins every answer of net/http's own, but for the status between
// its two halves.
var ownAnswer = [2][]byte{[]byte("HTTP/1.1 "), []byte("\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n")}

// unexpected begins the one answer of net/http's own that is written otherwise. The
// console never gives that status.
var unexpected = []byte("HTTP/1.1 417 Expectation Failed\r\n")

// Write implements [net.Conn].
func (c ownAnswersConn) Write(b []byte) (int, error) {
	end := headOfOwn(b)
	if end == 0 {
		return c.Conn.Write(b)
	}
	whole := bytes.Join([][]byte{b[:end], []byte(c.headers), b[end:]}, nil)
	if _, err := c.Conn.Write(whole); err != nil {
		return 0, err
	}
	return len(b), nil
}

// headOfOwn is where headers can be added to b, if it begins an answer of net/http's
// own; else 0.
func headOfOwn(b []byte) int {
	if bytes.HasPrefix(b, unexpected) {
		return len(unexpected)
	}
	const longestStatus = 100
	start := b[:min(len(b), longestStatus+len(ownAnswer[1]))]
	status, _, found := bytes.Cut(start, ownAnswer[1])
	if !found || !bytes.HasPrefix(status, ownAnswer[0]) || bytes.ContainsAny(status, "\r\n") {
		return 0
	}
	return len(status) + len(ownAnswer[1])
}

// CloseWrite is closeWrite for net/http.
func (c ownAnswersConn) CloseWrite() error {
	return closeWrite(c.Conn)
}

// closeWrite ends what c sends, and still reads, where c can do that by halves: so net/http ends its own answers without
// cutting them off.
func closeWrite(c net.Conn) error {
	if half, ok := c.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return c.Close()
}
