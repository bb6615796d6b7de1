package clients

import (
	"testing"

	"tokenconsole/internal/genesys"
)

// A client that acts by itself is the riskier the more its roles allow, and one
// that nothing is known of is never called safe.
func TestRisk(t *testing.T) {
	t.Parallel()
	role := func(domain, entity, action string) genesys.Role {
		return genesys.Role{Name: "R", Policies: []genesys.RolePolicy{{Domain: domain, EntityName: entity, ActionSet: []string{action}}}}
	}
	held := []genesys.RoleDivision{{RoleID: "r"}}
	for name, test := range map[string]struct {
		client genesys.RegisteredClient
		role   genesys.Role
		want   string
	}{
		"administers":        {genesys.RegisteredClient{Grant: "CLIENT-CREDENTIALS", Roles: held}, role("directory", "organization", "admin"), "High"},
		"everything":         {genesys.RegisteredClient{Grant: "CLIENT-CREDENTIALS", Roles: held}, role("*", "*", "*"), "High"},
		"gives itself roles": {genesys.RegisteredClient{Grant: "CLIENT-CREDENTIALS", Roles: held}, role("authorization", "grant", "add"), "High"},
		"reads roles":        {genesys.RegisteredClient{Grant: "CLIENT-CREDENTIALS", Roles: held}, role("authorization", "grant", "view"), "Medium"},
		"an unknown role": {
			genesys.RegisteredClient{Grant: "CLIENT-CREDENTIALS", Roles: []genesys.RoleDivision{{RoleID: "?"}}}, genesys.Role{}, "High",
		},
		"roles, grant not told":  {genesys.RegisteredClient{Roles: held}, role("*", "*", "*"), "High"},
		"nothing told":           {genesys.RegisteredClient{}, genesys.Role{}, "Not known"},
		"implicit":               {genesys.RegisteredClient{Grant: "TOKEN"}, genesys.Role{}, "High"},
		"password":               {genesys.RegisteredClient{Grant: "PASSWORD"}, genesys.Role{}, "High"},
		"code":                   {genesys.RegisteredClient{Grant: "CODE"}, genesys.Role{}, "Low"},
		"disabled, with a role":  {genesys.RegisteredClient{Grant: "CLIENT-CREDENTIALS", Roles: held, State: "disabled"}, role("*", "*", "*"), "None now"},
		"waits for its deletion": {genesys.RegisteredClient{Grant: "TOKEN", State: "inactive"}, genesys.Role{}, "Low"},
	} {
		t.Run(name, func(t *testing.T) {
			known := roles{byID: map[string]genesys.Role{"r": test.role}}
			if got := known.risk(test.client).label; got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}
