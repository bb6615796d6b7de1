package telemetry

import (
	"context"
	"net/http"
	"time"
)

// Telemetry is everything that the console tells about its work. Nil tells nothing.
type Telemetry struct {
	Metrics *Metrics // nil for none
	Tracer  *Tracer  // nil for none
}

// Counts are the metrics, nil for none.
func (t *Telemetry) Counts() *Metrics {
	if t == nil {
		return nil
	}
	return t.Metrics
}

// Traces is the tracer, nil for none.
func (t *Telemetry) Traces() *Tracer {
	if t == nil {
		return nil
	}
	return t.Tracer
}

// RequestBegan tells that a request begins: what is done for it goes with the context that comes back. The span is to be
// given to Request at the end.
func (t *Telemetry) RequestBegan(ctx context.Context, id string) (context.Context, *Span) {
	ctx, span := t.Traces().Start(ctx, "request", Server)
	span.Text("console.request_id", id)
	return ctx, span
}

// Request tells of a request that was answered.
func (t *Telemetry) Request(span *Span, r Request) {
	if t == nil {
		return
	}
	t.Metrics.Request(r)
	route := routeOf(r.Route)
	span.Rename(method(r.Method) + " " + route)
	span.Text("http.request.method", method(r.Method))
	span.Text("http.route", route)
	span.Number("http.response.status_code", r.Status)
	span.Text("console.problem", r.Problem)
	if r.Status >= http.StatusInternalServerError {
		span.Fail(r.Problem)
	}
	span.End()
}

// RateLimit is part of genesys.Observer.
func (t *Telemetry) RateLimit(used, allowed int) { t.Metrics.RateLimit(used, allowed) }

// CallBegan tells that a call of the platform begins. The call is made with the context that comes back; what comes
// with it is to be told the end: the HTTP status, 0 without an answer, and the code of the problem, "" for none.
func (t *Telemetry) CallBegan(ctx context.Context, operation string) (context.Context, func(status int, problem string)) {
	begun := time.Now()
	ctx, span := t.Tracer.Start(ctx, operation, Client)
	return ctx, func(status int, problem string) {
		t.Metrics.Call(Call{Operation: operation, Status: status, Problem: problem, Took: time.Since(begun)})
		span.Text("genesys.operation", operation)
		span.Number("http.response.status_code", status)
		span.Fail(problem)
		span.End()
	}
}

// StatementBegan tells that the database is asked to do something; operation is the first word of it. What comes back
// is to be told the end.
func (t *Tracer) StatementBegan(ctx context.Context, system, operation string) func(error) {
	if ctx.Value(spanKey{}) == nil {
		return func(error) {} // no part of a request or a job: it would be a trace of one statement
	}
	_, span := t.Start(ctx, operation, Client)
	return func(err error) {
		span.Text("db.system.name", system)
		span.Text("db.operation.name", operation)
		if err != nil {
			span.Fail("database")
		}
		span.End()
	}
}

// Do does a job of the console's own, in a span of its name.
func (t *Tracer) Do(ctx context.Context, name string, job func(context.Context)) {
	ctx, span := t.Start(ctx, name, Job)
	defer span.End()
	job(ctx)
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
