package emulator

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

// The members of the platform's IdleTokenTimeout that the emulator knows.
const (
	timeoutSeconds = "idleTokenTimeoutSeconds"
	timeoutEnabled = "enableIdleTokenTimeout"
	timeoutGroups  = "inactivityTimeoutGroupsEnabled"
	timeoutBundles = "inactivityTimeoutGroupBundles"
)

// idleTokenTimeout is what the emulator reads of an IdleTokenTimeout.
type idleTokenTimeout struct {
	Seconds *int            `json:"idleTokenTimeoutSeconds"`
	Enabled bool            `json:"enableIdleTokenTimeout"`
	Unit    *string         `json:"inactivityTimeoutUnit"`
	Groups  bool            `json:"inactivityTimeoutGroupsEnabled"`
	Bundles []timeoutBundle `json:"inactivityTimeoutGroupBundles"`
}

// timeoutBundle is the timeout of some groups. If several apply to a person, the
// one with the lowest priority number counts.
type timeoutBundle struct {
	Priority int      `json:"priority"`
	Seconds  int      `json:"timeoutSeconds"`
	Unit     string   `json:"inactivityTimeoutUnit,omitempty"`
	Groups   []string `json:"groups"`
}

// getTokensTimeout answers GET /api/v2/tokens/timeout.
func (e *Emulator) getTokensTimeout(w http.ResponseWriter, _ *http.Request, c caller) error {
	e.writeTimeout(w, c)
	return nil
}

// writeTimeout writes the whole object as it was put, but with the timeout that is
// in force.
func (e *Emulator) writeTimeout(w http.ResponseWriter, c caller) {
	s := e.settings.Load().of(e.at(c))
	idle := s.idle()
	object := map[string]any{
		timeoutEnabled: idle > 0,
		timeoutSeconds: int(cmp.Or(idle, s.IdleTimeout, maxIdle) / time.Second),
	}
	for name, value := range s.TimeoutRest {
		object[name] = value
	}
	writeJSON(w, http.StatusOK, object)
}

// putTokensTimeout answers PUT /api/v2/tokens/timeout. The body replaces the
// whole object: what it leaves out is gone.
func (e *Emulator) putTokensTimeout(w http.ResponseWriter, r *http.Request, c caller) error {
	var content json.RawMessage
	if err := readJSON(w, r, &content); err != nil {
		return err
	}
	var body idleTokenTimeout
	var rest map[string]json.RawMessage
	if json.Unmarshal(content, &body) != nil || json.Unmarshal(content, &rest) != nil {
		return malformed()
	}
	hipaa := e.settings.Load().of(e.at(c)).HIPAA
	if body.Seconds != nil {
		if err := checkTimeout(*body.Seconds, hipaa); err != nil {
			return err
		}
	}
	for _, b := range body.Bundles {
		if err := b.check(hipaa); err != nil {
			return err
		}
	}
	delete(rest, timeoutEnabled)
	delete(rest, timeoutSeconds)
	e.change(func(all *settings) {
		s := all.of(e.at(c))
		s.Idle, s.IdleTimeout = body.Enabled, maxIdle
		if body.Seconds != nil {
			s.IdleTimeout = time.Duration(*body.Seconds) * time.Second
		}
		s.TimeoutRest, s.GroupTimeouts = rest, nil
		if body.Groups {
			s.GroupTimeouts = body.Bundles
		}
	})
	e.writeTimeout(w, c)
	return nil
}

func (b timeoutBundle) check(hipaa bool) error {
	if b.Priority < 1 || b.Priority > 5 {
		return fail(400, "constraint.validation", "{problem}", "problem", "priority must be between 1 and 5")
	}
	return checkTimeout(b.Seconds, hipaa)
}

// checkTimeout checks the bounds of an idle timeout. Which of two codes the platform
// sends is not documented; here one means too short and the other too long.
func checkTimeout(seconds int, hipaa bool) error {
	low, high, highHIPAA := int(minIdle/time.Second), int(maxIdle/time.Second), int(maxIdleHIPAA/time.Second)
	switch {
	case hipaa && seconds < low:
		return fail(400, "token.timeout.exceeded.hipaa", "With HIPAA, 300 to 900 seconds.")
	case hipaa && seconds > highHIPAA:
		return fail(400, "max.idle.hipaa.token.timeout.exceeded", "With HIPAA, 900 seconds at most.")
	case seconds < low:
		return fail(400, "token.timeout.exceeded", "300 to 28800 seconds.")
	case seconds > high:
		return fail(400, "max.idle.token.timeout.exceeded", "28800 seconds at most.")
	}
	return nil
}

// idleOf returns the idle timeout of a person's tokens, or 0 when there is none. A
// timeout of the person's group goes before that of the organization.
func (e *Emulator) idleOf(user string) time.Duration {
	s := e.settings.Load().of(e.people)
	if p := e.person(user); p != nil {
		s = e.settings.Load().of(p.in)
		var own *timeoutBundle
		for i, b := range s.GroupTimeouts {
			if slices.Contains(b.Groups, groupOf(p)) && (own == nil || b.Priority < own.Priority) {
				own = &s.GroupTimeouts[i]
			}
		}
		if own != nil {
			idle := time.Duration(own.Seconds) * time.Second
			if s.HIPAA {
				return min(idle, maxIdleHIPAA)
			}
			return idle
		}
	}
	return s.idle()
}
