package audit

import (
	"context"
	"fmt"
	"time"
)

// Count is how many revocations of an hour had an outcome.
type Count struct {
	Hour    time.Time // its beginning
	Outcome Outcome
	Number  int64
}

// Counts returns how the revocations of an organization came out, hour by hour, from the hour of since on, oldest first.
// Hours and outcomes without any are left out, and so is what retention has removed.
func (l *Log) Counts(ctx context.Context, organizationID string, since time.Time) ([]Count, error) {
	const query = `SELECT hour, outcome, number FROM audit_counts WHERE organization_id = ? AND hour >= ? ORDER BY hour, outcome`
	rows, err := l.db.QueryContext(ctx, l.db.Rebind(query), organizationID, hourOf(since))
	if err != nil {
		return nil, fmt.Errorf("counting revocations: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var counts []Count
	for rows.Next() {
		var hour int64
		var c Count
		if err := rows.Scan(&hour, &c.Outcome, &c.Number); err != nil {
			return nil, fmt.Errorf("counting revocations: %w", err)
		}
		c.Hour = time.UnixMilli(hour * millisecondsOfHour).UTC()
		counts = append(counts, c)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("counting revocations: %w", err)
	}
	return counts, nil
}

const millisecondsOfHour = int64(time.Hour / time.Millisecond)

func hourOf(t time.Time) int64 { return t.UnixMilli() / millisecondsOfHour }

// counted reports whether e is among those that are counted: the outcome of a revocation.
func (e Entry) counted() bool { return e.Action == Revoke && e.Outcome != Asked }

const (
	addCount = `INSERT INTO audit_counts (organization_id, hour, outcome, number) VALUES (?, ?, ?, 1)
		ON CONFLICT (organization_id, hour, outcome) DO UPDATE SET number = audit_counts.number + 1`
	// Both take an entry up to which retention removes.
	subtractCounts = `UPDATE audit_counts SET number = audit_counts.number - removed.number FROM (
			SELECT organization_id, at / 3600000 AS hour, outcome, count(*) AS number FROM audit_entries
			WHERE seq <= ? AND action = 'revoke' AND outcome <> 'asked' GROUP BY organization_id, at / 3600000, outcome
		) AS removed WHERE audit_counts.organization_id = removed.organization_id AND audit_counts.hour = removed.hour
		AND audit_counts.outcome = removed.outcome`
	deleteCounts = "DELETE FROM audit_counts WHERE number <= 0"
)

// countKey is what is counted together.
type countKey struct {
	organizationID string
	hour           int64
	outcome        Outcome
}

func keyOf(e Entry) countKey { return countKey{e.Organization.ID, hourOf(e.At), e.Outcome} }

// countedOnes compares the stored counts with those of the entries. They are judged only when the entries are as they
// were written and none was removed during the walk: else they differ for a reason that is told already.
func (w *walk) countedOnes(ctx context.Context, q querier, h head) error {
	if len(w.report.Faults) > 0 || h.pruned != w.pruned {
		return nil
	}
	rows, err := q.QueryContext(ctx, "SELECT organization_id, hour, outcome, number FROM audit_counts")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var k countKey
		var number int64
		if err := rows.Scan(&k.organizationID, &k.hour, &k.outcome, &number); err != nil {
			return err
		}
		if number != w.counts[k] {
			w.falseCount(k)
		}
		delete(w.counts, k)
	}
	for k := range w.counts {
		w.falseCount(k)
	}
	return rows.Err()
}

func (w *walk) falseCount(k countKey) {
	w.report.fault(faultf(0, "the revocations that are %s in the hour from %s are counted wrongly: the home page shows another "+
		"number than there are", k.outcome, time.UnixMilli(k.hour*millisecondsOfHour).UTC().Format("2006-01-02 15:04 MST")))
}
