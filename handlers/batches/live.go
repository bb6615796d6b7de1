package batches

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/batch"
	"tokenconsole/views"
)

const (
	// streamFor is how long one answer goes on. The browser asks again by itself, and its session is proven again: so
	// that a session that ends sees nothing more, and a server that stops need not wait.
	streamFor = 10 * time.Second
	// eventsApart is the least time between two events: faster nobody reads.
	eventsApart = 500 * time.Millisecond
	// maxFailures is how many failures the progress shows.
	maxFailures = 8
)

// progress is how b goes.
func (r *Room) progress(ctx context.Context, b batch.Batch, now time.Time) (views.BatchLive, error) {
	c := b.Counts
	live := views.BatchLive{
		Bar: respond.Tally(c), Settled: c.Settled(), Total: c.ToRevoke, Waits: waits(b.Progress),
		GoesOn: views.MomentOf(b.Progress.GoesOnAt, now), Over: b.State.Over(),
	}
	if b.State == batch.Running {
		live.Rate, live.Left = pace(b, now)
	}
	if c.Failed+c.Unknown == 0 {
		return live, nil
	}
	for _, run := range []batch.Run{batch.Failed, batch.Unknown} {
		failed, err := r.Batches.Latest(ctx, b.Organization.ID, b.ID, run, maxFailures-len(live.Failures))
		if err != nil {
			return live, told(err)
		}
		for _, p := range failed {
			row := views.BatchPerson{Name: nameOf(p), OutcomeLabel: runNames[p.Run], Outcome: string(p.Run), Href: respond.PersonPath(p.ID), At: views.MomentOf(p.At, now)}
			if p.Problem != "" {
				row.Problem = respond.ProblemTitle(p.Problem)
			}
			live.Failures = append(live.Failures, row)
		}
	}
	if c.Failed+c.Unknown > len(live.Failures) {
		live.More = at(b.ID, shown{name: string(batch.Failed)}, "", 0)
	}
	return live, nil
}

// pace says how fast b goes and, once somebody is settled, how long it still takes: before that nobody knows.
func pace(b batch.Batch, now time.Time) (rate, left string) {
	remaining := b.Counts.Waiting + b.Counts.Asked
	perMinute := b.Progress.PerMinute
	if perMinute > 0 {
		rate = fmt.Sprintf("up to %d a minute", perMinute)
	} else if settled, took := b.Counts.Settled(), now.Sub(b.StartedAt); settled > 10 && took > time.Second {
		perMinute = int(float64(settled) / took.Minutes())
	}
	if perMinute > 0 && remaining > 0 && b.Counts.Settled() > 0 {
		left = "about " + views.Span(max(time.Duration(remaining)*time.Minute/time.Duration(perMinute), time.Second)) + " left"
	}
	return rate, left
}

// event is what a page that watches a batch is told.
type event struct {
	State string `json:"state"`
	Label string `json:"label"`
	HTML  string `json:"html"` // the progress
	Say   string `json:"say"`  // what is read out if it is new: what it waits for, and how many are not revoked
}

// said is what somebody has to hear of b who does not see it.
func said(b batch.Batch) string {
	text := respond.BatchState(b.State).Label + "."
	if waits := waits(b.Progress); waits != "" {
		text += " Waits for: " + waits + "."
	}
	if n := b.Counts.Failed + b.Counts.Unknown; n > 0 {
		text += " Not confirmed: " + views.People(n) + "."
	}
	return text
}

