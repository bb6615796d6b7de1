package telemetry

import (
	"context"
	"net/http"
	"time"
)

// Telemetry is everything that the console tells about its work. Nil tells nothing.
type Telemetry struct {
	Metrics *Metrics // nil for none
}

// Counts are the metrics, nil for none.
func (t *Telemetry) Counts() *Metrics {
	if t == nil {
		return nil
	}
	return t.Metrics
}

// Request tells of a request that was answered.
func (t *Telemetry) Request(r Request) {
	if t != nil {
		t.Metrics.Request(r)
	}
}

// CallBegan tells that a call of the platform begins. The call is made with the context that comes back; what comes
// with it is to be told the end: the HTTP status, 0 without an answer, and the code of the problem, "" for none.
func (t *Telemetry) CallBegan(ctx context.Context, operation string) (context.Context, func(status int, problem string)) {
	begun := time.Now()
	return ctx, func(status int, problem string) {
		t.Metrics.Call(Call{Operation: operation, Status: status, Problem: problem, Took: time.Since(begun)})
	}
}

// Transport tells of every call that goes through next, under the name of operation. It is for calls that only have a
// transport in common; without telemetry it is next itself.
func (t *Telemetry) Transport(operation string, next http.RoundTripper) http.RoundTripper {
	if t == nil {
		return next
	}
	return &observed{t, operation, next}
}

type observed struct {
	telemetry *Telemetry
	operation string
	next      http.RoundTripper
}

// RoundTrip implements [http.RoundTripper].
func (o *observed) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, ended := o.telemetry.CallBegan(r.Context(), o.operation)
	resp, err := o.next.RoundTrip(r.WithContext(ctx))
	if err != nil {
		ended(0, "no-answer")
		return nil, err
	}
	ended(resp.StatusCode, "")
	return resp, nil
}
