package handlers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"tokenconsole/internal/genesys"
	"tokenconsole/session"
	"tokenconsole/views"
)

const (
	usersPerPage = 25
	longestQuery = 200
)

// showUsers finds people. A user id leads straight to its page.
func (s *Server) showUsers(w http.ResponseWriter, r *http.Request, sess session.Session) error {
	query := strings.TrimSpace(r.URL.Query().Get("q"))
	if id, err := genesys.ParseUserID(strings.ToLower(query)); err == nil {
		return redirect(w, r, userPath(id))
	}
	p := views.UsersPage{Query: query, MaySearch: sess.Person.May(genesys.PermissionViewUser)}
	status := http.StatusOK
	switch {
	case query == "":
	case utf8.RuneCountInString(query) > longestQuery:
		p.Error, status = fmt.Sprintf("That is longer than %d characters. Search for a part of it.", longestQuery), http.StatusUnprocessableEntity
	case !p.MaySearch:
		p.Error, status = "That is not a user id. It has the form xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx.", http.StatusUnprocessableEntity
	default:
		if err := s.findUsers(r, sess, &p); err != nil {
			return err
		}
	}
	p.Shell = s.shell(w, r, sess, "Users")
	s.write(w, r, status, views.Users(p))
	return nil
}

// findUsers fills p with the page of people that p.Query finds.
func (s *Server) findUsers(r *http.Request, sess session.Session, p *views.UsersPage) error {
	number, err := strconv.Atoi(r.URL.Query().Get("page"))
	if err != nil || number < 1 || number > 10_000 {
		number = 1
	}
	found, err := s.searchUsers(r.Context(), sess, p.Query, number)
	if err != nil {
		return err
	}
	if len(found.Results) == 0 && found.PageCount > 0 && number > found.PageCount {
		// There are people, only not so many pages of them.
		number = found.PageCount
		if found, err = s.searchUsers(r.Context(), sess, p.Query, number); err != nil {
			return err
		}
	}
	p.Asked = true
	users, err := s.withEvidence(r.Context(), sess, found.Results)
	if err != nil {
		p.Evidence = "Genesys Cloud did not give the evidence (last token, log-in, presence) just now; the people are right."
		s.log.Warn("no evidence for found people", "request", requestID(r), "error", err.Error())
	}
	now := s.now()
	for _, u := range users {
		p.Results = append(p.Results, userRow(u, sess, p.Query, now))
	}
	first := (number-1)*usersPerPage + 1
	p.Summary = fmt.Sprintf("%s, %d to %d", people(found.Total), first, first+len(users)-1)
	pageAt := func(n int) string {
		return "/users?" + url.Values{"q": {p.Query}, "page": {strconv.Itoa(n)}}.Encode()
	}
	if number > 1 {
		p.Previous = pageAt(number - 1)
	}
	if number < found.PageCount {
		p.Next = pageAt(number + 1)
	}
	return nil
}

func people(n int) string {
	if n == 1 {
		return "1 person"
	}
	return fmt.Sprintf("%d people", n)
}

// anyState makes a search look beyond active people.
var anyState = genesys.SearchCriterion{Type: "EXACT", Fields: []string{"state"}, Values: []string{"active", "inactive", "deleted"}}

// searchUsers asks for a page of people whose name, email, department or title
// contains query. An exact email address comes first: it is asked for at the
// same time.
func (s *Server) searchUsers(ctx context.Context, sess session.Session, query string, number int) (genesys.UserPage, error) {
	search := func(ctx context.Context, c genesys.SearchCriterion) (genesys.UserPage, error) {
		return s.client(sess).PostUsersSearch(ctx, sess.AccessToken, genesys.UserSearch{
			PageSize: usersPerPage, PageNumber: number, SortBy: "name", SortOrder: "ASC",
			Query: []genesys.SearchCriterion{c, anyState},
		})
	}
	var found, exact genesys.UserPage
	calls := []func(context.Context) error{func(ctx context.Context) (err error) {
		found, err = search(ctx, genesys.SearchCriterion{Type: "CONTAINS", Fields: []string{"name", "email", "department", "title"}, Value: query})
		return
	}}
	if strings.Contains(query, "@") && number == 1 {
		calls = append(calls, func(ctx context.Context) (err error) {
			exact, err = search(ctx, genesys.SearchCriterion{Type: "EXACT", Fields: []string{"email"}, Value: query})
			return
		})
	}
	if err := together(ctx, calls...); err != nil {
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
func (s *Server) withEvidence(ctx context.Context, sess session.Session, users []genesys.User) ([]genesys.User, error) {
	if len(users) == 0 {
		return nil, nil
	}
	ids := make([]genesys.UserID, len(users))
	for i, u := range users {
		ids[i] = u.ID
	}
	detailed, err := s.client(sess).GetUsers(ctx, sess.AccessToken, ids)
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

// userRow is u as a row of results for query.
func userRow(u genesys.User, sess session.Session, query string, now time.Time) views.UserRow {
	return views.UserRow{
		Href: userPath(u.ID), Name: displayName(u), Initials: initials(u.Name), Email: u.Email,
		Department: u.Department, Title: u.Title, Division: u.Division.Name, State: u.State,
		Exact: strings.EqualFold(u.Email, query), You: u.ID == sess.Person.ID,
		Issued: moment(u.LastTokenIssued.DateIssued, now), Login: moment(u.DateLastLogin, now),
		Presence: presence(u), Busy: busy(u),
	}
}

func userPath(id genesys.UserID) string { return "/users/" + id.String() }

func displayName(u genesys.User) string {
	if strings.TrimSpace(u.Name) == "" {
		return u.ID.String()
	}
	return u.Name
}

// presence is what a person does now, as far as the platform tells.
func presence(u genesys.User) string {
	switch p := u.Presence.PresenceDefinition.SystemPresence; p {
	case "":
		return "Not known"
	case "ON_QUEUE", "On Queue", "OnQueue":
		return "On queue"
	default:
		return p
	}
}

// busy says what revoking would cut off.
func busy(u genesys.User) string {
	switch u.RoutingStatus.Status {
	case "INTERACTING":
		return "In an interaction"
	case "COMMUNICATING":
		return "On a call"
	}
	return ""
}

// evidenceTimeout bounds what is asked about a person on the way to something
// more important.
const evidenceTimeout = 3 * time.Second

// lookUp returns what can be found out about id, which may be no more than the
// id, and why. Only a dead token is an error.
func (s *Server) lookUp(ctx context.Context, sess session.Session, id genesys.UserID) (genesys.User, *problem, error) {
	ctx, cancel := context.WithTimeout(ctx, evidenceTimeout)
	defer cancel()
	u, err := s.client(sess).GetUser(ctx, sess.AccessToken, id)
	switch {
	case err == nil:
		return u, nil, nil
	case errors.Is(err, genesys.ErrUnauthorized):
		return genesys.User{}, nil, err
	}
	if id == sess.Person.ID {
		return genesys.User{ID: id, Name: sess.Person.Name, Email: sess.Person.Email}, nil, nil
	}
	s.log.Info("a person could not be looked up", "person", id.String(), "error", err.Error())
	return genesys.User{ID: id}, explain(err, s.now()), nil
}
