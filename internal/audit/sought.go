package audit

import (
	"slices"
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

// own finds what the person f.Own did, and what others did to them.
func own(people roll, f Filter) []search {
	acted, concerned := byID(people, "actor", f.Own), byID(people, "subject", f.Own)
	if len(acted.refs) == 0 {
		return nil
	}
	did, was := acted.among(), concerned.among()
	if f.Batch == "" && len(acted.refs) <= maxEach {
		others := condition{"NOT " + did.sql, did.args}
		return []search{{acted.column, acted.refs, condition{}}, {concerned.column, concerned.refs, others}}
	}
	all := ofOrganization(f)
	if f.Batch != "" {
		all = ofBatch(f)
	}
	all.rest = all.rest.and(did.or(was))
	return []search{all}
}

// among is the condition that an act names one of the people. (A + before a column keeps the planner from using that
// column's index, out of order; a subquery for a value, from finding all people first.)
func (s sought) among() condition {
	if len(s.refs) > maxRefs {
		return condition{"(SELECT " + s.sql + " FROM audit_people WHERE ref = " + s.column + ")", []any{s.arg}}
	}
	return condition{"+" + s.column + " IN (?" + strings.Repeat(", ?", len(s.refs)-1) + ")", s.refs}
}
