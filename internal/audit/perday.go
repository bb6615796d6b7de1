package audit

import (
	"context"
	"fmt"
	"time"
)

// maxCounted bounds what a count by day reads.
const maxCounted = 20_000

// quarter is the finest step between time zones.
const quarter = int64(15 * time.Minute / time.Millisecond)

// Day is a day, in some time zone, and how many entries were written on it.
type Day struct {
	Start time.Time
	Count int
}

// PerDay counts the entries of an organization with that action and outcome on each of the last days up to now, in the
// zone of now, oldest first. It reads the newest maxCounted of them; days that it cannot count in full are left out.
func (l *Log) PerDay(ctx context.Context, organizationID string, a Action, o Outcome, days int, now time.Time) ([]Day, error) {
	year, month, day := now.Date()
	all := make([]Day, days)
	for i := range all {
		all[i].Start = time.Date(year, month, day-days+1+i, 0, 0, 0, 0, now.Location())
	}
	const query = `SELECT at / ?, count(*) FROM (SELECT at FROM audit_entries
		WHERE organization_id = ? AND action = ? AND outcome = ? ORDER BY seq DESC LIMIT ?) AS newest GROUP BY 1 ORDER BY 1`
	rows, err := l.db.QueryPlanned(ctx, l.db.Rebind(query), quarter, organizationID, string(a), string(o), maxCounted)
	if err != nil {
		return nil, fmt.Errorf("counting entries by day: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var oldest time.Time
	counted := 0
	for rows.Next() {
		var at int64
		var n int
		if err := rows.Scan(&at, &n); err != nil {
			return nil, fmt.Errorf("counting entries by day: %w", err)
		}
		t := time.UnixMilli(at * quarter)
		if counted == 0 {
			oldest = t
		}
		counted += n
		for i := len(all) - 1; i >= 0; i-- {
			if !t.Before(all[i].Start) {
				all[i].Count += n
				break
			}
		}
	}
	for counted >= maxCounted && len(all) > 0 && !oldest.Before(all[0].Start) {
		all = all[1:]
	}
	return all, rows.Err()
}
