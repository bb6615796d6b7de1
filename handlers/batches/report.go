package batches

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/audit"
	"tokenconsole/internal/batch"
	"tokenconsole/views"
)

// ReportCSV downloads what came of everybody in a batch as CSV.
func (r *Room) ReportCSV(v *request.Visit) error {
	return r.download(v, "text/csv; charset=utf-8", "batch", r.writeCSV)
}

// ReportJSON downloads the same as JSON.
func (r *Room) ReportJSON(v *request.Visit) error {
	return r.download(v, "application/json", "batch", r.writeJSON)
}

// Receipt downloads one signed file that proves every entry of a batch.
func (r *Room) Receipt(v *request.Visit) error {
	return r.download(v, "application/json", "receipt-of-batch", func(ctx context.Context, w io.Writer, b batch.Batch) (int64, error) {
		return 0, r.Batches.Receipt(ctx, b.Organization.ID, b.ID, w)
	})
}

// write writes a file about b, and returns how many people are in it.
type write func(ctx context.Context, w io.Writer, b batch.Batch) (people int64, err error)

// download sends a file about a batch. Reading in bulk is an act like others: it goes on the record.
func (r *Room) download(v *request.Visit, kind, name string, write write) error {
	b, err := r.find(v)
	if err != nil {
		return err
	}
	out := respond.NewDownload(v, kind, name+"-"+b.ID)
	if v.Request.Method == http.MethodHead {
		out.Head()
		return nil
	}
	e := request.Entry(v, audit.Export)
	e.Batch = b.ID
	var failed error
	_, err = r.Log.Undertake(v.Context(), e, func(context.Context) audit.Result {
		var n int64
		if n, failed = write(v.Context(), out, b); failed != nil {
			return audit.Result{Outcome: audit.Failed, Count: n, Err: failed}
		}
		return audit.Result{Outcome: audit.Done, Count: n}
	})
	switch {
	case err != nil && !out.Begun():
		return err
	case failed != nil && !out.Begun():
		return told(failed)
	case failed != nil:
		// A part must not pass for the whole: the connection is broken off.
		v.Log().Warn("a report broke off", "error", failed.Error())
		panic(http.ErrAbortHandler)
	}
	return nil
}

// column is one of a report.
type column struct {
	name string
	of   func(batch.Person) string
}

// csvColumns are the columns of every report.
var csvColumns = []column{
	{"position", func(p batch.Person) string { return strconv.Itoa(p.Position) }},
	{"line", func(p batch.Person) string { return number(p.Line) }},
	{"input", func(p batch.Person) string { return p.Input }},
	{"id", func(p batch.Person) string { return p.ID.String() }},
	{"name", func(p batch.Person) string { return p.Name }},
	{"email", func(p batch.Person) string { return p.Email }},
	{"plan", func(p batch.Person) string { return string(p.Plan) }},
	{"state", stateIn},
	{"status", func(p batch.Person) string { return number(p.Status) }},
	{"problem", func(p batch.Person) string { return p.Problem }},
	{"at", func(p batch.Person) string { return instant(p.At) }},
	{"correlation_id", func(p batch.Person) string { return p.CorrelationID }},
	{"entry", func(p batch.Person) string { return number(int(p.Entry)) }},
	{"tries", func(p batch.Person) string { return number(p.Tries) }},
	{"token_issued_before", func(p batch.Person) string { return instant(p.TokenBefore) }},
	{"token_issued_after", func(p batch.Person) string { return instant(p.CameBackAt()) }},
	{"read_at", func(p batch.Person) string { return instant(p.EvidenceAt) }},
	{"came_back_at", func(p batch.Person) string { sure, _ := backAt(p); return sure }},
	{"perhaps_back_at", func(p batch.Person) string { _, perhaps := backAt(p); return perhaps }},
}

// backAt is when p came back, or perhaps did: one of the two at most.
func backAt(p batch.Person) (sure, perhaps string) {
	if p.IsPerhapsBack() {
		return "", instant(p.CameBackAt())
	}
	return instant(p.CameBackAt()), ""
}

// stateIn is what came of p, or why it was left out.
func stateIn(p batch.Person) string {
	if p.Run != batch.NotInPlan {
		return string(p.Run)
	}
	return string(p.Plan)
}

// number is "" for 0, which stands for none.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

func (r *Room) writeCSV(ctx context.Context, w io.Writer, b batch.Batch) (n int64, err error) {
	out := bufio.NewWriterSize(w, 32<<10)
	columns := slices.Concat(csvColumns, stepColumns(b))
	values := make([]string, len(columns))
	for i, c := range columns {
		values[i] = c.name
	}
	if err := audit.WriteCSVLine(out, values...); err != nil {
		return 0, err
	}
	_, err = r.Batches.Report(ctx, b.Organization.ID, b.ID, func(p batch.Person) error {
		for i, c := range columns {
			values[i] = c.of(p)
		}
		n++
		return audit.WriteCSVLine(out, values...)
	})
	if err != nil {
		return n, err
	}
	return n, out.Flush()
}

