package audit

import (
	"context"
	"fmt"
	"time"
)

// Count is how many revocations of an hour had an outcome.
type Count struct {
	Hour    time.Time // its beginning, in the zone of whoever asked
	Outcome Outcome
	Number  int64
}

// Counts returns how the revocations of an organization came out, hour by hour in the zone of since, from there on, oldest
// first. Hours and outcomes without any are left out, and so is what retention has removed.
func (l *Log) Counts(ctx context.Context, organizationID string, since time.Time) ([]Count, error) {
	const query = `SELECT (quarter + ?) / 4, outcome, CAST(sum(number) AS BIGINT) FROM audit_counts
		WHERE organization_id = ? AND quarter >= ? GROUP BY 1, 2 ORDER BY 1, 2`
	_, offset := since.Zone()
	shift := (int64(offset)/secondsOfQuarter%4 + 4) % 4 // where hours begin, in quarters before those of UTC
	rows, err := l.db.QueryContext(ctx, l.db.Rebind(query), shift, organizationID, quarterOf(since))
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
		c.Hour = time.Unix((hour*4-shift)*secondsOfQuarter, 0).In(since.Location())
		counts = append(counts, c)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("counting revocations: %w", err)
	}
	return counts, nil
}

// secondsOfQuarter are those of a quarter of an hour, the finest step between time zones.
const secondsOfQuarter = 15 * 60

func quarterOf(t time.Time) int64 { return t.Unix() / secondsOfQuarter }

// counted reports whether e is among those that are counted: the outcome of a revocation.
func (e Entry) counted() bool { return e.Action == Revoke && e.Outcome != Asked }

const (
	addCount = `INSERT INTO audit_counts (organization_id, quarter, outcome, number) VALUES (?, ?, ?, 1)
		ON CONFLICT (organization_id, quarter, outcome) DO UPDATE SET number = audit_counts.number + 1`
	// Both take an entry up to which retention removes.
	subtractCounts = `UPDATE audit_counts SET number = audit_counts.number - removed.number FROM (
			SELECT organization_id, at / 900000 AS quarter, outcome, count(*) AS number FROM audit_entries
			WHERE seq <= ? AND action = 'revoke' AND outcome <> 'asked' GROUP BY organization_id, at / 900000, outcome
		) AS removed WHERE audit_counts.organization_id = removed.organization_id AND audit_counts.quarter = removed.quarter
		AND audit_counts.outcome = removed.outcome`
	deleteCounts = "DELETE FROM audit_counts WHERE number <= 0"
)

// countKey is what is counted together.
type countKey struct {
	organizationID string
	quarter        int64
	outcome        Outcome
}

func keyOf(e Entry) countKey { return countKey{e.Organization.ID, quarterOf(e.At), e.Outcome} }

// countedOnes compares the stored counts with those of the entries. They are judged only when the entries are as they
// were written and none was removed during the walk: else they differ for a reason that is told already.
func (w *walk) countedOnes(ctx context.Context, q querier, h head) error {
	if len(w.report.Faults) > 0 || h.pruned != w.pruned {
		return nil
	}
	rows, err := q.QueryContext(ctx, "SELECT organization_id, quarter, outcome, number FROM audit_counts")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var k countKey
		var number int64
		if err := rows.Scan(&k.organizationID, &k.quarter, &k.outcome, &number); err != nil {
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
	w.report.fault(faultf(0, "the revocations that are %s in the quarter of an hour from %s are counted wrongly: pages show another "+
		"number than there are", k.outcome, time.Unix(k.quarter*secondsOfQuarter, 0).UTC().Format("2006-01-02 15:04 MST")))
}
