package emulator

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// The demo organization and the one its trustee comes from.
var (
	demoOrganization    = named{ID: stableID("organization", "demo"), Name: "Demo Contact Centre"}
	partnerOrganization = named{ID: stableID("organization", "partner"), Name: "Partner Consulting"}
)

// permissions are all the permissions of the demo organization. Its administrator
// has every one.
var permissions = []string{
	"authorization:grant:view", "authorization:role:view", "directory:organization:admin", "directory:user:edit",
	"directory:user:view", "groups:team:view", "mfa:verifier:delete", "mfa:verifier:view", "oauth:client:edit",
	"oauth:client:view", "oauth:token:delete", "presence:presenceDefinition:view", "routing:queue:view",
	"telephony:plugin:all", "telephony:station:disassociate",
}

// person is a user of an organization. Only the atomic fields change: at a sign-in,
// and by what an administrator does to them.
type person struct {
	id, name, email, username   string
	department, title, division string
	state                       string
	permissions                 []string
	role                        string
	manager                     *person
	team                        *workTeam // nil for none
	in                          *directory
	trusteeOf                   string // a clone's id at home; "" for everybody else
	home                        named  // the organization of trusteeOf
	sso                         bool   // never logs in with a password, so has no dateLastLogin
	presence, routing           string
	presenceSince               time.Time
	lastIssued, lastLogin       atomic.Int64 // unix milliseconds, 0 for never
	station                     string       // at the start; "" for none
	changed                     atomic.Pointer[condition]
}

func (p *person) active() bool { return p.now().state == "active" }

// directory is everybody in an organization, in a fixed order. Clones of trustees
// are found by id and email but are not among people.
type directory struct {
	organization named
	short        string // the organization's short name
	people       []*person
	queues       []*queue    // by name
	teams        []*workTeam // by name
	byID         map[string]*person
	byEmail      map[string]*person
	trustee      *person            // of the demo organization
	clones       map[string]*person // by the id of the native person

	rolesOnce  sync.Once
	rolesKnown []*role
}

func newEmptyDirectory(organization named, short string) *directory {
	return &directory{
		organization: organization, short: short,
		byID: map[string]*person{}, byEmail: map[string]*person{}, clones: map[string]*person{},
	}
}

func newDirectory(size int, now time.Time) *directory {
	d := newEmptyDirectory(demoOrganization, "demo")
	d.nameLeaders()
	random := rand.New(rand.NewPCG(2, 3))
	leads := map[string]*person{}
	for n := len(d.people); n < size; n++ {
		d.add(d.agent(n, size, leads, random))
	}
	for i, p := range d.people {
		p.settle(i, now, random)
	}
	d.addQueues()
	d.addTeams()
	d.trustee = &person{
		name: "Tessa Lang", email: "trustee@partner.example", department: "Partner Consulting",
		title: "Consultant", division: "Home", state: "active", role: "Trustee",
		trusteeOf:   stableID("person", "tessa at home"),
		home:        partnerOrganization,
		permissions: []string{"directory:user:view", "oauth:token:delete"}, presence: "Available", routing: "OFF_QUEUE",
		presenceSince: now.Add(-time.Hour),
	}
	d.index(d.trustee)
	return d
}

// nameLeaders adds the three people that tests and guides name.
func (d *directory) nameLeaders() {
	admin := &person{
		name: "Ada Park", email: "admin@demo.example", department: "Operations", title: "Platform Administrator",
		division: "Home", state: "active", role: "Master Admin", permissions: permissions,
		presence: "Available", routing: "OFF_QUEUE",
	}
	supervisor := &person{
		name: "Samuel Ortiz", email: "supervisor@demo.example", department: "Operations", title: "Contact Centre Supervisor",
		division: "Home", state: "active", role: "Supervisor", manager: admin,
		permissions: []string{"directory:user:view", "oauth:token:delete"}, presence: "Meeting", routing: "OFF_QUEUE",
	}
	agent := &person{
		name: "Mina Keller", email: "agent@demo.example", department: "Billing", title: "Billing Agent",
		division: "Home", state: "active", role: "employee", manager: supervisor,
		presence: onQueue, routing: "INTERACTING",
	}
	for _, p := range []*person{admin, supervisor, agent} {
		d.add(p)
	}
}

