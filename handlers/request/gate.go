package request

import (
	"context"
	"errors"
	"slices"
	"time"

	"tokenconsole/internal/genesys"
	"tokenconsole/session"
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

// Tempo says how often a person may have a page put entries on the record.
type Tempo int

// How often.
const (
	Still  Tempo = iota // the page puts nothing on the record
	Paced               // 30 times a minute: it ends nobody's access
	Brisk               // 120 times a minute: work on a batch, which is done row by row
	Urgent              // it ends somebody's access, and is never held up
)

// A Gate lets visits through to a page by session and permission.
type Gate struct {
	Access      Access
	Permissions []string // any of them will do; none are needed if there are none
	Asks        bool     // the page asks the platform with the token before it shows or does anything
	Blind       bool     // the page is shown though nobody can tell now whether the token lives; it then shows nothing but the person's own
	Uploads     bool     // the form may be as large as MaxUpload; it is read when its person has been let in
	Tempo       Tempo    // how often a person may have the page put entries on the record
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

// WhileAway is g for a page that is shown also while the platform does not answer,
// since the act that it leads to may still be possible. Without a proof of the token it
// shows nothing of the organization.
func (g Gate) WhileAway() Gate {
	g.Blind = true
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
	g.Tempo = Paced
	return g
}

// Briskly is g for a page of work on a batch: each person may do more of it.
func (g Gate) Briskly() Gate {
	g.Tempo = Brisk
	return g
}

// Urgently is g for an act that ends somebody's access. Before each the record is
// examined, so that many of them hide nothing in it.
func (g Gate) Urgently() Gate {
	g.Tempo = Urgent
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
	if gate.Access == Public {
		k.admitAnybody(v)
		return nil
	}
	if err := k.loadLiving(v); err != nil {
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
	missing := len(gate.Permissions) > 0 && !slices.ContainsFunc(gate.Permissions, v.Session.Person.May)
	if missing || !gate.Asks {
		if err := k.Prove(v); err != nil {
			return err
		}
	}
	if missing {
		return &PermissionError{gate.Permissions[0], v.Session.Created}
	}
	return k.pace(v, gate.Tempo)
}

// soon bounds the proof of a token for pages that are for everybody, and for those that have asked the platform before.
const soon = 3 * time.Second

// admitAnybody lets v through to a page for everybody: as somebody if their token is proven to live, and else as nobody.
// A session whose token is dead ends.
func (k *Keeper) admitAnybody(v *Visit) {
	if k.loadLiving(v) != nil {
		return
	}
	err := k.renew(v)
	if err == nil {
		err = k.ProveSoon(v)
	}
	switch {
	case err == nil || !v.SignedIn():
	case errors.Is(err, genesys.ErrUnauthorized) && !v.Passed:
		k.end(v)
	default:
		v.Session, v.Unproven = session.Session{}, v.Session
	}
}

// ProveSoon is Prove within 3 seconds.
func (k *Keeper) ProveSoon(v *Visit) error {
	asked := v.Request
	ctx, cancel := context.WithTimeout(v.Context(), soon)
	defer cancel()
	defer func() { v.Request = asked }()
	v.Request = asked.WithContext(ctx)
	return k.Prove(v)
}
