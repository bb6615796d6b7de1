package emulator

import (
	"net/http"
	"slices"
	"strings"
)

// role is a role with the people who hold it.
type role struct {
	id, name    string
	permissions []string
	holders     []*person
}

// roles are the roles of d, by name. Everybody holds one; deleted people hold none.
func (d *directory) roles() []*role {
	d.rolesOnce.Do(func() { d.rolesKnown = d.findRoles() })
	return d.rolesKnown
}

func (d *directory) findRoles() []*role {
	byName := map[string]*role{}
	var all []*role
	for _, p := range d.byID {
		if p.state == "deleted" {
			continue
		}
		held := byName[p.role]
		if held == nil {
			held = &role{id: stableID("role", p.role), name: p.role, permissions: p.permissions}
			byName[p.role] = held
			all = append(all, held)
		}
		held.holders = append(held.holders, p)
	}
	for _, r := range all {
		slices.SortFunc(r.holders, func(a, b *person) int { return strings.Compare(a.id, b.id) })
	}
	slices.SortFunc(all, func(a, b *role) int { return strings.Compare(a.name, b.name) })
	return all
}

// roleShown is the platform's DomainOrganizationRole.
type roleShown struct {
	ID        string       `json:"id"`
	Name      string       `json:"name"`
	Policies  []rolePolicy `json:"permissionPolicies"`
	UserCount int          `json:"userCount"`
	SelfURI   string       `json:"selfUri"`
}

// rolePolicy is the platform's DomainPermissionPolicy: what a role allows to do
// with one kind of thing.
type rolePolicy struct {
	Domain     string   `json:"domain"`
	EntityName string   `json:"entityName"`
	ActionSet  []string `json:"actionSet"`
}

// policies returns permissions as a role shows them.
func policies(permissions []string) []rolePolicy {
	all := []rolePolicy{}
	for _, permission := range permissions {
		parts := strings.Split(permission, ":")
		i := slices.IndexFunc(all, func(p rolePolicy) bool { return p.Domain == parts[0] && p.EntityName == parts[1] })
		if i < 0 {
			i = len(all)
			all = append(all, rolePolicy{Domain: parts[0], EntityName: parts[1]})
		}
		all[i].ActionSet = append(all[i].ActionSet, parts[2])
	}
	return all
}

// getAuthorizationRoles answers GET /api/v2/authorization/roles.
func (e *Emulator) getAuthorizationRoles(w http.ResponseWriter, r *http.Request, c caller) error {
	ids := list(r.URL.Query(), "id")
	found := slices.DeleteFunc(slices.Clone(e.at(c).roles()), func(one *role) bool {
		return !nameMeets(one.name, r.URL.Query().Get("name")) || len(ids) > 0 && !slices.Contains(ids, one.id)
	})
	page, err := pageOf(r, found, 500, func(one *role) roleShown {
		return roleShown{
			ID: one.id, Name: one.name, Policies: policies(one.permissions), UserCount: len(one.holders),
			SelfURI: "/api/v2/authorization/roles/" + one.id,
		}
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, page)
	return nil
}

// getAuthorizationRoleUsers answers GET /api/v2/authorization/roles/{roleId}/users:
// ids alone. Such a page has no URIs.
func (e *Emulator) getAuthorizationRoleUsers(w http.ResponseWriter, r *http.Request, c caller) error {
	all := e.at(c).roles()
	i := slices.IndexFunc(all, func(one *role) bool { return one.id == r.PathValue("roleId") })
	if i < 0 {
		return notFound()
	}
	page, err := pageOf(r, all[i].holders, 500, func(p *person) entity {
		return entity{ID: p.id, SelfURI: "/api/v2/users/" + p.id}
	})
	if err != nil {
		return err
	}
	page.FirstURI, page.LastURI, page.SelfURI, page.NextURI, page.PrevURI = "", "", "", "", ""
	writeJSON(w, http.StatusOK, page)
	return nil
}

// division is the platform's AuthzDivision.
type division struct {
	ID           string `json:"id"`
	Name         string `json:"name"`
	Description  string `json:"description"`
	HomeDivision bool   `json:"homeDivision"`
	SelfURI      string `json:"selfUri"`
}

// getAuthorizationDivisions answers GET /api/v2/authorization/divisions.
func (e *Emulator) getAuthorizationDivisions(w http.ResponseWriter, r *http.Request, c caller) error {
	var names []string
	for _, p := range e.at(c).people {
		if !slices.Contains(names, p.division) {
			names = append(names, p.division)
		}
	}
	q := r.URL.Query()
	ids := list(q, "id")
	names = slices.DeleteFunc(names, func(name string) bool {
		return !strings.Contains(strings.ToLower(name), strings.ToLower(strings.Trim(q.Get("name"), "*"))) ||
			len(ids) > 0 && !slices.Contains(ids, stableID("division", name))
	})
	slices.Sort(names)
	page, err := pageOf(r, names, 500, func(name string) division {
		id := stableID("division", name)
		return division{
			ID: id, Name: name, Description: "", HomeDivision: name == "Home",
			SelfURI: "/api/v2/authorization/divisions/" + id,
		}
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, page)
	return nil
}
