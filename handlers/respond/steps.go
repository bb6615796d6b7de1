package respond

import (
	"cmp"
	"slices"
	"strings"

	"tokenconsole/internal/genesys"
	"tokenconsole/internal/playbook"
	"tokenconsole/session"
	"tokenconsole/views"
)

// stepWords is what pages call a step, and say that it does.
type stepWords struct{ label, impact string }

var steps = map[playbook.Step]stepWords{
	playbook.Deactivate: {"Deactivate the person", "They cannot sign in any more, to anything. They lose all of their roles, and activating them again does not bring the roles back."},
	playbook.Tokens:     {"Revoke all tokens", "Every application, browser and device is signed out. Interactions that run in a browser end."},
	playbook.Factors:    {"Remove all second factors", "They have to set up a new one. Until then their password is enough, where the organization does not insist."},
	playbook.OffQueue:   {"Take off queue", "No more interactions are routed to them. One that runs goes on."},
	playbook.Offline:    {"Set presence to Offline", "Others see them as Offline."},
	playbook.Station:    {"Free the station", "Somebody else can use the phone that they sit at."},
}

// StepLabel is what pages call a step.
func StepLabel(s playbook.Step) string { return steps[s].label }

// What pages say about a permission or a scope.
const (
	needHeld    = "held"
	needMissing = "missing"
	needUnknown = "not knowable"
)

// StepChoices are steps to be ticked by p, some of them ticked already.
func StepChoices(list, ticked []playbook.Step, p session.Person) []views.StepChoice {
	choices := make([]views.StepChoice, len(list))
	for i, s := range list {
		needs := s.Needs()
		c := views.StepChoice{
			Name: string(s), Label: steps[s].label, Impact: steps[s].impact, Loud: s == playbook.Deactivate,
			Checked:    slices.Contains(ticked, s),
			Permission: views.StepNeed{Names: needs.Permissions, Unnamed: needs.Unnamed, State: permissionState(needs, p)},
			Scope:      views.StepNeed{Names: []string{needs.Scope}, State: scopeState(needs, p)},
		}
		var mend []string
		if c.Permission.State == needMissing {
			mend = append(mend, whoGrants(strings.Join(needs.Lacking(p.May), ", ")))
		}
		if c.Scope.State == needMissing {
			mend = append(mend, HowToAddScope(needs.Scope))
		}
		c.Mend = strings.Join(mend, " ")
		choices[i] = c
	}
	return choices
}

// Tickable are those of list that p may take, as far as that is known: a step whose permission is missing is shown, and
// not ticked beforehand.
func Tickable(list []playbook.Step, p session.Person) []playbook.Step {
	return slices.DeleteFunc(slices.Clone(list), func(s playbook.Step) bool { return len(s.Needs().Lacking(p.May)) > 0 })
}

func whoGrants(permission string) string {
	return "Somebody whose role has " + permission + " can do it, or an administrator gives it to yours."
}

// HowToAddScope says how the console's OAuth client gets a scope.
func HowToAddScope(scope string) string {
	return "The console’s OAuth client lacks the scope " + scope + ": an administrator of Genesys Cloud adds it under Admin, Integrations, OAuth, on the client’s page, tab Scope. Then sign in again."
}

// WhatItTakes says which permission a step takes.
func WhatItTakes(step playbook.Step) string {
	needs := step.Needs()
	names := strings.Join(needs.Permissions, " and ")
	switch {
	case names == "":
		return "Genesys Cloud names no permission for it."
	case needs.Unnamed:
		names += ", and one that Genesys Cloud does not name"
	}
	return "It takes the permission " + names + "."
}

// WhoCan says who can do a step that the platform refused for want of a permission or a scope, and how to be one of them.
// The permission is the one that the platform named, "" for none.
func WhoCan(step playbook.Step, problem, permission string) string {
	needs := step.Needs()
	if problem == string(genesys.ScopeMissing) {
		return HowToAddScope(needs.Scope)
	}
	missing := cmp.Or(permission, strings.Join(needs.Permissions, ", "))
	if missing == "" {
		return "Genesys Cloud names no permission for it. Ask an administrator to do it, or a supervisor in Genesys Cloud’s own pages."
	}
	return "Somebody whose role has " + missing + " can. An administrator can give it to yours: then sign in again."
}

// permissionState says whether p holds what a step needs, as of the sign-in. For some
// calls the platform names no permission.
func permissionState(needs playbook.Needs, p session.Person) string {
	switch {
	case len(needs.Lacking(p.May)) > 0:
		return needMissing
	case needs.Unnamed:
		return needUnknown
	}
	return needHeld
}

// scopeState says whether the token of p has the scope that a step needs, as the
// platform told at the sign-in.
func scopeState(needs playbook.Needs, p session.Person) string {
	switch {
	case len(p.Scopes) == 0:
		return needUnknown
	case slices.Contains(p.Scopes, needs.Scope):
		return needHeld
	}
	return needMissing
}
