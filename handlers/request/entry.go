package request

import (
	"tokenconsole/internal/audit"
	"tokenconsole/session"
)

// Entry begins what the record says of v: who, where, from where.
func Entry(v *Visit, action audit.Action) audit.Entry {
	return audit.Entry{
		Action:       action,
		Actor:        Party(v.Session.Person),
		Organization: audit.Organization{ID: v.Session.Organization.ID, Name: v.Session.Organization.Name},
		Region:       v.Session.Region,
		RequestID:    v.ID,
		Address:      v.Address,
	}
}

// Party is p as the record names people.
func Party(p session.Person) audit.Party {
	return audit.Party{ID: p.ID.String(), Name: p.Name, Email: p.Email}
}
