package audit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Filter says which entries to show; every field that is set narrows them.
type Filter struct {
	OrganizationID string    // required, unless Nobody: no view ever spans organizations
	Person         string    // part of the subject's id, name or email, in any case
	Actor          string    // part of the actor's id, name or email, in any case
	SubjectID      string    // the subject's id, exactly
	Own            string    // a person's id: entries where they acted or were acted on, as they may read them
	Action         Action    // exactly
	Outcome        Outcome   // exactly
	From, To       time.Time // At is not before From, and before To
	Open           bool      // only Asked entries that nothing has closed
	Batch          string    // exactly
	Nobody         bool      // instead of an organization's: the failed sign-ins of nobody, which belong to none
}

// maxRefs is how many spellings of people a search may match before their entries are found by walking the
// organization's: so many people have many entries, the walk meets some soon, and an index search for each would not
// pay.
const maxRefs = 32

// A condition is SQL over the columns of audit_entries, with its arguments.
type condition struct {
	sql  string
	args []any
}

func (c condition) and(sql string, args ...any) condition {
	return condition{c.sql + " AND " + sql, append(c.args[:len(c.args):len(c.args)], args...)}
}

// sought restricts a column of audit_entries to the people that sql, a condition on audit_people, matches.
type sought struct{ column, sql, arg string }

func (f Filter) sought() []sought {
	const search = `folded LIKE ? ESCAPE '\'`
	var all []sought
	if f.SubjectID != "" {
		all = append(all, sought{"subject", "id = ?", f.SubjectID})
	}
	if f.Person != "" {
		all = append(all, sought{"subject", search, contains(f.Person)})
	}
	if f.Actor != "" {
		all = append(all, sought{"actor", search, contains(f.Actor)})
	}
	return all
}

// contains is the LIKE pattern for texts that have s in them.
func contains(s string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.ToLower(strings.TrimSpace(s))) + "%"
}

// arms turns f into conditions whose union is what f shows, times excepted. One index can answer each in order, which
// it could not for an OR or IN. No condition at all means that f shows nothing.
func (l *Log) arms(ctx context.Context, f Filter) ([]condition, error) {
	switch {
	case f.Nobody:
		f.OrganizationID, f.Action = "", cmp.Or(f.Action, SignIn)
	case f.OrganizationID == "":
		return nil, errors.New("audit: a filter needs an organization")
	}
	arms, rest, err := l.drivers(ctx, f)
	if err != nil {
		return nil, fmt.Errorf("searching the audit record's people: %w", err)
	}
	for i, arm := range arms {
		for _, p := range rest {
			arm = arm.and("+"+p.column+" IN (SELECT ref FROM audit_people WHERE organization_id = ? AND "+p.sql+")",
				f.OrganizationID, p.arg)
		}
		if f.Action != "" {
			arm = arm.and("action = ?", string(f.Action))
		}
		if f.Outcome != "" {
			arm = arm.and("outcome = ?", string(f.Outcome))
		}
		if f.Batch != "" {
			arm = arm.and("batch = ?", f.Batch)
		}
		if f.Open {
			arm = arm.and("seq IN (SELECT seq FROM audit_open)")
		}
		arms[i] = arm
	}
	return arms, nil
}

// drivers picks what finds the entries, one index search for each arm, and the people that are then left to check.
func (l *Log) drivers(ctx context.Context, f Filter) (arms []condition, rest []sought, err error) {
	rest = f.sought()
	organization := condition{"organization_id = ?", []any{f.OrganizationID}}
	switch {
	case f.Own != "":
		for _, column := range []string{"actor", "subject"} {
			found, err := l.byPeople(ctx, f, sought{column, "id = ?", f.Own})
			if err != nil {
				return nil, nil, err
			}
			arms = append(arms, found...)
		}
	case f.Batch != "":
		arms = []condition{organization.and("batch = ? AND batch <> ''", f.Batch)}
	case len(rest) > 0:
		arms, err = l.byPeople(ctx, f, rest[0])
		rest = rest[1:]
	case f.Open:
		// Nothing is open for long: keep the planner from walking the organization's entries to find it.
		arms = []condition{{"organization_id || '' = ?", organization.args}}
	case f.Action != "" && f.Outcome == "":
		for _, outcome := range Outcomes() {
			arms = append(arms, organization.and("outcome = ?", string(outcome)))
		}
	default:
		arms = []condition{organization}
	}
	return arms, rest, err
}

// byPeople finds entries by the people in one of their columns: one arm for each spelling, or one for all if they are
// many. (A + before a column keeps the planner from using that column's index, out of order.)
func (l *Log) byPeople(ctx context.Context, f Filter, p sought) ([]condition, error) {
	refs := "SELECT ref FROM audit_people WHERE organization_id = ? AND " + p.sql
	rows, err := l.db.QueryContext(ctx, l.db.Rebind(refs+" LIMIT ?"), f.OrganizationID, p.arg, maxRefs+1)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var arms []condition
	for rows.Next() {
		var ref int64
		if err := rows.Scan(&ref); err != nil {
			return nil, err
		}
		arms = append(arms, condition{p.column + " = ?", []any{ref}})
	}
	if len(arms) > maxRefs {
		arms = []condition{{"organization_id = ? AND +" + p.column + " IN (" + refs + ")",
			[]any{f.OrganizationID, f.OrganizationID, p.arg}}}
	}
	return arms, rows.Err()
}
