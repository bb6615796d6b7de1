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
	Station         *stations      `json:"station,omitempty"`
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

// userVersion is everybody's version until they are edited.
const userVersion = 3

// show returns p as the platform shows a user, with some expands.
func show(p *person, expands []string) user {
	now := p.now()
	u := user{
		ID: p.id, Name: p.name, Department: p.department, Email: p.email, State: now.state, Title: p.title,
		Username: p.username, Images: []struct{}{}, Version: now.version, SelfURI: "/api/v2/users/" + p.id,
		Division: link("division", p.division, "/api/v2/authorization/divisions/"),
	}
	if p.manager != nil {
		u.Manager = &manager{p.manager.id, p.manager.name, p.manager.now().version, "/api/v2/users/" + p.manager.id}
	}
	for _, expand := range expands {
		switch strings.ToLower(expand) {
		case "presence":
			u.Presence = presenceOf(p)
		case "routingstatus":
			u.RoutingStatus = routingOf(p)
		case "station":
			u.Station = stationsOf(p)
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
	now := p.now()
	definition := link("presence", now.presence, "/api/v2/presencedefinitions/")
	return &userPresence{
		ID: p.id, Source: "PURECLOUD", Primary: true, ModifiedDate: instant(now.since),
		Definition: presenceDefinition{ID: definition.ID, SystemPresence: now.presence, SelfURI: definition.SelfURI},
		SelfURI:    "/api/v2/users/" + p.id + "/presences/PURECLOUD",
	}
}

func authorizationOf(p *person) *authorization {
	if p.now().roleless {
		return &authorization{Roles: []named{}, Permissions: []string{}}
	}
	return &authorization{
		Roles: []named{{ID: stableID("role", p.role), Name: p.role}}, Permissions: append([]string{}, p.permissions...),
	}
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
	if p == nil || (p.now().state == "deleted") != (state == "deleted") {
		return noSuchUser()
	}
	writeJSON(w, http.StatusOK, show(p, list(q, "expand")))
	return nil
}

// maxUserIDs is how many ids GET /api/v2/users takes.
const maxUserIDs = 100

// getUsers answers GET /api/v2/users. Nobody here has a jabberId.
func (e *Emulator) getUsers(w http.ResponseWriter, r *http.Request, c caller) error {
	q := r.URL.Query()
	state := cmp.Or(q.Get("state"), "active")
	if !slices.Contains([]string{"active", "inactive", "deleted", "any"}, state) {
		return notAllowed(state, "state", "active, inactive, deleted, any")
	}
	ids := list(q, "id")
	switch {
	case len(ids) > maxUserIDs:
		return fail(400, "max.user.ids", "At most 100 ids.")
	case len(ids) > 0 && q.Has("jabberId"):
		return malformed()
	}
	asked := map[string]bool{}
	for _, id := range ids {
		asked[id] = true
	}
	var found []*person
	for _, p := range e.at(c).people {
		if (state == "any" || p.now().state == state) && (len(ids) == 0 || asked[p.id]) && !q.Has("jabberId") {
			found = append(found, p)
		}
	}
	expands := list(q, "expand")
	page, err := pageOf(r, found, 500, func(p *person) user { return show(p, expands) })
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, page)
	return nil
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
