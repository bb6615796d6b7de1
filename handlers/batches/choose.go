package batches

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/batch"
	"tokenconsole/internal/genesys"
	"tokenconsole/views"
)

// ticked is what the list of people calls those whose rows were ticked.
const ticked = "people"

// maxSets is how many queues, groups, roles, teams or divisions a page offers.
const maxSets = 100

// mostOfFile is how large a list may be, for people.
var mostOfFile = strconv.Itoa(request.MaxFile>>20) + " MB"

// ways are the ways to choose people, in the order in which they are offered.
var ways = []struct {
	source       batch.Source
	label, intro string
	set          string // what is chosen, in words; "" where nothing is
}{
	{batch.FromList, "Paste a list", "Emails, ids or names, one a line, or CSV with or without a header. At most " +
		views.Number(batch.MaxPeople) + " lines and " + mostOfFile + ".", ""},
	{batch.FromQueue, "Queue", "Everybody in a queue, on queue or not", "queue"},
	{batch.FromTeam, "Work team", "Everybody in a work team", "work team"},
	{batch.FromGroup, "Group", "Everybody in a group", "group"},
	{batch.FromRole, "Role", "Everybody who has a role", "role"},
	{batch.FromDivision, "Division", "Everybody in a division", "division"},
	{batch.FromDepartment, "Department", "The whole name, in upper or lower case.", "department"},
	{batch.FromSearch, "Search", "Find people, tick them or take all that were found, and revoke them from there.", ""},
}

// ShowNew asks whom a batch is to be about.
func (r *Room) ShowNew(v *request.Visit) error {
	query := v.Request.URL.Query()
	source := batch.Source(query.Get("from"))
	switch source {
	case "":
		source = batch.FromList
	case ticked: // leads back here after a sign-in: the ticks are gone
		source = batch.FromSearch
	}
	if wayOf(source) < 0 {
		return respond.Refuse(respond.FilterUnreadable)
	}
	page := r.newPage(v, source)
	page.Filter = cmp.Or(strings.TrimSpace(query.Get("name")), v.Field("filter"))
	page.People, page.Name, page.Set = v.Field("people"), v.Field("name"), v.Field("set")
	return r.showNew(v, http.StatusOK, page)
}

func wayOf(source batch.Source) int {
	for i, way := range ways {
		if way.source == source {
			return i
		}
	}
	return -1
}

// newPage is the page for choosing from source, which is one of ways.
func (r *Room) newPage(v *request.Visit, source batch.Source) views.NewBatchPage {
	way := ways[wayOf(source)]
	page := views.NewBatchPage{
		Source: string(source), Intro: way.intro, Needs: lacks(v, source), Errors: map[string]string{}, MaxFile: mostOfFile,
	}
	if source == batch.FromList && !v.Session.Person.May(genesys.PermissionViewUser) {
		page.ListOnly = "Paste ids: finding people by email or name needs the permission " + genesys.PermissionViewUser +
			", which you do not have."
	}
	for _, w := range ways {
		page.Sources = append(page.Sources, views.SourceTab{
			Label: w.label, Href: "/batches/new?from=" + string(w.source), Current: w.source == source, Needs: lacks(v, w.source),
		})
	}
	return page
}

// lacks is the permission that the person of v would need to choose from source, or "" if they have it.
func lacks(v *request.Visit, source batch.Source) string {
	if need := source.Needs(); need != "" && !v.Session.Person.May(need) {
		return need
	}
	return ""
}

// showNew shows page, with the sets that can be chosen.
func (r *Room) showNew(v *request.Visit, status int, page views.NewBatchPage) error {
	if way := ways[wayOf(batch.Source(page.Source))]; way.set != "" && way.source != batch.FromDepartment && page.Needs == "" {
		sets, err := r.chooser(v).Sets(v.Context(), way.source)
		if err != nil {
			return err
		}
		offer(&page, sets)
	}
	page.Shell = r.Shell(v, "Revoke many")
	return r.Page(v, status, views.NewBatch(page))
}

// offer puts onto page the sets whose name has its filter in it.
func offer(page *views.NewBatchPage, sets []batch.Set) {
	filter := strings.ToLower(page.Filter)
	sets = slices.DeleteFunc(sets, func(s batch.Set) bool { return !strings.Contains(strings.ToLower(s.Name), filter) })
	slices.SortStableFunc(sets, func(a, b batch.Set) int {
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	page.Total, page.Unfit = len(sets), len(sets) > maxSets
	for _, s := range sets[:min(len(sets), maxSets)] {
		row := views.SetRow{ID: s.ID, Name: s.Name, Checked: s.ID == page.Set}
		if s.Members >= 0 {
			row.Members = views.People(s.Members)
		}
		page.Sets = append(page.Sets, row)
	}
}

// chooser finds people with the token of v.
func (r *Room) chooser(v *request.Visit) *batch.Chooser {
	return &batch.Chooser{
		Client: r.Platform.Client(v.Session.Region), Token: v.Session.AccessToken,
		Roles: v.Session.Person.May(genesys.PermissionViewRole),
	}
}

// ruleOf is the rule for the set with that id, by its name.
func (r *Room) ruleOf(v *request.Visit, source batch.Source, id string) (batch.Rule, error) {
	sets, err := r.chooser(v).Sets(v.Context(), source)
	if err != nil {
		return batch.Rule{}, err
	}
	i := slices.IndexFunc(sets, func(s batch.Set) bool { return s.ID == id })
	if i < 0 || id == "" {
		return batch.Rule{}, errNoSet
	}
	words := fmt.Sprintf("%s “%s”", ways[wayOf(source)].set, sets[i].Name)
	return batch.Rule{Source: source, ID: id, Words: words}, nil
}
