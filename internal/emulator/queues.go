package emulator

import (
	"net/http"
	"slices"
	"strings"
)

// queue is a routing queue with the people who can be given its interactions.
type queue struct {
	id, name, division string
	members            []*person
}

// demoQueues are the queues of the demo organization, and who is a member of each:
// the n-th of the organization's people.
var demoQueues = []struct {
	name, division string
	has            func(n int, p *person) bool
}{
	{"Billing", "Home", works("Billing")},
	{"Claims", "Insurance", works("Claims")},
	{"Emergency line", "Emergency", works("Night Desk")},
	{"Overflow", "Home", func(n int, _ *person) bool { return n%4 == 2 }},
	{"Sales", "Sales", works("Sales", "Retention")},
	{"Technical support", "Home", works("Technical Support")},
	{"VIP customers", "Home", func(n int, p *person) bool { return n%10 == 3 && p.department != "Night Desk" }},
}

// works reports whether somebody is of one of departments.
func works(departments ...string) func(int, *person) bool {
	return func(_ int, p *person) bool { return slices.Contains(departments, p.department) }
}

// addQueues makes the demo's queues. Deleted people are in none.
func (d *directory) addQueues() {
	for _, q := range demoQueues {
		made := &queue{id: stableID("queue", q.name), name: q.name, division: q.division}
		for n, p := range d.people {
			if p.state != "deleted" && q.has(n, p) {
				made.members = append(made.members, p)
			}
		}
		slices.SortStableFunc(made.members, func(a, b *person) int { return strings.Compare(a.name, b.name) })
		d.queues = append(d.queues, made)
	}
}

// queueShown is the platform's Queue.
type queueShown struct {
	ID                string `json:"id"`
	Name              string `json:"name"`
	Division          entity `json:"division"`
	MemberCount       int    `json:"memberCount"`
	UserMemberCount   int    `json:"userMemberCount"`
	JoinedMemberCount int    `json:"joinedMemberCount"`
	SelfURI           string `json:"selfUri"`
}

// queueMember is the platform's QueueMember.
type queueMember struct {
	ID            string         `json:"id"`
	Name          string         `json:"name"`
	User          user           `json:"user"`
	RingNumber    int            `json:"ringNumber"`
	Joined        bool           `json:"joined"`
	MemberBy      string         `json:"memberBy"`
	RoutingStatus *routingStatus `json:"routingStatus,omitempty"`
	SelfURI       string         `json:"selfUri"`
}

// joined reports whether p is on queue.
func (p *person) joined() bool { return p.now().presence == onQueue }

// getRoutingQueues answers GET /api/v2/routing/queues.
func (e *Emulator) getRoutingQueues(w http.ResponseWriter, r *http.Request, c caller) error {
	q := r.URL.Query()
	ids := list(q, "id")
	var found []*queue
	for _, one := range e.at(c).queues {
		if nameMeets(one.name, q.Get("name")) && (len(ids) == 0 || slices.Contains(ids, one.id)) {
			found = append(found, one)
		}
	}
	if q.Get("sortOrder") == "desc" {
		slices.Reverse(found)
	}
	page, err := pageOf(r, found, 500, func(one *queue) queueShown {
		joined := 0
		for _, p := range one.members {
			if p.joined() {
				joined++
			}
		}
		return queueShown{
			ID: one.id, Name: one.name, Division: link("division", one.division, "/api/v2/authorization/divisions/"),
			MemberCount: len(one.members), UserMemberCount: len(one.members), JoinedMemberCount: joined,
			SelfURI: "/api/v2/routing/queues/" + one.id,
		}
	})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, page)
	return nil
}

// nameMeets reports whether name meets a filter: the same name, in any case, where an
// asterisk before or after stands for more. An empty filter lets all names through.
func nameMeets(name, filter string) bool {
	name, filter = strings.ToLower(name), strings.ToLower(filter)
	rest, before := strings.CutPrefix(filter, "*")
	rest, after := strings.CutSuffix(rest, "*")
	switch {
	case filter == "":
		return true
	case before && after:
		return strings.Contains(name, rest)
	case before:
		return strings.HasSuffix(name, rest)
	case after:
		return strings.HasPrefix(name, rest)
	}
	return name == rest
}

// getRoutingQueueMembers answers GET /api/v2/routing/queues/{queueId}/members. Such
// a page names no total.
func (e *Emulator) getRoutingQueueMembers(w http.ResponseWriter, r *http.Request, c caller) error {
	queues := e.at(c).queues
	i := slices.IndexFunc(queues, func(one *queue) bool { return one.id == r.PathValue("queueId") })
	if i < 0 {
		return notFound()
	}
	q := r.URL.Query()
	within := func(filter, value string) bool {
		values := list(q, filter)
		return len(values) == 0 || slices.ContainsFunc(values, func(v string) bool { return strings.EqualFold(v, value) })
	}
	var found []*person
	for _, p := range queues[i].members {
		joined := q.Get("joined")
		if strings.Contains(strings.ToLower(p.name), strings.ToLower(q.Get("name"))) &&
			within("routingStatus", p.now().routing) && within("presence", p.now().presence) &&
			(joined == "" || (joined == "true") == p.joined()) && q.Get("memberBy") != "group" {
			found = append(found, p)
		}
	}
	expands := list(q, "expand")
	page, err := pageOf(r, found, 100, func(p *person) queueMember {
		shown := show(p, expands)
		return queueMember{
			ID: p.id, Name: p.name, User: shown, RingNumber: 1, Joined: p.joined(), MemberBy: "user",
			RoutingStatus: shown.RoutingStatus, SelfURI: r.URL.Path + "/" + p.id,
		}
	})
	if err != nil {
		return err
	}
	page.Total, page.PageCount, page.LastURI = nil, nil, ""
	writeJSON(w, http.StatusOK, page)
	return nil
}
