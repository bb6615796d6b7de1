package emulator

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// teamSize is about how many people share a work team.
const teamSize = 12

// workTeam is a work team. Everybody is in one at most.
type workTeam struct {
	id, name, division string
	members            []*person
}

// addTeams splits the agents of each department into work teams of about the same
// size.
func (d *directory) addTeams() {
	byTeam := map[string]*workTeam{}
	_, people := d.departments()
	for _, t := range teams {
		count := max((len(people[t.department])+teamSize-1)/teamSize, 1)
		for n, p := range people[t.department] {
			if p.state == "deleted" {
				continue
			}
			name := fmt.Sprintf("%s team %d", t.department, n%count+1)
			if byTeam[name] == nil {
				byTeam[name] = &workTeam{id: stableID("team", name), name: name, division: t.division}
				d.teams = append(d.teams, byTeam[name])
			}
			p.team = byTeam[name]
			p.team.members = append(p.team.members, p)
		}
	}
	slices.SortStableFunc(d.teams, func(a, b *workTeam) int { return strings.Compare(a.name, b.name) })
}

// teamShown is the platform's Team.
type teamShown struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Division    entity `json:"division"`
	MemberCount int    `json:"memberCount"`
	SelfURI     string `json:"selfUri"`
}

// getTeams answers GET /api/v2/teams.
func (e *Emulator) getTeams(w http.ResponseWriter, r *http.Request, c caller) error {
	start := strings.ToLower(r.URL.Query().Get("name"))
	found := slices.DeleteFunc(slices.Clone(e.at(c).teams), func(t *workTeam) bool {
		return !strings.HasPrefix(strings.ToLower(t.name), start)
	})
	part, err := partOf(r, found, func(t *workTeam) teamShown {
		return teamShown{
			ID: t.id, Name: t.name, Division: link("division", t.division, "/api/v2/authorization/divisions/"),
			MemberCount: len(t.members), SelfURI: "/api/v2/teams/" + t.id,
		}
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, part)
	return nil
}

// getTeamMembers answers GET /api/v2/teams/{teamId}/members: ids, and names too
// with expand=entities.
func (e *Emulator) getTeamMembers(w http.ResponseWriter, r *http.Request, c caller) error {
	all := e.at(c).teams
	i := slices.IndexFunc(all, func(t *workTeam) bool { return t.id == r.PathValue("teamId") })
	if i < 0 {
		return notFound()
	}
	names := slices.Contains(list(r.URL.Query(), "expand"), "entities")
	part, err := partOf(r, all[i].members, func(p *person) entity {
		shown := entity{ID: p.id, SelfURI: "/api/v2/users/" + p.id}
		if names {
			shown.Name = p.name
		}
		return shown
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, part)
	return nil
}
