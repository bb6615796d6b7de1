package emulator

import "encoding/json"

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
