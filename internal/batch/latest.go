package batch

import (
	"context"
	"fmt"
)

// Latest returns up to limit people of a batch of an organization with that outcome, the latest first.
func (s *Service) Latest(ctx context.Context, organizationID, id string, run Run, limit int) ([]Person, error) {
	if _, err := s.find(ctx, organizationID, id); err != nil || limit < 1 {
		return nil, err
	}
	return s.people(ctx, s.db, fmt.Sprintf("batch = ? AND run = ? ORDER BY at DESC, position LIMIT %d", limit), id, run)
}
