package respond

import (
	"strings"

	"tokenconsole/internal/genesys"
	"tokenconsole/views"
)

// Filled returns those facts of list that have a value.
func Filled(list []views.Fact) []views.Fact {
	var filled []views.Fact
	for _, f := range list {
		if f.Value != "" {
			filled = append(filled, f)
		}
	}
	return filled
}

// PersonPath is the path of a person's page.
func PersonPath(id genesys.UserID) string { return "/users/" + id.String() }

// DisplayName is the name of a person, or the id of one without.
func DisplayName(u genesys.User) string {
	if strings.TrimSpace(u.Name) == "" {
		return u.ID.String()
	}
	return u.Name
}

// GrantName is how a client gets its tokens, in words. A grant that the console does
// not know keeps the vendor's name.
func GrantName(grant string) string {
	switch grant {
	case genesys.GrantCode:
		return "Authorization code"
	case genesys.GrantImplicit:
		return "Implicit"
	case genesys.GrantSAML:
		return "SAML2 bearer"
	case genesys.GrantPassword:
		return "Password"
	case genesys.GrantClientCredentials:
		return "Client credentials"
	}
	return grant
}
