package people

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/genesys"
	"tokenconsole/views"
)

const (
	perPage      = 25
	longestQuery = 200
)

// Search finds people. A user id leads straight to its page.
func (p *Room) Search(v *request.Visit) error {
	query := strings.TrimSpace(v.Request.URL.Query().Get("q"))
	if id, err := genesys.ParseUserID(strings.ToLower(query)); err == nil {
		return p.Redirect(v, respond.PersonPath(id))
	}
	page := views.UsersPage{Query: query, MaySearch: v.Session.Person.May(genesys.PermissionViewUser), MaxQuery: longestQuery}
	status := http.StatusOK
	switch {
	case query == "":
	case utf8.RuneCountInString(query) > longestQuery:
		page.Error, status = fmt.Sprintf("That is longer than %d characters. Search for a part of it.", longestQuery), http.StatusUnprocessableEntity
	case !page.MaySearch:
		page.Error, status = "That is not a user id. It has the form xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx.", http.StatusUnprocessableEntity
	default:
		if err := p.find(v, &page); err != nil {
			return err
		}
	}
	page.Shell = p.Shell(v, "Users")
	return p.Page(v, status, views.Users(page))
}

// find fills page with the people that its query finds.
func (p *Room) find(v *request.Visit, page *views.UsersPage) error {
	number, err := strconv.Atoi(v.Request.URL.Query().Get("page"))
	if err != nil || number < 1 || number > 10_000 {
		number = 1
	}
	found, err := p.search(v, page.Query, number)
	if err != nil {
		return err
	}
	if len(found.Results) == 0 && found.PageCount > 0 && number > found.PageCount {
		// There are people, only not so many pages of them.
		number = found.PageCount
		if found, err = p.search(v, page.Query, number); err != nil {
			return err
		}
	}
	page.Asked = true
	users, err := p.withEvidence(v, found.Results)
	if err != nil {
		page.Evidence = "Genesys Cloud did not give the evidence (last token, log-in, presence) just now; the people are right."
		v.Log.Warn("no evidence for found people", "error", err.Error())
	}
	for _, u := range users {
		page.Results = append(page.Results, row(v, u, page.Query))
	}
	first := (number-1)*perPage + 1
	page.Summary = fmt.Sprintf("%s, %d to %d", count(found.Total), first, first+len(users)-1)
	if number > 1 {
		page.Previous = pageAt(page.Query, number-1)
	}
	if number < found.PageCount {
		page.Next = pageAt(page.Query, number+1)
	}
	return nil
}

func pageAt(query string, number int) string {
	return "/users?" + url.Values{"q": {query}, "page": {strconv.Itoa(number)}}.Encode()
}

func count(people int) string {
	if people == 1 {
		return "1 person"
	}
	return fmt.Sprintf("%d people", people)
}

// anyState makes a search look beyond active people.
var anyState = genesys.SearchCriterion{Type: "EXACT", Fields: []string{"state"}, Values: []string{"active", "inactive", "deleted"}}

// search asks for a page of people whose name, email, department or title
// contains query. An exact email address comes first: it is asked for at the
// same time.
func (p *Room) search(v *request.Visit, query string, number int) (genesys.UserPage, error) {
	ask := func(ctx context.Context, c genesys.SearchCriterion) (genesys.UserPage, error) {
		return p.Platform.Client(v.Session.Region).PostUsersSearch(ctx, v.Session.AccessToken, genesys.UserSearch{
			PageSize: perPage, PageNumber: number, SortBy: "name", SortOrder: "ASC",
			Query: []genesys.SearchCriterion{c, anyState},
		})
	}
	var found, exact genesys.UserPage
	calls := []func(context.Context) error{func(ctx context.Context) (err error) {
		found, err = ask(ctx, genesys.SearchCriterion{Type: "CONTAINS", Fields: []string{"name", "email", "department", "title"}, Value: query})
		return err
	}}
	if strings.Contains(query, "@") && number == 1 {
		calls = append(calls, func(ctx context.Context) (err error) {
			exact, err = ask(ctx, genesys.SearchCriterion{Type: "EXACT", Fields: []string{"email"}, Value: query})
			return err
		})
	}
	if err := genesys.Together(v.Context(), calls...); err != nil {
		return genesys.UserPage{}, err
	}
	rest := slices.DeleteFunc(found.Results, func(u genesys.User) bool {
		return slices.ContainsFunc(exact.Results, func(e genesys.User) bool { return e.ID == u.ID })
	})
	found.Results = append(exact.Results, rest...)
	return found, nil
}

// withEvidence returns users with what only the expands tell, in one call. They
// come back as they were when that fails.
func (p *Room) withEvidence(v *request.Visit, users []genesys.User) ([]genesys.User, error) {
	if len(users) == 0 {
		return nil, nil
	}
	ids := make([]genesys.UserID, len(users))
	for i, u := range users {
		ids[i] = u.ID
	}
	detailed, err := p.Platform.Client(v.Session.Region).GetUsers(v.Context(), v.Session.AccessToken, ids)
	if err != nil {
		return users, err
	}
	merged := slices.Clone(users)
	for i, u := range merged {
		if j := slices.IndexFunc(detailed, func(d genesys.User) bool { return d.ID == u.ID }); j >= 0 {
			merged[i] = detailed[j]
		}
	}
	return merged, nil
}

// row is u as a row of results for query.
func row(v *request.Visit, u genesys.User, query string) views.UserRow {
	now := v.Now()
	return views.UserRow{
		Href: respond.PersonPath(u.ID), Name: respond.DisplayName(u), Initials: respond.Initials(u.Name), Email: u.Email,
		Department: u.Department, Title: u.Title, Division: u.Division.Name, State: u.State,
		Exact: strings.EqualFold(u.Email, query), You: u.ID == v.Session.Person.ID,
		Issued: views.MomentOf(u.LastTokenIssued.DateIssued, now), Login: views.MomentOf(u.DateLastLogin, now),
		Presence: presence(u), Busy: busy(u),
	}
}
