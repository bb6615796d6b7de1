package people

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tokenconsole/handlers/request"
	"tokenconsole/internal/directory"
	"tokenconsole/internal/genesys"
	"tokenconsole/views"
)

// usersPage is the search with query filled in.
func usersPage(v *request.Visit, query directory.Query) views.UsersPage {
	page := views.UsersPage{
		Query: query.Text, Asked: query.Text != "" || query.Filtered(), MaxQuery: directory.MaxText, Sort: query.Sort, Busy: query.Busy,
		MaySearch: v.Session.Person.May(genesys.PermissionViewUser), MayRevoke: v.Session.Person.May(genesys.PermissionDeleteToken),
		Spelling: query.Spelling, Columns: columns(query),
	}
	for _, state := range directory.States {
		page.States = append(page.States, views.Choice{Value: state, Label: state, Selected: state == query.State})
	}
	return page
}

// columns are the sortable columns, each with the address that sorts by it.
func columns(query directory.Query) map[string]views.Column {
	all := map[string]views.Column{}
	for _, name := range directory.Sorts {
		next, column := query, views.Column{}
		next.Sort = name
		switch cmp.Or(query.Sort, "name") {
		case name:
			column.Order, next.Sort = "ascending", "-"+name
		case "-" + name:
			column.Order = "descending"
		}
		if next.Sort == "name" {
			next.Sort = ""
		}
		column.Href = users(next, 1)
		all[name] = column
	}
	return all
}

// users is the address of one page of the people that query finds.
func users(query directory.Query, number int) string {
	return usersPath(place(directory.Found{Query: query, Page: number}))
}

func usersPath(encoded string) string {
	if encoded == "" {
		return "/users"
	}
	return "/users?" + encoded
}

// describe says what was found, how, and what else there is.
func describe(found directory.Found, page *views.UsersPage) {
	query := found.Query
	page.Summary = "Nobody found"
	if n := len(found.People); n > 0 {
		first := (found.Page-1)*directory.PerPage + 1
		page.Summary = count(found.Total)
		if n < found.Total {
			page.Summary += fmt.Sprintf(", %d to %d", first, first+n-1)
		}
		page.Total = found.Total
	}
	page.Notes = append(page.Notes, notes(found, page.Spelling)...)
	page.Spelling = query.Spelling
	page.Search = query.Values()
	widen(found, page)
	if found.Page > 1 {
		page.Previous = users(query, found.Page-1)
	}
	if found.Page < found.Pages {
		page.Next = users(query, found.Page+1)
	}
}

// notes say what is not as it was asked for. Spelling reports whether other spellings were.
func notes(found directory.Found, spelling bool) (notes []string) {
	if found.Query.Spelling && !spelling {
		notes = append(notes, "Nobody is spelled exactly like that. These match with accents added or left out.")
	}
	if found.Unsorted {
		notes = append(notes, fmt.Sprintf(
			"Sorted by name: last tokens can be read for %d people at a time. Narrow the list to sort by them.", directory.MaxTold))
	}
	if found.ReadFirst > 0 {
		notes = append(notes, fmt.Sprintf(
			"Only the first %d people were checked. Narrow the list to see whether others are busy.", found.ReadFirst))
	}
	return notes
}

// widen offers searches that find others: with other spellings, without filters, for one word alone.
func widen(found directory.Found, page *views.UsersPage) {
	query := found.Query
	if found.Spellable && found.Total > 0 && page.Query != "" {
		other := query
		other.Spelling = true
		page.OtherSpellings = users(other, 1)
	}
	if query.Filtered() {
		page.Unfiltered = users(directory.Query{Text: query.Text}, 1)
	}
	if words := strings.Fields(query.Text); found.Total == 0 && len(words) > 1 && len(words) <= 4 {
		for _, word := range words {
			page.Words = append(page.Words, views.Action{Label: word, Href: users(directory.Query{Text: word}, 1)})
		}
	}
}

// choices are the departments and divisions of those found, to narrow them by.
func choices(found directory.Found, page *views.UsersPage) {
	departments, divisions := map[string]string{}, map[string]string{}
	for _, u := range found.People {
		departments[u.Department], divisions[u.Division.ID] = u.Department, u.Division.Name
	}
	if chosen := found.Query.Department; chosen != "" {
		departments[chosen] = cmp.Or(departments[chosen], chosen)
	}
	if chosen := found.Query.Division; chosen != "" {
		divisions[chosen] = cmp.Or(divisions[chosen], "The chosen division")
	}
	page.Departments, page.Divisions = sorted(departments, found.Query.Department), sorted(divisions, found.Query.Division)
}

// sorted are choices by their label.
func sorted(labels map[string]string, selected string) []views.Choice {
	var all []views.Choice
	for _, value := range slices.Sorted(maps.Keys(labels)) {
		if value != "" && labels[value] != "" {
			all = append(all, views.Choice{Value: value, Label: labels[value], Selected: value == selected})
		}
	}
	slices.SortStableFunc(all, func(a, b views.Choice) int { return cmp.Compare(a.Label, b.Label) })
	return all
}

func count(people int) string {
	if people == 1 {
		return "1 person"
	}
	return views.Number(int64(people)) + " people"
}