// agent makes the n-th of size people. The first of a team is its lead and manages
// the others.
func (d *directory) agent(n, size int, leads map[string]*person, random *rand.Rand) *person {
	team := teams[n%len(teams)]
	p := &person{
		name:       nameOf(n),
		department: team.department, division: team.division, role: "employee", state: "active",
		sso: random.IntN(3) == 0,
	}
	switch {
	case n == size-2 && size > 10:
		p.name = hostileName
		p.email = "imported.record@demo.example"
	case n == 8 || n == 9: // two people, two departments, one name
		p.name = "Jun Zhang"
	case n == 12:
		p.name = "Niamh O'Connor"
	}
	switch {
	case n == 23 || n == 41:
		p.state = "deleted"
	case n%13 == 5 && n > 10:
		p.state = "inactive"
	}
	if lead := leads[team.department]; lead != nil {
		p.manager = lead
		p.title = team.titles[1+random.IntN(len(team.titles)-1)]
	} else {
		p.manager = d.people[1]
		p.title = team.titles[0]
		leads[team.department] = p
	}
	return p
}

// settle gives a person a presence and sign-ins of a working day.
func (p *person) settle(i int, now time.Time, random *rand.Rand) {
	ago := func(most time.Duration) time.Time { return now.Add(-time.Minute - upTo(random, most)) }
	p.presenceSince = ago(3 * time.Hour)
	if p.presence == "" {
		p.presence, p.routing = "Offline", "OFF_QUEUE"
		if p.active() {
			p.presence, p.routing = workday(random.IntN(10))
		}
	}
	if p.presence == onQueue {
		p.station = fmt.Sprintf("Desk %d", 101+i)
	}
	most := 20 * time.Hour
	if !p.active() {
		most = 90 * 24 * time.Hour
	}
	if i%11 == 7 {
		return // never had a token
	}
	issued := ago(most)
	p.lastIssued.Store(issued.UnixMilli())
	if !p.sso {
		p.lastLogin.Store(issued.Add(-upTo(random, 10*24*time.Hour)).UnixMilli())
	}
}

// upTo returns a random duration below most.
func upTo(random *rand.Rand, most time.Duration) time.Duration {
	return time.Duration(random.Int64N(int64(most)))
}

// workday returns a presence and the routing status that fits it.
func workday(n int) (presence, routing string) {
	switch n {
	case 0, 1:
		return onQueue, "INTERACTING"
	case 2, 3:
		return onQueue, "IDLE"
	case 4:
		return "Break", "OFF_QUEUE"
	case 5:
		return "Meeting", "OFF_QUEUE"
	case 6:
		return "Away", "OFF_QUEUE"
	case 7, 8:
		return "Available", "OFF_QUEUE"
	}
	return "Offline", "OFF_QUEUE"
}

func (d *directory) add(p *person) {
	d.people = append(d.people, p)
	d.index(p)
}

// index makes p known by id and email, and makes both if p has none. An email
// address that is taken gets a number.
func (d *directory) index(p *person) {
	if p.email == "" {
		box := mailbox(p.name)
		p.email = box + "@demo.example"
		for n := 2; d.byEmail[p.email] != nil; n++ {
			p.email = fmt.Sprintf("%s%d@demo.example", box, n)
		}
	}
	p.username, p.in = p.email, d
	if p.id == "" {
		p.id = stableID("person", p.email)
	}
	d.byID[p.id] = p
	d.byEmail[p.email] = p
}

// find returns the person with that email address, or nil. Case does not matter.
func (d *directory) find(email string) *person {
	return d.byEmail[strings.ToLower(strings.TrimSpace(email))]
}

// UserByEmail returns the id of the person with that email address, or "".
func (e *Emulator) UserByEmail(email string) string {
	if p := e.people.find(email); p != nil {
		return p.id
	}
	return ""
}
