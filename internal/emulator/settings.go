package emulator

import (
	"encoding/json"
	"time"
)

const (
	minIdle      = 300 * time.Second
	maxIdle      = 28_800 * time.Second
	maxIdleHIPAA = 900 * time.Second
)

// settings are what an administrator or a test can change. A stored value is
// never modified: change replaces it.
type settings struct {
	TokenLifetime time.Duration
	RateLimit     int

	timeouts          // of the demo organization
	Customer timeouts // of the customer organization
}

// timeouts are the idle timeouts of one organization.
type timeouts struct {
	Idle          bool
	IdleTimeout   time.Duration
	HIPAA         bool
	TimeoutRest   map[string]json.RawMessage // the other members of the IdleTokenTimeout, as they were put
	GroupTimeouts []timeoutBundle            // the group timeouts in force
}

// of returns the timeouts of d's organization.
func (s *settings) of(d *directory) *timeouts {
	if d.organization.ID == CustomerOrganizationID {
		return &s.Customer
	}
	return &s.timeouts
}

// idle returns the idle timeout in force, or 0 when there is none. HIPAA makes one
// mandatory and limits it.
func (s *timeouts) idle() time.Duration {
	switch {
	case s.HIPAA && (!s.Idle || s.IdleTimeout > maxIdleHIPAA):
		return maxIdleHIPAA
	case s.Idle:
		return s.IdleTimeout
	}
	return 0
}

// change applies edit to a copy of the settings and stores that.
func (e *Emulator) change(edit func(*settings)) {
	for {
		old := e.settings.Load()
		changed := *old
		edit(&changed)
		if e.settings.CompareAndSwap(old, &changed) {
			return
		}
	}
}
