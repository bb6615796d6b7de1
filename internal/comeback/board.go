package comeback

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
)

// errEnough ends a reading of the record.
var errEnough = errors.New("enough")

// Board is everybody of an organization who is watched: those who came back first,
// then the latest revoked, and those who were dealt with last.
type Board struct {
	People       []Person
	organization string
	seen         changes // when it was read
}

// Board reads whom the record says to watch, and what is known of them.
func (s *Service) Board(ctx context.Context, organization string) (Board, error) {
	seen := s.seen()
	people, err := s.read(ctx, audit.Filter{OrganizationID: organization}, MostWatched)
	if err != nil {
		return Board{}, err
	}
	return s.Renew(ctx, Board{people, organization, seen})
}

// Renew is board with what is known of everybody's tokens now. The record is not read again.
func (s *Service) Renew(ctx context.Context, board Board) (Board, error) {
	board.seen.told = s.seen().told
	all, err := s.evidenceOfAll(ctx, board.organization)
	if err != nil {
		return Board{}, err
	}
	last, err := s.lastReading(ctx, board.organization)
	if err != nil {
		return Board{}, err
	}
	board.People = slices.Clone(board.People)
	for i := range board.People {
		p := &board.People[i]
		p.know(all[p.Revoked.Subject.ID], last)
		if err := s.name(ctx, board.organization, p); err != nil {
			return Board{}, err
		}
	}
	slices.SortFunc(board.People, func(a, b Person) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(b.Revoked.Seq, a.Revoked.Seq))
	})
	s.counted(board)
	return board, nil
}

// CameBack is how many came back and are not dealt with.
func (b Board) CameBack() (n int) {
	for _, p := range b.People {
		if p.CameBack() {
			n++
		}
	}
	return n
}

// Of returns what is known about one person, and whether they are watched. Issued is
// when their last token was issued, if the caller has just been told, else zero: it is
// kept.
func (s *Service) Of(
	ctx context.Context, organization string, id genesys.UserID, issued time.Time,
) (Person, bool, error) {
	some, err := s.read(ctx, audit.Filter{OrganizationID: organization, SubjectID: id.String()}, 1)
	if err != nil || len(some) == 0 {
		return Person{}, false, err
	}
	p := some[0]
	known, err := s.evidenceOf(ctx, organization, id.String())
	if err != nil {
		return Person{}, false, err
	}
	if issued.After(known.Issued) {
		if issued.After(known.Issued.Add(sameToken)) {
			known.Token = Token{}
		}
		known.Issued, known.ReadAt = issued, s.Now()
		// Where it cannot be kept it is known all the same, and the next who asks is told again.
		_ = s.keep(ctx, organization, []row{rowOf(id, known.Token)})
	}
	p.know(known, time.Time{})
	err = s.name(ctx, organization, &p)
	return p, err == nil, err
}

// know adds what the platform told about p. It told nothing about the time since the
// revocation if that was before, or if the last reading did not reach p.
func (p *Person) know(t evidence, lastReading time.Time) {
	p.Token = t.Token
	p.Checked = !t.ReadAt.Before(p.Times.Settled) && !t.ReadAt.Before(lastReading)
	if p.Who.Name == "" && t.name != "" {
		p.Who.Name, p.Who.Email = t.name, t.email
	}
}

// name looks on the record for the name of somebody whom nobody could look up when
// they were revoked.
func (s *Service) name(ctx context.Context, organization string, p *Person) error {
	if p.Who.Name != "" {
		return nil
	}
	known, err := s.Record.Known(ctx, organization, p.Who.ID)
	if err == nil && known.Name != "" {
		p.Who = known
	}
	return err
}

// Called is who with their name, where it is known by now: as the platform told last,
// or as the record has it.
func (s *Service) Called(ctx context.Context, organization string, who audit.Party) (audit.Party, error) {
	t, err := s.evidenceOf(ctx, organization, who.ID)
	if err != nil {
		return who, err
	}
	p := Person{Who: who}
	p.know(t, time.Time{})
	err = s.name(ctx, organization, &p)
	return p.Who, err
}

// read returns up to most of the people whom about shows, the latest revoked first,
// with what the record says of each.
func (s *Service) read(ctx context.Context, about audit.Filter, most int) ([]Person, error) {
	about.From = s.Now().Add(-s.For)
	cleared, err := s.cleared(ctx, about)
	if err != nil {
		return nil, err
	}
	r := roster{most: most, places: map[string]int{}}
	about.Action = audit.Revoke
	err = s.Record.EachAct(ctx, about, func(a audit.Act) error {
		if !r.add(a) {
			return errEnough
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, err
	}
	for i, p := range r.people {
		r.people[i].Cleared = cleared[p.Revoked.Subject.ID]
	}
	return r.people, nil
}

// cleared returns the last entry about each person that was dealt with by hand.
func (s *Service) cleared(ctx context.Context, about audit.Filter) (map[string]audit.Entry, error) {
	found := map[string]audit.Entry{}
	about.Action, about.Outcome = audit.ClearWatch, audit.Done
	err := s.Record.EachAct(ctx, about, func(a audit.Act) error {
		if e := a.Last(); found[e.Subject.ID].Seq == 0 && !byOneself(e) {
			found[e.Subject.ID] = e
		}
		return nil
	})
	return found, err
}
