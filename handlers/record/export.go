package record

import (
	"context"
	"io"
	"net/http"

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
	query := v.Request.URL.Query()
	filter, wrong := readFilter(v)
	if len(wrong) > 0 {
		return respond.Refuse(respond.FilterUnreadable)
	}
	out := respond.NewDownload(v, kind, "audit-"+v.Now().UTC().Format("20060102-150405"))
	if v.Request.Method == http.MethodHead {
		out.Head() // without walking the record for nothing
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
	case failed != nil && !out.Begun():
		return respond.Unread(failed)
	case failed != nil:
		// A part must not pass for the whole: the connection is broken off.
		v.Log().Warn("an export broke off", "error", failed.Error())
		panic(http.ErrAbortHandler)
	}
	return nil
}
