package record

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/views"
)

// longestQuery is the most characters of a search.
const longestQuery = 200

// fields are what a filter's address can hold.
var fields = []string{"person", "actor", "action", "outcome", "from", "to", "open", "batch", "nobody"}

// readFilter reads the filter of v, bounded to what its person may see, or what is
// wrong with it, by field.
func readFilter(v *request.Visit) (audit.Filter, map[string]string) {
	query, sess, wrong := v.Request.URL.Query(), v.Session, map[string]string{}
	today := v.Now()
	f := audit.Filter{
		OrganizationID: sess.Organization.ID,
		Person:         searchable(query.Get("person")),
		Actor:          searchable(query.Get("actor")),
		Action:         oneOf(offered(), query, "action", wrong),
		Outcome:        oneOf(audit.Outcomes(), query, "outcome", wrong),
		From:           day(query, "from", today, wrong),
		To:             day(query, "to", today, wrong),
		Open:           query.Get("open") == "on",
		Batch:          searchable(query.Get("batch")),
		Nobody:         query.Get("nobody") == "on",
	}
	if !f.To.IsZero() && f.From.After(f.To) {
		wrong["from"] = "This day is after the last one. Enter an earlier day, or a later one as the last."
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

// offered are the actions that acts are listed by. Evidence is a part of another.
func offered() []audit.Action {
	return slices.DeleteFunc(audit.Actions(), func(a audit.Action) bool { return a == audit.ReadEvidence })
}

// oneOf reads one of choices, or none.
func oneOf[T ~string](choices []T, query url.Values, name string, wrong map[string]string) T {
	chosen := T(query.Get(name))
	if chosen != "" && !slices.Contains(choices, chosen) {
		wrong[name] = "Choose one from the list."
		return ""
	}
	return chosen
}

// day reads a date in the zone of today: "2026-11-24", "today", or "today-6".
func day(query url.Values, name string, today time.Time, wrong map[string]string) time.Time {
	text := query.Get(name)
	if text == "" {
		return time.Time{}
	}
	if back, ok := strings.CutPrefix(text, "today"); ok {
		if days, err := strconv.Atoi("0" + strings.TrimPrefix(back, "-")); err == nil && days < 1000 {
			year, month, day := today.Date()
			return time.Date(year, month, day-days, 0, 0, 0, 0, today.Location())
		}
	}
	t, err := time.ParseInLocation(time.DateOnly, text, today.Location())
	if err != nil {
		wrong[name] = "Enter a date such as 2026-11-24."
	}
	return t
}

// date is a day of a filter as its field holds it: what cannot be read as it is.
func date(query url.Values, name string, today time.Time) string {
	wrong := map[string]string{}
	t := day(query, name, today, wrong)
	if t.IsZero() {
		return query.Get(name)
	}
	return t.Format(time.DateOnly)
}

func formOf(query url.Values, today time.Time) views.AuditFilter {
	return views.AuditFilter{
		Person: query.Get("person"), Actor: query.Get("actor"), From: date(query, "from", today), To: date(query, "to", today),
		Batch: query.Get("batch"), Open: query.Get("open") == "on", Nobody: query.Get("nobody") == "on",
		ZoneName: zoneName(today), Active: filtered(query), MaxQuery: longestQuery,
	}
}

// filtered reports whether a query narrows the record.
func filtered(query url.Values) bool {
	return slices.ContainsFunc(fields, func(name string) bool { return query.Get(name) != "" })
}

// zoneName is the name of the zone of today, as people know it.
func zoneName(today time.Time) string {
	name, _ := today.Zone()
	return name
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
	for _, a := range offered() {
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
