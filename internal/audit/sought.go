package audit

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tokenconsole/internal/database"
)

const (
	// maxArms is how many spellings of people a search may match for each to be searched on its own. So many people
	// have many entries that a walk over the organization's meets some soon.
	maxArms = 32
	// maxRefs is how many are compared with as they are; the spellings of more are looked up on the way.
	maxRefs = 500
)

// sought restricts a column to the people that sql, a condition on audit_people, matches.
type sought struct {
	column, sql, arg string
	refs             []any // of these people; maxRefs+1 stand for more
}

// named are the people that f names, the fewest first. It is nil if there is nobody like one of them.
func (l *Log) named(ctx context.Context, f Filter) ([]sought, error) {
	search := "instr(folded, ?) > 0"
	if l.db.Dialect == database.PostgreSQL {
		search = "strpos(folded, ?) > 0"
	}
	named := []sought{}
	for _, s := range []sought{
		{column: "subject", sql: "id = ?", arg: f.SubjectID}, {column: "subject", sql: search, arg: fold(f.Person)},
		{column: "actor", sql: search, arg: fold(f.Actor)},
	} {
		if s.arg == "" {
			continue
		}
		if s.column == "subject" && f.Action != "" && !f.Action.concernsPeople() {
			return nil, nil
		}
		s, err := l.seek(ctx, f, s)
		if err != nil || len(s.refs) == 0 {
			return nil, err
		}
		named = append(named, s)
	}
	slices.SortStableFunc(named, func(a, b sought) int { return len(a.refs) - len(b.refs) })
	return named, nil
}

// fold is what a search for s looks for in what is folded.
func fold(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// own are the conditions of what the person f.Own did, or what was done to them.
func (l *Log) own(ctx context.Context, f Filter) ([]condition, error) {
	acted, err := l.seek(ctx, f, sought{column: "actor", sql: "id = ?", arg: f.Own})
	if err != nil || len(acted.refs) == 0 {
		return nil, err
	}
	concerned := acted
	concerned.column = "subject"
	if f.Batch == "" && len(acted.refs) <= maxArms {
		return append(acted.arms(), concerned.arms()...), nil
	}
	few := condition{"organization_id = ?", []any{f.OrganizationID}}
	if f.Batch != "" {
		few = few.and("batch <> ''")
	}
	either := acted.among().or(concerned.among())
	return []condition{few.and(either.sql, either.args...)}, nil
}

// seek finds the people.
func (l *Log) seek(ctx context.Context, f Filter, s sought) (sought, error) {
	const query = "SELECT ref FROM audit_people WHERE organization_id = ? AND "
	rows, err := l.db.QueryContext(ctx, l.db.Rebind(query+s.sql+" LIMIT ?"), f.OrganizationID, s.arg, maxRefs+1)
	refs, err := seqsOf(rows, err)
	if err != nil {
		return s, fmt.Errorf("searching the audit record's people: %w", err)
	}
	for _, ref := range refs {
		s.refs = append(s.refs, ref)
	}
	return s, nil
}

// arms are a condition for each of the people.
func (s sought) arms() []condition {
	arms := make([]condition, len(s.refs))
	for i := range s.refs {
		arms[i] = condition{s.column + " = ?", s.refs[i : i+1]}
	}
	return arms
}

// among is the condition that an act names one of the people. (A + before a column keeps the planner from using that
// column's index, out of order; a subquery for a value, from finding all people first.)
func (s sought) among() condition {
	if len(s.refs) > maxRefs {
		return condition{"(SELECT " + s.sql + " FROM audit_people WHERE ref = " + s.column + ")", []any{s.arg}}
	}
	return condition{"+" + s.column + " IN (?" + strings.Repeat(", ?", len(s.refs)-1) + ")", s.refs}
}
