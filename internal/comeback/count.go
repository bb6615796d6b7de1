package comeback

import (
	"context"
	"time"
)

// count is how many came back, and when that was counted.
type count struct {
	n  int
	at time.Time
}

const (
	countFresh = 10 * time.Second
	countKept  = 1000 // organizations
)

// Count returns how many people of an organization came back and are not dealt
// with, as far as is known: no call is made for it, and it may be some seconds old.
func (s *Service) Count(ctx context.Context, organization string) int {
	s.mu.Lock()
	known, ok := s.counts[organization]
	s.mu.Unlock()
	if ok && s.Now().Sub(known.at).Abs() < countFresh {
		return known.n
	}
	board, err := s.Board(ctx, organization)
	if err != nil {
		return known.n
	}
	return s.counted(organization, board)
}

// counted counts who came back on a board, for the next who ask.
func (s *Service) counted(organization string, board []Person) (n int) {
	for _, p := range board {
		if p.CameBack() {
			n++
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.counts == nil || len(s.counts) >= countKept {
		s.counts = map[string]count{}
	}
	s.counts[organization] = count{n, s.Now()}
	return n
}

// changed forgets what was counted.
func (s *Service) changed(organization string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.counts, organization)
}
