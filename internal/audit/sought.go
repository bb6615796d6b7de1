package audit

import (
	"context"
	"strings"

	"tokenconsole/internal/database"
)

const (
	// maxEach is how many spellings of people a search may match for the acts of each to be found by an index. So many
	// people have many acts that a walk over the organization's meets some soon.
	maxEach = 32
	// maxRefs is how many are compared with as they are; the spellings of more are looked up on the way.
	maxRefs = 500
)

// sought restricts a column to some people.
type sought struct {
	column   string
	refs     []any  // of these people; maxRefs+1 stand for more
	sql, arg string // the condition on audit_people that they fit
}

// wanted are the people whom a filter names.
type wanted struct {
	named            []sought // those who are acted on before those who act
	acted, concerned sought   // of which one must hold; without refs, neither need
	nobody           bool     // somebody is named who is not there
}

// people finds the people whom f names.
func (l *Log) people(ctx context.Context, f Filter) (p wanted, err error) {
	person, actor := fold(f.Person), fold(f.Actor)
	if f.Own+f.SubjectID+person+actor == "" {
		return p, nil
	}
	all, err := l.names.in(ctx, f.OrganizationID)
	if err != nil {
		return p, err
	}
	if f.SubjectID != "" {
		p.named = append(p.named, byID(all, "subject", f.SubjectID))
	}
	if person != "" {
		p.named = append(p.named, l.bySpelling(all, "subject", person))
	}
	if actor != "" {
		p.named = append(p.named, l.bySpelling(all, "actor", actor))
	}
	for _, s := range p.named {
		p.nobody = p.nobody || len(s.refs) == 0 || s.column == "subject" && f.Action != "" && !f.Action.concernsPeople()
	}
	if f.Own != "" {
		p.acted, p.concerned = byID(all, "actor", f.Own), byID(all, "subject", f.Own)
		p.nobody = p.nobody || len(p.acted.refs) == 0
	}
	return p, nil
}

// fold is what a search for s looks for in what is folded.
func fold(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// byID seeks all spellings of the person with an id.
func byID(all roll, column, id string) sought {
	return sought{column, all.with(id, maxRefs+1), "id = ?", id}
}

// bySpelling seeks the people in whose spellings text stands.
func (l *Log) bySpelling(all roll, column, text string) sought {
	search := "instr(folded, ?) > 0"
	if l.db.Dialect == database.PostgreSQL {
		search = "strpos(folded, ?) > 0"
	}
	return sought{column, all.called(text, maxRefs+1), search, text}
}

// checks is the condition that an act names the people.
func (l *Log) checks(p wanted) (c condition) {
	for _, s := range p.named {
		c = c.and(l.among(s))
	}
	if len(p.acted.refs) > 0 {
		c = c.and(l.among(p.acted).or(l.among(p.concerned)))
	}
	return c
}

// among is the condition that an act names one of the people. (A + before a column keeps the planner from using that
// column's index, out of order; a subquery for a value, from finding all people first.)
func (l *Log) among(s sought) condition {
	switch {
	case len(s.refs) > maxRefs:
		return condition{"(SELECT " + s.sql + " FROM audit_people WHERE ref = " + s.column + ")", []any{s.arg}}
	case l.db.Dialect == database.PostgreSQL:
		return condition{"+" + s.column + " = ANY (?::bigint[])", []any{s.refs}}
	}
	return condition{"+" + s.column + " IN (?" + strings.Repeat(", ?", len(s.refs)-1) + ")", s.refs}
}
