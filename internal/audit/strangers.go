package audit

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"
)

const (
	flushEvery      = time.Minute
	maxStrangers    = 1000 // told apart between two flushes; the rest is counted together
	strangerEntries = 10   // written at a flush, and one for the others
)

// Strangers counts failed sign-ins of nobody, so that they cannot fill the record: once a minute those that came most
// often go on the record, an entry for each address and problem, and one for all the others together.
type Strangers struct {
	record *Log
	log    *slog.Logger
	mu     sync.Mutex
	counts map[stranger]int64
	others int64
}

type stranger struct {
	address, region, problem string
	outcome                  Outcome
}

// NewStrangers returns a counter that writes to record while Run runs.
func NewStrangers(record *Log, log *slog.Logger) *Strangers {
	return &Strangers{record: record, log: log, counts: map[stranger]int64{}}
}

// Note counts a sign-in that was refused: from where, the code of why, and the region that was asked for.
func (s *Strangers) Note(address, problem, region string) {
	s.note(stranger{address, region, problem, Refused})
}

// NoteFailure counts a sign-in that failed for a fault of the console or the platform.
func (s *Strangers) NoteFailure(address, problem, region string) {
	s.note(stranger{address, region, problem, Failed})
}

func (s *Strangers) note(who stranger) {
	for _, word := range []*string{&who.address, &who.region, &who.problem} {
		*word = clip(*word, maxWord)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.counts[who]; known || len(s.counts) < maxStrangers {
		s.counts[who]++
		return
	}
	s.others++
}

// Run writes what was counted once a minute, until ctx ends, and then once more.
func (s *Strangers) Run(ctx context.Context) {
	ticker := time.NewTicker(flushEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			s.Flush(ctx)
		case <-ctx.Done():
			s.Flush(context.WithoutCancel(ctx))
			return
		}
	}
}

// Flush writes what was counted since the last flush. What cannot be written is counted on.
func (s *Strangers) Flush(ctx context.Context) {
	entries := s.take()
	for i, e := range entries {
		if _, err := s.record.Append(ctx, e); err != nil {
			s.log.ErrorContext(ctx, "failed sign-ins could not be recorded", "error", Visible(err.Error()))
			s.giveBack(entries[i:])
			return
		}
	}
}

// take empties the counter into entries: those that came most often, then one for the others.
func (s *Strangers) take() []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	var entries []Entry
	for who, n := range s.counts {
		entries = append(entries, Entry{Action: SignIn, Outcome: who.outcome, Address: who.address, Region: who.region,
			Problem: who.problem, Count: n})
	}
	slices.SortFunc(entries, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Address, b.Address), cmp.Compare(a.Problem, b.Problem),
			cmp.Compare(a.Region, b.Region), cmp.Compare(a.Outcome, b.Outcome))
	})
	others := s.others
	for _, e := range entries[min(strangerEntries, len(entries)):] {
		others += e.Count
	}
	entries = entries[:min(strangerEntries, len(entries))]
	if others > 0 {
		entries = append(entries, Entry{Action: SignIn, Outcome: Refused, Problem: "others", Count: others})
	}
	clear(s.counts)
	s.others = 0
	return entries
}

func (s *Strangers) giveBack(entries []Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range entries {
		who := stranger{e.Address, e.Region, e.Problem, e.Outcome}
		if _, known := s.counts[who]; e.Problem == "others" || !known && len(s.counts) >= maxStrangers {
			s.others += e.Count
			continue
		}
		s.counts[who] += e.Count
	}
}
