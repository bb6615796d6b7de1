package audit

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

const (
	walkEvery  = 15 * time.Minute // a walk over the whole record, and a checkpoint in the log
	probeEvery = 15 * time.Second // whether it can be written
)

// Condition is how the record is.
type Condition string

// The conditions, the best first. Only Broken and Unwritable keep acts from being done.
const (
	Whole      Condition = "whole"
	Checking   Condition = "checking"   // the first walk is not over
	Unchecked  Condition = "unchecked"  // the last walk could not be finished
	Unwritable Condition = "unwritable" // the last attempt to write failed
	Broken     Condition = "broken"
)

// Conditions lists every Condition.
func Conditions() []Condition { return []Condition{Whole, Checking, Unchecked, Unwritable, Broken} }

// State is what a Watch knows of the record. The numbers are those of the last walk, over all organizations; Through goes on
// with the entries that this process has written or read since.
type State struct {
	Condition Condition
	Entries   int64     // bodies that are there
	Open      int64     // entries that nothing has closed
	Through   int64     // the last entry that was checked; everything before it was checked, too
	Fault     *Fault    // what is broken, when Broken
	CheckedAt time.Time // when the last walk ended; zero before the first
}

// Watch walks over the record in the background, again and again, so that a page never has to wait for it.
type Watch struct {
	record *Log
	log    *slog.Logger
	now    func() time.Time
	walk   chan struct{}
	mu     sync.Mutex
	state  State
}

// NewWatch returns a Watch over record, which begins when Run does.
func NewWatch(record *Log, log *slog.Logger, now func() time.Time) *Watch {
	return &Watch{record: record, log: log, now: now, walk: make(chan struct{}, 1), state: State{Condition: Checking}}
}

// Run checks the record's end and logs which entries a crash left open. Then, until ctx ends, it walks over the record every
// quarter of an hour and tries every quarter of a minute whether it can be written. It logs what it finds, and the record's
// checkpoint at the start, at each walk and at the end: a log kept elsewhere is a witness.
func (w *Watch) Run(ctx context.Context) {
	if err := w.record.Start(ctx); err != nil && !errors.Is(err, ErrBroken) && ctx.Err() == nil {
		w.log.ErrorContext(ctx, "the record cannot be opened", "error", Visible(err.Error()))
	}
	w.logOpen(ctx)
	walks, probes := time.NewTicker(walkEvery), time.NewTicker(probeEvery)
	defer walks.Stop()
	defer probes.Stop()
	for w.check(ctx); ; {
		select {
		case <-walks.C:
			w.check(ctx)
		case <-w.walk:
			w.check(ctx)
		case <-probes.C:
			w.probe(ctx)
		case <-ctx.Done():
			w.logCheckpoint(context.WithoutCancel(ctx))
			return
		}
	}
}

// Check asks for a walk soon.
func (w *Watch) Check() {
	select {
	case w.walk <- struct{}{}:
	default:
	}
}

// State is how the record is, as far as is known at this moment; it does not wait.
func (w *Watch) State(context.Context) State {
	w.mu.Lock()
	s := w.state
	w.mu.Unlock()
	switch f := w.record.Fault(); {
	case f != nil:
		s.Condition, s.Fault = Broken, f
	case w.record.failing.Load() != nil, w.record.db.Check() != nil:
		s.Condition = Unwritable
	case s.Condition == Whole:
		s.Through = w.record.readThrough(s.Through)
	}
	return s
}

// check walks over the record and logs its checkpoint.
func (w *Watch) check(ctx context.Context) {
	defer w.logCheckpoint(ctx)
	report, err := w.record.Verify(ctx)
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		w.log.ErrorContext(ctx, "the record could not be checked", "error", Visible(err.Error()))
		w.mu.Lock()
		defer w.mu.Unlock()
		w.state.Condition = Unchecked
		return
	}
	for _, f := range report.Faults {
		_ = w.record.breaks(f)
		w.log.ErrorContext(ctx, "a fault of the record", "seq", f.Seq, "fault", Visible(f.Words))
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.state = State{Condition: Whole, Entries: report.Entries, Open: report.OpenCount, Through: report.Size, CheckedAt: w.now()}
}

func (w *Watch) probe(ctx context.Context) {
	failing := w.record.failing.Load() != nil
	err := w.record.Ready(ctx)
	switch {
	case ctx.Err() != nil:
	case err != nil && !failing && !errors.Is(err, ErrBroken):
		w.log.ErrorContext(ctx, "the record cannot be written: nothing is done until it can", "error", Visible(err.Error()))
	case err == nil && failing:
		w.log.InfoContext(ctx, "the record can be written again")
	}
}

// logCheckpoint logs the signed end of the record.
func (w *Watch) logCheckpoint(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	text, err := w.record.Checkpoint(ctx)
	switch {
	case err == nil:
		w.log.InfoContext(ctx, "checkpoint of the record", "checkpoint", text)
	case !errors.Is(err, ErrNotFound) && ctx.Err() == nil:
		w.log.ErrorContext(ctx, "the record's checkpoint cannot be read", "error", Visible(err.Error()))
	}
}

// logOpen logs which entries were left open by a process that ended.
func (w *Watch) logOpen(ctx context.Context) {
	seqs, err := seqsOf(w.record.db.QueryContext(ctx, "SELECT seq FROM audit_open ORDER BY seq"))
	if err != nil || len(seqs) == 0 {
		return
	}
	w.log.WarnContext(ctx, "entries are open: nobody recorded what came of them", "count", len(seqs),
		"seqs", seqs[:min(100, len(seqs))])
}