// personJSON is a person in a report.
type personJSON struct {
	ID            string `json:"id"`
	Name          string `json:"name"`
	Email         string `json:"email"`
	Input         string `json:"input,omitempty"`
	Plan          string `json:"plan"`
	State         string `json:"state"`
	Status        int    `json:"status"`
	Problem       string `json:"problem,omitempty"`
	At            string `json:"at,omitempty"`
	CorrelationID string `json:"correlationId"`
	Entry         int64  `json:"entry"`
	Tries         int    `json:"tries"`
	TokenBefore   string `json:"tokenIssuedBefore,omitempty"`
	TokenAfter    string `json:"tokenIssuedAfter,omitempty"`
	ReadAt        string `json:"readAt,omitempty"`
	CameBackAt    string `json:"cameBackAt,omitempty"`
	PerhapsBackAt string `json:"perhapsBackAt,omitempty"`

	Steps []stepJSON `json:"steps,omitempty"`
}

// writeJSON writes the report as one object, a person on each line. After an error it lacks its end.
func (r *Room) writeJSON(ctx context.Context, w io.Writer, b batch.Batch) (n int64, err error) {
	out := bufio.NewWriterSize(w, 32<<10)
	about := map[string]any{
		"id": b.ID, "state": b.State, "counts": b.Counts, "rule": b.Rule.Words, "reason": b.Reason, "ticket": b.Ticket, "hash": b.Hash,
	}
	if b.Playbook != "" {
		about["playbook"], about["steps"] = b.Playbook, b.Steps
	}
	head, err := json.Marshal(about)
	if err != nil {
		return 0, err
	}
	_, _ = out.Write(audit.EscapeJSON(head[:len(head)-1]))
	_, _ = out.WriteString(`,"people":[`)
	_, err = r.Batches.Report(ctx, b.Organization.ID, b.ID, func(p batch.Person) error {
		sure, perhaps := backAt(p)
		line, err := json.Marshal(personJSON{
			ID: p.ID.String(), Name: p.Name, Email: p.Email, Input: p.Input, Plan: string(p.Plan), State: stateIn(p), Status: p.Status,
			Problem: p.Problem, At: instant(p.At), CorrelationID: p.CorrelationID, Entry: p.Entry, Tries: p.Tries,
			TokenBefore: instant(p.TokenBefore), TokenAfter: instant(p.CameBackAt()), ReadAt: instant(p.EvidenceAt),
			CameBackAt: sure, PerhapsBackAt: perhaps, Steps: stepsJSON(p),
		})
		if err != nil {
			return err
		}
		if n > 0 {
			_ = out.WriteByte(',')
		}
		_ = out.WriteByte('\n')
		n++
		_, err = out.Write(audit.EscapeJSON(line)) // tells of any error before
		return err
	})
	if err != nil {
		return n, err
	}
	_, _ = out.WriteString("\n]}\n")
	return n, out.Flush()
}

// ShowSheet is the report of a batch for paper.
func (r *Room) ShowSheet(v *request.Visit) error {
	b, err := r.find(v)
	if err != nil {
		return err
	}
	page := views.BatchSheet{
		Title: respond.BatchTitle(b), State: respond.BatchState(b.State), Facts: factsOf(v, b), Bar: respond.Tally(b.Counts), Back: respond.BatchPath(b.ID),
		ReadAt: views.MomentOf(v.Now(), v.Now()), Elsewhere: respond.Book(b.Playbook).Elsewhere,
	}
	if page.Undone, err = r.undone(v, b); err != nil {
		return told(err)
	}
	page.People = b.Counts.Rows()
	page.Rows = func(yield func(views.BatchPerson) error) error {
		_, err := r.Batches.Report(v.Context(), b.Organization.ID, b.ID, func(p batch.Person) error {
			return yield(personRow(v, p))
		})
		return err
	}
	page.Shell = r.Shell(v, "Report: "+page.Title)
	return told(r.Stream(v, views.Sheet(page)))
}

// undone is what could not be done about people of b, which stands above them.
func (r *Room) undone(v *request.Visit, b batch.Batch) ([]views.Undone, error) {
	left := leftUndone{}
	if b.Playbook == "" && b.Counts.Failed+b.Counts.Unknown == 0 {
		return left.rows(), nil
	}
	_, err := r.Batches.Report(v.Context(), b.Organization.ID, b.ID, func(p batch.Person) error {
		left.add(p)
		return nil
	})
	return left.rows(), err
}
