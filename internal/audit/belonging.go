package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// belonging is how an entry that is being written stands to the list of acts.
type belonging struct {
	listed         bool  // its act is on the list
	actor, subject int64 // refs of audit_people, as its act is or will be listed with them
}

// errNonsense reports an entry that does not fit the record, which is no fault of the database.
var errNonsense = errors.New("the entry makes no sense")

// belonging finds the act that e belongs to: it must have been begun in the same organization, and an entry that closes
// it must name the same people and batch, as the act is found by them. Retention may have removed how it began.
func (l *Log) belonging(ctx context.Context, tx *sql.Tx, h head, e Entry) (of belonging, err error) {
	if begin := max(e.Closes, e.About); begin > 0 {
		if of, err = l.listed(ctx, tx, h, begin, e); err != nil || of.listed {
			return of, err
		}
	}
	if of.actor, err = l.person(ctx, tx, e.Organization.ID, e.Actor); err != nil {
		return belonging{}, err
	}
	if of.subject = of.actor; e.Subject != e.Actor {
		of.subject, err = l.person(ctx, tx, e.Organization.ID, e.Subject)
	}
	return of, err
}

const selectListed = `SELECT listed.actor, listed.subject, listed.batch, COALESCE(b.outcome, ''),
	a.id, a.name, a.email, s.id, s.name, s.email FROM audit_acts listed LEFT JOIN audit_entries b ON b.seq = listed.seq
	JOIN audit_people a ON a.ref = listed.actor JOIN audit_people s ON s.ref = listed.subject
	WHERE listed.seq = ? AND listed.organization_id = ?`

// listed finds the act that entry begin began, which e belongs to.
func (l *Log) listed(ctx context.Context, tx *sql.Tx, h head, begin int64, e Entry) (of belonging, err error) {
	var batch, outcome string
	var actor, subject Party
	err = tx.QueryRowContext(ctx, l.db.Rebind(selectListed), begin, e.Organization.ID).Scan(&of.actor, &of.subject, &batch, &outcome,
		&actor.ID, &actor.Name, &actor.Email, &subject.ID, &subject.Name, &subject.Email)
	switch missing := errors.Is(err, sql.ErrNoRows); {
	case err != nil && !missing:
		return belonging{}, fmt.Errorf("looking for the beginning of an act: %w", err)
	case begin > h.pruned && outcome != string(Asked):
		return belonging{}, fmt.Errorf("%w: entry %d did not begin an act of this organization", errNonsense, begin)
	case missing:
		return belonging{}, nil
	case e.Closes > 0 && (actor != e.Actor || subject != e.Subject || batch != e.Batch):
		return belonging{}, fmt.Errorf("%w: it names others than the act that entry %d began", errNonsense, begin)
	}
	of.listed = true
	return of, nil
}

// person returns the reference of p, adding it when this spelling of the person is new.
func (l *Log) person(ctx context.Context, tx *sql.Tx, organization string, p Party) (ref int64, err error) {
	const find = `SELECT ref FROM audit_people WHERE organization_id = ? AND id = ? AND name = ? AND email = ?`
	const add = `INSERT INTO audit_people (organization_id, id, name, email, folded) VALUES (?, ?, ?, ?, ?) RETURNING ref`
	err = tx.QueryRowContext(ctx, l.db.Rebind(find), organization, p.ID, p.Name, p.Email).Scan(&ref)
	if errors.Is(err, sql.ErrNoRows) {
		err = tx.QueryRowContext(ctx, l.db.Rebind(add), organization, p.ID, p.Name, p.Email, folded(p)).Scan(&ref)
	}
	if err != nil {
		return 0, fmt.Errorf("keeping a person: %w", err)
	}
	return ref, nil
}

// folded is what a search for p looks at.
func folded(p Party) string { return strings.ToLower(p.ID + "\n" + p.Name + "\n" + p.Email) }
