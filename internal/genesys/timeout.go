package genesys

import (
	"context"
	"errors"
	"net/http"
)

// Bounds of the idle token timeout, in seconds.
const (
	MinIdleTimeout      = 300
	MaxIdleTimeout      = 28_800
	MaxIdleTimeoutHIPAA = 900 // for organizations under HIPAA
)

// ErrTimeoutBounds says that the platform refused a timeout as too short or too
// long. Under HIPAA the bounds are narrower.
var ErrTimeoutBounds = errors.New("the idle timeout is out of bounds")

// GetTokensTimeout returns the organization's idle token timeout (GET
// /api/v2/tokens/timeout; no permission, scope organization:readonly).
func (cl *Client) GetTokensTimeout(ctx context.Context, token Secret) (IdleTokenTimeout, error) {
	var t IdleTokenTimeout
	_, err := cl.do(ctx, token, call{
		operation: "GetTokensTimeout", method: http.MethodGet, path: "/api/v2/tokens/timeout", reply: &t,
	})
	return t, err
}

// PutTokensTimeout replaces the organization's idle token timeout (PUT
// /api/v2/tokens/timeout; permission directory:organization:admin, scope
// authorization). The platform may drop what t leaves out, so t should come from
// GetTokensTimeout. ErrTimeoutBounds: the seconds are out of bounds.
func (cl *Client) PutTokensTimeout(ctx context.Context, token Secret, t IdleTokenTimeout) (Receipt, error) {
	var set IdleTokenTimeout
	receipt, err := cl.do(ctx, token, call{
		operation: "PutTokensTimeout", method: http.MethodPut, path: "/api/v2/tokens/timeout", body: t, reply: &set,
	})
	if e, ok := errors.AsType[*Error](err); ok && e.Status == http.StatusBadRequest {
		switch e.Code {
		case "token.timeout.exceeded", "token.timeout.exceeded.hipaa",
			"max.idle.token.timeout.exceeded", "max.idle.hipaa.token.timeout.exceeded":
			return receipt, errors.Join(ErrTimeoutBounds, err)
		}
	}
	return receipt, err
}

// HIPAA reports whether err says that the organization is under HIPAA.
func HIPAA(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && (e.Code == "token.timeout.exceeded.hipaa" || e.Code == "max.idle.hipaa.token.timeout.exceeded")
}
