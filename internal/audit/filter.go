package audit

import (
	"cmp"
	"context"
	"errors"
	"time"

	"tokenconsole/internal/database"
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

// and is the condition that c and o hold. The empty one always does.
func (c condition) and(o condition) condition {
	if c.sql == "" || o.sql == "" {
		return condition{c.sql + o.sql, append(c.args[:len(c.args):len(c.args)], o.args...)}
	}
	return condition{c.sql + " AND " + o.sql, append(c.args[:len(c.args):len(c.args)], o.args...)}
}

func (c condition) or(o condition) condition {
	return condition{"(" + c.sql + " OR " + o.sql + ")", append(c.args[:len(c.args):len(c.args)], o.args...)}
}

// A search finds acts in their order: those that fit rest and whose column is one of values. One index can answer it for
// each of the values, which it could not for an OR or IN.
type search struct {
	column string
	values []any
	rest   condition
}

// searches turns f into searches that find different acts, and together what f shows, times excepted. None at all means
// that f shows nothing.
func (l *Log) searches(ctx context.Context, f Filter) (searches []search, err error) {
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
	searches, rest := l.drivers(people, f, named)
	for i := range searches {
		narrowed := &searches[i].rest
		for _, p := range rest {
			*narrowed = narrowed.and(p.among())
		}
		if f.Action != "" {
			*narrowed = narrowed.and(condition{"action = ?", []any{string(f.Action)}})
		}
		if f.Outcome != "" {
			*narrowed = narrowed.and(condition{"outcome = ?", []any{string(f.Outcome)}})
		}
	}
	return searches, nil
}

// drivers picks what finds the acts, and the people that are then left to check. (PostgreSQL knows how frequent an action
// is, and so when a walk over the organization's acts meets so many people soon.)
func (l *Log) drivers(people roll, f Filter, named []sought) (searches []search, rest []sought) {
	organization := condition{"organization_id = ?", []any{f.OrganizationID}}
	switch {
	case f.Own != "":
		return own(people, f), named
	case f.Batch != "":
		return []search{ofBatch(f)}, named
	case len(named) > 0 && len(named[0].refs) <= maxEach:
		return []search{{named[0].column, named[0].refs, condition{}}}, named[1:]
	case f.Action != "" && f.Outcome == "" && (len(named) == 0 || l.db.Dialect == database.SQLite):
		var outcomes []any
		for _, o := range Outcomes() {
			outcomes = append(outcomes, string(o))
		}
		return []search{{"outcome", outcomes, organization}}, named
	}
	return []search{ofOrganization(f)}, named
}

func ofOrganization(f Filter) search {
	return search{"organization_id", []any{f.OrganizationID}, condition{}}
}

func ofBatch(f Filter) search {
	return search{"batch", []any{f.Batch}, condition{"batch <> '' AND organization_id = ?", []any{f.OrganizationID}}}
}
