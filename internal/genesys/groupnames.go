package genesys

import (
	"context"
	"net/http"
	"net/url"
	"slices"
)

// maxIDs is how many ids one call takes.
const maxIDs = 100

// GetGroups returns the names of the groups with these ids (GET /api/v2/groups; no
// permission, scope groups:readonly). It leaves out groups that do not exist; the
// order is the platform's. It asks for the first 100 ids, and makes no call for none.
func (cl *Client) GetGroups(ctx context.Context, token Secret, ids []string) ([]Named, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	asked := ids[:min(len(ids), maxIDs)]
	var page struct {
		Entities []Named `json:"entities"`
	}
	_, err := cl.do(ctx, token, call{
		operation: "GetGroups", method: http.MethodGet, path: "/api/v2/groups",
		query: url.Values{"id": asked, "pageSize": {"100"}}, reply: &page,
	})
	return slices.DeleteFunc(page.Entities, func(g Named) bool { return !slices.Contains(asked, g.ID) }), err
}
