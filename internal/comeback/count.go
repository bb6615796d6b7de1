package comeback

import (
	"context"
	"time"

	"tokenconsole/internal/genesys"
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
	countStale = 2 * countFresh
	countKept  = 1000 // organizations
	countLimit = 5 * time.Second
)

// Count returns how many people of an organization came back and are not dealt
// with, as far as is known: no call is made for it, and it may be some seconds old.
// Of all who ask at once one reads. Nobody waits for that while what is known is less
// than twice as old as it should be.
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
	age := s.Now().Sub(known.at).Abs()
	if age < countFresh {
		return known
	}
	counted := s.counting.DoChan(organization, func() (fresh any, err error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), countLimit)
		defer cancel()
		err = genesys.Safely(func() error {
			board, err := s.Board(ctx, organization)
			fresh = s.countOf(board)
			return err
		})
		return fresh, err
	})
	if age < countStale {
		return known
	}
	if r := <-counted; r.Err == nil {
		return r.Val.(count)
	}
	return known
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
	s.recount(organization)
}

// hasCleared has the next who ask count anew.
func (s *Service) hasCleared(organization string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes.cleared++
	s.recount(organization)
}

// recount forgets what is known, and what was read before by somebody who still counts.
func (s *Service) recount(organization string) {
	delete(s.counts, organization)
	s.counting.Forget(organization)
}
