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

// hold has c hold back what is written to it from here on.
func (c *wholeConn) hold() {
	if c.held == nil {
		c.held = helds.Get().(*[]byte)
	}
}

// release sends what was held back, in one piece.
func (c *wholeConn) release() error {
	held := c.held
	if held == nil {
		return nil
	}
	c.held = nil
	_, err := c.Conn.Write(*held)
	*held = (*held)[:0]
	helds.Put(held)
	return err
}

// CloseWrite is closeWrite for net/http.
func (c *wholeConn) CloseWrite() error {
	return closeWrite(c.Conn)
}

type connectionKey struct{}

// withConnection is for http.Server.ConnContext: handlers find their connection.
func withConnection(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, c)
}

// inOnePiece is next, for a server whose connections are of wholes.
func inOnePiece(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, ok := r.Context().Value(connectionKey{}).(*wholeConn)
		if !ok {
			next.ServeHTTP(w, r)
			return
		}
		whole := &wholeWriter{ResponseWriter: w, conn: c}
		next.ServeHTTP(whole, r)
		if c.held != nil {
			_ = whole.FlushError()
		}
		if whole.broken {
			// net/http takes what was held back for sent. It must not have another answer follow half a one.
			panic(http.ErrAbortHandler)
		}
	})
}

type wholeWriter struct {
	http.ResponseWriter
	conn   *wholeConn
	broken bool // what was held back did not get out
}

// Unwrap serves [http.ResponseController].
func (w *wholeWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Write implements [http.ResponseWriter]. The end of an answer goes out when its handler has ended, as it does without
// wholeWriter: who has the answer finds it counted.
func (w *wholeWriter) Write(p []byte) (int, error) {
	const small = 2 << 10 // with its head it is sent in one piece anyway
	if announced := w.Header()["Content-Length"]; len(p) >= small && len(announced) == 1 && announced[0] == strconv.Itoa(len(p)) {
		w.conn.hold()
	}
	return w.ResponseWriter.Write(p)
}

// FlushError serves [http.ResponseController].
func (w *wholeWriter) FlushError() error {
	err := http.NewResponseController(w.ResponseWriter).Flush()
	sendErr := w.conn.release()
	w.broken = w.broken || sendErr != nil
	return errors.Join(err, sendErr)
}
