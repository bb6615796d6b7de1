package record

import (
	"net/url"

	"tokenconsole/handlers/request"
	"tokenconsole/internal/audit"
	"tokenconsole/views"
)

// chips are the filters that are one click away.
func chips(query url.Values, v *request.Visit) []views.Chip {
	all := []struct {
		label  string
		filter url.Values
	}{
		{"All", url.Values{}},
		{"Today", url.Values{"from": {"today"}, "to": {"today"}}},
		{"Last 7 days", url.Values{"from": {"today-6"}, "to": {"today"}}},
		{"Revocations", url.Values{"action": {string(audit.Revoke)}}},
		{"Open", url.Values{"open": {"on"}}},
	}
	if mayReadAll(v) {
		all = append(all, []struct {
			label  string
			filter url.Values
		}{
			{"Mine", url.Values{"actor": {v.Session.Person.ID.String()}}},
			{"Failed sign-ins", url.Values{"nobody": {"on"}}},
		}...)
	}
	current := encode(query, audit.Cursor{})
	shown := make([]views.Chip, len(all))
	for i, c := range all {
		encoded := encode(c.filter, audit.Cursor{})
		shown[i] = views.Chip{Label: c.label, Href: link("/audit", c.filter, audit.Cursor{}), Current: encoded == current}
	}
	return shown
}
