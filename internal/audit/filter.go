package audit

import (
	"cmp"
	"context"
	"errors"
	"time"
)

// Filter says which acts to show; every field that is set narrows them. An act is shown whole, or as much of it as its
// reader may see.
type Filter struct {
	OrganizationID string    // required, unless Nobody: no view ever spans organizations
	Person         string    // part of the subject's id, name or email, in any case
	Actor          string    // part of the actor's id, name or email, in any case
	SubjectID      string    // the subject's id, exactly
	Own            string    // a person's id: acts where they acted or were acted on, as they may read them
	Action         Action    // exactly
	Outcome        Outcome   // what came of the act last, exactly; Asked while nothing has
	From, To       time.Time // it was begun not before From, and before To
	Open           bool      // the same as Outcome Asked
	Batch          string    // exactly
	Nobody         bool      // instead of an organization's: the failed sign-ins of nobody, which belong to none
}

// A condition is SQL with its arguments, mostly over the columns of audit_acts.
type condition struct {
	sql  string
	args []any
}

func (c condition) and(sql string, args ...any) condition {
	return condition{c.sql + " AND " + sql, append(c.args[:len(c.args):len(c.args)], args...)}
}

func (c condition) or(o condition) condition {
	return condition{"(" + c.sql + " OR " + o.sql + ")", append(c.args[:len(c.args):len(c.args)], o.args...)}
}

// arms turns f into conditions whose union is what f shows, times excepted. One index can answer each in order, which
// it could not for an OR or IN. No condition at all means that f shows nothing.
func (l *Log) arms(ctx context.Context, f Filter) (arms []condition, err error) {
	switch {
	case f.Nobody:
		f.OrganizationID, f.Action = "", cmp.Or(f.Action, SignIn)
	case f.OrganizationID == "":
		return nil, errors.New("audit: a filter needs an organization")
	}
	if f.Open {
		f.Outcome = Asked
	}
	var people roll
	if f.Person+f.Actor+f.SubjectID+f.Own != "" {
		if people, err = l.names.in(ctx, f.OrganizationID); err != nil {
			return nil, err
		}
	}
	named := l.named(people, f)
	if named == nil {
		return nil, nil
	}
	arms, rest := drivers(people, f, named)
	for i, arm := range arms {
		for _, p := range rest {
			arm = arm.and(p.among().sql, p.among().args...)
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
		arms[i] = arm
	}
	return arms, nil
}

// drivers picks what finds the acts, one index search for each arm, and the people that are then left to check.
func drivers(people roll, f Filter, named []sought) (arms []condition, rest []sought) {
	organization := condition{"organization_id = ?", []any{f.OrganizationID}}
	switch {
	case f.Own != "":
		return own(people, f), named
	case f.Batch != "":
		return []condition{organization.and("batch = ? AND batch <> ''", f.Batch)}, named
	case len(named) > 0 && len(named[0].refs) <= maxArms:
		return named[0].arms(), named[1:]
	case f.Action != "" && f.Outcome == "":
		for _, outcome := range Outcomes() {
			arms = append(arms, organization.and("outcome = ?", string(outcome)))
		}
		return arms, named
	}
	return []condition{organization}, named
}
