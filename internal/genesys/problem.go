package genesys

import (
	"context"
	"errors"
	"net/http"
)

// Problem names in one word what an error of a call means for the person who
// asked. The words, the status and the log line of a page follow from it, and
// the record keeps it.
type Problem string

// The problems that a call of the platform can have.
const (
	NoProblem         Problem = ""
	TokenInvalid      Problem = "token-invalid"      // 401: revoked, expired or idled out
	PermissionMissing Problem = "permission-missing" // 403: the person's role lacks it
	ScopeMissing      Problem = "scope-missing"      // 403: the OAuth client lacks it
	NotFound          Problem = "not-found"          // 404
	RateLimited       Problem = "rate-limited"       // 429
	PlatformSlow      Problem = "platform-slow"      // no answer in time, 408 or 504
	PlatformFailed    Problem = "platform-failed"    // any other 5xx
	PlatformRefused   Problem = "platform-refused"   // any other 4xx
	PlatformAway      Problem = "platform-away"      // no connection: nothing was sent
	PlatformGarbled   Problem = "platform-garbled"   // the connection broke off, or the reply is not the API's
	UserIDInvalid     Problem = "user-id-invalid"    // not a user id: nothing was asked
	Unexpected        Problem = "unexpected"         // a fault of the console itself
)

// ProblemOf returns the problem that err stands for, NoProblem for nil.
func ProblemOf(err error) Problem {
	if err == nil {
		return NoProblem
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.problem()
	}
	if e, ok := errors.AsType[*NoAnswerError](err); ok {
		switch {
		case e.Timeout():
			return PlatformSlow
		case !e.Sent:
			return PlatformAway
		}
		return PlatformGarbled
	}
	switch {
	case errors.Is(err, ErrUserID):
		return UserIDInvalid
	case errors.Is(err, context.DeadlineExceeded):
		return PlatformSlow
	}
	return Unexpected
}

func (e *Error) problem() Problem {
	switch e.Status {
	case http.StatusUnauthorized:
		return TokenInvalid
	case http.StatusForbidden:
		if _, ok := e.MissingScope(); ok {
			return ScopeMissing
		}
		return PermissionMissing
	case http.StatusNotFound:
		return NotFound
	case http.StatusTooManyRequests:
		return RateLimited
	case http.StatusRequestTimeout, http.StatusGatewayTimeout:
		return PlatformSlow
	}
	if e.Status >= 500 {
		return PlatformFailed
	}
	return PlatformRefused
}
