package emulator

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
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

// searchResponse is the platform's UsersSearchResponse.
type searchResponse struct {
	Total      int      `json:"total"`
	PageCount  int      `json:"pageCount"`
	PageSize   int      `json:"pageSize"`
	PageNumber int      `json:"pageNumber"`
	Types      []string `json:"types"`
	Results    []user   `json:"results"`
}

// searchExpands are the expands of a search. It ignores all others.
var searchExpands = []string{
	"authorization", "conversationsummary", "geolocation", "outofoffice", "presence", "routingstatus", "station",
}

// postUsersSearch answers POST /api/v2/users/search. It finds active people only,
// unless a criterion is about the state.
func (e *Emulator) postUsersSearch(w http.ResponseWriter, r *http.Request, c caller) error {
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
	for _, p := range e.at(c).people {
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
	unknown := func(expand string) bool { return !slices.Contains(searchExpands, strings.ToLower(expand)) }
	expands := slices.DeleteFunc(req.Expand, unknown)
	answer := searchResponse{
		Total: len(found), PageCount: (len(found) + req.PageSize - 1) / req.PageSize,
		PageSize: req.PageSize, PageNumber: req.PageNumber, Types: []string{"users"}, Results: []user{},
	}
	for _, p := range slice(found, req.PageNumber, req.PageSize) {
		answer.Results = append(answer.Results, show(p, expands))
	}
	writeJSON(w, http.StatusOK, answer)
	return nil
}

// check fills in the defaults and refuses what the platform refuses.
func (req *searchRequest) check() error {
	req.PageSize = cmp.Or(req.PageSize, 25)
	req.PageNumber = cmp.Or(req.PageNumber, 1)
	if req.PageSize < 1 || req.PageNumber < 1 {
		return malformed()
	}
	if req.PageSize > 100 || req.PageSize*req.PageNumber > maxResults {
		return fail(400, "too.many.requested.results", "The page lies beyond what a search reaches.")
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
		return fail(400, "too.many.search.criteria", "Fewer criteria, please.")
	case values > maxValues:
		return fail(400, "search.criteria.values.exceed.limit", "Fewer values, please.")
	}
	return nil
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
