package genesys

import (
	"encoding/json"
	"slices"
)

// IdleTokenTimeout says how long an organization's tokens live without API
// activity. Groups of people may have their own timeout, even while that of the
// organization is off.
//
// A value from GetTokensTimeout holds everything that the platform sent, unknown
// members included. To change the timeout, set fields of such a value and give it
// to PutTokensTimeout: everything else is sent back as it was read.
type IdleTokenTimeout struct {
	Seconds       int    // of the whole organization; counts only while Enabled
	Enabled       bool   // whether the organization has a timeout
	Unit          string // of time, as the platform names it; "" when it names none
	GroupsEnabled bool   // whether the timeouts of Groups are in force
	Groups        []TimeoutGroup

	read members
}

// TimeoutGroup is an idle timeout for the people in some groups.
type TimeoutGroup struct {
	Priority int // 1 to 5
	Seconds  int
	Unit     string   // as in IdleTokenTimeout
	GroupIDs []string // see GetGroups for their names

	read members
}

// timeoutFields are the members of the vendor's IdleTokenTimeout.
type timeoutFields struct {
	Seconds       int            `json:"idleTokenTimeoutSeconds"`
	Enabled       bool           `json:"enableIdleTokenTimeout"`
	Unit          string         `json:"inactivityTimeoutUnit"`
	GroupsEnabled bool           `json:"inactivityTimeoutGroupsEnabled"`
	Groups        []TimeoutGroup `json:"inactivityTimeoutGroupBundles"`
}

// groupFields are the members of one of its group bundles.
type groupFields struct {
	Priority int      `json:"priority"`
	Seconds  int      `json:"timeoutSeconds"`
	Unit     string   `json:"inactivityTimeoutUnit"`
	GroupIDs []string `json:"groups"`
}

// UnmarshalJSON reads the vendor's IdleTokenTimeout and keeps all its members.
func (t *IdleTokenTimeout) UnmarshalJSON(content []byte) error {
	var fields timeoutFields
	var read members
	if err := decodeTwice(content, &fields, &read); err != nil {
		return err
	}
	*t = IdleTokenTimeout{fields.Seconds, fields.Enabled, fields.Unit, fields.GroupsEnabled, fields.Groups, read}
	return nil
}

// MarshalJSON writes the members that were read, with the fields that changed.
func (t IdleTokenTimeout) MarshalJSON() ([]byte, error) {
	var was IdleTokenTimeout
	if t.read != nil {
		content, err := t.read.MarshalJSON()
		if err != nil {
			return nil, err
		}
		if err := was.UnmarshalJSON(content); err != nil {
			return nil, err
		}
	}
	e := edit{members: slices.Clone(t.read)}
	e.require("idleTokenTimeoutSeconds", t.Seconds, t.Seconds != was.Seconds)
	e.require("enableIdleTokenTimeout", t.Enabled, t.Enabled != was.Enabled)
	e.change("inactivityTimeoutUnit", t.Unit, t.Unit != was.Unit)
	e.change("inactivityTimeoutGroupsEnabled", t.GroupsEnabled, t.GroupsEnabled != was.GroupsEnabled)
	e.change("inactivityTimeoutGroupBundles", t.Groups, !slices.EqualFunc(t.Groups, was.Groups, TimeoutGroup.same))
	return e.result()
}

// UnmarshalJSON reads one of the vendor's group bundles and keeps all its members.
func (g *TimeoutGroup) UnmarshalJSON(content []byte) error {
	var fields groupFields
	var read members
	if err := decodeTwice(content, &fields, &read); err != nil {
		return err
	}
	*g = TimeoutGroup{fields.Priority, fields.Seconds, fields.Unit, fields.GroupIDs, read}
	return nil
}

// MarshalJSON writes the members that were read, with the fields that changed.
func (g TimeoutGroup) MarshalJSON() ([]byte, error) {
	var was TimeoutGroup
	if g.read != nil {
		content, err := g.read.MarshalJSON()
		if err != nil {
			return nil, err
		}
		if err := was.UnmarshalJSON(content); err != nil {
			return nil, err
		}
	}
	e := edit{members: slices.Clone(g.read)}
	e.require("priority", g.Priority, g.Priority != was.Priority)
	e.require("timeoutSeconds", g.Seconds, g.Seconds != was.Seconds)
	e.change("inactivityTimeoutUnit", g.Unit, g.Unit != was.Unit)
	e.require("groups", g.GroupIDs, !slices.Equal(g.GroupIDs, was.GroupIDs))
	return e.result()
}

// Same reports whether replacing t by other would change nothing. If both are off,
// their Seconds may differ.
func (t IdleTokenTimeout) Same(other IdleTokenTimeout) bool {
	off := !t.Enabled && !other.Enabled
	return t.Enabled == other.Enabled && (off || t.Seconds == other.Seconds) && t.Unit == other.Unit &&
		t.GroupsEnabled == other.GroupsEnabled && slices.EqualFunc(t.Groups, other.Groups, TimeoutGroup.same) &&
		t.unknown().equal(other.unknown())
}

func (t IdleTokenTimeout) unknown() members {
	return t.read.without("idleTokenTimeoutSeconds", "enableIdleTokenTimeout", "inactivityTimeoutUnit",
		"inactivityTimeoutGroupsEnabled", "inactivityTimeoutGroupBundles")
}

func (g TimeoutGroup) same(other TimeoutGroup) bool {
	return g.Priority == other.Priority && g.Seconds == other.Seconds && g.Unit == other.Unit &&
		slices.Equal(g.GroupIDs, other.GroupIDs) && g.unknown().equal(other.unknown())
}

func (g TimeoutGroup) unknown() members {
	return g.read.without("priority", "timeoutSeconds", "inactivityTimeoutUnit", "groups")
}

// decodeTwice reads the known fields and all members of an object.
func decodeTwice(content []byte, fields any, all *members) error {
	if err := json.Unmarshal(content, fields); err != nil {
		return err
	}
	return json.Unmarshal(content, all)
}

// edit changes members and keeps the first error.
type edit struct {
	members members
	err     error
}

// change puts a value that has changed under name.
func (e *edit) change(name string, value any, changed bool) {
	if !changed || e.err != nil {
		return
	}
	var content json.RawMessage
	if content, e.err = json.Marshal(value); e.err == nil {
		e.members.put(name, content)
	}
}

// require is like change, but adds a member that is missing.
func (e *edit) require(name string, value any, changed bool) {
	e.change(name, value, changed || e.members.index(name) < 0)
}

func (e *edit) result() ([]byte, error) {
	if e.err != nil {
		return nil, e.err
	}
	return e.members.MarshalJSON()
}
