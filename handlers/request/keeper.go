package request

import (
	"context"
	"errors"
	"sync"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/login"
	"tokenconsole/session"
)

// Keeper knows who is signed in. It is safe for concurrent use.
type Keeper struct {
	Sessions *session.Store
	Platform *genesys.Platform
	Refresh  *login.Refresher
	Log      *audit.Log
	Pace     *Pace
	proofs   proofs
	retiring sync.WaitGroup
}

// Load puts the session of the visit's browser into v. Its errors are those of
// session.Store.Load; with ErrExpired and ErrUnavailable comes the session. A
// session of a region that is no longer configured is unreadable.
func (k *Keeper) Load(v *Visit) error {
	sess, err := k.Sessions.Load(v.Request)
	if (err == nil || IsLeft(err)) && k.Platform.Client(sess.Region) == nil {
		return session.ErrUnreadable
	}
	v.Session = sess
	return err
}

// IsLeft reports whether an error of Load comes with a session whose token can still be deleted.
func IsLeft(err error) bool {
	return errors.Is(err, session.ErrExpired) || errors.Is(err, session.ErrUnavailable)
}

// loadLiving is Load for pages that have no use for a session that has expired:
// it is retired.
func (k *Keeper) loadLiving(v *Visit) error {
	err := k.Load(v)
	switch {
	case errors.Is(err, session.ErrExpired):
		k.Retire(v, v.Session)
	case errors.Is(err, session.ErrUnavailable):
		v.Unproven, v.Doubt = v.Session, err
	}
	if err != nil {
		v.Session = session.Session{}
	}
	return err
}

// renewAhead is how long before its expiry a token is renewed.
const renewAhead = 30 * time.Second

// isDue reports whether the token of sess is over, or will be soon and can be renewed.
func isDue(sess session.Session, now time.Time) bool {
	left := sess.TokenExpiry.Sub(now)
	return !sess.TokenExpiry.IsZero() && (left <= 0 || left <= renewAhead && !sess.RefreshToken.IsZero())
}

// renew gives the session a token that lives: the one it has or, if that is
// about to expire, the one that it was renewed to, here or at another replica.
// ErrTokenExpired if there is none.
func (k *Keeper) renew(v *Visit) error {
	if !isDue(v.Session, v.Now()) {
		return nil
	}
	newest, err := k.Sessions.Newest(v.Context(), v.Session)
	if err != nil {
		return err
	}
	v.Session = newest
	if isDue(newest, v.Now()) {
		if err := k.refresh(v); err != nil || v.Session.AccessToken == newest.AccessToken {
			return err
		}
	}
	return k.Sessions.Save(v.Writer, v.Request, v.Session)
}

// refresh trades the session's refresh token for new tokens. While the old token
// lives, it serves on where that fails. It is done though the browser leaves: the
// new token would live on where nobody knows of it.
func (k *Keeper) refresh(v *Visit) error {
	sess, ctx := v.Session, context.WithoutCancel(v.Context())
	left := sess.TokenExpiry.Sub(v.Now())
	if sess.RefreshToken.IsZero() {
		return k.expire(v)
	}
	grant, err := k.Refresh.Refresh(ctx, sess.Region, sess.RefreshToken)
	switch {
	case errors.Is(err, login.ErrUnkept):
		v.Log().Error("a renewed token is known to its browser alone", "error", err.Error())
	case err != nil && !grant.AccessToken.IsZero():
		k.abandon(v, sess.Renewed(grant)) // of a reply that is of no use
	}
	switch {
	case errors.Is(err, login.ErrUnkept):
	case errors.Is(err, login.ErrRefused):
		v.Log().Info("the refresh token was refused", "error", err.Error())
		return k.expire(v)
	case errors.Is(err, login.ErrElsewhere) && left > 0:
		v.Passed = true
		return nil
	case err != nil && left > 0:
		v.Log().Warn("refreshing the token failed; it still lives", "error", err.Error())
		return nil
	case err != nil:
		return err
	}
	v.Session = sess.Renewed(grant)
	// Whoever ended the session before the new token was kept could not know of it.
	if err := k.Sessions.CheckEnd(ctx, v.Session); errors.Is(err, session.ErrEnded) {
		k.abandon(v, v.Session)
		v.Session = session.Session{}
		return err
	}
	return nil
}

// touch notes that the person used the session.
func (k *Keeper) touch(v *Visit) error {
	if v.Passed {
		return nil
	}
	return k.Sessions.Touch(v.Writer, v.Request, &v.Session)
}

// expire ends a session whose token is over.
func (k *Keeper) expire(v *Visit) error {
	k.end(v)
	return ErrTokenExpired
}

// end ends the session of v, whose token is dead.
func (k *Keeper) end(v *Visit) {
	if err := k.Sessions.End(v.Writer, v.Request, v.Session); err != nil {
		v.Log().Error("the end of a session is not written down yet", "error", err.Error())
	}
	v.Session = session.Session{}
}

// While is over as soon as the session of v is, or its browser has gone away. It is
// for answers that go on; leave lets go of it. The error is session.ErrManyLives.
func (k *Keeper) While(v *Visit) (while context.Context, leave context.CancelFunc, err error) {
	if !v.OwnWish() {
		return nil, nil, CrossOrigin // it would take one of its person's places
	}
	return k.Sessions.While(v.Context(), v.Session)
}

// FindsDead returns an error if the token of v is found to have been revoked. It
// asks once a minute, for pages that stay open. A token that has expired is renewed
// when its person does something, or they are told then.
func (k *Keeper) FindsDead(v *Visit) error {
	if expiry := v.Session.TokenExpiry; !expiry.IsZero() && !v.Now().Before(expiry) {
		return nil
	}
	if err := k.prove(v, openProofLife); errors.Is(err, genesys.ErrUnauthorized) {
		return err
	}
	return nil
}
