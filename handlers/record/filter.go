package record

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"tokenconsole/handlers/respond"
	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/session"
	"tokenconsole/views"
)

// longestQuery is the most characters of a search.
const longestQuery = 200

// fields are what a filter's address can hold.
var fields = []string{"person", "actor", "action", "outcome", "from", "to", "open", "batch", "nobody"}

// readFilter reads a filter from a query, bounded to what sess may see, or what
// is wrong with it, by field.
func readFilter(query url.Values, sess session.Session) (audit.Filter, map[string]string) {
	wrong := map[string]string{}
	f := audit.Filter{
		OrganizationID: sess.Organization.ID,
		Person:         searchable(query.Get("person")),
		Actor:          searchable(query.Get("actor")),
		Action:         oneOf(audit.Actions(), query, "action", wrong),
		Outcome:        oneOf(audit.Outcomes(), query, "outcome", wrong),
		From:           day(query, "from", wrong),
		To:             day(query, "to", wrong),
		Open:           query.Get("open") == "on",
		Batch:          searchable(query.Get("batch")),
		Nobody:         query.Get("nobody") == "on",
	}
	if !f.To.IsZero() {
		f.To = f.To.AddDate(0, 0, 1) // the whole of the day
	}
	if !sess.Person.May(genesys.PermissionDeleteToken) {
		f.Own, f.Nobody = sess.Person.ID.String(), false
	}
	return f, wrong
}

// searchable is text as a database can look for it: PostgreSQL takes no NUL and
// nothing but UTF-8.
func searchable(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
	runes := []rune(strings.TrimSpace(text))
	return string(runes[:min(len(runes), longestQuery)])
}

// oneOf reads one of choices, or none.
func oneOf[T ~string](choices []T, query url.Values, name string, wrong map[string]string) T {
	chosen := T(query.Get(name))
	if chosen != "" && !slices.Contains(choices, chosen) {
		wrong[name] = "Choose one of the list."
		return ""
	}
	return chosen
}

// day reads a date, in UTC.
func day(query url.Values, name string, wrong map[string]string) time.Time {
	text := query.Get(name)
	if text == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		wrong[name] = "Give a date such as 2026-11-24."
	}
	return t
}

func formOf(query url.Values) views.AuditFilter {
	return views.AuditFilter{
		Person: query.Get("person"), Actor: query.Get("actor"), From: query.Get("from"), To: query.Get("to"),
		Batch: query.Get("batch"), Open: query.Get("open") == "on", Nobody: query.Get("nobody") == "on",
		Active: encode(query, audit.Cursor{}) != "", MaxQuery: longestQuery,
	}
}

// encode writes the filter of query, at the place c, as a query again.
func encode(query url.Values, c audit.Cursor) string {
	kept := url.Values{}
	for _, name := range fields {
		if v := query.Get(name); v != "" {
			kept.Set(name, v)
		}
	}
	if !c.IsZero() {
		kept.Set("after", c.String())
	}
	return kept.Encode()
}

// link is path with the filter of query, at the place c.
func link(path string, query url.Values, c audit.Cursor) string {
	if encoded := encode(query, c); encoded != "" {
		return path + "?" + encoded
	}
	return path
}

// place is the list at the place c, or "" if there is no such place.
func place(query url.Values, c audit.Cursor) string {
	if c.IsZero() {
		return ""
	}
	return link("/audit", query, c)
}

func actionChoices(selected string) []views.Choice {
	var choices []views.Choice
	for _, a := range audit.Actions() {
		choices = append(choices, views.Choice{Value: string(a), Label: respond.ActionNames[a], Selected: string(a) == selected})
	}
	return choices
}

func outcomeChoices(selected string) []views.Choice {
	var choices []views.Choice
	for _, o := range audit.Outcomes() {
		choices = append(choices, views.Choice{Value: string(o), Label: string(o), Selected: string(o) == selected})
	}
	return choices
}
