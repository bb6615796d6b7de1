package clients

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/genesys"
)

// risk is how much harm a client's tokens could do in the wrong hands.
type risk struct {
	level            int // higher is worse
	label, tone, why string
}

// risk judges a client by its grant and, for client credentials, by its roles.
func (k roles) risk(one genesys.RegisteredClient) risk {
	switch {
	case one.State == genesys.ClientDisabled:
		return risk{0, "None now", "", "Disabled: its tokens are not valid."}
	case one.State == genesys.ClientInactive:
		return risk{1, "Low", "good", "It gets no new tokens, and will be deleted."}
	}
	switch grant(one) {
	case genesys.GrantClientCredentials:
		return k.byRoles(one)
	case genesys.GrantImplicit:
		return risk{4, "High", "bad", "Implicit grant: tokens pass through the browser’s address. Genesys Cloud ends it in March 2027."}
	case genesys.GrantPassword:
		return risk{4, "High", "bad", "Password grant: it handles people’s passwords."}
	case "":
		return risk{3, "Not known", "warning", "Genesys Cloud did not report how it gets its tokens."}
	case genesys.GrantSAML:
		return risk{2, "Low", "good", "Acts for people who signed in elsewhere, within their permissions and its scopes."}
	}
	return risk{2, "Low", "good", "Acts for people who sign in, within their permissions and its scopes."}
}

// byRoles judges a client that acts by itself.
func (k roles) byRoles(one genesys.RegisteredClient) risk {
	if name := k.wide(one); name != "" {
		return risk{6, "High", "bad", "Acts by itself, with the wide role " + name + ": whoever has its secret can do as much."}
	}
	if !k.complete(one) {
		return risk{5, "High", "bad", "Acts by itself. What its roles allow could not be read."}
	}
	return risk{3, "Medium", "warning", "Acts by itself, without anybody signing in, within its roles."}
}

// grant is how a client gets its tokens. Where the platform does not say so, roles
// without scopes can only be those of client credentials.
func grant(one genesys.RegisteredClient) string {
	if one.Grant == "" && len(one.Roles) > 0 && len(one.Scopes) == 0 {
		return genesys.GrantClientCredentials
	}
	return one.Grant
}

// roles are the organization's roles, as far as they could be read.
type roles struct {
	byID    map[string]genesys.Role
	problem string // why not, in words
}

// maxRolePages bounds how many pages of 100 roles are read.
const maxRolePages = 5

// readRoles reads the roles. Without them a page shows ids.
func (c *Room) readRoles(v *request.Visit) roles {
	known := roles{byID: map[string]genesys.Role{}}
	client, at := c.Platform.Client(v.Session.Region), genesys.Position{}
	for range maxRolePages {
		page, err := client.GetAuthorizationRoles(v.Context(), v.Session.AccessToken, at)
		if err != nil {
			known.problem = whyNot(v, err)
			return known
		}
		for _, role := range page.Entities {
			known.byID[role.ID] = role
		}
		if at = page.Next; !page.More || len(page.Entities) == 0 {
			break
		}
	}
	return known
}

// whyNot says in words why the roles could not be read.
func whyNot(v *request.Visit, err error) string {
	v.Log().Info("the roles could not be read", "error", err.Error())
	if e, ok := errors.AsType[*genesys.Error](err); ok && errors.Is(err, genesys.ErrForbidden) {
		if scope, ok := e.MissingScope(); ok {
			return respond.HowToAddScope(cmp.Or(scope, "authorization:readonly"))
		}
		return "Reading them needs the permission " + cmp.Or(e.MissingPermission(), genesys.PermissionViewRole) + "."
	}
	return respond.Explain(err, v.Now()).Title + "."
}

// names are the names of a client's roles, or their ids.
func (k roles) names(one genesys.RegisteredClient) []string {
	var names []string
	for _, held := range one.Roles {
		name := k.byID[held.RoleID].Name
		if name == "" {
			name = held.RoleID
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// complete reports whether all of a client's roles could be read.
func (k roles) complete(one genesys.RegisteredClient) bool {
	return !slices.ContainsFunc(one.Roles, func(held genesys.RoleDivision) bool {
		_, ok := k.byID[held.RoleID]
		return !ok
	})
}

// wide is the name of a client's role that may do nearly everything: administer the
// organization, or give itself more. "" if it has none.
func (k roles) wide(one genesys.RegisteredClient) string {
	for _, held := range one.Roles {
		role, ok := k.byID[held.RoleID]
		if ok && (role.Administers() || slices.ContainsFunc(role.Policies, widens)) {
			return role.Name
		}
	}
	return ""
}

// widens reports whether a policy lets its holder get more permissions.
func widens(p genesys.RolePolicy) bool {
	if p.Domain == "*" {
		return true
	}
	changes := slices.ContainsFunc(p.ActionSet, func(action string) bool {
		return slices.Contains([]string{"*", "add", "edit"}, action)
	})
	what := strings.ToLower(p.Domain + ":" + p.EntityName)
	return changes && slices.Contains([]string{"authorization:*", "authorization:grant", "authorization:role", "oauth:*", "oauth:client"}, what)
}
