package playbook

import (
	"context"
	"errors"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/revocation"
)

// removeFactors removes every second factor. One that stays costs no other: the
// result tells how many were removed, and what came of the rest.
func removeFactors(ctx context.Context, cl *genesys.Client, token genesys.Secret, who revocation.Subject) audit.Result {
	factors, receipt, err := cl.GetUserVerifiers(ctx, token, who.ID)
	if err != nil {
		return unread(err)
	}
	var all []audit.Result
	for _, factor := range factors {
		one := audit.ResultOf(cl.DeleteUserVerifier(ctx, token, who.ID, factor.ID))
		if errors.Is(one.Err, genesys.ErrNotFound) {
			one.Outcome, one.Problem, one.Err = audit.Done, "", nil // somebody else removed it meanwhile
		}
		all = append(all, one)
		if errors.Is(one.Err, genesys.ErrUnauthorized) {
			break // nothing more can be asked for
		}
	}
	return sumFactors(audit.ResultOf(receipt, nil), all, len(factors))
}

// sumFactors is what came of removing total factors, after they were read: done if each
// is gone, unknown if nobody can tell about one, refused if nothing changed. Status,
// problem and correlation id are those of the worst answer.
func sumFactors(read audit.Result, all []audit.Result, total int) audit.Result {
	worst, refused := read, 0
	tally := audit.Tally{Skipped: total - len(all)}
	for _, one := range all {
		switch one.Outcome {
		case audit.Done:
			tally.Done++
		case audit.Unknown:
			tally.Unknown++
		default:
			tally.Failed++
		}
		if one.Outcome == audit.Refused {
			refused++
		}
		if badness(one) >= badness(worst) {
			worst = one
		}
	}
	worst.Count, worst.Tally = int64(tally.Done), tally
	switch {
	case tally.Done == total:
		worst.Outcome, worst.Tally = audit.Done, audit.Tally{} // the count says it all
	case tally.Unknown > 0:
		worst.Outcome = audit.Unknown
	case tally.Done == 0 && refused == len(all):
		worst.Outcome = audit.Refused
	default:
		worst.Outcome = audit.Failed
	}
	return worst
}

// badness orders results by how much they matter to whoever acts.
func badness(r audit.Result) int {
	switch {
	case errors.Is(r.Err, genesys.ErrUnauthorized):
		return 3
	case r.Outcome == audit.Unknown:
		return 2
	case r.Outcome != audit.Done:
		return 1
	}
	return 0
}
