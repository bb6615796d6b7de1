// Package playbook carries out what an administrator does about a person in one go:
// the tokens, and what a token leaves behind.
//
//	Order ──► look the person up ──► policy ──► asked, on the record
//	                                                │
//	          for each step: asked ──► call ──► outcome, on the record
//	                                                │
//	Sheet ◄───────────── the record ◄──────── outcome of it all
//
// Each step is an act of its own, and none hangs on another: one that fails stops
// nothing. docs/playbooks.md says in what order they are taken, and why.
package playbook

import (
	"slices"
	"strings"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
)

// Step is one thing that can be done about a person.
type Step string

// The steps.
const (
	Deactivate Step = "deactivate" // nobody gets a token any more, and all roles are lost
	Tokens     Step = "tokens"     // all of them are deleted
	Factors    Step = "factors"    // all second factors are removed
	OffQueue   Step = "offqueue"   // no interaction is routed to them
	Offline    Step = "offline"    // what others see
	Station    Step = "station"    // the phone is free for others
)

// The orders in which steps are taken. Closing leaves nothing open: first nobody can
// get in any more, then whoever is in is put out, and only then what is left behind
// is cleared away, as a client that still lives would put it back. Leaving is for
// people who are done for the day: nothing new reaches them before their clients end.
var (
	closing = []Step{Deactivate, Tokens, Factors, OffQueue, Offline, Station}
	leaving = []Step{OffQueue, Offline, Station, Deactivate, Factors, Tokens}
)

// Book is a playbook: what is ticked beforehand, and in which order.
type Book struct {
	Name       string
	Steps      []Step // ticked beforehand
	SparesBusy bool   // people in an interaction are skipped
	order      []Step
}

// Own is the playbook of those who pick the steps themselves.
const Own = "steps"

var books = []Book{
	{Name: "lost-phone", Steps: []Step{Tokens}, order: closing},
	{Name: "left", Steps: []Step{Deactivate, Tokens, Station}, order: closing},
	{Name: "compromised", Steps: []Step{Deactivate, Tokens, Factors, Station}, order: closing},
	{Name: "end-of-shift", Steps: []Step{OffQueue, Offline, Station, Tokens}, order: leaving, SparesBusy: true},
	{Name: Own, order: closing},
}

// Find returns the playbook with that name.
func Find(name string) (Book, bool) {
	i := slices.IndexFunc(books, func(b Book) bool { return b.Name == name })
	if i < 0 {
		return Book{}, false
	}
	return books[i], true
}

// Books lists the playbooks that have steps of their own.
func Books() []Book {
	return slices.DeleteFunc(slices.Clone(books), func(b Book) bool { return b.Name == Own })
}

// All are the steps that b can have, in the order in which it takes them.
func (b Book) All() []Step { return slices.Clone(b.order) }

// Pick returns those steps of b that are named, in its order. Other names are ignored.
func (b Book) Pick(names []string) []Step {
	return slices.DeleteFunc(b.All(), func(s Step) bool { return !slices.Contains(names, string(s)) })
}

// action is what the record calls a step.
func (s Step) action() audit.Action {
	return map[Step]audit.Action{
		Deactivate: audit.Deactivate, Tokens: audit.Revoke, Factors: audit.DeleteFactors, OffQueue: audit.TakeOffQueue,
		Offline: audit.SetOffline, Station: audit.FreeStation,
	}[s]
}

// StepOf is the step that the record calls so, and false if none is.
func StepOf(action audit.Action) (Step, bool) {
	i := slices.IndexFunc(closing, func(s Step) bool { return s.action() == action })
	if i < 0 {
		return "", false
	}
	return closing[i], true
}

// Needs is what the platform asks for before it lets somebody take a step.
type Needs struct {
	Permissions []string // of the person, all of them
	Instead     []string // any of these serves instead of Permissions
	Unnamed     bool     // for a call of the step the platform names no permission
	Scope       string   // of the OAuth client
}

// Needs says what the step takes.
func (s Step) Needs() Needs {
	switch s {
	case Deactivate:
		return Needs{
			Permissions: []string{genesys.PermissionEditUser}, Instead: []string{genesys.PermissionAdminOrg}, Scope: genesys.ScopeUsers,
		}
	case Tokens:
		return Needs{Permissions: []string{genesys.PermissionDeleteToken}, Scope: "user-basic-info"}
	case Factors:
		return Needs{Permissions: []string{genesys.PermissionViewVerifier, genesys.PermissionDeleteVerifier}, Scope: genesys.ScopeUsers}
	case Station:
		return Needs{Permissions: []string{genesys.PermissionDisassociateStation}, Scope: genesys.ScopeUsers}
	case Offline:
		return Needs{Permissions: []string{genesys.PermissionViewPresenceDefinition}, Unnamed: true, Scope: genesys.ScopePresence}
	}
	return Needs{Unnamed: true, Scope: genesys.ScopeUsers}
}

// Lacking are the permissions that somebody lacks for it, as far as the platform names them.
func (n Needs) Lacking(may func(permission string) bool) []string {
	if slices.ContainsFunc(n.Instead, may) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(n.Permissions), may)
}

// Names writes steps as the record does.
func Names(steps []Step) string {
	names := make([]string, len(steps))
	for i, s := range steps {
		names[i] = string(s)
	}
	return strings.Join(names, " ")
}

// Parse reads what Names wrote, and leaves out what is no step.
func Parse(names string) []Step {
	var steps []Step
	for name := range strings.FieldsSeq(names) {
		if s := Step(name); s.action() != "" {
			steps = append(steps, s)
		}
	}
	return steps
}
