package batch

import (
	"context"
	"time"

	"tokenconsole/internal/genesys"
	"tokenconsole/internal/revocation"
)

// Returned takes into the reports of batches that ended after since when people last got a token, as it was told
// at readAt. A batch reads that once, when it ends; the watch goes on, and both are to say the same. Who got none since
// their revocation, or is known for sure to have come back, stays as they are.
func (s *Service) Returned(
	ctx context.Context, organizationID string, since, readAt time.Time, issued map[genesys.UserID]time.Time,
) error {
	const update = `UPDATE batch_people SET token_after = ?, evidence_at = ? WHERE run = ? AND user_id = ?
		AND token_after <= at + ? AND token_after < ? AND token_before < ? AND asked_at - ? <= ?
		AND batch IN (SELECT id FROM batches WHERE organization_id = ? AND ended_at >= ?)`
	if len(issued) == 0 {
		return nil
	}
	const doing = "writing who came back after a batch"
	tx, err := s.db.Begin(ctx)
	if err != nil {
		return away(doing, err)
	}
	defer func() { _ = tx.Rollback() }()
	apart := revocation.ClockTolerance.Milliseconds()
	for id, at := range issued {
		_, err := tx.ExecContext(ctx, s.db.Rebind(update), millis(at), millis(readAt), Revoked, id.String(),
			apart, millis(at), millis(at), apart, millis(at), organizationID, millis(since))
		if err != nil {
			return away(doing, err)
		}
	}
	if err := tx.Commit(); err != nil {
		return away(doing, err)
	}
	return nil
}
