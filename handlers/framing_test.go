package handlers_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// exchange sends text over a connection of its own and returns the answer, and
// whether the console closed the connection after it.
func (c *console) exchange(text string) (status int, closed bool) {
	c.t.Helper()
	conn, err := c.wire.dial(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := io.WriteString(conn, text); err != nil {
		c.t.Fatal(err)
	}
	reader := bufio.NewReader(conn)
	response, err := http.ReadResponse(reader, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		c.t.Fatal(err)
	}
	_, err = reader.ReadByte()
	return response.StatusCode, err == io.EOF
}

// A body in chunks, beside a length or not, is refused on every route and for
// every method, and nothing that follows on the connection is read (T15).
func TestT15_ChunksAreRefusedEverywhere(t *testing.T) {
	t.Parallel()
	c := newConsole(t, overTCP)
	for _, route := range c.handler.Routes() {
		path := strings.NewReplacer("{$}", "", "{id}", c.userID(agent), "{seq}", "1", "{file}", "app.css").Replace(route.Path)
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"} {
			for name, length := range map[string]string{"beside a length": "Content-Length: 4\r\n", "alone": ""} {
				t.Run(fmt.Sprintf("%s %s %s", method, route.Path, name), func(t *testing.T) {
					c := c.in(t)
					status, closed := c.exchange(method + " " + path + " HTTP/1.1\r\nHost: " + c.public.Host + "\r\n" + length +
						"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
					if status != http.StatusBadRequest || (!closed && method != "HEAD") {
						t.Errorf("status %d, closed %t", status, closed)
					}
				})
			}
		}
	}
}
