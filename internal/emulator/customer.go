package emulator

import "time"

// CustomerOrganizationID is the id of the second organization. Its trustees are
// two people of the demo organization and the demo's own trustee. They sign in to
// it with target=CustomerOrganizationID.
var CustomerOrganizationID = stableID("organization", "customer")

// newCustomer makes the second organization: a few people of its own, and a clone
// of each trustee.
func newCustomer(demo *directory, now time.Time) *directory {
	d := newEmptyDirectory(named{ID: CustomerOrganizationID, Name: "Harbour Insurance"}, "harbour")
	var lead *person
	for i, p := range []*person{
		{name: "Greta Olsen", email: "greta@harbour.example", title: "Office Manager", department: "Front Desk"},
		{name: "Ravi Menon", email: "ravi@harbour.example", title: "Policy Clerk", department: "Policies"},
		{name: "Lena Fuchs", email: "lena@harbour.example", title: "Policy Clerk", department: "Policies"},
		{name: "Idris Bello", email: "idris@harbour.example", title: "Receptionist", department: "Front Desk"},
	} {
		p.division, p.state, p.role, p.manager = "Home", "active", "employee", lead
		p.presence, p.routing, p.presenceSince = "Available", "OFF_QUEUE", now.Add(-time.Hour)
		p.lastIssued.Store(now.Add(-time.Duration(i+1) * time.Hour).UnixMilli())
		d.add(p)
		lead = d.people[0]
	}
	for _, native := range []*person{demo.people[0], demo.people[1], demo.trustee} {
		clone := &person{
			id: stableID("clone", native.email), name: native.name, email: native.email, department: native.department,
			title: native.title, division: "Home", state: "active", role: "Trustee",
			permissions: []string{"directory:user:view", "oauth:token:delete"}, presence: "Available", routing: "OFF_QUEUE",
			presenceSince: now.Add(-time.Hour), trusteeOf: native.id, home: demo.organization,
		}
		if native.trusteeOf != "" {
			clone.trusteeOf, clone.home = native.trusteeOf, native.home
		}
		d.clones[native.id] = clone
		d.index(clone)
	}
	return d
}

// working returns the user that p works as in the organization target. That is p
// at home, or when target is empty, and p's clone where p is a trustee. It is nil
// anywhere else.
func (e *Emulator) working(p *person, target string) *person {
	switch target {
	case "", p.in.organization.ID:
		return p
	case e.customer.organization.ID:
		return e.customer.clones[p.id]
	}
	return nil
}

// person returns the person with that id, in either organization.
func (e *Emulator) person(id string) *person {
	if p := e.people.byID[id]; p != nil {
		return p
	}
	return e.customer.byID[id]
}

// at returns the people of the organization that c works in.
func (e *Emulator) at(c caller) *directory {
	if c.person == nil {
		return e.people
	}
	return c.person.in
}
