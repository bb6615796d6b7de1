package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Known returns the person with an id as the record named them last, or only the id if it has no name of theirs.
func (l *Log) Known(ctx context.Context, organizationID, id string) (Party, error) {
	const query = `SELECT name, email FROM audit_people WHERE organization_id = ? AND id = ? AND name <> '' ORDER BY ref DESC LIMIT 1`
	p := Party{ID: id}
	err := l.db.QueryRowContext(ctx, l.db.Rebind(query), organizationID, id).Scan(&p.Name, &p.Email)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return p, fmt.Errorf("looking for a name on the record: %w", err)
	}
	return p, nil
}
