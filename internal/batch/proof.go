package batch

import (
	"context"
	"fmt"
	"time"

	"tokenconsole/internal/revocation"
)

// Proof is what was read again about the people of a batch who were revoked.
type Proof struct {
	Read     int       // of them, so many
	CameBack int       // of those, so many got a token that counts as a return
	ReadAt   time.Time // when it was last read; zero for never
}

// cameBack is the condition that a row which is revoked has a token that counts as a return, as Person.CameBackAt says it.
var cameBack = fmt.Sprintf("token_after > token_before AND token_after >= asked_at - %d", revocation.ClockTolerance.Milliseconds())

// Proof tells what was read again about the people of a batch.
func (s *Service) Proof(ctx context.Context, id string) (p Proof, err error) {
	query := `SELECT count(*), coalesce(sum(CASE WHEN ` + cameBack + ` THEN 1 ELSE 0 END), 0), coalesce(max(evidence_at), 0)
		FROM batch_people WHERE batch = ? AND run = ? AND evidence_at > 0`
	if err := s.db.QueryRowContext(ctx, s.db.Rebind(query), id, Revoked).Scan(&p.Read, &p.CameBack, ms{&p.ReadAt}); err != nil {
		return Proof{}, away("counting what was read again about a batch", err)
	}
	return p, nil
}
