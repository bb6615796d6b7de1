package audit

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"tokenconsole/internal/signing"
)

// filedEntries is of how many of the newest entries the columns are compared with the bodies before every act. An entry
// that is filed wrongly is on the record and cannot be found.
const filedEntries = 100

// filing is an entry with everything that it is found by.
type filing struct {
	seq, at, act            int64
	action, outcome         string
	organizationID, batch   string
	actor, subject          spelling
	body                    []byte
	actorFound, searchFound string // what a search looks at
	listed                  string // see listedAs
}

const selectFilings = `SELECT e.seq, e.at, e.act, e.action, e.outcome, e.organization_id, COALESCE(listed.batch, ''),
	COALESCE(a.organization_id, ''), COALESCE(a.id, ''), COALESCE(a.name, ''), COALESCE(a.email, ''), COALESCE(a.folded, ''),
	COALESCE(s.organization_id, ''), COALESCE(s.id, ''), COALESCE(s.name, ''), COALESCE(s.email, ''), COALESCE(s.folded, ''),
	e.body, ` + listedAs + `
	FROM audit_entries e` + joinListed + `LEFT JOIN audit_people a ON a.ref = listed.actor
	LEFT JOIN audit_people s ON s.ref = listed.subject
	WHERE e.seq > ? AND e.seq <= ? ORDER BY e.seq`

// checkFiled compares the columns of the newest entries that this process knows with what their bodies say, and their acts
// with how they are listed. What other replicas have written since comes with the next entry.
func (l *Log) checkFiled(ctx context.Context, q querier) error {
	size := l.snapshot().edge.size
	rows, err := q.QueryContext(ctx, l.db.Rebind(selectFilings), size-filedEntries, size)
	if err != nil {
		return fmt.Errorf("checking the newest entries: %w", err)
	}
	defer func() { _ = rows.Close() }()
	acts := newestActs{}
	for rows.Next() {
		var f filing
		if err := rows.Scan(&f.seq, &f.at, &f.act, &f.action, &f.outcome, &f.organizationID, &f.batch,
			&f.actor.organizationID, &f.actor.id, &f.actor.name, &f.actor.email, &f.actorFound,
			&f.subject.organizationID, &f.subject.id, &f.subject.name, &f.subject.email, &f.searchFound, &f.body, &f.listed); err != nil {
			return fmt.Errorf("checking the newest entries: %w", err)
		}
		acts.add(f)
		if e, err := decode(f.body); err != nil || !f.fits(e) {
			return l.breaks(faultf(f.seq, "entry %d is filed under something else than it says, so that it cannot be found", f.seq))
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("checking the newest entries: %w", err)
	}
	_ = rows.Close()
	for _, act := range acts.doubtful() {
		// Another replica may have written its outcome since.
		right, err := l.listedRightly(ctx, q, act)
		if err != nil {
			return err
		}
		if !right {
			return l.breaks(falselyListed(act))
		}
	}
	return nil
}

// newestActs are acts by where they began, each as its newest entries tell.
type newestActs map[int64]newestAct

type newestAct struct {
	listed, outcome string
	hidden          bool
}

func (n newestActs) add(f filing) {
	a := n[f.act]
	a.listed, a.hidden = f.listed, a.hidden || f.listed == ""
	if Action(f.action) != ReadEvidence {
		a.outcome = f.outcome
	}
	n[f.act] = a
}

// doubtful are the acts that are not listed as their newest entries tell.
func (n newestActs) doubtful() (acts []int64) {
	for act, a := range n {
		if a.hidden || a.outcome != "" && a.outcome != a.listed {
			acts = append(acts, act)
		}
	}
	slices.Sort(acts)
	return acts
}

// fits reports whether e is found by what it says. Evidence is found with its act, whoever read it.
func (f filing) fits(e Entry) bool {
	if e.Seq != f.seq || e.At.UnixMilli() != f.at || e.Act() != f.act || string(e.Action) != f.action ||
		string(e.Outcome) != f.outcome || e.Organization.ID != f.organizationID {
		return false
	}
	if e.About > 0 || f.listed == "" {
		return true
	}
	actor := spelling{e.Organization.ID, e.Actor.ID, e.Actor.Name, e.Actor.Email}
	subject := spelling{e.Organization.ID, e.Subject.ID, e.Subject.Name, e.Subject.Email}
	return e.Batch == f.batch && actor == f.actor && subject == f.subject && folded(e.Actor) == f.actorFound && folded(e.Subject) == f.searchFound
}

// readBack makes sure, before it is committed, that the database holds an entry as it was written: a trigger of somebody
// who owns the database could swallow it.
func (l *Log) readBack(ctx context.Context, tx *sql.Tx, e Entry, body []byte, gained []tlog.Hash, signed signing.Checkpoint, of belonging) error {
	const query = `SELECT e.body, e.organization_id, e.action, e.outcome, e.act, t.hashes, h.size, h.checkpoint,
		` + listedAs + `, COALESCE(listed.actor, 0), COALESCE(listed.subject, 0)
		FROM audit_entries e JOIN audit_tree t ON t.seq = e.seq CROSS JOIN audit_head h` + joinListed + `WHERE e.seq = ?`
	var kept struct {
		body, hashes                                []byte
		organizationID, action, outcome, checkpoint string
		listed                                      string
		act, size, actor, subject                   int64
	}
	err := tx.QueryRowContext(ctx, l.db.Rebind(query), e.Seq).Scan(&kept.body, &kept.organizationID, &kept.action, &kept.outcome,
		&kept.act, &kept.hashes, &kept.size, &kept.checkpoint, &kept.listed, &kept.actor, &kept.subject)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("reading an entry back: %w", err)
	}
	if err != nil || !bytes.Equal(kept.body, body) || !bytes.Equal(kept.hashes, packHashes(gained)) ||
		kept.organizationID != e.Organization.ID || kept.action != string(e.Action) || kept.outcome != string(e.Outcome) ||
		kept.act != e.Act() || kept.size != signed.Size || kept.checkpoint != signed.Text || kept.listed == "" ||
		kept.listed != string(e.Outcome) && e.Action != ReadEvidence ||
		kept.actor != of.actor || kept.subject != of.subject {
		return l.breaks(faultf(e.Seq, "the database does not keep entry %d as it is written", e.Seq))
	}
	return nil
}
