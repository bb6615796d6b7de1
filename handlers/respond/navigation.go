package respond

import (
	"strings"

	"tokenconsole/internal/genesys"
	"tokenconsole/session"
	"tokenconsole/views"
)

// place is a part of the console that the navigation leads to.
type place struct {
	label, path string
	hint        string // what one does there
	words       string // that it is found by too
	use         func(session.Person) use
	givesWay    bool // to the others, on a phone
}

// use is how much a part is used by somebody.
type use int

const (
	never     use = iota // or may not
	sometimes            // it stands in the menu
	often                // it stands in sight; at most six do
)

// places is the navigation. A page gets its line here when it exists.
var places = []place{
	{label: "Home", path: "/", words: "overview start", use: onlyWith(MayRevoke, often)},
	{label: "Token", path: "/token", hint: "Your own token, and the ways to end it", words: "sign out session", use: ownToken},
	{label: "People", path: "/users", words: "users find revoke", use: onlyWith(MayFindPeople, often)},
	{label: "Batches", path: "/batches", words: "revoke many list queue group", use: onlyWith(MayRevoke, often)},
	{label: "Record", path: "/audit", words: "audit log history export", use: always(often)},
	{label: "Came back", path: watchPath, words: "watch return revoked again live", use: onlyWith(MayRevoke, often), givesWay: true},
	{label: "Inspect", path: "/inspect", hint: "Look into a token that somebody found", words: "leaked found token", use: always(sometimes)},
	{label: "OAuth clients", path: "/clients", hint: "Which applications can get tokens, and how risky they are", words: "applications integrations scopes secret disable", use: onlyWith(MaySeeClients, sometimes)},
	{label: "Timeout", path: "/timeout", hint: "When idle tokens end, for everyone", words: "idle timeout organization", use: always(sometimes)},
	{label: "Settings", path: "/settings", hint: "Theme and time zone, in this browser", words: "preferences theme dark light zone", use: always(sometimes)},
}

// watchPath is where people who came back are listed; its line counts them.
const watchPath = "/watch"

// MayFindPeople reports whether the pages about people are any use to p.
func MayFindPeople(p session.Person) bool {
	return p.May(genesys.PermissionViewUser) || p.May(genesys.PermissionDeleteToken)
}

// MaySeeClients reports whether p held the permission to see OAuth clients when they
// signed in.
func MaySeeClients(p session.Person) bool { return p.May(genesys.PermissionViewClient) }

// MayRevoke reports whether p held the permission to revoke when they signed in.
func MayRevoke(p session.Person) bool { return p.May(genesys.PermissionDeleteToken) }

func always(u use) func(session.Person) use { return func(session.Person) use { return u } }

func onlyWith(may func(session.Person) bool, u use) func(session.Person) use {
	return func(p session.Person) use {
		if may(p) {
			return u
		}
		return never
	}
}

// ownToken is what those come for who may do nothing else.
func ownToken(p session.Person) use {
	if MayRevoke(p) {
		return sometimes
	}
	return often
}

// navigation lists the parts of the console that p may use. Path is where they
// are.
func navigation(p session.Person, path string) []views.NavItem {
	items := make([]views.NavItem, 0, len(places))
	for _, place := range places {
		use := place.use(p)
		if use == never {
			continue
		}
		items = append(items, views.NavItem{
			Label: place.label, Href: place.path, Hint: place.hint, Words: place.words, More: use == sometimes, GivesWay: place.givesWay,
			Current: path == place.path || place.path != "/" && strings.HasPrefix(path, place.path+"/"),
		})
	}
	return items
}
