package respond

import (
	"net/http"
	"strings"
	"time"

	"tokenconsole/handlers/request"
)

// A Download is a file that is made while it is sent. It begins an answer with its
// first byte, so that an error before it can still be a page, and lets a long one
// take longer than a page may, as long as it goes on.
type Download struct {
	v          *request.Visit
	kind, name string
	control    *http.ResponseController
	begun      bool
}

// NewDownload returns a file of a content type. Its name is name with the
// extension of the path that v asks for.
func NewDownload(v *request.Visit, kind, name string) *Download {
	return &Download{v: v, kind: kind, name: name, control: http.NewResponseController(v.Writer)}
}

// Head answers with the headers alone.
func (d *Download) Head() {
	path := d.v.Request.URL.Path
	ext := ".json"
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		ext = path[i:]
	}
	h := d.v.Writer.Header()
	h.Set("Content-Type", d.kind)
	h.Set("Content-Disposition", `attachment; filename="`+d.name+ext+`"`)
	d.v.Writer.WriteHeader(http.StatusOK) // said, as an answer of headers alone writes nothing else
}

// Begun reports whether anything was sent: an error can be no page then.
func (d *Download) Begun() bool { return d.begun }

// Write implements [io.Writer].
func (d *Download) Write(p []byte) (int, error) {
	if !d.begun {
		d.begun = true
		d.Head()
	}
	_ = d.control.SetWriteDeadline(time.Now().Add(30 * time.Second)) // not every test's writer can
	return d.v.Writer.Write(p)
}
