package emulator

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// user is the platform's User and UserMe. Pointers are expands.
type user struct {
	ID              string         `json:"id"`
	Name            string         `json:"name"`
	Division        entity         `json:"division"`
	Department      string         `json:"department,omitempty"`
	Email           string         `json:"email"`
	State           string         `json:"state"`
	Title           string         `json:"title,omitempty"`
	Username        string         `json:"username"`
	Manager         *manager       `json:"manager,omitempty"`
	Images          []struct{}     `json:"images"`
	Version         int            `json:"version"`
	Presence        *userPresence  `json:"presence,omitempty"`
	RoutingStatus   *routingStatus `json:"routingStatus,omitempty"`
	Authorization   *authorization `json:"authorization,omitempty"`
	LastTokenIssued *dateIssued    `json:"lastTokenIssued,omitempty"`
	DateLastLogin   *instant       `json:"dateLastLogin,omitempty"`
	Organization    *organization  `json:"organization,omitempty"`
	Token           *tokenInfo     `json:"token,omitempty"`
	Date            *serverDate    `json:"date,omitempty"`
	SelfURI         string         `json:"selfUri"`
}

// manager is the User in another's manager field.
type manager struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Version int    `json:"version"`
	SelfURI string `json:"selfUri"`
}

// entity is an id with a name and a URI.
type entity struct {
	ID      string `json:"id"`
	Name    string `json:"name,omitempty"`
	SelfURI string `json:"selfUri"`
}

type userPresence struct {
	ID           string             `json:"id"`
	Source       string             `json:"source"`
	Primary      bool               `json:"primary"`
	Definition   presenceDefinition `json:"presenceDefinition"`
	Message      string             `json:"message"`
	ModifiedDate instant            `json:"modifiedDate"`
	SelfURI      string             `json:"selfUri"`
}

type presenceDefinition struct {
	ID             string `json:"id"`
	SystemPresence string `json:"systemPresence"`
	SelfURI        string `json:"selfUri"`
}

type routingStatus struct {
	UserID    string  `json:"userId"`
	Status    string  `json:"status"`
	StartTime instant `json:"startTime"`
}

type authorization struct {
	Roles       []named  `json:"roles"`
	Permissions []string `json:"permissions"`
}

type dateIssued struct {
	DateIssued *instant `json:"dateIssued"`
}

type serverDate struct {
	CurrentDate instant `json:"currentDate"`
}

type organization struct {
	ID                 string `json:"id"`
	Name               string `json:"name"`
	DefaultLanguage    string `json:"defaultLanguage"`
	DefaultCountryCode string `json:"defaultCountryCode"`
	ThirdPartyOrgName  string `json:"thirdPartyOrgName"`
	Domain             string `json:"domain"`
	Version            int    `json:"version"`
	State              string `json:"state"`
}

func (d *directory) details() *organization {
	return &organization{
		ID: d.organization.ID, Name: d.organization.Name, DefaultLanguage: "en-us", DefaultCountryCode: "US",
		ThirdPartyOrgName: d.short, Domain: d.short, Version: 7, State: "active",
	}
}

// userVersion is everybody's version, because nobody is ever edited.
const userVersion = 3

// show returns p as the platform shows a user, with some expands.
func show(p *person, expands []string) user {
	u := user{
		ID: p.id, Name: p.name, Department: p.department, Email: p.email, State: p.state, Title: p.title,
		Username: p.username, Images: []struct{}{}, Version: userVersion, SelfURI: "/api/v2/users/" + p.id,
		Division: link("division", p.division, "/api/v2/authorization/divisions/"),
	}
	if p.manager != nil {
		u.Manager = &manager{p.manager.id, p.manager.name, userVersion, "/api/v2/users/" + p.manager.id}
	}
	for _, expand := range expands {
		switch strings.ToLower(expand) {
		case "presence":
			u.Presence = presenceOf(p)
		case "routingstatus":
			u.RoutingStatus = &routingStatus{UserID: p.id, Status: p.routing, StartTime: instant(p.presenceSince)}
		case "authorization":
			u.Authorization = authorizationOf(p)
		case "lasttokenissued":
			if at := millis(p.lastIssued.Load()); at != nil {
				u.LastTokenIssued = &dateIssued{DateIssued: at}
			}
		case "datelastlogin":
			u.DateLastLogin = millis(p.lastLogin.Load())
		}
	}
	return u
}

func link(kind, name, under string) entity {
	id := stableID(kind, name)
	return entity{ID: id, Name: name, SelfURI: under + id}
}

func presenceOf(p *person) *userPresence {
	definition := link("presence", p.presence, "/api/v2/presencedefinitions/")
	return &userPresence{
		ID: p.id, Source: "PURECLOUD", Primary: true, ModifiedDate: instant(p.presenceSince),
		Definition: presenceDefinition{ID: definition.ID, SystemPresence: p.presence, SelfURI: definition.SelfURI},
		SelfURI:    "/api/v2/users/" + p.id + "/presences/PURECLOUD",
	}
}

func authorizationOf(p *person) *authorization {
	held := p.permissions
	if held == nil {
		held = []string{}
	}
	return &authorization{Roles: []named{{ID: stableID("role", p.role), Name: p.role}}, Permissions: held}
}

