package audit

import (
	"context"
	"fmt"
	"slices"
)

// The list of acts, audit_acts, follows from the entries: an act is listed where it began, and as what came of it last.
const (
	insertAct = `INSERT INTO audit_acts (seq, at, action, outcome, actor, subject, organization_id, batch)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`
	updateAct = "UPDATE audit_acts SET outcome = ? WHERE seq = ?"

	// unlistActs takes an entry up to which retention removed.
	unlistActs = "DELETE FROM audit_acts WHERE seq <= ? AND NOT EXISTS (SELECT 1 FROM audit_entries e WHERE e.act = audit_acts.seq)"

	// listedAs is the outcome under which the act of an entry e is listed, and '' if it is listed falsely or not at all.
	// joinListed belongs to it.
	listedAs = `CASE WHEN listed.seq IS NULL OR listed.organization_id <> e.organization_id OR e.seq = e.act AND
		(listed.at <> e.at OR listed.action <> e.action) THEN '' ELSE listed.outcome END`
	joinListed = " LEFT JOIN audit_acts listed ON listed.seq = e.act "
)

// listing lists the act of e, or what came of it. Evidence changes nothing.
func (of belonging) listing(e Entry) (statement condition, needed bool) {
	if of.listed {
		return condition{updateAct, []any{string(e.Outcome), e.Closes}}, e.Closes > 0
	}
	return condition{insertAct, []any{e.Act(), e.At.UnixMilli(), string(e.Action), string(e.Outcome), of.actor, of.subject,
		e.Organization.ID, e.Batch}}, true
}

// fitsListed reports whether e may belong to an act that is listed as an outcome. It cannot if no later entry of the act
// has another outcome.
func fitsListed(e Entry, listed string) bool {
	return listed != "" && (e.Outcome == Asked || e.Action == ReadEvidence || listed == string(e.Outcome))
}

// maxDoubtful is how many acts a walk looks at again.
const maxDoubtful = 1000

// doubt keeps an act that seems to be listed falsely. It is judged at the end: the act may have gone on meanwhile, or
// retention may have removed it.
func (w *walk) doubt(act int64) {
	if len(w.doubtful) < maxDoubtful {
		w.doubtful[act] = true
		return
	}
	w.report.MoreFaults++
}

// listedOnes judges the list of acts, at the end of a walk.
func (w *walk) listedOnes(ctx context.Context, q querier) error {
	for act := range w.open {
		w.doubtful[act] = true // it must not be listed with an outcome that it has not
	}
	for _, act := range sortedKeys(w.doubtful) {
		ok, err := w.log.listedRightly(ctx, q, act)
		if err != nil {
			return err
		}
		if !ok {
			w.report.fault(falselyListed(act))
		}
	}
	for _, b := range append(w.crowded, gap{w.stored.size + 1, 1 << 62}, gap{-1 << 62, 0}) {
		const query = `SELECT seq FROM audit_acts a WHERE seq >= ? AND seq <= ?
			AND NOT EXISTS (SELECT 1 FROM audit_entries e WHERE e.act = a.seq) ORDER BY seq LIMIT 100`
		strays, err := seqsOf(q.QueryContext(ctx, w.log.db.Rebind(query), b.first, b.last))
		if err != nil {
			return err
		}
		for _, seq := range strays {
			if slices.ContainsFunc(w.missing, func(m gap) bool { return m.first <= seq && seq <= m.last }) {
				continue // its entry is what is missing
			}
			w.report.fault(faultf(seq, "an act stands in the list of acts that entry %d did not begin", seq))
		}
	}
	return nil
}

func falselyListed(act int64) Fault {
	return faultf(act, "the act that entry %d began is hidden from the list of acts, or listed as something else", act)
}

// listedRightly looks at all entries that are left of an act.
func (l *Log) listedRightly(ctx context.Context, q querier, act int64) (bool, error) {
	query := "SELECT e.action, e.outcome, " + listedAs + " FROM audit_entries e" + joinListed + "WHERE e.act = ? ORDER BY e.seq"
	rows, err := q.QueryContext(ctx, l.db.Rebind(query), act)
	if err != nil {
		return false, fmt.Errorf("reading the list of acts: %w", err)
	}
	defer func() { _ = rows.Close() }()
	right, last, listed := true, "", ""
	for rows.Next() {
		var action, outcome string
		if err := rows.Scan(&action, &outcome, &listed); err != nil {
			return false, fmt.Errorf("reading the list of acts: %w", err)
		}
		if right = right && listed != ""; Action(action) != ReadEvidence {
			last = outcome
		}
	}
	return right && (last == "" || last == listed), rows.Err()
}
