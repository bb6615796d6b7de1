package emulator

import (
	"encoding/json"
	"net/http"
	"slices"
)

// groupOf returns the id of the group of everybody in p's department.
func groupOf(p *person) string { return stableID("group", p.department) }

// demoTimeouts give the night desk a long timeout and two other groups a short one.
func demoTimeouts() []timeoutBundle {
	return []timeoutBundle{
		{Priority: 1, Seconds: 14_400, Unit: "HOURS", Groups: []string{stableID("group", "Night Desk")}},
		{Priority: 2, Seconds: 600, Unit: "MINUTES", Groups: []string{
			stableID("group", "Billing"), stableID("group", "Claims"),
		}},
	}
}

// setGroupTimeouts switches the demo's group timeouts on or off.
func (s *timeouts) setGroupTimeouts(on bool) {
	s.TimeoutRest, s.GroupTimeouts = nil, nil
	if on {
		s.GroupTimeouts = demoTimeouts()
		bundles, _ := json.Marshal(s.GroupTimeouts) // cannot fail: text and numbers
		s.TimeoutRest = map[string]json.RawMessage{
			"inactivityTimeoutUnit": json.RawMessage(`"MINUTES"`),
			timeoutGroups:           json.RawMessage("true"),
			timeoutBundles:          bundles,
		}
	}
}

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

// groupPage is the platform's GroupEntityListing.
type groupPage struct {
	Entities   []group `json:"entities"`
	PageSize   int     `json:"pageSize"`
	PageNumber int     `json:"pageNumber"`
	Total      int     `json:"total"`
	PageCount  int     `json:"pageCount"`
}

// getGroups answers GET /api/v2/groups: every department is a group.
func (e *Emulator) getGroups(w http.ResponseWriter, r *http.Request, c caller) error {
	q := r.URL.Query()
	size, err := number(q, "pageSize", 25, 500)
	if err != nil {
		return err
	}
	page, err := number(q, "pageNumber", 1, 1<<20)
	if err != nil {
		return err
	}
	members := map[string]int{}
	var found []group
	ids := list(q, "id")
	for _, p := range e.at(c).people {
		id := groupOf(p)
		if members[id]++; members[id] == 1 && (len(ids) == 0 || slices.Contains(ids, id)) {
			found = append(found, group{
				ID: id, Name: p.department, State: "active", Version: 1, Type: "official", RulesVisible: true,
				Visibility: "public", SelfURI: "/api/v2/groups/" + id,
			})
		}
	}
	for i := range found {
		found[i].MemberCount = members[found[i].ID]
	}
	from := min((page-1)*size, len(found))
	writeJSON(w, http.StatusOK, groupPage{
		Entities: append([]group{}, found[from:min(from+size, len(found))]...), PageSize: size, PageNumber: page,
		Total: len(found), PageCount: (len(found) + size - 1) / size,
	})
	return nil
}
