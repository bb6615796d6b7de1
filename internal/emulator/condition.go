package emulator

import (
	"slices"
	"time"
)

const onQueue = "On Queue"

// condition is what others can change about a person. A stored one never changes:
// edit replaces it.
type condition struct {
	state             string
	presence, routing string
	since             time.Time // of presence and routing
	station           string    // "" for none
	factors           []named   // second factors
	roleless          bool      // deactivated once: roles do not come back
	version           int
}

// now returns the condition that p is in.
func (p *person) now() condition {
	if c := p.changed.Load(); c != nil {
		return *c
	}
	c := condition{
		state: p.state, presence: p.presence, routing: p.routing, since: p.presenceSince, station: p.station, version: userVersion,
	}
	if p.trusteeOf == "" && !p.sso {
		c.factors = []named{{ID: stableID("factor", p.id), Name: "Authenticator app"}}
	}
	return c
}

// edit applies change to the condition of p, if that returns no error.
func (p *person) edit(change func(*condition) error) error {
	for {
		old, next := p.changed.Load(), p.now()
		if err := change(&next); err != nil {
			return err
		}
		if p.changed.CompareAndSwap(old, &next) {
			return nil
		}
	}
}

// holds reports whether p has a permission.
func (p *person) holds(permission string) bool {
	return slices.Contains(p.permissions, permission) && !p.now().roleless
}