// getUsersMe answers GET /api/v2/users/me.
func (e *Emulator) getUsersMe(w http.ResponseWriter, r *http.Request, c caller) error {
	if c.person == nil {
		return notAUser()
	}
	expands := list(r.URL.Query(), "expand")
	u := show(c.person, expands)
	for _, expand := range expands {
		switch strings.ToLower(expand) {
		case "organization":
			u.Organization = e.at(c).details()
		case "token":
			info := e.describe(c)
			u.Token = &info
		case "date":
			u.Date = &serverDate{CurrentDate: instant(e.now())}
		}
	}
	writeJSON(w, http.StatusOK, u)
	return nil
}

// getUser answers GET /api/v2/users/{userId}. Only state=deleted finds deleted
// people.
func (e *Emulator) getUser(w http.ResponseWriter, r *http.Request, c caller) error {
	q := r.URL.Query()
	state := cmp.Or(q.Get("state"), "active")
	if state != "active" && state != "deleted" {
		return notAllowed(state, "state", "active, deleted")
	}
	p := e.at(c).byID[r.PathValue("userId")]
	if p == nil || (p.state == "deleted") != (state == "deleted") {
		return noSuchUser()
	}
	writeJSON(w, http.StatusOK, show(p, list(q, "expand")))
	return nil
}

// userPage is the platform's UserEntityListing.
type userPage struct {
	Entities   []user `json:"entities"`
	PageSize   int    `json:"pageSize"`
	PageNumber int    `json:"pageNumber"`
	Total      int    `json:"total"`
	PageCount  int    `json:"pageCount"`
	FirstURI   string `json:"firstUri"`
	LastURI    string `json:"lastUri"`
	SelfURI    string `json:"selfUri"`
	NextURI    string `json:"nextUri,omitempty"`
	PrevURI    string `json:"previousUri,omitempty"`
}

// maxUserIDs is how many ids GET /api/v2/users takes.
const maxUserIDs = 100

// getUsers answers GET /api/v2/users. Nobody here has a jabberId.
func (e *Emulator) getUsers(w http.ResponseWriter, r *http.Request, c caller) error {
	q := r.URL.Query()
	size, err := number(q, "pageSize", 25, 500)
	if err != nil {
		return err
	}
	page, err := number(q, "pageNumber", 1, 1<<20)
	if err != nil {
		return err
	}
	state := cmp.Or(q.Get("state"), "active")
	if !slices.Contains([]string{"active", "inactive", "deleted", "any"}, state) {
		return notAllowed(state, "state", "active, inactive, deleted, any")
	}
	ids := list(q, "id")
	switch {
	case len(ids) > maxUserIDs:
		return fail(400, "max.user.ids", "Only 100 users can be requested at a time.")
	case len(ids) > 0 && q.Has("jabberId"):
		return malformed()
	}
	var found []*person
	for _, p := range e.at(c).people {
		if (state == "any" || p.state == state) && (len(ids) == 0 || slices.Contains(ids, p.id)) && !q.Has("jabberId") {
			found = append(found, p)
		}
	}
	listing := userPage{
		Entities: []user{}, PageSize: size, PageNumber: page, Total: len(found), PageCount: (len(found) + size - 1) / size,
	}
	for _, p := range slice(found, page, size) {
		listing.Entities = append(listing.Entities, show(p, list(q, "expand")))
	}
	listing.link(q)
	writeJSON(w, http.StatusOK, listing)
	return nil
}

// link fills in the URIs of this page, its neighbours, the first and the last.
func (p *userPage) link(q url.Values) {
	at := func(page int) string {
		q.Set("pageNumber", strconv.Itoa(page))
		return "/api/v2/users?" + q.Encode()
	}
	p.FirstURI, p.LastURI, p.SelfURI = at(1), at(max(p.PageCount, 1)), at(p.PageNumber)
	if p.PageNumber < p.PageCount {
		p.NextURI = at(p.PageNumber + 1)
	}
	if p.PageNumber > 1 {
		p.PrevURI = at(p.PageNumber - 1)
	}
}

// getOrganizationsMe answers GET /api/v2/organizations/me.
func (e *Emulator) getOrganizationsMe(w http.ResponseWriter, _ *http.Request, c caller) error {
	writeJSON(w, http.StatusOK, e.at(c).details())
	return nil
}

// list returns the values of a parameter that may be repeated or hold commas.
func list(q url.Values, name string) []string {
	var values []string
	for _, v := range q[name] {
		for part := range strings.SplitSeq(v, ",") {
			if part = strings.TrimSpace(part); part != "" {
				values = append(values, part)
			}
		}
	}
	return values
}

// number returns the value of a parameter from 1 to most, or otherwise when it is
// not given.
func number(q url.Values, name string, otherwise, most int) (int, error) {
	v := q.Get(name)
	if v == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > most {
		return 0, notAllowed(v, name, "1 to "+strconv.Itoa(most))
	}
	return n, nil
}

// slice returns one page of people. Pages count from 1.
func slice(people []*person, page, size int) []*person {
	from := min((page-1)*size, len(people))
	return people[from:min(from+size, len(people))]
}
