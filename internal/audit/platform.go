package audit

import (
	"errors"
	"net/http"

	"tokenconsole/internal/genesys"
)

// ResultOf says what came of a call of the platform that returned receipt and
// err. Whether a request took effect that got no usable answer is Unknown.
func ResultOf(receipt genesys.Receipt, err error) Result {
	r := Result{
		Status: receipt.Status, CorrelationID: receipt.CorrelationID, At: receipt.At,
		Problem: string(genesys.ProblemOf(err)), Err: err,
	}
	if err != nil {
		r.CorrelationID = genesys.CorrelationID(err)
	}
	if answered, ok := errors.AsType[*genesys.Error](err); ok {
		r.Status, r.Permission = answered.Status, answered.MissingPermission()
	}
	switch {
	case err == nil:
		r.Outcome = Done
	case genesys.OutcomeUnknown(err):
		r.Outcome = Unknown
	case r.Status >= http.StatusBadRequest:
		r.Outcome = Refused
	default:
		r.Outcome = Failed
	}
	return r
}

// ResultOfDeletion is ResultOf for the deletion of the very token that was the
// bearer: if the platform no longer knows it, there is nothing left to do.
func ResultOfDeletion(receipt genesys.Receipt, err error) Result {
	r := ResultOf(receipt, err)
	if errors.Is(err, genesys.ErrUnauthorized) {
		r.Outcome, r.Dead, r.Problem = Done, true, ""
	}
	return r
}
