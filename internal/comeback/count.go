package comeback

import (
	"context"
	"time"
)

// count is how many came back and are not dealt with, whoever did, and when that was
// counted.
type count struct {
	n       int
	returns []Return
	at      time.Time
}

// changes are how often something changed here. What was read before a change must
// not be counted after it.
type changes struct{ cleared, told uint64 }

const (
	countFresh = 10 * time.Second
	countKept  = 1000 // organizations
	countLimit = 5 * time.Second
)

// Count returns how many people of an organization came back and are not dealt
// with, as far as is known: no call is made for it, and it may be some seconds old.
// Of all who ask at once one reads.
func (s *Service) Count(ctx context.Context, organization string) int {
	return s.latest(ctx, organization).n
}

// Returns are those of everybody who is watched, dealt with or not, but not of those who
// revoked themselves. They are as old as Count.
func (s *Service) Returns(ctx context.Context, organization string) []Return {
	return s.latest(ctx, organization).returns
}

func (s *Service) latest(ctx context.Context, organization string) count {
	known := s.count(organization)
	if s.Now().Sub(known.at).Abs() < countFresh {
		return known
	}
	fresh, err, _ := s.counting.Do(organization, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), countLimit)
		defer cancel()
		board, err := s.Board(ctx, organization)
		return s.countOf(board), err
	})
	if err != nil {
		return known
	}
	return fresh.(count)
}

func (s *Service) countOf(b Board) count {
	c := count{n: b.CameBack(), at: s.Now()}
	for _, p := range b.People {
		if p.IsBack() && !p.Oneself() {
			c.returns = append(c.returns, p.Return())
		}
	}
	return c
}

func (s *Service) count(organization string) count {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[organization]
}

// counted keeps how many came back on a board, for the next who ask.
func (s *Service) counted(b Board) {
	c := s.countOf(b)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changes != b.seen {
		return
	}
	if _, known := s.counts[b.organization]; !known && len(s.counts) >= countKept || s.counts == nil {
		s.counts = map[string]count{}
	}
	s.counts[b.organization] = c
}

// seen is what had changed until now.
func (s *Service) seen() changes {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changes
}

// told has the next who ask count anew: the platform told about somebody's token.
func (s *Service) told(organization string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes.told++
	delete(s.counts, organization)
}

// hasCleared has the next who ask count anew.
func (s *Service) hasCleared(organization string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes.cleared++
	delete(s.counts, organization)
}
