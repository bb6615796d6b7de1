package telemetry

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

const (
	queueLength = 2048
	batchLength = 512
	sendEvery   = 5 * time.Second
)

// exporter sends spans to a collector, as OTLP in JSON over HTTP.
type exporter struct {
	url       string
	headers   map[string]string
	timeout   time.Duration
	resource  []attribute
	client    *http.Client
	log       *slog.Logger
	queue     chan *Span
	lost      atomic.Int64
	lastError string
}

// take queues s, or counts it as lost when the queue is full.
func (e *exporter) take(s *Span) {
	select {
	case e.queue <- s:
	default:
		e.lost.Add(1)
	}
}

// Run sends what was traced every few seconds, until ctx ends, and then once more. A nil Tracer has nothing to send.
func (t *Tracer) Run(ctx context.Context) {
	if t == nil {
		return
	}
	e := t.export
	ticker := time.NewTicker(sendEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			e.flush(ctx)
		case <-ctx.Done():
			e.flush(context.WithoutCancel(ctx))
			return
		}
	}
}

// flush sends everything that is in the queue now.
func (e *exporter) flush(ctx context.Context) {
	for left := len(e.queue); left > 0; {
		batch := make([]*Span, 0, min(left, batchLength))
		for range cap(batch) {
			batch = append(batch, <-e.queue)
		}
		left -= len(batch)
		if err := e.send(ctx, batch); err != nil {
			e.lost.Add(int64(len(batch)))
			if err.Error() != e.lastError { // said once, not every five seconds
				e.log.Warn("traces cannot be sent", "error", err.Error())
			}
			e.lastError = err.Error()
			continue
		}
		e.lastError = ""
	}
	if lost := e.lost.Swap(0); lost > 0 {
		e.log.Debug("spans were lost", "spans", lost)
	}
}

func (e *exporter) send(ctx context.Context, batch []*Span) error {
	ctx, cancel := context.WithTimeout(ctx, e.timeout)
	defer cancel()
	content, err := json.Marshal(e.request(batch))
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url, bytes.NewReader(content))
	if err != nil {
		return err
	}
	for name, text := range e.headers {
		req.Header.Set(name, text)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := e.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("the collector answered %s", resp.Status)
	}
	return nil
}

// The message of OTLP 1.x in its JSON form, as far as it is needed.
type (
	attribute struct {
		Key   string `json:"key"`
		Value value  `json:"value"`
	}
	value struct {
		Text   *string `json:"stringValue,omitempty"`
		Number *int    `json:"intValue,string,omitempty"`
	}
	resourceSpans struct {
		Resource struct {
			Attributes []attribute `json:"attributes"`
		} `json:"resource"`
		ScopeSpans []scopeSpans `json:"scopeSpans"`
	}
	scopeSpans struct {
		Scope struct {
			Name string `json:"name"`
		} `json:"scope"`
		Spans []wireSpan `json:"spans"`
	}
	wireSpan struct {
		TraceID      string      `json:"traceId"`
		SpanID       string      `json:"spanId"`
		ParentSpanID string      `json:"parentSpanId,omitempty"`
		Name         string      `json:"name"`
		Kind         Kind        `json:"kind"`
		Start        string      `json:"startTimeUnixNano"`
		End          string      `json:"endTimeUnixNano"`
		Attributes   []attribute `json:"attributes,omitempty"`
		Status       *wireStatus `json:"status,omitempty"`
	}
	wireStatus struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	}
	exportRequest struct {
		ResourceSpans []resourceSpans `json:"resourceSpans"`
	}
)

// statusError is OTLP's number for what failed.
const statusError = 2

func (e *exporter) request(batch []*Span) exportRequest {
	var scope scopeSpans
	scope.Scope.Name = "tokenconsole"
	for _, s := range batch {
		w := wireSpan{
			TraceID: s.trace, SpanID: s.id, ParentSpanID: s.parent, Name: s.name, Kind: s.kind, Attributes: s.attributes,
			Start: strconv.FormatInt(s.begun.UnixNano(), 10), End: strconv.FormatInt(s.ended.UnixNano(), 10),
		}
		if s.problem != "" {
			w.Status = &wireStatus{statusError, s.problem}
		}
		scope.Spans = append(scope.Spans, w)
	}
	var of resourceSpans
	of.Resource.Attributes, of.ScopeSpans = e.resource, []scopeSpans{scope}
	return exportRequest{[]resourceSpans{of}}
}
