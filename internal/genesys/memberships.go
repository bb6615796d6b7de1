package genesys

import (
	"context"
	"net/url"
	"slices"
)

// Group is a group of people.
type Group struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	MemberCount int    `json:"memberCount"`
}

// GetGroupsPage lists the groups that the person may see (GET /api/v2/groups; no
// permission, scope groups:readonly).
func (cl *Client) GetGroupsPage(ctx context.Context, token Secret, from Position) (Listing[Group], error) {
	return list[Group](ctx, cl, token, "GetGroups", "/api/v2/groups", nil, from)
}

// GetGroupMembers lists the people of a group (GET /api/v2/groups/{groupId}/members;
// no permission, scope groups:readonly). ErrNotFound: no such group.
func (cl *Client) GetGroupMembers(ctx context.Context, token Secret, group string, from Position) (Listing[User], error) {
	path := "/api/v2/groups/" + url.PathEscape(group) + "/members"
	return list[User](ctx, cl, token, "GetGroupMembers", path, nil, from)
}

// Team is a work team.
type Team struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	MemberCount int    `json:"memberCount"`
}

// GetTeams lists the work teams, with a cursor (GET /api/v2/teams; permission
// groups:team:view, scope groups:readonly).
func (cl *Client) GetTeams(ctx context.Context, token Secret, from Position) (Listing[Team], error) {
	return list[Team](ctx, cl, token, "GetTeams", "/api/v2/teams", nil, from)
}

// Reference is a person of whom a list names no more than the id.
type Reference struct {
	ID UserID `json:"id"`
}

// GetTeamMembers lists the ids of the people of a work team, with a cursor (GET
// /api/v2/teams/{teamId}/members; permission groups:team:view, scope
// groups:readonly). ErrNotFound: no such team.
func (cl *Client) GetTeamMembers(ctx context.Context, token Secret, team string, from Position) (Listing[Reference], error) {
	path := "/api/v2/teams/" + url.PathEscape(team) + "/members"
	return list[Reference](ctx, cl, token, "GetTeamMembers", path, nil, from)
}

// Role is a role with what it allows.
type Role struct {
	ID        string       `json:"id"`
	Name      string       `json:"name"`
	UserCount int          `json:"userCount"`
	Policies  []RolePolicy `json:"permissionPolicies"`
}

// RolePolicy is what a role allows to do with one kind of thing (the vendor's
// DomainPermissionPolicy).
type RolePolicy struct {
	Domain     string   `json:"domain"`
	EntityName string   `json:"entityName"`
	ActionSet  []string `json:"actionSet"`
}

// Administers reports whether the role may administer the organization
// (directory:organization:admin), be it by a wildcard.
func (r Role) Administers() bool {
	meets := func(value, want string) bool { return value == want || value == "*" }
	return slices.ContainsFunc(r.Policies, func(p RolePolicy) bool {
		return meets(p.Domain, "directory") && meets(p.EntityName, "organization") &&
			slices.ContainsFunc(p.ActionSet, func(action string) bool { return meets(action, "admin") })
	})
}

// GetAuthorizationRoles lists the roles (GET /api/v2/authorization/roles; permission
// authorization:role:view, scope authorization:readonly).
func (cl *Client) GetAuthorizationRoles(ctx context.Context, token Secret, from Position) (Listing[Role], error) {
	return list[Role](ctx, cl, token, "GetAuthorizationRoles", "/api/v2/authorization/roles", nil, from)
}

// GetAuthorizationRoleUsers lists the ids of the people who hold a role (GET
// /api/v2/authorization/roles/{roleId}/users; permission authorization:role:view,
// scope authorization:readonly). ErrNotFound: no such role.
func (cl *Client) GetAuthorizationRoleUsers(ctx context.Context, token Secret, role string, from Position) (Listing[Reference], error) {
	path := "/api/v2/authorization/roles/" + url.PathEscape(role) + "/users"
	return list[Reference](ctx, cl, token, "GetAuthorizationRoleUsers", path, nil, from)
}

// GetAuthorizationDivisions lists the divisions that the person may see (GET
// /api/v2/authorization/divisions; no permission, scope authorization:readonly).
func (cl *Client) GetAuthorizationDivisions(ctx context.Context, token Secret, from Position) (Listing[Named], error) {
	return list[Named](ctx, cl, token, "GetAuthorizationDivisions", "/api/v2/authorization/divisions", nil, from)
}
