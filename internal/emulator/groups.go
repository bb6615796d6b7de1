package emulator

import (
	"net/http"
	"slices"
)

// groupOf returns the id of the group of everybody in p's department.
func groupOf(p *person) string { return stableID("group", p.department) }

// group is the platform's Group.
type group struct {
	ID           string `json:"id"`
	Name         string `json:"name"`
	MemberCount  int    `json:"memberCount"`
	State        string `json:"state"`
	Version      int    `json:"version"`
	Type         string `json:"type"`
	RulesVisible bool   `json:"rulesVisible"`
	Visibility   string `json:"visibility"`
	SelfURI      string `json:"selfUri"`
}

// departments returns the people of each department, and the departments in the
// order in which they first appear.
func (d *directory) departments() (names []string, people map[string][]*person) {
	people = map[string][]*person{}
	for _, p := range d.people {
		if people[p.department] == nil {
			names = append(names, p.department)
		}
		people[p.department] = append(people[p.department], p)
	}
	return names, people
}

// getGroups answers GET /api/v2/groups: every department is a group.
func (e *Emulator) getGroups(w http.ResponseWriter, r *http.Request, c caller) error {
	names, people := e.at(c).departments()
	if ids := list(r.URL.Query(), "id"); len(ids) > 0 {
		names = slices.DeleteFunc(names, func(name string) bool { return !slices.Contains(ids, stableID("group", name)) })
	}
	page, err := pageOf(r, names, 500, func(name string) group {
		id := stableID("group", name)
		return group{
			ID: id, Name: name, MemberCount: len(people[name]), State: "active", Version: 1, Type: "official",
			RulesVisible: true, Visibility: "public", SelfURI: "/api/v2/groups/" + id,
		}
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, page)
	return nil
}

// getGroupMembers answers GET /api/v2/groups/{groupId}/members.
func (e *Emulator) getGroupMembers(w http.ResponseWriter, r *http.Request, c caller) error {
	names, people := e.at(c).departments()
	i := slices.IndexFunc(names, func(name string) bool { return stableID("group", name) == r.PathValue("groupId") })
	if i < 0 {
		return notFound()
	}
	living := slices.DeleteFunc(people[names[i]], func(p *person) bool { return p.state == "deleted" })
	expands := list(r.URL.Query(), "expand")
	page, err := pageOf(r, living, 500, func(p *person) user { return show(p, expands) })
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, page)
	return nil
}
