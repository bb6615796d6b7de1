package genesys

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// Errors to test for with errors.Is. An *Error, which the platform answered,
// matches by its status. A *NoAnswerError matches ErrNoAnswer.
var (
	ErrUnauthorized = errors.New("the token is not valid") // 401
	ErrForbidden    = errors.New("not allowed")            // 403
	ErrNotFound     = errors.New("no such thing")          // 404
	ErrConflict     = errors.New("changed since")          // 409
	ErrRateLimited  = errors.New("too many requests")      // 429
	ErrServer       = errors.New("the platform failed")    // 5xx
	ErrNoAnswer     = errors.New("no usable answer")       // transport, time-out, garbage

	// ErrAnotherUser says that the reply is about nobody, or about somebody that the
	// call did not ask about. Such an error matches ErrNoAnswer too.
	ErrAnotherUser = errors.New("the answer is about another person")
)

// Error is an answer of 400 and above (the vendor's ErrorBody). Message is the
// vendor's text: it is for logs, never for a page.
type Error struct {
	Operation     string // the vendor's operation name, such as "DeleteToken"
	Status        int    // HTTP status
	Code          string // machine-readable, such as "missing.any.permissions"
	Message       string
	CorrelationID string        // ININ-Correlation-Id, for the vendor's support
	RetryAfter    time.Duration // of a 429; 0 when the platform named none
	params        map[string]string
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s: Genesys Cloud answered %d %s (correlation id %s)",
		e.Operation, e.Status, e.Code, e.CorrelationID)
}

// Is matches the sentinel of the status.
func (e *Error) Is(target error) bool {
	switch e.Status {
	case http.StatusUnauthorized:
		return target == ErrUnauthorized
	case http.StatusForbidden:
		return target == ErrForbidden
	case http.StatusNotFound:
		return target == ErrNotFound
	case http.StatusConflict:
		return target == ErrConflict
	case http.StatusTooManyRequests:
		return target == ErrRateLimited
	}
	return e.Status >= 500 && target == ErrServer
}

// scopeCode is the code of a 403 for which the OAuth client, not the person's role,
// is the cause.
const scopeCode = "app.not.authorized.for.scope"

// MissingScope returns the OAuth scope that the client lacks, or "" when the
// platform named none. It reports false when the refusal was about something else.
func (e *Error) MissingScope() (scope string, ok bool) {
	if e.Status != http.StatusForbidden || e.Code != scopeCode {
		return "", false
	}
	return e.named(scopeInText, scopeAlone), true
}

// MissingPermission returns the permission that the person lacks, or "" when the
// refusal named none: it may be about an address or a policy.
func (e *Error) MissingPermission() string {
	if e.Status != http.StatusForbidden || e.Code == scopeCode {
		return ""
	}
	return e.named(permissionName, permissionName)
}

var (
	permissionName = regexp.MustCompile(`[A-Za-z][A-Za-z0-9_]*(?::[A-Za-z][A-Za-z0-9_]*){2}`)
	scopeInText    = regexp.MustCompile(`\bscope ['\[]?([a-z][a-z-]*(?::[a-z]+)?)`)
	scopeAlone     = regexp.MustCompile(`^['\[]?([a-z][a-z-]*(?::[a-z]+)?)['\]]?$`)
)

// longestName is how long the name of a permission or scope can be.
const longestName = 100

// named returns the name of a permission or scope in the message or in its
// parameters, or "" if nothing there looks like one.
func (e *Error) named(inText, alone *regexp.Regexp) string {
	if found := inText.FindStringSubmatch(e.Message); found != nil && len(found[len(found)-1]) <= longestName {
		return found[len(found)-1]
	}
	for _, name := range slices.Sorted(maps.Keys(e.params)) {
		if found := alone.FindStringSubmatch(e.params[name]); found != nil && len(found[len(found)-1]) <= longestName {
			return found[len(found)-1]
		}
	}
	return ""
}

// NoAnswerError says that a request got no usable answer: the platform could not be
// reached, took too long, broke off, or sent something that is not a reply of its
// API.
type NoAnswerError struct {
	Operation     string
	Sent          bool   // the request may have arrived: its outcome is unknown
	CorrelationID string // "" if no headers arrived
	Err           error  // in our words: see Outside
}

func (e *NoAnswerError) Error() string {
	return fmt.Sprintf("%s: no usable answer from Genesys Cloud: %v", e.Operation, e.Err)
}

// Is matches ErrNoAnswer.
func (e *NoAnswerError) Is(target error) bool { return target == ErrNoAnswer }

// Unwrap returns the cause, such as context.DeadlineExceeded.
func (e *NoAnswerError) Unwrap() error { return e.Err }

// Timeout reports whether the platform took too long.
func (e *NoAnswerError) Timeout() bool {
	var t net.Error
	return errors.Is(e.Err, context.DeadlineExceeded) || errors.As(e.Err, &t) && t.Timeout()
}

// OutcomeUnknown reports whether a request may have taken effect although it
// returned err: it was sent and broke off, or the platform failed while working on
// it.
func OutcomeUnknown(err error) bool {
	if none, ok := errors.AsType[*NoAnswerError](err); ok {
		return none.Sent
	}
	return errors.Is(err, ErrServer)
}

// CorrelationID returns the platform's correlation id in err, or "".
func CorrelationID(err error) string {
	if answered, ok := errors.AsType[*Error](err); ok {
		return answered.CorrelationID
	}
	if none, ok := errors.AsType[*NoAnswerError](err); ok {
		return none.CorrelationID
	}
	return ""
}

// maxRetryAfter is the longest wait that a Retry-After header can ask for.
const maxRetryAfter = time.Hour

// parseRetryAfter reads a Retry-After header: seconds or a date (RFC 9110, section
// 10.2.3). It returns 0 for anything else, and an hour for more than an hour.
func parseRetryAfter(header string, now time.Time) time.Duration {
	var wait time.Duration
	if seconds, err := strconv.ParseInt(header, 10, 64); err == nil {
		wait = time.Duration(min(seconds, int64(maxRetryAfter/time.Second))) * time.Second
	} else if date, err := http.ParseTime(header); err == nil {
		wait = date.Sub(now)
	}
	return min(max(wait, 0), maxRetryAfter)
}
