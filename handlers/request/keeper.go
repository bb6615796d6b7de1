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
		v.Log.Error("a renewed token is known to its browser alone", "error", err.Error())
	case err != nil && !grant.AccessToken.IsZero():
		k.abandon(v, sess.Renewed(grant)) // of a reply that is of no use
	}
	switch {
	case errors.Is(err, login.ErrUnkept):
	case errors.Is(err, login.ErrRefused):
		v.Log.Info("the refresh token was refused", "error", err.Error())
		return k.expire(v)
	case errors.Is(err, login.ErrElsewhere) && left > 0:
		v.Passed = true
		return nil
	case err != nil && left > 0:
		v.Log.Warn("refreshing the token failed; it still lives", "error", err.Error())
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
		v.Log.Error("the end of a session is not written down yet", "error", err.Error())
	}
	v.Session = session.Session{}
}

// While is over as soon as the session of v is, or its browser has gone away. It is
// for answers that go on; leave lets go of it. The error is session.ErrManyLives.
func (k *Keeper) While(v *Visit) (while context.Context, leave context.CancelFunc, err error) {
	return k.Sessions.While(v.Context(), v.Session)
}

// Prove returns an error unless the token of v lived a moment ago.
func (k *Keeper) Prove(v *Visit) error { return k.prove(v, proofLife) }

// Knows reports whether the token of v is known to have lived a moment ago, and asks nobody.
func (k *Keeper) Knows(v *Visit) bool {
	v.Proven = k.proofs.holds(v.Session.AccessToken, v.Now(), proofLife)
	return v.Proven
}

// Proved notes what the platform said of a token at now.
func (k *Keeper) Proved(token genesys.Secret, alive bool, now time.Time) {
	k.proofs.add(token, alive, now)
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

// retireTimeout bounds the deletion of a token that no session holds any more.
const retireTimeout = 5 * time.Second

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
	remove := func(ctx context.Context) audit.Result {
		ctx, cancel := context.WithTimeout(ctx, retireTimeout)
		defer cancel()
		return audit.ResultOfDeletion(k.Platform.Client(v.Session.Region).DeleteTokensMe(ctx, v.Session.AccessToken))
	}
	err := genesys.Safely(func() error {
		act, unrecorded := k.SignOut(ctx, v, remove)
		return errors.Join(unrecorded, act.Result.Err)
	})
	if err != nil && !errors.Is(err, genesys.ErrUnauthorized) {
		v.Log.Warn("the token of a session that is over could not be deleted", "token", v.Session.AccessToken.Fingerprint(), "error", err.Error())
	}
}

// SignOut has remove delete the token of v, on the record. It is the one act that goes on even if it cannot be recorded,
// as unrecorded says then.
func (k *Keeper) SignOut(ctx context.Context, v *Visit, remove func(context.Context) audit.Result) (act audit.Settled, unrecorded error) {
	e := Entry(v, audit.SignOut)
	e.Token = v.Session.AccessToken.Fingerprint()
	act, unrecorded = k.Log.Undertake(ctx, e, remove)
	if unrecorded != nil {
		v.Log.Error("a sign-out is not on the record", "error", unrecorded.Error())
		act.Result = remove(context.WithoutCancel(ctx))
	}
	return act, unrecorded
}

// Wait returns once every token that is being deleted is dealt with.
func (k *Keeper) Wait() { k.retiring.Wait() }

const (
	// proofLife is how long a token that lived is taken for living.
	proofLife = 15 * time.Second
	// openProofLife is the same for pages that stay open, which show nothing new.
	openProofLife = time.Minute
)

// proofs remembers which tokens lived a moment ago, and which were found dead: an answer that was on its way before
// makes nobody living again.
type proofs struct {
	mu    sync.Mutex
	last  map[genesys.Secret]proof
	sweep time.Time // when to forget those that are too old for anything
}

// proof is what the platform last said of a token.
type proof struct {
	alive bool
	at    time.Time
}

// prove asks whether the session's token lives, without keeping it alive. A dead
// one opens no page and does nothing, whether the page would have asked or not.
func (k *Keeper) prove(v *Visit, life time.Duration) error {
	token := v.Session.AccessToken
	v.Proven = k.proofs.holds(token, v.Now(), life)
	if v.Proven {
		return nil
	}
	if _, err := k.Platform.Client(v.Session.Region).GetTokensMe(v.Context(), token, genesys.PreserveIdle); err != nil {
		return err
	}
	v.Proven = true
	return nil
}

func (p *proofs) holds(token genesys.Secret, now time.Time, life time.Duration) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := p.last[token]
	return last.alive && now.Sub(last.at) < life
}

func (p *proofs) add(token genesys.Secret, alive bool, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last == nil || now.After(p.sweep) {
		recent := map[genesys.Secret]proof{}
		for t, last := range p.last {
			if now.Sub(last.at) < openProofLife {
				recent[t] = last
			}
		}
		p.last, p.sweep = recent, now.Add(openProofLife)
	}
	if last, ok := p.last[token]; !ok || last.alive || now.Sub(last.at) >= openProofLife {
		p.last[token] = proof{alive, now}
	}
}
