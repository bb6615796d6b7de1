package request

import (
	"errors"
	"slices"
	"time"
)

// Access says whom a route is for.
type Access int

// Whom a route is for.
const (
	Public     Access = iota // everybody; whoever is signed in is known to the page
	Bare                     // everybody; the page loads a session itself, or needs none
	SignedIn                 // people who have signed in; the request counts as use of the session
	Background               // the same, asked by a page by itself: no use of the session, and it renews nothing
)

// A Gate lets visits through to a page by session and permission.
type Gate struct {
	Access      Access
	Permissions []string // any of them will do; none are needed if there are none
	Asks        bool     // the page asks the platform with the token before it shows or does anything
	Uploads     bool     // the form may be as large as MaxUpload; it is read when its person has been let in
	Paced       bool     // the page puts an entry on the record and ends nobody's access
	Typed       []string // fields of the form that outlive a sign-in, none of them secret
	Asked       []string // fields that the form's page takes as its query
	Form        string   // path of the form's page, if it is neither the route's own nor the one above
}

// Everybody is the gate of public pages.
func Everybody() Gate { return Gate{Access: Public} }

// Anything is the gate of what needs no session, or loads it itself.
func Anything() Gate { return Gate{Access: Bare} }

// People is the gate of pages for everyone who has signed in.
func People() Gate { return Gate{Access: SignedIn} }

// ByItself is the gate of what an open page asks for without its person.
func ByItself() Gate { return Gate{Access: Background} }

// AnyOf is the gate of pages for people who held any of permissions when they
// signed in.
func AnyOf(permissions ...string) Gate { return Gate{Access: SignedIn, Permissions: permissions} }

// Asking is g for a page that asks the platform with the token first, so that a
// dead one shows there and needs no proof at the gate.
func (g Gate) Asking() Gate {
	g.Asks = true
	return g
}

// For is g for people who held any of permissions when they signed in.
func (g Gate) For(permissions ...string) Gate {
	g.Permissions = permissions
	return g
}

// Uploading is g for a form that takes a list or a file: see ReadUpload.
func (g Gate) Uploading() Gate {
	g.Uploads = true
	return g
}

// AtAPace is g for a page that puts an entry on the record and ends nobody's
// access: each person may have only so many in a minute.
func (g Gate) AtAPace() Gate {
	g.Paced = true
	return g
}

// Keeping is g for a form whose fields are shown again, filled in, to the same
// person after a sign-in that came in between.
func (g Gate) Keeping(typed ...string) Gate {
	g.Typed = typed
	return g
}

// At is g for a form whose page takes these fields as its query.
func (g Gate) At(asked ...string) Gate {
	g.Asked = asked
	return g
}

// On is g for a form whose page is neither at the path of the route nor at the
// one above it.
func (g Gate) On(form string) Gate {
	g.Form = form
	return g
}

// PermissionError refuses a page to a person who lacks a permission, as of the
// sign-in.
type PermissionError struct {
	Permission string
	Since      time.Time // of the sign-in
}

func (e *PermissionError) Error() string { return "missing permission " + e.Permission }

// ErrTokenExpired means that the session's token is over and cannot be renewed.
var ErrTokenExpired = errors.New("the token has expired")

// Admit lets v through gate, with its session, or says why not: an error of
// Load, ErrTokenExpired, a *PermissionError, a *PaceError, or one of the platform.
func (k *Keeper) Admit(v *Visit, gate Gate) error {
	if gate.Access == Bare {
		return nil
	}
	if err := k.loadLiving(v); err != nil {
		if gate.Access == Public {
			return nil // for nobody
		}
		return err
	}
	if gate.Access == SignedIn {
		if err := k.renew(v); err != nil {
			return err
		}
		if err := k.touch(v); err != nil {
			return err
		}
	}
	if gate.Access != Public && !gate.Asks {
		if err := k.prove(v, proofLife); err != nil {
			return err
		}
	}
	if len(gate.Permissions) > 0 && !slices.ContainsFunc(gate.Permissions, v.Session.Person.May) {
		return &PermissionError{gate.Permissions[0], v.Session.Created}
	}
	if gate.Paced {
		return k.pace(v)
	}
	return nil
}
