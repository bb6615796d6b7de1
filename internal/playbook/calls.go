package playbook

import (
	"context"

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
// did not work.
func deactivate(ctx context.Context, cl *genesys.Client, token genesys.Secret, who revocation.Subject) audit.Result {
	version := who.Version
	if who.Unknown != nil {
		u, err := cl.GetUser(ctx, token, who.ID)
		if err != nil {
			return unread(err)
		}
		version = u.Version
	}
	return audit.ResultOf(cl.PatchUser(ctx, token, who.ID, version))
}

// removeFactors removes every second factor. It stops at the first that stays: the
// others would, too.
func removeFactors(ctx context.Context, cl *genesys.Client, token genesys.Secret, who revocation.Subject) audit.Result {
	factors, receipt, err := cl.GetUserVerifiers(ctx, token, who.ID)
	if err != nil {
		return unread(err)
	}
	r := audit.ResultOf(receipt, nil)
	for i, factor := range factors {
		r = audit.ResultOf(cl.DeleteUserVerifier(ctx, token, who.ID, factor.ID))
		if r.Outcome != audit.Done {
			r.Count = int64(i)
			if i > 0 && r.Outcome == audit.Refused {
				r.Outcome = audit.Failed // some are gone
			}
			return r
		}
		r.Count = int64(i + 1)
	}
	return r
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
