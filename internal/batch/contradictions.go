package batch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/database"
)

// Contradictions says in words where the rows of batches differ from the record, for whoever verifies that: run it on a
// record that is whole, since it finds entries by their columns. Batches that were prepared before pruned may have lost
// entries to retention, and are left out if they have none. A batch that the record has prepared must be there. It only reads.
func Contradictions(ctx context.Context, db *database.DB, record *audit.Log, pruned time.Time) ([]string, error) {
	s := &Service{db: db, record: record, log: slog.New(slog.DiscardHandler), now: time.Now}
	recorded, err := record.Batches(ctx) // first: its rows are written before a preparation is done
	if err != nil {
		return nil, err
	}
	batches, err := s.batches(ctx, selectBatch+" ORDER BY prepared_at, id")
	if err != nil {
		return nil, err
	}
	var words []string
	for _, id := range recorded {
		if !slices.ContainsFunc(batches, func(b row) bool { return b.ID == id }) {
			words = append(words, fmt.Sprintf("batch %s: it is not in the database, and the record says that it was prepared", id))
		}
	}
	for _, b := range batches {
		wrong, err := s.contradictions(ctx, b, pruned)
		if err != nil {
			return nil, err
		}
		for _, w := range wrong {
			words = append(words, fmt.Sprintf("batch %s: %s", b.ID, w))
		}
	}
	return words, nil
}

// contradictions compares one batch. One that is changed meanwhile is read again.
func (s *Service) contradictions(ctx context.Context, b row, pruned time.Time) ([]string, error) {
	const often = 5
	for range often {
		wrong, err := s.differences(ctx, b, pruned)
		if err != nil || len(wrong) == 0 {
			return nil, err
		}
		now, err := s.load(ctx, b.ID)
		if err != nil {
			return nil, err
		}
		if now.Version == b.Version {
			return wrong, nil
		}
		b = now
	}
	return nil, nil // it runs, and is compared by its worker
}

// differences compares what a batch's rows say now.
func (s *Service) differences(ctx context.Context, b row, pruned time.Time) ([]string, error) {
	a, err := s.filed(ctx, b)
	if err != nil {
		return nil, err
	}
	c, err := a.course()
	if err != nil {
		if b.PreparedAt.Before(pruned) {
			return nil, nil
		}
		return []string{err.Error()}, nil
	}
	plan, err := s.storedPlan(ctx, b.Batch)
	if err != nil {
		return nil, err
	}
	wrong := inWords(a.compare(b, plan), b, c)
	if len(plan.unreadable) > 0 {
		return wrong, nil
	}
	rows, err := s.comparePeople(ctx, b, a, &plan)
	return append(wrong, rows...), err
}

// inWords says what compare found.
func inWords(err error, b row, c course) []string {
	differs, ok := errors.AsType[*DiffersError](err)
	switch {
	case err == nil:
		return nil
	case !ok:
		return []string{err.Error()}
	case differs.Problem == RowUnreadable:
		return []string{"in the database these cannot be read: " + differs.Words()}
	}
	if _, ok := c.as(b.State); !ok {
		return []string{fmt.Sprintf("the database says that it is %s, and the record that it is %s", b.State, c.state)}
	}
	return []string{"the database says something else than the record of: " + differs.Words()}
}

// filed is what the record says of b, by what its entries are filed under.
func (s *Service) filed(ctx context.Context, b row) (*acts, error) {
	a := &acts{people: map[string]*told{}}
	var entries []audit.Entry
	err := s.record.Each(ctx, audit.Filter{OrganizationID: b.Organization.ID, Batch: b.ID}, func(e audit.Entry) error {
		entries = append(entries, e)
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(entries, func(a, b audit.Entry) int { return cmp.Compare(a.Seq, b.Seq) })
	for _, e := range entries {
		a.take(e)
	}
	return a, nil
}

// comparePeople compares what came of each person, and the counts of that, in a batch that nobody works on.
func (s *Service) comparePeople(ctx context.Context, b row, a *acts, plan *stored) (wrong []string, err error) {
	if b.State == Running {
		return nil, nil
	}
	crooked, first := 0, 0
	err = s.eachPerson(ctx, b.ID, func(p Person) error {
		if p.Plan == ToRevoke && p.Run != Asked && !p.agrees(a.people[p.ID.String()]) {
			if crooked++; first == 0 {
				first = p.Position
			}
		}
		return nil
	})
	if crooked > 0 {
		wrong = append(wrong, fmt.Sprintf("what came of %d people is not what the record says, the first of them in row %d", crooked, first))
	}
	counted := plan.counts
	counted.AdministratorsUnknown = b.Counts.AdministratorsUnknown
	if counted != b.Counts {
		wrong = append(wrong, "its counts are not those of its rows")
	}
	return wrong, err
}
