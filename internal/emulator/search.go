package emulator

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"unicode"
)

const (
	maxCriteria = 50
	maxValues   = 100
	maxResults  = 10_000
)

// searchRequest is the platform's UserSearchRequest.
type searchRequest struct {
	SortOrder  string       `json:"sortOrder"`
	SortBy     string       `json:"sortBy"`
	Sort       []searchSort `json:"sort"`
	PageSize   int          `json:"pageSize"`
	PageNumber int          `json:"pageNumber"`
	Expand     []string     `json:"expand"`
	Query      []criterion  `json:"query"`
}

type searchSort struct {
	SortOrder string `json:"sortOrder"`
	SortBy    string `json:"sortBy"`
}

// criterion is the platform's UserSearchCriteria: a condition, or a group of them.
type criterion struct {
	Type     string      `json:"type"`
	Fields   []string    `json:"fields"`
	Value    string      `json:"value"`
	Values   []string    `json:"values"`
	Operator string      `json:"operator"`
	Group    []criterion `json:"group"`
}

// searchResponse is the platform's UsersSearchResponse.
type searchResponse struct {
	Total      int      `json:"total"`
	PageCount  int      `json:"pageCount"`
	PageSize   int      `json:"pageSize"`
	PageNumber int      `json:"pageNumber"`
	Types      []string `json:"types"`
	Results    []user   `json:"results"`
}

var searchFields = map[string]func(*person) string{
	"id":         func(p *person) string { return p.id },
	"name":       func(p *person) string { return p.name },
	"email":      func(p *person) string { return p.email },
	"username":   func(p *person) string { return p.username },
	"department": func(p *person) string { return p.department },
	"title":      func(p *person) string { return p.title },
	"state":      func(p *person) string { return p.state },
	"divisionid": func(p *person) string { return stableID("division", p.division) },
}

// postUsersSearch answers POST /api/v2/users/search. Active people alone are
// found unless a criterion asks for states.
func (e *Emulator) postUsersSearch(w http.ResponseWriter, r *http.Request, _ caller) error {
	var req searchRequest
	if err := readJSON(w, r, &req); err != nil {
		return err
	}
	if err := req.check(); err != nil {
		return err
	}
	type hit struct {
		*person
		score int
	}
	var hits []hit
	anyState := mentions(req.Query, "state")
	for _, p := range e.people.people {
		if !anyState && !p.active() {
			continue
		}
		if score, ok := match(p, req.Query); ok {
			hits = append(hits, hit{p, score})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int {
		return cmp.Or(compare(a.person, b.person, req.Sort), cmp.Compare(b.score, a.score), cmp.Compare(a.name, b.name))
	})
	found := make([]*person, len(hits))
	for i, h := range hits {
		found[i] = h.person
	}
	answer := searchResponse{
		Total: len(found), PageCount: (len(found) + req.PageSize - 1) / req.PageSize,
		PageSize: req.PageSize, PageNumber: req.PageNumber, Types: []string{"users"}, Results: []user{},
	}
	for _, p := range slice(found, req.PageNumber, req.PageSize) {
		answer.Results = append(answer.Results, show(p, req.Expand))
	}
	writeJSON(w, http.StatusOK, answer)
	return nil
}

// check fills in defaults and refuses what the platform refuses.
func (req *searchRequest) check() error {
	req.PageSize = cmp.Or(req.PageSize, 25)
	req.PageNumber = cmp.Or(req.PageNumber, 1)
	if req.PageSize < 1 || req.PageNumber < 1 {
		return badRequest("pageSize and pageNumber must be positive.")
	}
	if req.PageSize > 100 || req.PageSize*req.PageNumber > maxResults {
		return fail(400, "too.many.requested.results", "too many requested results")
	}
	if req.SortBy != "" {
		req.Sort = append([]searchSort{{SortOrder: req.SortOrder, SortBy: req.SortBy}}, req.Sort...)
	}
	for _, s := range req.Sort {
		if s.SortBy != "" && s.SortOrder != "SCORE" && searchFields[strings.ToLower(s.SortBy)] == nil {
			return invalidProperty(s.SortBy)
		}
	}
	criteria, values := 0, 0
	if err := checkCriteria(req.Query, &criteria, &values); err != nil {
		return err
	}
	switch {
	case criteria > maxCriteria:
		return fail(400, "too.many.search.criteria", "search criteria exceeded limit")
	case values > maxValues:
		return fail(400, "search.criteria.values.exceed.limit", "search criteria values exceeded limit")
	}
	return nil
}

func checkCriteria(query []criterion, criteria, values *int) error {
	for i := range query {
		c := &query[i]
		*criteria++
		*values += len(c.Values)
		if len(c.Group) > 0 {
			if err := checkCriteria(c.Group, criteria, values); err != nil {
				return err
			}
			continue
		}
		if matchers[c.Type] == nil {
			return fail(400, "invalid.value", "Value [{value}] is not valid for field type [{type}]. Allowable values are: {allowed}",
				"value", c.Type, "type", "type", "allowed", "EXACT, STARTS_WITH, CONTAINS, TERM, TERMS, QUERY_STRING")
		}
		for _, f := range c.Fields {
			if searchFields[strings.ToLower(f)] == nil {
				return invalidProperty(f)
			}
		}
		if c.Value != "" {
			c.Values = append(c.Values, c.Value)
		}
		if len(c.Fields) == 0 && c.Type == "QUERY_STRING" {
			c.Fields = []string{"name", "email", "department", "title"}
		}
		if len(c.Fields) == 0 || len(c.Values) == 0 {
			return badRequest("A search criterion needs fields and a value.")
		}
	}
	return nil
}

func invalidProperty(name string) error {
	return fail(400, "invalid.property", "Value [{value}] is not a valid property for object [{object}]", "value", name, "object", "User")
}

func mentions(query []criterion, field string) bool {
	return slices.ContainsFunc(query, func(c criterion) bool {
		return mentions(c.Group, field) || slices.ContainsFunc(c.Fields, func(f string) bool { return strings.EqualFold(f, field) })
	})
}

// match tells whether query finds p and how well. All AND criteria (the
// default) hold, no NOT does, and of the OR criteria, if there are any, one does.
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

func (c criterion) match(p *person) (best int, ok bool) {
	if len(c.Group) > 0 {
		return match(p, c.Group)
	}
	for _, f := range c.Fields {
		text := strings.ToLower(searchFields[strings.ToLower(f)](p))
		for _, v := range c.Values {
			v = strings.ToLower(v)
			if matchers[c.Type](text, v) {
				best, ok = max(best, quality(text, v)), true
			}
		}
	}
	return best, ok
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

func words(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) && r != '\'' })
}

// quality ranks a match for the SCORE order: whole text, start, start of a word, rest.
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

func compare(a, b *person, order []searchSort) int {
	for _, s := range order {
		field := searchFields[strings.ToLower(s.SortBy)]
		if s.SortOrder == "SCORE" || field == nil {
			continue
		}
		c := cmp.Compare(strings.ToLower(field(a)), strings.ToLower(field(b)))
		if s.SortOrder == "DESC" {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return 0
}
