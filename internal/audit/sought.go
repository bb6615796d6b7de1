package audit

import (
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

// sought restricts a column to some people.
type sought struct {
	column   string
	refs     []any  // of these people; maxRefs+1 stand for more
	sql, arg string // the condition on audit_people that they fit
}

// bySpelling seeks the people in whose spellings text stands.
func (l *Log) bySpelling(people roll, column, text string) sought {
	search := "instr(folded, ?) > 0"
	if l.db.Dialect == database.PostgreSQL {
		search = "strpos(folded, ?) > 0"
	}
	return sought{column, people.called(text, maxRefs+1), search, text}
}

// byID seeks all spellings of the person with an id.
func byID(people roll, column, id string) sought {
	return sought{column, people.with(id, maxRefs+1), "id = ?", id}
}

// named are the people that f names, the fewest first. It is nil if there is nobody like one of them.
func (l *Log) named(people roll, f Filter) []sought {
	named := []sought{}
	if f.SubjectID != "" {
		named = append(named, byID(people, "subject", f.SubjectID))
	}
	if text := fold(f.Person); text != "" {
		named = append(named, l.bySpelling(people, "subject", text))
	}
	if text := fold(f.Actor); text != "" {
		named = append(named, l.bySpelling(people, "actor", text))
	}
	for _, s := range named {
		if len(s.refs) == 0 || s.column == "subject" && f.Action != "" && !f.Action.concernsPeople() {
			return nil
		}
	}
	slices.SortStableFunc(named, func(a, b sought) int { return len(a.refs) - len(b.refs) })
	return named
}

// fold is what a search for s looks for in what is folded.
func fold(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// own are the conditions of what the person f.Own did, or what was done to them.
func own(people roll, f Filter) []condition {
	acted, concerned := byID(people, "actor", f.Own), byID(people, "subject", f.Own)
	if len(acted.refs) == 0 {
		return nil
	}
	if f.Batch == "" && len(acted.refs) <= maxArms {
		return append(acted.arms(), concerned.arms()...)
	}
	few := condition{"organization_id = ?", []any{f.OrganizationID}}
	if f.Batch != "" {
		few = few.and("batch <> ''")
	}
	either := acted.among().or(concerned.among())
	return []condition{few.and(either.sql, either.args...)}
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
