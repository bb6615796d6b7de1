// Package comeback tells who got a new token after their tokens were revoked.
// Deleting tokens locks nobody out, so everybody is watched for a while:
//
//	the record: revocations and what was cleared by hand ──┐
//	the database: the last token known of each person ─────┴──► Board ──► pages, badge
//	                 ▲                      ▲
//	Read: GetUsers, 100 ids a call     Live: a notification channel a session
//
// Whom to watch is read from the record and kept nowhere else, so that it holds
// after a restart and on every replica.
package comeback

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/revocation"
)

// MostWatched is how many people of an organization are watched at once: those who
// were revoked last. One notification channel takes as many topics.
const MostWatched = genesys.MaxTopics

// Person is somebody who is watched, with what is known.
type Person struct {
	ID      genesys.UserID
	Revoked audit.Entry // the last revocation that the platform confirmed
	Cleared audit.Entry // what was said about it by hand since; zero if nothing was
	Token   Token       // the last one known
}

// Token is the last token that somebody got, as far as the platform told.
type Token struct {
	Issued   time.Time // zero if it was not told
	ReadAt   time.Time // when that was told; zero for never
	Address  string    // of whoever got it; told live only
	ClientID string    // that it was issued to; told live only
}

// After is how long after the revocation a new token was issued, 0 for none.
func (p Person) After() time.Duration {
	if after, ok := revocation.CameBack(p.Revoked.At, p.Token.Issued); ok {
		return after
	}
	return 0
}

// Oneself reports whether they revoked their own tokens: then coming back is what
// they meant to do.
func (p Person) Oneself() bool { return p.Revoked.Actor.ID == p.Revoked.Subject.ID }

// IsCleared reports whether somebody has dealt with it by hand.
func (p Person) IsCleared() bool { return p.Cleared.Seq != 0 }

// CameBack reports whether somebody came back who was not meant to, as far as is
// known, and nobody has dealt with it.
func (p Person) CameBack() bool { return p.After() > 0 && !p.IsCleared() && !p.Oneself() }

// Service knows who is watched. It is safe for concurrent use.
type Service struct {
	Record   *audit.Log
	DB       *database.DB
	Platform *genesys.Platform
	For      time.Duration // how long people are watched
	Now      func() time.Time

	mu     sync.Mutex
	counts map[string]count // by organization
}

// errEnough ends a reading of the record.
var errEnough = errors.New("enough")

// Board returns everybody of an organization who is watched: those who came back
// first, then the latest revoked, and those who were dealt with last. Each person is
// there once, with their last revocation.
func (s *Service) Board(ctx context.Context, organization string) ([]Person, error) {
	since := s.Now().Add(-s.For)
	cleared, err := s.cleared(ctx, organization, since)
	if err != nil {
		return nil, err
	}
	tokens, err := s.tokens(ctx, organization)
	if err != nil {
		return nil, err
	}
	var board []Person
	seen := map[string]bool{}
	revoked := audit.Filter{OrganizationID: organization, Action: audit.Revoke, Outcome: audit.Done, From: since}
	err = s.Record.EachAct(ctx, revoked, func(a audit.Act) error {
		e := a.Last()
		id, err := genesys.ParseUserID(e.Subject.ID)
		if err != nil || seen[e.Subject.ID] {
			return nil
		}
		if len(board) == MostWatched {
			return errEnough
		}
		seen[e.Subject.ID] = true
		p := Person{ID: id, Revoked: e, Token: tokens[e.Subject.ID]}
		if c := cleared[e.Subject.ID]; c.Seq > e.Seq {
			p.Cleared = c
		}
		board = append(board, p)
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, err
	}
	slices.SortStableFunc(board, func(a, b Person) int { return cmp.Compare(a.rank(), b.rank()) })
	return board, nil
}

// Renew is board with what is known of everybody's tokens now. The record is not read again.
func (s *Service) Renew(ctx context.Context, organization string, board []Person) ([]Person, error) {
	tokens, err := s.tokens(ctx, organization)
	if err != nil {
		return nil, err
	}
	renewed := slices.Clone(board)
	for i := range renewed {
		renewed[i].Token = tokens[renewed[i].Revoked.Subject.ID]
	}
	slices.SortFunc(renewed, func(a, b Person) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(b.Revoked.Seq, a.Revoked.Seq))
	})
	s.counted(organization, renewed)
	return renewed, nil
}

