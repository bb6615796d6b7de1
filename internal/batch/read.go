package batch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Find returns a batch of an organization, or ErrNotFound. One that nobody approved in time has expired by then.
func (s *Service) Find(ctx context.Context, organizationID, id string) (Batch, error) {
	b, err := s.find(ctx, organizationID, id)
	return b.Batch, err
}

func (s *Service) find(ctx context.Context, organizationID, id string) (row, error) {
	b, err := s.load(ctx, kept(id))
	if err == nil && b.Organization.ID != organizationID {
		err = ErrNotFound
	}
	if err != nil {
		return row{}, err
	}
	return s.expire(ctx, b)
}

// Page is a part of the list of batches, newest first. Older is what List takes for the next part, "" if there is none.
type Page struct {
	Batches []Batch
	Older   string
}

// List returns up to limit batches of an organization that f shows, newest first. after is "" or the Older of the page
// before.
func (s *Service) List(ctx context.Context, organizationID string, f Filter, after string, limit int) (Page, error) {
	where, args := s.listed(organizationID, f)
	if at, id, ok := strings.Cut(after, "."); ok {
		n, err := strconv.ParseInt(at, 10, 64)
		if err != nil {
			return Page{}, nil
		}
		where += " AND (prepared_at < ? OR prepared_at = ? AND id < ?)"
		args = append(args, n, n, kept(id))
	}
	query := fmt.Sprintf("%s WHERE %s ORDER BY prepared_at DESC, id DESC LIMIT %d", selectBatch, where, limit+1)
	batches, err := s.batches(ctx, query, args...)
	if err != nil {
		return Page{}, err
	}
	var page Page
	for i, b := range batches {
		if i == limit {
			last := batches[limit-1]
			page.Older = strconv.FormatInt(millis(last.PreparedAt), 10) + "." + last.ID
			break
		}
		if b, err = s.expire(ctx, b); err != nil && !errors.Is(err, ErrState) {
			return Page{}, err
		}
		page.Batches = append(page.Batches, b.Batch)
	}
	return page, s.nameFirst(ctx, page.Batches)
}

// nameFirst notes on each of batches who is the first to be revoked: many have the same rule and as many people.
func (s *Service) nameFirst(ctx context.Context, batches []Batch) error {
	if len(batches) == 0 {
		return nil
	}
	query := `SELECT p.batch, CASE WHEN p.name <> '' THEN p.name ELSE p.email END FROM batch_people p WHERE p.plan = ?
		AND p.position = (SELECT min(position) FROM batch_people WHERE batch = p.batch AND plan = ?)
		AND p.batch IN (?` + strings.Repeat(", ?", len(batches)-1) + ")"
	args := []any{ToRevoke, ToRevoke}
	for _, b := range batches {
		args = append(args, b.ID)
	}
	rows, err := s.db.QueryContext(ctx, s.db.Rebind(query), args...)
	if err != nil {
		return away("reading the first people of batches", err)
	}
	defer func() { _ = rows.Close() }()
	names := map[string]string{}
	for rows.Next() {
		var id, name string
		if err := rows.Scan(&id, &name); err != nil {
			return away("reading the first people of batches", err)
		}
		names[id] = name
	}
	for i := range batches {
		batches[i].First = names[batches[i].ID]
	}
	if err := rows.Err(); err != nil {
		return away("reading the first people of batches", err)
	}
	return nil
}

func (s *Service) batches(ctx context.Context, query string, args ...any) (found []row, err error) {
	rows, err := s.db.QueryContext(ctx, s.db.Rebind(query), args...)
	if err != nil {
		return nil, away("reading batches", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		b, err := scanBatch(rows.Scan)
		if err != nil {
			return nil, away("reading batches", err)
		}
		found = append(found, b)
	}
	if err := rows.Err(); err != nil {
		return nil, away("reading batches", err)
	}
	return found, nil
}

// reportPart is how many rows are read at a time.
const reportPart = 500

// Report calls yield with every row of a batch in the order of the plan, and returns the batch as it was before the
// first. It reads a part at a time and holds no connection in between, however slow yield is.
func (s *Service) Report(ctx context.Context, organizationID, id string, yield func(Person) error) (Batch, error) {
	b, err := s.find(ctx, organizationID, id)
	if err != nil {
		return Batch{}, err
	}
	return b.Batch, s.eachPerson(ctx, id, yield)
}

// Receipt writes one signed file to w that proves every entry of a batch: its preparation, its start, each person's
// revocation, its end. ErrNotFound: there is no such batch.
func (s *Service) Receipt(ctx context.Context, organizationID, id string, w io.Writer) error {
	if _, err := s.find(ctx, organizationID, id); err != nil {
		return err
	}
	return s.record.WriteBatchReceipt(ctx, organizationID, id, w)
}

// recount counts the people of a batch anew.
func (s *Service) recount(ctx context.Context, q querier, b *row) error {
	lacking := "0" // a step, which they can only where there are some
	if b.Playbook != "" {
		lacking = "sum(CASE WHEN undone > 0 THEN 1 ELSE 0 END)"
	}
	query := fmt.Sprintf("SELECT run, count(*), %s FROM batch_people WHERE batch = ? AND plan = ? GROUP BY run", lacking)
	rows, err := q.QueryContext(ctx, s.db.Rebind(query), b.ID, ToRevoke)
	if err != nil {
		return away("counting the people of a batch", err)
	}
	defer func() { _ = rows.Close() }()
	c := &b.Counts
	c.Waiting, c.Asked, c.Done, c.Failed, c.Unknown, c.Skipped, c.Undone = 0, 0, 0, 0, 0, 0, 0
	for rows.Next() {
		var run Run
		var n, undone int
		if err := rows.Scan(&run, &n, &undone); err != nil {
			return away("counting the people of a batch", err)
		}
		*c.run(run) = n
		if settledAll(run) {
			c.Undone += undone
		}
	}
	if err := rows.Err(); err != nil {
		return away("counting the people of a batch", err)
	}
	return nil
}
