package people

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/directory"
	"tokenconsole/internal/genesys"
	"tokenconsole/views"
)

// Search lists people: all of them, or those that a query finds. A user id leads
// straight to its page, and so does an exact name or address that is opened.
func (p *Room) Search(v *request.Visit) error {
	values := v.Request.URL.Query()
	query := directory.ParseQuery(values)
	if id, err := genesys.ParseUserID(strings.ToLower(query.Text)); err == nil {
		return p.Redirect(v, respond.PersonPath(id))
	}
	page := usersPage(v, query)
	status := http.StatusOK
	switch {
	case utf8.RuneCountInString(query.Text) > directory.MaxText:
		page.Error = fmt.Sprintf("That is longer than %d characters. Search for a part of it.", directory.MaxText)
	case !page.MaySearch && query.Text != "":
		page.Error = "That is not a user id. It has the form xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx."
	case !page.MaySearch:
	default:
		led, err := p.list(v, query, &page)
		if led || err != nil {
			return err
		}
	}
	if page.Error != "" {
		status = http.StatusUnprocessableEntity
	}
	page.Shell = p.Shell(v, "People")
	return p.Page(v, status, views.Users(page))
}

// list fills page with the people that query finds. If one person is meant it leads
// to their page and reports so.
func (p *Room) list(v *request.Visit, query directory.Query, page *views.UsersPage) (led bool, err error) {
	values := v.Request.URL.Query()
	finder := p.finder(v)
	if values.Has("open") {
		u, ok, err := finder.Exact(v.Context(), query)
		if err != nil {
			return false, err
		}
		if ok {
			return true, p.Redirect(v, respond.PersonPath(u.ID)+"?"+url.Values{"from": {query.Values().Encode()}}.Encode())
		}
	}
	found, err := finder.Find(v.Context(), query, number(values))
	if err != nil {
		return false, err
	}
	p.show(v, finder, found, page)
	return false, nil
}

func (p *Room) finder(v *request.Visit) *directory.Finder {
	return &directory.Finder{Client: p.Platform.Client(v.Session.Region), Token: v.Session.AccessToken}
}

// number is the page that an address asks for.
func number(values url.Values) int {
	n, err := strconv.Atoi(values.Get("page"))
	if err != nil || n < 1 {
		return 1
	}
	return n
}

// show fills page with the people found. While somebody types there is no
// evidence: it takes a call of its own, and the next letter makes it useless.
func (p *Room) show(v *request.Visit, finder *directory.Finder, found directory.Found, page *views.UsersPage) {
	people, told := found.People, found.HasTokens
	if found.Total == 0 {
		people = found.Near
	}
	page.Typing = v.Request.URL.Query().Get("typing") == "on"
	if !page.Typing && !told && len(people) > 0 {
		with, err := finder.WithTokens(v.Context(), people)
		people, told = with, err == nil
		if err != nil {
			page.Notes = append(page.Notes, "Genesys Cloud did not report the last tokens and logins this time ("+
				lowerFirst(respond.Explain(err, v.Now()).Title)+"). The people are right.")
			v.Log().Warn("no evidence for found people", "error", err.Error())
		}
	}
	describe(found, page)
	slices.SortStableFunc(people, func(a, b genesys.User) int { return exactFirst(found.Query, a, b) })
	for _, u := range people {
		row := row(v, u, found.Query)
		row.Href += "?" + url.Values{"from": {place(found)}}.Encode()
		row.Told = told
		if page.MayRevoke {
			row.RevokeURL = respond.PersonPath(u.ID) + "/revoke"
		}
		page.Results = append(page.Results, row)
	}
	choices(found, page)
}

// exactFirst puts the person with the very address that was typed before others.
func exactFirst(query directory.Query, a, b genesys.User) int {
	switch {
	case query.IsEmailOf(a) == query.IsEmailOf(b):
		return 0
	case query.IsEmailOf(a):
		return -1
	}
	return 1
}

// place is the list that found is a page of, for an address.
func place(found directory.Found) string {
	values := found.Query.Values()
	if found.Page > 1 {
		values.Set("page", strconv.Itoa(found.Page))
	}
	return values.Encode()
}

// row is u as a row of the list that query finds.
func row(v *request.Visit, u genesys.User, query directory.Query) views.UserRow {
	now := v.Now()
	return views.UserRow{
		ID: u.ID.String(), Href: respond.PersonPath(u.ID), Name: respond.DisplayName(u), Initials: respond.Initials(u.Name), Email: u.Email,
		Department: u.Department, Title: u.Title, Division: u.Division.Name, State: u.State,
		Exact: query.IsEmailOf(u), You: u.ID == v.Session.Person.ID,
		Issued: views.MomentOf(u.LastTokenIssued.DateIssued, now), Login: views.MomentOf(u.DateLastLogin, now),
		Presence: presence(u), Busy: busy(u),
	}
}
