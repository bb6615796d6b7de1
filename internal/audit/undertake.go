package audit

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"tokenconsole/internal/genesys"
)

// Result is what came of an act.
type Result struct {
	Outcome       Outcome // the zero value counts as Unknown
	Status        int     // HTTP status of the platform's answer, 0 for none
	CorrelationID string
	Problem       string    // code of what stood in the way
	Permission    string    // the one that was missing
	Count         int64     // how many it concerned, where that is only known afterwards
	Tally         Tally     // what came of several, where not all are done
	Dead          bool      // the token to be deleted was dead already: there was nothing left to do, so it counts as done
	Err           error     // why it is not Done, for pages and logs; not recorded
	At            time.Time // when the answer arrived; not recorded
}

// TokenAlreadyDead is the Problem of an act whose token was dead before it.
const TokenAlreadyDead = "token-already-dead"

// Settled is an act that was carried out.
type Settled struct {
	Asked      Entry // what was to be done
	Entry      Entry // what came of it; as it should have been recorded when Unrecorded is set
	Result     Result
	Unrecorded error // the outcome could not be recorded, so Asked stays open; it wraps ErrNotRecorded
}

// OpenEntry is the Seq of the entry that stays open because the outcome could not be recorded, else 0.
func (s Settled) OpenEntry() int64 {
	if s.Unrecorded != nil {
		return s.Asked.Seq
	}
	return 0
}

// Undertake carries out an act: it records that e is asked, runs do, and records what came of it. None of this ends
// when ctx does, as a browser that goes away must not take the outcome with it. An error wraps ErrNotRecorded; do was
// not run then. If do panics, that is logged, and the outcome is unknown, on the record and to the caller.
func (l *Log) Undertake(ctx context.Context, e Entry, do func(context.Context) Result) (Settled, error) {
	return l.UndertakeKnowing(ctx, e, func(ctx context.Context, _ Entry) Result { return do(ctx) })
}

// UndertakeKnowing is Undertake for an act that has to know the entry that asked for it.
func (l *Log) UndertakeKnowing(
	ctx context.Context, e Entry, do func(ctx context.Context, asked Entry) Result,
) (s Settled, err error) {
	ctx = context.WithoutCancel(ctx)
	e.Outcome = Asked
	if s.Asked, err = l.ask(ctx, e); err != nil {
		l.log.ErrorContext(ctx, "an act could not be recorded, and was not done", "action", string(e.Action),
			"request_id", Visible(e.RequestID), "error", Visible(err.Error()))
		return Settled{}, err
	}
	s.Result = l.carryOut(ctx, s.Asked, do)
	l.settle(ctx, &s)
	return s, nil
}

// carryOut runs do, whose panic is an answer that never came: the platform may have done what was asked.
func (l *Log) carryOut(ctx context.Context, asked Entry, do func(ctx context.Context, asked Entry) Result) (r Result) {
	defer func() {
		if p := recover(); p != nil {
			l.log.ErrorContext(ctx, "panic during an act: its outcome is unknown", "action", string(asked.Action), "seq", asked.Seq,
				"request_id", Visible(asked.RequestID), "panic", Visible(fmt.Sprint(p)), "stack", string(debug.Stack()))
			r = ResultOf(genesys.Receipt{}, &genesys.NoAnswerError{
				Operation: string(asked.Action), Sent: true, Err: errors.New("a panic during the act"),
			})
		}
	}()
	return do(ctx, asked)
}

// ask records that e is asked, on a record whose newest entries are as they were written.
func (l *Log) ask(ctx context.Context, e Entry) (Entry, error) {
	checking, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if !l.snapshot().known { // nothing has read the record since the process started
		if err := l.Start(checking); err != nil {
			return Entry{}, fmt.Errorf("%w: %w", ErrNotRecorded, err)
		}
	}
	if err := l.looks.share(checking, func(ctx context.Context) error { return l.checkRecent(ctx, l.db) }); err != nil {
		return Entry{}, fmt.Errorf("%w: %w", ErrNotRecorded, err)
	}
	return l.Append(ctx, e)
}

// settle records what came of an act.
func (l *Log) settle(ctx context.Context, s *Settled) {
	e := s.Asked.With(s.Result)
	e.Seq, e.At, e.Open, e.Closes = 0, time.Time{}, false, s.Asked.Seq
	s.Result.Outcome, s.Result.Problem, s.Entry = e.Outcome, e.Problem, e
	entry, err := l.Append(ctx, e)
	if err != nil {
		s.Unrecorded = err
		l.log.ErrorContext(ctx, "the outcome of an act could not be recorded: its entry stays open", "seq", s.Asked.Seq,
			"action", string(e.Action), "outcome", string(e.Outcome), "platform_status", e.PlatformStatus,
			"request_id", Visible(e.RequestID), "error", Visible(err.Error()))
		return
	}
	s.Entry = entry
	s.Asked.Open = false
}
