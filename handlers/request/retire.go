package request

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/login"
	"tokenconsole/session"
)

// removeTimeout bounds the deletion of the token of a session that is over, and of what its refresh token stands for.
const removeTimeout = 10 * time.Second

// Retire ends a session that idled out or gave way to another, and deletes its
// token at the platform, so that it does not live on where nobody can reach it.
// The request does not wait for that.
func (k *Keeper) Retire(v *Visit, sess session.Session) {
	first, err := k.Sessions.Retire(v.Request, sess)
	if err != nil {
		v.Log().Error("the end of a session is not written down yet", "error", err.Error())
	}
	if !first {
		return // ended before, and its token with it
	}
	k.abandon(v, sess)
}

// abandon deletes the newest token of a session that is over.
func (k *Keeper) abandon(v *Visit, sess session.Session) {
	retired := *v
	ctx := context.WithoutCancel(v.Context())
	k.retiring.Go(func() {
		retired.Session = k.Newest(ctx, v, sess)
		k.delete(ctx, &retired)
	})
}

// Newest is sess with the newest token that it was given, at whichever replica. Where nobody can tell, it is sess as it is.
func (k *Keeper) Newest(ctx context.Context, v *Visit, sess session.Session) session.Session {
	newest, err := k.Sessions.Newest(ctx, sess)
	if err != nil {
		v.Log().Error("nobody can tell whether the token of a session that is over was renewed", "error", err.Error())
	}
	return newest
}

// delete deletes the token of a retired session, on the record.
func (k *Keeper) delete(ctx context.Context, v *Visit) {
	err := genesys.Safely(func() error {
		act, unrecorded := k.SignOut(ctx, v)
		return errors.Join(unrecorded, act.Result.Err)
	})
	if err != nil && !errors.Is(err, genesys.ErrUnauthorized) {
		v.Log().Warn("the token of a session that is over could not be deleted", "token", v.Session.AccessToken.Fingerprint(), "error", err.Error())
	}
}

// SignOut deletes the token of v at the platform, on the record. It is the one act that goes on even if it cannot be
// recorded, as unrecorded says then.
func (k *Keeper) SignOut(ctx context.Context, v *Visit) (act audit.Settled, unrecorded error) {
	remove := func(ctx context.Context) audit.Result { return k.remove(ctx, &v.Session) }
	e := Entry(v, audit.SignOut)
	e.Token = v.Session.AccessToken.Fingerprint()
	act, unrecorded = k.Log.Undertake(ctx, e, remove)
	if unrecorded != nil {
		v.Log().Error("a sign-out is not on the record", "error", unrecorded.Error())
		act.Result = remove(context.WithoutCancel(ctx))
	}
	return act, unrecorded
}

// remove deletes the token of sess, or what is left of it.
func (k *Keeper) remove(ctx context.Context, sess *session.Session) audit.Result {
	ctx, cancel := context.WithTimeout(ctx, removeTimeout)
	defer cancel()
	receipt, err := k.Platform.Client(sess.Region).DeleteTokensMe(ctx, sess.AccessToken)
	if errors.Is(err, genesys.ErrUnauthorized) && !sess.RefreshToken.IsZero() {
		if result, spent := k.endRefresh(ctx, sess); !spent {
			return result
		}
	}
	return audit.ResultOfDeletion(receipt, err)
}

// endRefresh ends the refresh token of sess, whose token is over: it would live on in a copy of the cookie. It is traded,
// and the token that it gave is deleted, which ends both; the session has that token then. Spent says that the platform
// takes it no more.
func (k *Keeper) endRefresh(ctx context.Context, sess *session.Session) (result audit.Result, spent bool) {
	grant, err := k.Refresh.Refresh(ctx, sess.Region, sess.RefreshToken)
	switch {
	case errors.Is(err, login.ErrSpent):
		return result, true
	case grant.AccessToken.IsZero():
		return audit.ResultOf(genesys.Receipt{}, fmt.Errorf("the token is over, and its refresh token could not be ended: %w", err)), false
	}
	*sess = sess.Renewed(grant)
	return audit.ResultOfDeletion(k.Platform.Client(sess.Region).DeleteTokensMe(ctx, sess.AccessToken)), false
}

// Wait returns once every token that is being deleted is dealt with.
func (k *Keeper) Wait() { k.retiring.Wait() }
