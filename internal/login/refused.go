package login

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"golang.org/x/oauth2"

	"tokenconsole/internal/genesys"
)

// RefusedError is a refusal by the token endpoint (RFC 6749, section 5.2).
type RefusedError struct {
	Doing         string
	Code          string // such as "invalid_grant"; "" if the answer has none
	Status        int
	CorrelationID string
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("%s: refused with %d %s (correlation id %s)", e.Doing, e.Status, e.Code, e.CorrelationID)
}

// Is matches ErrRefused if the platform decided, and ErrUnavailable if it could not,
// or not now. It matches ErrSpent if the platform decided about what was given to it,
// and not about the client or the request.
func (e *RefusedError) Is(target error) bool {
	if target == ErrSpent {
		return e.Status == http.StatusBadRequest && e.Code == "invalid_grant"
	}
	later := e.Status == http.StatusRequestTimeout || e.Status == http.StatusTooManyRequests
	if e.Status >= 400 && e.Status < 500 && !later {
		return target == ErrRefused
	}
	return target == ErrUnavailable
}

// classify returns an error without secrets for one of x/oauth2, whose text may hold
// the reply, and so the secrets that were sent.
func classify(doing string, err error, sent ...genesys.Secret) error {
	if answered, ok := errors.AsType[*oauth2.RetrieveError](err); ok && answered.Response != nil {
		return &RefusedError{
			Doing:         doing,
			Code:          oauthCode(answered.ErrorCode),
			Status:        answered.Response.StatusCode,
			CorrelationID: genesys.CorrelationHeader(answered.Response.Header, sent...),
		}
	}
	if u, ok := errors.AsType[*url.Error](err); ok {
		return fmt.Errorf("%s: %w: %w", doing, ErrUnavailable, genesys.Outside(u.Err))
	}
	return fmt.Errorf("%s: %w", doing, ErrUnavailable)
}

// oauthCode returns code if it is an error code of RFC 6749, and "" if not, because
// it comes from outside and goes to the log.
func oauthCode(code string) string {
	switch code {
	case "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client",
		"unsupported_grant_type", "invalid_scope", "access_denied", "server_error":
		return code
	}
	return ""
}
