package audit

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

const (
	walkEvery  = 15 * time.Minute       // a walk over the whole record, and a checkpoint in the log
	probeEvery = 15 * time.Second       // whether it can be written
	lookEvery  = 200 * time.Millisecond // at the record's files, however many pages ask
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

// State is what a Monitor knows of the record. The numbers are those of the last walk, over all organizations; Through goes on
// with the entries that this process has written or read since.
type State struct {
	Condition Condition
	Entries   int64     // bodies that are there
	Open      int64     // entries that nothing has closed
	Through   int64     // the last entry that was checked; everything before it was checked, too
	Fault     *Fault    // what is broken, when Broken
	CheckedAt time.Time // when the last walk ended; zero before the first
}

// Monitor walks over the record in the background, again and again, so that a page never has to wait for it.
type Monitor struct {
	record *Log
	log    *slog.Logger
	now    func() time.Time
	walk   chan struct{}
	mu     sync.Mutex
	state  State
	looked time.Time // when last at the record's files
	files  error     // what was found
}

// NewMonitor returns a Monitor of record, which begins when Run does.
func NewMonitor(record *Log, log *slog.Logger, now func() time.Time) *Monitor {
	return &Monitor{record: record, log: log, now: now, walk: make(chan struct{}, 1), state: State{Condition: Checking}}
}

// Run checks the record's end and logs which entries a crash left open. Then, until ctx ends, it walks over the record every
// quarter of an hour and tries every quarter of a minute whether it can be written. It logs what it finds, and the record's
// checkpoint at the start, at each walk and at the end: a log kept elsewhere is a witness.
func (m *Monitor) Run(ctx context.Context) {
	if err := m.record.Start(ctx); err != nil && !errors.Is(err, ErrBroken) && ctx.Err() == nil {
		m.log.ErrorContext(ctx, "the record cannot be opened", "error", Visible(err.Error()))
	}
	m.logOpen(ctx)
	walks, probes := time.NewTicker(walkEvery), time.NewTicker(probeEvery)
	defer walks.Stop()
	defer probes.Stop()
	for m.check(ctx); ; {
		select {
		case <-walks.C:
			m.check(ctx)
		case <-m.walk:
			m.check(ctx)
		case <-probes.C:
			m.probe(ctx)
		case <-ctx.Done():
			m.logCheckpoint(context.WithoutCancel(ctx))
			return
		}
	}
}

// Check asks for a walk soon.
func (m *Monitor) Check() {
	select {
	case m.walk <- struct{}{}:
	default:
	}
}

// State is how the record is, as far as is known at this moment; it does not wait.
func (m *Monitor) State(context.Context) State {
	m.mu.Lock()
	s, files := m.state, m.lookAtFiles()
	m.mu.Unlock()
	switch f := m.record.Fault(); {
	case f != nil:
		s.Condition, s.Fault = Broken, f
	case m.record.failing.Load() != nil, files != nil:
		s.Condition = Unwritable
	case s.Condition == Whole:
		s.Through = m.record.readThrough(s.Through)
	}
	return s
}

// lookAtFiles is what [database.DB.Check] says, now or a moment ago. An act itself looks again before it writes. It needs m.mu.
func (m *Monitor) lookAtFiles() error {
	if now := time.Now(); now.Sub(m.looked) >= lookEvery {
		m.looked, m.files = now, m.record.db.Check()
	}
	return m.files
}

// check walks over the record and logs its checkpoint.
func (m *Monitor) check(ctx context.Context) {
	defer m.logCheckpoint(ctx)
	m.record.names.refresh(ctx)
	report, err := m.record.Verify(ctx)
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		m.log.ErrorContext(ctx, "the record could not be checked", "error", Visible(err.Error()))
		m.mu.Lock()
		defer m.mu.Unlock()
		m.state.Condition = Unchecked
		return
	}
	for _, f := range report.Faults {
		_ = m.record.breaks(f)
		m.log.ErrorContext(ctx, "a fault of the record", "seq", f.Seq, "fault", Visible(f.Words))
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.state = State{Condition: Whole, Entries: report.Entries, Open: report.OpenCount, Through: report.Size, CheckedAt: m.now()}
}

func (m *Monitor) probe(ctx context.Context) {
	failing := m.record.failing.Load() != nil
	err := m.record.Ready(ctx)
	switch {
	case ctx.Err() != nil:
	case err != nil && !failing && !errors.Is(err, ErrBroken):
		m.log.ErrorContext(ctx, "the record cannot be written: nothing is done until it can", "error", Visible(err.Error()))
	case err == nil && failing:
		m.log.InfoContext(ctx, "the record can be written again")
	}
}

// logCheckpoint logs the signed end of the record.
func (m *Monitor) logCheckpoint(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	text, err := m.record.Checkpoint(ctx)
	switch {
	case err == nil:
		m.log.InfoContext(ctx, "checkpoint of the record", "checkpoint", text)
	case !errors.Is(err, ErrNotFound) && ctx.Err() == nil:
		m.log.ErrorContext(ctx, "the record's checkpoint cannot be read", "error", Visible(err.Error()))
	}
}

// logOpen logs which entries were left open by a process that ended.
func (m *Monitor) logOpen(ctx context.Context) {
	seqs, err := seqsOf(m.record.db.QueryContext(ctx, "WITH RECURSIVE "+openActs+"SELECT seq FROM open ORDER BY seq"))
	if err != nil || len(seqs) == 0 {
		return
	}
	m.log.WarnContext(ctx, "entries are open: nobody recorded what came of them", "count", len(seqs),
		"seqs", seqs[:min(100, len(seqs))])
}
