package telemetry

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"time"
)

// Kind is the role of a span, as OTLP numbers it.
type Kind int

// The kinds of spans.
const (
	Job    Kind = 1 // work of the console's own
	Server Kind = 2 // an answer to a request
	Client Kind = 3 // a question to the platform or the database
)

// Tracer makes spans and hands them to its exporter. It is safe for concurrent use. Nil makes none.
type Tracer struct {
	share  float64 // of traces that are kept
	export *exporter
}

// Span is a piece of work with a beginning and an end. It belongs to one goroutine. Nil is one that nobody keeps.
type Span struct {
	tracer     *Tracer
	trace      string // 32 hex digits
	id, parent string // 16 hex digits; no parent is ""
	name       string
	kind       Kind
	begun      time.Time
	ended      time.Time
	attributes []attribute
	problem    string
}

type spanKey struct{}

// dropped marks the context of a trace that is not kept, so that nothing below it begins one.
var dropped = &Span{}

// Start begins a span below the one of ctx, or a trace of its own, and returns it with the context of what is done in
// it. Names and attributes come from the program alone: no person, token, address or query.
func (t *Tracer) Start(ctx context.Context, name string, kind Kind) (context.Context, *Span) {
	if t == nil {
		return ctx, nil
	}
	parent, _ := ctx.Value(spanKey{}).(*Span)
	if parent == nil && t.share < 1 && rand.Float64() >= t.share { // #nosec G404 -- which traces are kept is no secret
		return context.WithValue(ctx, spanKey{}, dropped), nil
	}
	if parent == dropped {
		return ctx, nil
	}
	s := &Span{tracer: t, id: randomHex(1), name: name, kind: kind, begun: time.Now()}
	if parent != nil {
		s.trace, s.parent = parent.trace, parent.id
	} else {
		s.trace = randomHex(2)
	}
	return context.WithValue(ctx, spanKey{}, s), s
}

// randomHex is words times 64 random bits, never all zero.
func randomHex(words int) string {
	b := make([]byte, 0, 16)
	for range words {
		b = binary.BigEndian.AppendUint64(b, rand.Uint64()|1) // #nosec G404 -- spans are told apart by it, no more
	}
	return hex.EncodeToString(b)
}

// Rename gives s the name that is only known at its end.
func (s *Span) Rename(name string) {
	if s != nil {
		s.name = name
	}
}

// Text adds an attribute, unless text is "".
func (s *Span) Text(key, text string) {
	if s != nil && text != "" {
		s.attributes = append(s.attributes, attribute{Key: key, Value: value{Text: &text}})
	}
}

// Number adds an attribute, unless n is 0.
func (s *Span) Number(key string, n int) {
	if s != nil && n != 0 {
		s.attributes = append(s.attributes, attribute{Key: key, Value: value{Number: &n}})
	}
}

// Fail marks s as failed, with the code of the problem.
func (s *Span) Fail(problem string) {
	if s != nil {
		s.problem = problem
	}
}

// End ends s and hands it over. Where more come than can be sent, it is dropped.
func (s *Span) End() {
	if s != nil {
		s.ended = time.Now()
		s.tracer.export.take(s)
	}
}
