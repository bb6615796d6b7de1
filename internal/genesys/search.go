package genesys

import (
	"context"
	"net/http"
)

// UserSearch is a search for people (the vendor's UserSearchRequest).
type UserSearch struct {
	PageSize   int               `json:"pageSize"` // at most 100
	PageNumber int               `json:"pageNumber"`
	SortBy     string            `json:"sortBy,omitempty"`
	SortOrder  string            `json:"sortOrder,omitempty"` // ASC, DESC, SCORE
	Query      []SearchCriterion `json:"query"`
	Expand     []string          `json:"expand,omitempty"` // presence, routingStatus and others, but no time of a token
}

// SearchCriterion is one condition of a UserSearch.
type SearchCriterion struct {
	Type     string            `json:"type,omitempty"` // EXACT, STARTS_WITH, CONTAINS, …
	Fields   []string          `json:"fields,omitempty"`
	Value    string            `json:"value,omitempty"`
	Values   []string          `json:"values,omitempty"`
	Operator string            `json:"operator,omitempty"` // AND, OR, NOT
	Group    []SearchCriterion `json:"group,omitempty"`
}

// UserPage is one page of people found (the vendor's UsersSearchResponse).
type UserPage struct {
	Total      int    `json:"total"`
	PageCount  int    `json:"pageCount"`
	PageSize   int    `json:"pageSize"`
	PageNumber int    `json:"pageNumber"`
	Results    []User `json:"results"`
}

// PostUsersSearch finds people (POST /api/v2/users/search; permission
// directory:user:view, scope users:readonly).
func (cl *Client) PostUsersSearch(ctx context.Context, token Secret, search UserSearch) (UserPage, error) {
	var page UserPage
	_, err := cl.do(ctx, token, call{
		operation: "PostUsersSearch", method: http.MethodPost, path: "/api/v2/users/search",
		body: search, reply: &page,
	})
	return page, err
}
