package record

import (
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/audit"
)

// ExportCSV streams what a filter shows as CSV.
func (r *Room) ExportCSV(v *request.Visit) error {
	return r.export(v, "text/csv; charset=utf-8", r.Log.WriteCSV)
}

// ExportJSON streams what a filter shows as a JSON array.
func (r *Room) ExportJSON(v *request.Visit) error {
	return r.export(v, "application/json", r.Log.WriteJSON)
}

// export streams what a filter shows, written by write. Reading the record in
// bulk is an act like others: it goes on the record itself.
func (r *Room) export(v *request.Visit, kind string, write func(context.Context, io.Writer, audit.Filter) (int64, error)) error {
	if site := v.Request.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return request.CrossOrigin // it would put an act on the record that its person never asked for
	}
	query := v.Request.URL.Query()
	filter, wrong := readFilter(query, v.Session)
	if len(wrong) > 0 {
		return respond.Refuse(respond.FilterUnreadable)
	}
	out := newDownload(v, kind)
	if v.Request.Method == http.MethodHead {
		out.start() // without walking the record for nothing
		return nil
	}
	e := request.Entry(v, audit.Export)
	e.Query = encode(query, audit.Cursor{})
	act, err := r.Log.Undertake(v.Context(), e, func(context.Context) audit.Result {
		n, err := write(v.Context(), out, filter)
		if err != nil {
			return audit.Result{Outcome: audit.Failed, Count: n, Err: err}
		}
		return audit.Result{Outcome: audit.Done, Count: n}
	})
	if err != nil {
		return err
	}
	failed := act.Result.Err
	switch {
	case failed != nil && !out.started:
		return respond.Unread(failed)
	case failed != nil:
		// A part must not pass for the whole: the connection is broken off.
		v.Log.Warn("an export broke off", "error", failed.Error())
		panic(http.ErrAbortHandler)
	}
	return nil
}

// A download begins an answer with its first byte, so that an error before it
// can still be a page, and lets a long one take longer than a page may, as long
// as it goes on.
type download struct {
	v       *request.Visit
	kind    string
	control *http.ResponseController
	started bool
}

func newDownload(v *request.Visit, kind string) *download {
	return &download{v: v, kind: kind, control: http.NewResponseController(v.Writer)}
}

func (d *download) start() {
	_, ext, _ := strings.Cut(d.v.Request.URL.Path, ".")
	h := d.v.Writer.Header()
	h.Set("Content-Type", d.kind)
	h.Set("Content-Disposition", `attachment; filename="audit-`+d.v.Now().UTC().Format("20060102-150405")+"."+ext+`"`)
}

// Write implements [io.Writer].
func (d *download) Write(p []byte) (int, error) {
	if !d.started {
		d.started = true
		d.start()
	}
	_ = d.control.SetWriteDeadline(time.Now().Add(30 * time.Second)) // not every test's writer can
	return d.v.Writer.Write(p)
}
