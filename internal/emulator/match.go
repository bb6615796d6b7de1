package emulator

import (
	"slices"
	"strings"
	"unicode"
)

// mentions reports whether query has a condition on field.
func mentions(query []criterion, field string) bool {
	same := func(f string) bool { return strings.EqualFold(f, field) }
	return slices.ContainsFunc(query, func(c criterion) bool {
		return mentions(c.Group, field) || slices.ContainsFunc(c.Fields, same)
	})
}

// match reports whether query finds p, and how well. Every AND condition (the
// default) must hold, no NOT condition may, and at least one of the OR conditions
// must, if there are any.
func match(p *person, query []criterion) (best int, ok bool) {
	either, hit := false, false
	for _, c := range query {
		score, ok := c.match(p)
		switch strings.ToUpper(c.Operator) {
		case "NOT":
			if ok {
				return 0, false
			}
			continue
		case "OR":
			either, hit = true, hit || ok
		default:
			if !ok {
				return 0, false
			}
		}
		best = max(best, score)
	}
	return best, !either || hit
}

// match reports whether the condition finds p, and how well.
func (c criterion) match(p *person) (best int, ok bool) {
	text := func(field string) string { return strings.ToLower(searchFields[strings.ToLower(field)](p)) }
	switch {
	case len(c.Group) > 0:
		return match(p, c.Group)
	case c.Type == "MATCH_ALL":
		return 1, true
	case c.Type == "REQUIRED_FIELDS":
		return 1, !slices.ContainsFunc(c.Fields, func(f string) bool { return text(f) == "" })
	}
	for _, f := range c.Fields {
		best = max(best, c.score(text(f)))
	}
	return best, best > 0
}

// score returns how well a field's text, in lower case, meets the condition: 0 if
// not at all.
func (c criterion) score(text string) int {
	best := 0
	for _, p := range c.patterns {
		if p.MatchString(text) {
			best = 1
		}
	}
	compare := matchers[c.Type]
	for _, v := range c.Values { // in lower case, see check
		if compare != nil && compare(text, v) {
			best = max(best, quality(text, v))
		}
	}
	return best
}

// searchTypes are the platform's search types.
var searchTypes = []string{
	"EXACT", "STARTS_WITH", "CONTAINS", "REGEX", "TERM", "TERMS", "REQUIRED_FIELDS", "MATCH_ALL", "QUERY_STRING",
}

// matchers compare a field's text with a value, both in lower case.
var matchers = map[string]func(text, value string) bool{
	"EXACT":       func(text, value string) bool { return text == value },
	"STARTS_WITH": strings.HasPrefix,
	"CONTAINS":    strings.Contains,
	"TERM":        func(text, value string) bool { return text == value || slices.Contains(words(text), value) },
	"TERMS":       func(text, value string) bool { return text == value || slices.Contains(words(text), value) },
	"QUERY_STRING": func(text, value string) bool {
		for _, term := range strings.Fields(value) {
			prefix, wild := strings.CutSuffix(term, "*")
			if !slices.ContainsFunc(append(words(text), text), func(w string) bool {
				return w == term || wild && strings.HasPrefix(w, prefix)
			}) {
				return false
			}
		}
		return true
	},
}

// words splits text into words of letters, digits and apostrophes.
func words(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) && r != '\'' })
}

// quality ranks a match for the SCORE order: the whole text, its start, the start
// of a word, anywhere.
func quality(text, value string) int {
	switch {
	case text == value:
		return 4
	case strings.HasPrefix(text, value):
		return 3
	case slices.ContainsFunc(words(text), func(w string) bool { return strings.HasPrefix(w, value) }):
		return 2
	}
	return 1
}
