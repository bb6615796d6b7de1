package respond

import (
	"bufio"
	"errors"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"tokenconsole/handlers/request"
	"tokenconsole/internal/genesys"
)

// streamPart is about how much of a streamed page is kept before it is sent.
const streamPart = 32 << 10

// Stream answers with a page that is made while it is sent. It is for the few that are too large to be kept whole for
// every slow reader. An error before its first part can still be another page. After that the connection is broken off, so
// that a part does not pass for the whole; the page itself should say in its last line that it is the last.
func (a *Responder) Stream(v *request.Visit, c templ.Component) error {
	if err := a.proof(v); err != nil && (!v.Gate.Blind || errors.Is(err, genesys.ErrUnauthorized)) {
		return err
	}
	out := &streamed{v: v, control: http.NewResponseController(v.Writer)}
	parts := bufio.NewWriterSize(out, streamPart)
	err := c.Render(v.Context(), parts)
	if err == nil {
		err = parts.Flush()
	}
	if err == nil || !out.begun {
		return err
	}
	v.Log().Warn("a page broke off", "error", err.Error())
	panic(http.ErrAbortHandler)
}

// streamed begins an answer with its first byte, and lets it take as long as it goes on.
type streamed struct {
	v       *request.Visit
	control *http.ResponseController
	begun   bool
}

// Write implements [io.Writer].
func (s *streamed) Write(p []byte) (int, error) {
	if !s.begun {
		s.begun = true
		s.v.Writer.Header()["Content-Type"] = htmlType
		s.v.Writer.WriteHeader(http.StatusOK)
	}
	_ = s.control.SetWriteDeadline(time.Now().Add(30 * time.Second)) // not every test's writer can
	return s.v.Writer.Write(p)
}