func (p Person) rank() int {
	switch {
	case p.CameBack():
		return 0
	case p.IsCleared():
		return 2
	}
	return 1
}

// cleared returns the last entry about each person that was dealt with by hand.
func (s *Service) cleared(ctx context.Context, organization string, since time.Time) (map[string]audit.Entry, error) {
	found := map[string]audit.Entry{}
	f := audit.Filter{OrganizationID: organization, Action: audit.ClearWatch, Outcome: audit.Done, From: since}
	err := s.Record.EachAct(ctx, f, func(a audit.Act) error {
		if e := a.Last(); found[e.Subject.ID].Seq == 0 {
			found[e.Subject.ID] = e
		}
		return nil
	})
	return found, err
}

// Since returns what is known about somebody since revoked, their last revocation,
// and whether they are watched still. It is Of for whoever has that entry. Issued is
// when the last token was issued, if the caller has just been told: it is kept.
func (s *Service) Since(ctx context.Context, revoked audit.Entry, issued time.Time) (Person, bool, error) {
	p := Person{Revoked: revoked}
	if s.Now().Sub(revoked.At) > s.For {
		return p, false, nil
	}
	var err error
	if p.ID, err = genesys.ParseUserID(revoked.Subject.ID); err != nil {
		return p, false, err
	}
	if p.Token, err = s.tokenOf(ctx, revoked.Organization.ID, revoked.Subject.ID); err != nil {
		return p, false, err
	}
	if issued.After(p.Token.Issued.Add(sameToken)) {
		p.Token = Token{Issued: issued, ReadAt: s.Now()}
		if err := s.keep(ctx, revoked.Organization.ID, []tokenRow{rowOf(p.ID, p.Token)}); err != nil {
			return p, false, err
		}
	}
	about := audit.Filter{
		OrganizationID: revoked.Organization.ID, SubjectID: revoked.Subject.ID, Action: audit.ClearWatch, Outcome: audit.Done,
	}
	last, err := s.Record.Acts(ctx, about, audit.Cursor{}, 1)
	if err == nil && len(last.Acts) == 1 && last.Acts[0].Last().Seq > revoked.Seq {
		p.Cleared = last.Acts[0].Last()
	}
	return p, err == nil, err
}

// Of returns what is known about one person, and whether they are watched. Pages
// about people and batches show the same facts as the board by it.
func (s *Service) Of(ctx context.Context, organization string, id genesys.UserID) (Person, bool, error) {
	some, err := s.OfAll(ctx, organization, []genesys.UserID{id})
	p, ok := some[id]
	return p, ok, err
}

// OfAll is Of for several people; those who are not watched are missing.
func (s *Service) OfAll(ctx context.Context, organization string, ids []genesys.UserID) (map[genesys.UserID]Person, error) {
	board, err := s.Board(ctx, organization)
	if err != nil {
		return nil, err
	}
	some := map[genesys.UserID]Person{}
	for _, p := range board {
		if slices.Contains(ids, p.ID) {
			some[p.ID] = p
		}
	}
	return some, nil
}

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

// Clear puts on the record that somebody's return is dealt with, by e, whose reason
// says how.
func (s *Service) Clear(ctx context.Context, e audit.Entry) error {
	e.Action, e.Outcome = audit.ClearWatch, audit.Done
	_, err := s.Record.Append(context.WithoutCancel(ctx), e)
	s.changed(e.Organization.ID)
	return err
}
