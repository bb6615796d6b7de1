package audit

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Standing is how long the record is and what is open on it, over all organizations.
type Standing struct {
	Size       int64     // entries ever written
	Open       int64     // acts that nothing has closed yet, those that are under way included
	OldestOpen time.Time // when the oldest of them was begun; zero if there is none
}

// openActs are the acts that nothing has closed, of one organization after another: their index begins with it.
const openActs = `organizations (id) AS (SELECT min(organization_id) FROM audit_acts UNION ALL
		SELECT (SELECT min(organization_id) FROM audit_acts WHERE organization_id > id)
		FROM organizations WHERE id IS NOT NULL),
	open AS (SELECT a.seq, a.at FROM organizations CROSS JOIN audit_acts a
		WHERE a.organization_id = id AND a.outcome = 'asked') `

// Standing reads how the record stands now. It reads a few index pages, whatever the record's size.
func (l *Log) Standing(ctx context.Context) (Standing, error) {
	const query = "WITH RECURSIVE " + openActs + "SELECT (SELECT size FROM audit_head), count(*), min(at) FROM open"
	var s Standing
	var at sql.NullInt64
	if err := l.db.QueryRowContext(ctx, query).Scan(&s.Size, &s.Open, &at); err != nil {
		return Standing{}, fmt.Errorf("reading how the record stands: %w", err)
	}
	if at.Valid {
		s.OldestOpen = time.UnixMilli(at.Int64).UTC()
	}
	return s, nil
}
