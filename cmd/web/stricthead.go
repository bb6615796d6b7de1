package main

import (
	"bytes"
	"io"
	"net"
	"strconv"
)

// strictHeads refuses requests that net/http reads and others may read
// otherwise: headers folded over two lines, lines that end without a carriage
// return, NUL, and a Content-Length that comes twice. They get 400, and the
// connection is closed, whatever they ask for. Behind a Transfer-Encoding nothing
// is read: the console answers such a request with 400 itself, and whatever
// follows on the connection is no request.
type strictHeads struct{ net.Listener }

// Accept implements [net.Listener].
func (l strictHeads) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &strictConn{Conn: c}, nil
}

// strictConn watches the heads of the requests on a connection as net/http reads
// them, and passes over bodies by their length. A refused request is cut off and
// ends in a line that net/http answers with 400 by itself.
type strictConn struct {
	net.Conn
	head
	skip   int64  // bytes of a body that are still to come
	over   bool   // nothing more is read from the connection
	ending []byte // of a refused request, still to be read
}

// notAHeader ends a request that is refused, wherever in a line it stands: net/http
// takes NUL nowhere.
const notAHeader = "\x00\r\n\r\n"

// Read implements [net.Conn].
func (c *strictConn) Read(p []byte) (int, error) {
	if c.over {
		if len(c.ending) == 0 {
			return 0, io.EOF
		}
		n := copy(p, c.ending)
		c.ending = c.ending[n:]
		return n, nil
	}
	n, err := c.Conn.Read(p)
	for seen := 0; seen < n; {
		if c.skip > 0 {
			passed := min(c.skip, int64(n-seen))
			c.skip -= passed
			seen += int(passed)
			continue
		}
		taken, ok := c.take(p[seen:n])
		if seen += taken; !ok {
			c.over, c.ending = true, []byte(notAHeader)
			if seen == 0 {
				return c.Read(p)
			}
			return seen, nil
		}
		if c.ended && c.coded {
			c.over = true
			return seen, nil
		}
		if c.ended {
			c.skip, c.head = c.length, head{line: c.line[:0]}
		}
	}
	return n, err
}

// CloseWrite is closeWrite for net/http.
func (c *strictConn) CloseWrite() error {
	return closeWrite(c.Conn)
}

// longestLine is how much of a line is kept: more than a Content-Length needs.
const longestLine = 64

// head is what has been read of the head of a request.
type head struct {
	line   []byte  // that has begun, as far as it is kept
	tail   [8]byte // the last bytes of the first line
	size   int     // of the line
	lines  int     // that have ended
	cr     bool    // the last byte was a carriage return
	modern bool    // the first line says HTTP/1.1
	sized  bool    // a Content-Length was there
	length int64
	coded  bool // a Transfer-Encoding was there
	ended  bool
}

// take reads the bytes of b up to the end of the head. It returns how many they
// are, and false behind them if the next one is not allowed.
func (h *head) take(b []byte) (taken int, ok bool) {
	for taken < len(b) && !h.ended {
		if h.cr {
			if b[taken] != '\n' || !h.endLine() {
				return taken, false
			}
			h.cr = false
			taken++
			continue
		}
		if folds := h.size == 0 && (b[taken] == ' ' || b[taken] == '\t'); folds {
			return taken, false
		}
		end := bytes.IndexAny(b[taken:], "\r\n\x00")
		if end < 0 {
			end = len(b) - taken
		}
		h.keep(b[taken : taken+end])
		if taken += end; taken < len(b) {
			if b[taken] != '\r' {
				return taken, false
			}
			h.cr = true
			taken++
		}
	}
	return taken, true
}

// keep adds b to the line.
func (h *head) keep(b []byte) {
	h.size += len(b)
	h.line = append(h.line, b[:min(len(b), longestLine-len(h.line))]...)
	if h.lines == 0 {
		last := b[max(0, len(b)-len(h.tail)):]
		copy(h.tail[:], h.tail[len(last):])
		copy(h.tail[len(h.tail)-len(last):], last)
	}
}

// endLine takes the line in, and reports whether it is allowed.
func (h *head) endLine() bool {
	line, size := h.line, h.size
	h.line, h.size = h.line[:0], 0
	switch {
	case size == 0 && h.lines == 0: // before the first line net/http passes over some
		return true
	case size == 0:
		h.ended = true
		return true
	case h.lines == 0:
		h.lines, h.modern = 1, string(h.tail[:]) == "HTTP/1.1"
		return true
	}
	name, value, _ := bytes.Cut(line, []byte(":"))
	switch {
	case bytes.EqualFold(name, []byte("Content-Length")):
		length, err := strconv.ParseUint(string(bytes.Trim(value, " \t")), 10, 63)
		if h.sized || err != nil || size > longestLine {
			return false
		}
		h.sized, h.length = true, int64(length) // #nosec G115 -- 63 bits
	case bytes.EqualFold(name, []byte("Transfer-Encoding")):
		h.coded = true
		return h.modern // net/http ignores it in older requests
	}
	return true
}
