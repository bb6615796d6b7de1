package directory

import (
	"net/url"
	"slices"
	"strings"
	"unicode"

	"tokenconsole/internal/genesys"
)

// MaxText is the most characters of a query's text.
const MaxText = 200

// maxWords bounds the words of a query: each is a condition of the search.
const maxWords = 8

// Query is what somebody looks for. The zero Query finds everybody. It travels in
// addresses and forms: ParseQuery reads what Values writes.
type Query struct {
	Text       string // words, each of them in a name, an address, a department or a title
	State      string // active, inactive, deleted, or "" for any
	Department string // the whole of it, in any case
	Division   string // its id
	Busy       bool   // only people in an interaction
	Spelling   bool   // other spellings of the words, too
	Sort       string // one of Sorts, with "-" before it for the other direction; "" is by name
}

// Sorts are what people can be sorted by. The platform sorts all but Issued.
var Sorts = []string{"name", "department", "state", "issued"}

// States are the states of people.
var States = []string{"active", "inactive", "deleted"}

// ParseQuery reads a query from an address or a form. What makes no sense is left
// out.
func ParseQuery(values url.Values) Query {
	q := Query{
		Text: oneLine(values.Get("q")), Department: clip(values.Get("department")), Division: clip(values.Get("division")),
		Busy: values.Get("busy") == "on", Spelling: values.Get("spelling") == "any",
	}
	if state := values.Get("state"); slices.Contains(States, state) {
		q.State = state
	}
	if sort := values.Get("sort"); slices.Contains(Sorts, strings.TrimPrefix(sort, "-")) && sort != "name" {
		q.Sort = sort
	}
	return q
}

// oneLine is text as a field of one line shows it: browsers drop line breaks from a
// field, and would join the words around them.
func oneLine(text string) string {
	blank := func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}
	return strings.TrimSpace(strings.Map(blank, strings.ToValidUTF8(text, " ")))
}

func clip(text string) string {
	runes := []rune(strings.TrimSpace(strings.ToValidUTF8(text, "")))
	return string(runes[:min(len(runes), MaxText)])
}

// Values writes q for an address or a form.
func (q Query) Values() url.Values {
	values := url.Values{}
	for name, value := range map[string]string{
		"q": q.Text, "state": q.State, "department": q.Department, "division": q.Division, "sort": q.Sort,
	} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if q.Busy {
		values.Set("busy", "on")
	}
	if q.Spelling {
		values.Set("spelling", "any")
	}
	return values
}

// Filtered reports whether anything but the text narrows q.
func (q Query) Filtered() bool {
	return q.State != "" || q.Department != "" || q.Division != "" || q.Busy
}

// words are the words of the text, at most maxWords.
func (q Query) words() []string {
	words := strings.Fields(strings.ToValidUTF8(strings.ReplaceAll(q.Text, "\x00", " "), " "))
	return words[:min(len(words), maxWords)]
}

// searched are the fields that a word is looked for in.
var searched = []string{"name", "email", "department", "title"}

// criteria are the conditions of a search for q, without those that the platform
// has no field for. A word becomes its spellings where they are given.
func (q Query) criteria(spellings [][]string) []genesys.SearchCriterion {
	var all []genesys.SearchCriterion
	for i, word := range q.words() {
		c := genesys.SearchCriterion{Type: "CONTAINS", Fields: searched, Value: word}
		if spellings != nil {
			c.Value, c.Values = "", spellings[i]
		}
		all = append(all, c)
	}
	return append(all, q.filters()...)
}

// filters are the conditions beside the text. Without one about the state the
// platform finds active people only.
func (q Query) filters() []genesys.SearchCriterion {
	states := States
	if q.State != "" {
		states = []string{q.State}
	}
	all := []genesys.SearchCriterion{{Type: "EXACT", Fields: []string{"state"}, Values: states}}
	if q.Department != "" {
		all = append(all, genesys.SearchCriterion{Type: "EXACT", Fields: []string{"department"}, Value: q.Department})
	}
	if q.Division != "" {
		all = append(all, genesys.SearchCriterion{Type: "EXACT", Fields: []string{"divisionId"}, Value: q.Division})
	}
	return all
}

// order is how the platform sorts what q finds.
func (q Query) order() (by, direction string) {
	by, direction = strings.TrimPrefix(q.Sort, "-"), "ASC"
	if strings.HasPrefix(q.Sort, "-") {
		direction = "DESC"
	}
	if by == "" || by == "issued" {
		return "name", "ASC"
	}
	return by, direction
}
