package audit

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"tokenconsole/internal/database"
)

// A search finds acts in their order: those that fit rest and whose column is one of values. One index can answer it
// for each of the values, which it could not for an OR or IN.
type search struct {
	column string
	values []any
	rest   condition
}

// searches turns f into searches that find different acts, and together what f shows, times excepted. None at all means
// that f shows nothing.
func (l *Log) searches(ctx context.Context, f Filter) ([]search, error) {
	switch {
	case f.Nobody:
		f.OrganizationID, f.Action = "", cmp.Or(f.Action, SignIn)
	case f.OrganizationID == "":
		return nil, errors.New("audit: a filter needs an organization")
	}
	if f.Open {
		f.Outcome = Asked
	}
	p, err := l.people(ctx, f)
	if err != nil || p.nobody {
		return nil, err
	}
	searches, p := l.drivers(f, p)
	rest := l.checks(p)
	if f.Action != "" {
		rest = rest.and(condition{"action = ?", []any{string(f.Action)}})
	}
	if f.Outcome != "" {
		rest = rest.and(condition{"outcome = ?", []any{string(f.Outcome)}})
	}
	for i := range searches {
		searches[i].rest = searches[i].rest.and(rest)
	}
	return searches, nil
}

// drivers picks what finds the fewest acts to check as far as can be told, and the people who are then left to check.
// Those who are acted on are many and have few acts each, those who act the reverse.
func (l *Log) drivers(f Filter, p wanted) ([]search, wanted) {
	organization := condition{"organization_id = ?", []any{f.OrganizationID}}
	few := slices.IndexFunc(p.named, func(s sought) bool { return len(s.refs) <= maxEach })
	switch {
	case f.Batch != "":
		return []search{{"batch", []any{f.Batch}, organization.and(condition{"batch <> ''", nil})}}, p
	case few >= 0 && (p.named[few].column == "subject" || f.Own == ""):
		by := p.named[few]
		p.named = slices.Delete(p.named, few, few+1)
		return []search{{by.column, by.refs, condition{}}}, p
	case f.Own != "" && len(p.acted.refs) <= maxEach:
		// What they did to themselves is found once.
		acted, concerned := p.acted, p.concerned
		others := condition{"NOT " + l.among(acted).sql, l.among(acted).args}
		p.acted, p.concerned = sought{}, sought{}
		return []search{{acted.column, acted.refs, condition{}}, {concerned.column, concerned.refs, others}}, p
	case f.Action != "" && f.Outcome == "" && (len(p.named) == 0 || l.db.Dialect == database.SQLite):
		// (PostgreSQL knows how frequent an action is, and so when a walk over all acts meets so many people soon.)
		var outcomes []any
		for _, o := range Outcomes() {
			outcomes = append(outcomes, string(o))
		}
		return []search{{"outcome", outcomes, organization}}, p
	}
	return []search{{"organization_id", []any{f.OrganizationID}, condition{}}}, p
}
