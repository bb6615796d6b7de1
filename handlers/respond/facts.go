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
