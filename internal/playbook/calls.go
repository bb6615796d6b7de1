package playbook

import (
	"context"
	"errors"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/revocation"
)

// caller takes a step by calling the platform.
type caller func(context.Context, *genesys.Client, genesys.Secret, revocation.Subject) audit.Result

// call returns how a step is taken that is not the tokens.
func call(s Step) caller {
	return map[Step]caller{
		Deactivate: deactivate, Factors: removeFactors, OffQueue: takeOffQueue, Offline: setOffline, Station: freeStation,
	}[s]
}

// deactivate deactivates somebody as they were looked up, or looks them up if that
// did not work. Nothing is asked for if they are not active. If somebody changed them
// meanwhile they are looked at again, and asked about once more.
func deactivate(ctx context.Context, cl *genesys.Client, token genesys.Secret, who revocation.Subject) audit.Result {
	u := who.User
	if who.Unknown != nil {
		seen, err := cl.GetUser(ctx, token, who.ID)
		if err != nil {
			return unread(err)
		}
		u = seen
	}
	r, needless := already(u)
	if needless {
		return r
	}
	r = audit.ResultOf(cl.PatchUser(ctx, token, u.ID, u.Version))
	if !errors.Is(r.Err, genesys.ErrConflict) {
		return r
	}
	u, err := cl.GetUser(ctx, token, who.ID)
	if err != nil {
		return r
	}
	if is, needless := already(u); needless {
		return is
	}
	return audit.ResultOf(cl.PatchUser(ctx, token, u.ID, u.Version))
}

// already is the result for somebody who cannot sign in as it is: nothing was asked
// for, and nothing was to be done.
func already(u genesys.User) (audit.Result, bool) {
	r := audit.Result{Outcome: audit.Done}
	switch u.State {
	case genesys.UserInactive:
		r.Problem = AlreadyInactive
	case genesys.UserDeleted:
		r.Problem = AlreadyDeleted
	}
	return r, r.Problem != ""
}

func takeOffQueue(ctx context.Context, cl *genesys.Client, token genesys.Secret, who revocation.Subject) audit.Result {
	return audit.ResultOf(cl.PutUserRoutingstatus(ctx, token, who.ID))
}

func freeStation(ctx context.Context, cl *genesys.Client, token genesys.Secret, who revocation.Subject) audit.Result {
	return audit.ResultOf(cl.DeleteUserStationAssociatedstation(ctx, token, who.ID))
}

// setOffline sets the presence that means Offline: the platform's own, as an
// organization may have more of them.
func setOffline(ctx context.Context, cl *genesys.Client, token genesys.Secret, who revocation.Subject) audit.Result {
	definitions, err := cl.GetPresenceDefinitions(ctx, token)
	if err != nil {
		return unread(err)
	}
	var id string
	for _, d := range definitions {
		if d.SystemPresence == "Offline" && !d.Deactivated && (id == "" || d.Type == "System") {
			id = d.ID
		}
	}
	if id == "" {
		return audit.Result{Outcome: audit.Failed, Problem: NoPresence}
	}
	return audit.ResultOf(cl.PatchUserPresencesPurecloud(ctx, token, who.ID, id))
}

// unread is the result of a step that had to read something first and could not: it
// is known that nothing changed.
func unread(err error) audit.Result {
	r := audit.ResultOf(genesys.Receipt{}, err)
	if r.Outcome == audit.Unknown {
		r.Outcome = audit.Failed
	}
	return r
}
