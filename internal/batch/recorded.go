package batch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"tokenconsole/internal/audit"
)

// asRecorded reports whether the batch is about the people, and for the reason, that its start put on the record.
// Whoever can only write the database cannot add people to a batch that somebody else has started.
func (s *Service) asRecorded(ctx context.Context, b row) (bool, error) {
	e, err := s.record.Get(ctx, b.Organization.ID, b.started)
	if errors.Is(err, audit.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	hash, err := s.hashRows(ctx, b.ID)
	if err != nil {
		return false, err
	}
	return e.Action == audit.ChangeBatch && e.Batch == b.ID && e.Actor.ID == b.StartedBy.ID && e.Plan == hash, nil
}

// hashRows is hash over the rows as they are stored.
func (s *Service) hashRows(ctx context.Context, id string) (string, error) {
	const query = "SELECT user_id FROM batch_people WHERE batch = ? AND plan = ? ORDER BY position"
	rows, err := s.db.QueryContext(ctx, s.db.Rebind(query), id, ToRevoke)
	if err != nil {
		return "", fmt.Errorf("reading the people of a batch: %w", err)
	}
	defer func() { _ = rows.Close() }()
	h := sha256.New()
	for rows.Next() {
		var person string
		if err := rows.Scan(&person); err != nil {
			return "", fmt.Errorf("reading the people of a batch: %w", err)
		}
		_, _ = h.Write([]byte(person + "\n"))
	}
	return hex.EncodeToString(h.Sum(nil)), rows.Err()
}
