package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"sync"
)

// wholes send an answer whose body is written at once in one piece. By itself, net/http
// writes the first 4,096 bytes of it, and then the rest: a call of the system more on both sides.
type wholes struct{ net.Listener }

// Accept implements [net.Listener].
func (l wholes) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &wholeConn{Conn: c}, nil
}

// wholeConn is a connection that can hold back what is written to it.
type wholeConn struct {
	net.Conn
	held *[]byte // nil while nothing is to be held back
}

var helds = sync.Pool{New: func() any { return new([]byte) }}

// Write implements [net.Conn].
func (c *wholeConn) Write(b []byte) (int, error) {
	if c.held == nil {
		return c.Conn.Write(b)
	}
	*c.held = append(*c.held, b...)
	return len(b), nil
}

// gather does write and sends what that wrote in one piece.
func (c *wholeConn) gather(write func() error) error {
	c.held = helds.Get().(*[]byte)
	err := write()
	held := c.held
	c.held = nil
	_, sendErr := c.Conn.Write(*held)
	*held = (*held)[:0]
	helds.Put(held)
	return errors.Join(err, sendErr)
}

// CloseWrite lets net/http end its own answers without cutting them off.
func (c *wholeConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return c.Close()
}

type connectionKey struct{}

// withConnection is for http.Server.ConnContext: handlers find their connection.
func withConnection(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, c)
}

// inOnePiece is next, for a server whose connections are of wholes.
func inOnePiece(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, ok := r.Context().Value(connectionKey{}).(*wholeConn); ok {
			w = &wholeWriter{w, c}
		}
		next.ServeHTTP(w, r)
	})
}

type wholeWriter struct {
	http.ResponseWriter
	conn *wholeConn
}

// Unwrap serves [http.ResponseController].
func (w *wholeWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Write implements [http.ResponseWriter].
func (w *wholeWriter) Write(p []byte) (int, error) {
	const small = 2 << 10 // with its head it is sent in one piece anyway
	if announced := w.Header()["Content-Length"]; len(p) < small || len(announced) != 1 || announced[0] != strconv.Itoa(len(p)) {
		return w.ResponseWriter.Write(p)
	}
	err := w.conn.gather(func() error {
		_, err := w.ResponseWriter.Write(p)
		return errors.Join(err, http.NewResponseController(w.ResponseWriter).Flush())
	})
	if err != nil {
		return 0, err
	}
	return len(p), nil
}