// proven is what was read again about the people of b, once it is over, and how long it took.
func proven(b batch.Batch, proof batch.Proof, now time.Time) []views.Stat {
	if !b.State.Over() {
		return nil
	}
	back := views.Stat{Label: "Came back", Value: strconv.Itoa(proof.CameBack), Hint: "got a token since, or at that moment; read", At: views.MomentOf(proof.ReadAt, now)}
	switch {
	case proof.Read == 0:
		back.Value, back.Hint = "Not known", "nobody’s last token was read again"
	case proof.Read < b.Counts.Done:
		back.Hint = fmt.Sprintf("of %s of whom it was read again, last", views.People(proof.Read))
	}
	if proof.CameBack > 0 {
		back.Tone, back.Href = "warning", at(b.ID, shown{name: showCameBack}, "", 0)
	}
	took := views.Stat{Label: "Took", Value: views.Span(max(b.EndedAt.Sub(b.StartedAt), time.Second)), Hint: "from the start to the end"}
	if !b.DecidedAt.IsZero() {
		took = views.Stat{Label: "Took", Value: views.Span(max(b.EndedAt.Sub(b.DecidedAt), time.Second)), Hint: "from the approval to the end"}
	}
	var steps []views.Stat
	if len(b.Steps) > 1 {
		undone := views.Stat{Label: "A step not done", Value: strconv.Itoa(b.Counts.Undone), Hint: "besides the tokens, of those not skipped"}
		if b.Counts.Undone > 0 {
			undone.Tone, undone.Href = "warning", at(b.ID, shown{name: showUndone}, "", 0)
		}
		steps = append(steps, undone)
	}
	return append([]views.Stat{
		{Label: "Revoked", Value: strconv.Itoa(b.Counts.Done), Hint: fmt.Sprintf("of %s in the plan", views.People(b.Counts.ToRevoke))},
		{Label: "Not confirmed", Value: strconv.Itoa(b.Counts.Failed + b.Counts.Unknown + b.Counts.Skipped), Hint: "failed, unknown or skipped"}, back, took,
	}, steps...)
}

// Events tells a page that watches a batch what changes, as server-sent events. It does so for a while, and then has
// the browser ask again.
func (r *Room) Events(v *request.Visit) error {
	b, err := r.find(v)
	if err != nil {
		return err
	}
	seen, _ := strconv.ParseInt(v.Request.URL.Query().Get("after"), 10, 64)
	if last, err := strconv.ParseInt(v.Request.Header.Get("Last-Event-ID"), 10, 64); err == nil {
		seen = last
	}
	while, leave, err := r.Keeper.While(v)
	if err != nil {
		return err
	}
	defer leave()
	h := v.Writer.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // a proxy is not to collect them
	_, _ = v.Writer.Write([]byte("retry: 300\n\n"))
	if v.Request.Method == http.MethodHead {
		return nil
	}
	control := http.NewResponseController(v.Writer)
	_ = control.Flush()
	ctx, cancel := context.WithTimeout(while, streamFor)
	defer cancel()
	for ctx.Err() == nil {
		if b, err = r.Batches.Await(ctx, b.Organization.ID, b.ID, seen); err != nil {
			return nil // the time is over, or the database does not answer: the browser asks again
		}
		text, err := r.live.of(ctx, r, b, v.Now())
		if err != nil {
			return nil
		}
		seen = b.Version
		_, _ = fmt.Fprintf(v.Writer, "id: %d\ndata: %s\n\n", b.Version, text)
		if control.Flush() != nil {
			return nil
		}
		if b.State.Over() {
			return nil
		}
		rest(ctx, eventsApart)
	}
	return nil
}

// rest waits for d, or until ctx ends.
func rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// fragments are the latest events of the batches that are watched: however many watch, each is made once.
type fragments struct {
	mu sync.Mutex
	by map[string]*fragment
}

type fragment struct {
	mu      sync.Mutex
	version int64
	text    []byte
}

// maxFragments bounds how many batches have an event kept.
const maxFragments = 200

// of is the event about b.
func (fs *fragments) of(ctx context.Context, r *Room, b batch.Batch, now time.Time) ([]byte, error) {
	fs.mu.Lock()
	if fs.by == nil || len(fs.by) > maxFragments {
		fs.by = map[string]*fragment{}
	}
	f := fs.by[b.ID]
	if f == nil {
		f = &fragment{}
		fs.by[b.ID] = f
	}
	fs.mu.Unlock()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.version == b.Version {
		return f.text, nil
	}
	live, err := r.progress(ctx, b, now)
	if err != nil {
		return nil, err
	}
	var html bytes.Buffer
	if err := views.BatchProgress(live).Render(ctx, &html); err != nil {
		return nil, err
	}
	text, err := json.Marshal(event{string(b.State), respond.BatchState(b.State).Label, html.String(), said(b)})
	if err == nil {
		f.version, f.text = b.Version, text
	}
	return text, err
}
