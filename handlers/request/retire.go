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
		v.Log.Error("the end of a session is not written down yet", "error", err.Error())
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
		v.Log.Error("nobody can tell whether the token of a session that is over was renewed", "error", err.Error())
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
		v.Log.Warn("the token of a session that is over could not be deleted", "token", v.Session.AccessToken.Fingerprint(), "error", err.Error())
	}
}

// SignOut deletes the token of v at the platform, on the record. It is the one act that goes on even if it cannot be
// recorded, as unrecorded says then.
func (k *Keeper) SignOut(ctx context.Context, v *Visit) (act audit.Settled, unrecorded error) {
	remove := func(ctx context.Context) audit.Result { return k.remove(ctx, v.Session) }
	e := Entry(v, audit.SignOut)
	e.Token = v.Session.AccessToken.Fingerprint()
	act, unrecorded = k.Log.Undertake(ctx, e, remove)
	if unrecorded != nil {
		v.Log.Error("a sign-out is not on the record", "error", unrecorded.Error())
		act.Result = remove(context.WithoutCancel(ctx))
	}
	return act, unrecorded
}

// remove deletes the token of sess. A token that is over may have left a refresh token that is not, and would live on in
// a copy of the cookie: that is traded, and the token that it gave is deleted, which ends both.
func (k *Keeper) remove(ctx context.Context, sess session.Session) audit.Result {
	ctx, cancel := context.WithTimeout(ctx, removeTimeout)
	defer cancel()
	client := k.Platform.Client(sess.Region)
	receipt, err := client.DeleteTokensMe(ctx, sess.AccessToken)
	if !errors.Is(err, genesys.ErrUnauthorized) || sess.RefreshToken.IsZero() {
		return audit.ResultOfDeletion(receipt, err)
	}
	grant, unrenewed := k.Refresh.Refresh(ctx, sess.Region, sess.RefreshToken)
	switch {
	case errors.Is(unrenewed, login.ErrRefused):
		return audit.ResultOfDeletion(receipt, err)
	case grant.AccessToken.IsZero():
		return audit.ResultOf(genesys.Receipt{}, fmt.Errorf("the token is over, and its refresh token could not be ended: %w", unrenewed))
	}
	return audit.ResultOfDeletion(client.DeleteTokensMe(ctx, grant.AccessToken))
}

// Wait returns once every token that is being deleted is dealt with.
func (k *Keeper) Wait() { k.retiring.Wait() }
