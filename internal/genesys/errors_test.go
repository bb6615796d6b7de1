package genesys

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// errorBody is the vendor's ErrorBody with a message and its parameters.
func errorBody(code, message string, params map[string]string) string {
	body, err := json.Marshal(map[string]any{
		"message": message, "code": code, "status": 403, "messageWithParams": message, "messageParams": params,
		"contextId": "context-of-the-body", "details": []any{}, "errors": []any{},
	})
	if err != nil {
		panic(err)
	}
	return string(body)
}

func TestAnswersMatchTheirSentinel(t *testing.T) {
	t.Parallel()
	sentinels := []error{ErrUnauthorized, ErrForbidden, ErrNotFound, ErrRateLimited, ErrServer, ErrNoAnswer}
	for status, want := range map[int]error{
		400: nil, 401: ErrUnauthorized, 403: ErrForbidden, 404: ErrNotFound, 405: nil, 408: nil, 409: nil, 413: nil, 415: nil,
		429: ErrRateLimited, 500: ErrServer, 501: ErrServer, 502: ErrServer, 503: ErrServer, 504: ErrServer, 599: ErrServer,
	} {
		client := answering(t, status, "application/json", errorBody("some.code", "Some message.", nil))
		for operation, call := range operations(t) {
			err := call(t.Context(), client)
			answered, ok := errors.AsType[*Error](err)
			if !ok || answered.Status != status || answered.CorrelationID != correlation || CorrelationID(err) != correlation {
				t.Fatalf("%s answered %d: %#v", operation, status, err)
			}
			if !strings.HasPrefix(operation, "HEAD ") && (answered.Code != "some.code" || answered.Message != "Some message.") {
				t.Errorf("%s answered %d: code %q, message %q", operation, status, answered.Code, answered.Message)
			}
			for _, sentinel := range sentinels {
				if errors.Is(err, sentinel) != (sentinel == want) {
					t.Errorf("%s answered %d: matches %q: %t", operation, status, sentinel, errors.Is(err, sentinel))
				}
			}
		}
	}
}

// TestErrorBodies reads what does not look like the vendor's ErrorBody.
func TestErrorBodies(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body string
		want Error
	}{
		"nothing":                 {"", Error{}},
		"HTML":                    {"<html>Bad gateway</html>", Error{}},
		"JSON of another kind":    {`{"error":"x"}`, Error{}},
		"array":                   {"[]", Error{}},
		"odd parameters":          {`{"code":"c","messageParams":{"n":7,"p":null},"message":"m"}`, Error{Code: "c", Message: "m"}},
		"odd details":             {`{"code":"c","message":"m","details":"x","errors":7,"status":"500"}`, Error{Code: "c", Message: "m"}},
		"longer than we read":     {`{"code":"c","message":"` + strings.Repeat("x", 70<<10) + `"}`, Error{}},
		"message is no text":      {`{"code":"c","message":{"text":"m"}}`, Error{Code: "c"}},
		"in another content type": {`{"code":"c","message":"m"}`, Error{Code: "c", Message: "m"}},
	} {
		_, err := answering(t, 503, "text/html", c.body).GetTokensMe(t.Context(), bearer, ResetIdle)
		got, ok := errors.AsType[*Error](err)
		if !ok || got.Code != c.want.Code || got.Message != c.want.Message || got.Status != 503 {
			t.Errorf("%s: %#v", name, err)
		}
	}
}

func TestCorrelationIDFromBody(t *testing.T) {
	t.Parallel()
	client := clientOf(t, func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, errorBody("not.found", "", nil), http.StatusNotFound)
	})
	if _, err := client.GetTokensTimeout(t.Context(), bearer); CorrelationID(err) != "context-of-the-body" {
		t.Errorf("correlation id %q of %v", CorrelationID(err), err)
	}
	if got := CorrelationID(errors.New("another")); got != "" {
		t.Errorf("correlation id %q of another error", got)
	}
}

// TestMissing tells a role to mend from an OAuth client to mend, by the code, and
// finds the name wherever it stands.
func TestMissing(t *testing.T) {
	t.Parallel()
	const missing = "May not: "
	const anyOf = "Any of these would do: "
	for name, c := range map[string]struct {
		status            int
		code, message     string
		params            map[string]string
		permission, scope string
		isScope           bool
	}{
		"permission":               {403, "missing.permissions", missing + "oauth:token:delete", nil, "oauth:token:delete", "", false},
		"any of one":               {403, "missing.any.permissions", anyOf + "[directory:user:view]", nil, "directory:user:view", "", false},
		"any of several":           {403, "missing.any.permissions", anyOf + "[directory:user:view, directory:user:edit]", nil, "directory:user:view", "", false},
		"in a division":            {403, "missing.division.permission", "In this division 'directory:user:view' is missing.", nil, "directory:user:view", "", false},
		"only in the parameters":   {403, "missing.permissions", "Not allowed.", map[string]string{"permissions": "[presence:presenceDefinition:view]"}, "presence:presenceDefinition:view", "", false},
		"one of the parameters":    {403, "missing.permissions", "Not allowed.", map[string]string{"a": "Ada", "b": "x:y:z", "c": "p:q:r"}, "x:y:z", "", false},
		"not said":                 {403, "not.authorized", "May not.", nil, "", "", false},
		"a policy":                 {403, "authz.policy.denied", "Policy [5a8f3c1e] says no.", nil, "", "", false},
		"scope":                    {403, "app.not.authorized.for.scope", "The client lacks scope users:readonly", nil, "", "users:readonly", true},
		"scope without a colon":    {403, "app.not.authorized.for.scope", "The client lacks scope user-basic-info", nil, "", "user-basic-info", true},
		"scope in brackets":        {403, "app.not.authorized.for.scope", "The client lacks scope [users:readonly, users]", nil, "", "users:readonly", true},
		"scope in the parameters":  {403, "app.not.authorized.for.scope", "Not allowed.", map[string]string{"client": "Token Console", "scope": "organization:readonly"}, "", "organization:readonly", true},
		"scope not said":           {403, "app.not.authorized.for.scope", "The client lacks scope", nil, "", "", true},
		"hostile scope":            {403, "app.not.authorized.for.scope", `The client lacks scope <script>alert(1)</script>`, nil, "", "", true},
		"endless scope":            {403, "app.not.authorized.for.scope", "The client lacks scope " + strings.Repeat("x", 101), nil, "", "", true},
		"endless permission":       {403, "missing.permissions", missing + "a:b:" + strings.Repeat("x", 97), map[string]string{"a": "x:y:z"}, "x:y:z", "", false},
		"another status":           {401, "app.not.authorized.for.scope", "The client lacks scope users", nil, "", "", false},
		"permission, other status": {404, "not.found", missing + "oauth:token:delete", nil, "", "", false},
	} {
		client := answering(t, c.status, "application/json", errorBody(c.code, c.message, c.params))
		_, err := client.DeleteToken(t.Context(), bearer, userID(t, someone))
		e, ok := errors.AsType[*Error](err)
		if !ok {
			t.Fatalf("%s: %v", name, err)
		}
		scope, isScope := e.MissingScope()
		if permission := e.MissingPermission(); permission != c.permission || scope != c.scope || isScope != c.isScope {
			t.Errorf("%s: permission %q, scope %q %t; want %q, %q %t", name, permission, scope, isScope, c.permission, c.scope, c.isScope)
		}
	}
}

// A status that has no problem of its own is the platform's failure from 500 on, and its refusal below.
func TestProblemOfAStatus(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]Problem{
		400: PlatformRefused, 401: TokenInvalid, 403: PermissionMissing, 404: NotFound, 408: PlatformSlow, 429: RateLimited,
		499: PlatformRefused, 500: PlatformFailed, 504: PlatformSlow, 599: PlatformFailed,
	} {
		if got := ProblemOf(&Error{Status: status}); got != want {
			t.Errorf("%d: %q, want %q", status, got, want)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"3": 3 * time.Second, "0": 0, "-5": 0, "3599": 3599 * time.Second,
		"3601": time.Hour, "10000000000": time.Hour, "9223372036854775807": time.Hour, "99999999999999999999999": 0,
		"": 0, "soon": 0, "3.5": 0, "3s": 0, "0x10": 0, "\x00": 0,
		"Mon, 04 May 2026 09:00:30 GMT":           30 * time.Second,
		"Monday, 04-May-26 09:00:30 GMT":          30 * time.Second,
		"Mon, 04 May 2026 08:59:00 GMT":           0,
		"Fri, 31 Dec 9999 23:59:59 GMT":           time.Hour,
		now.Add(time.Minute).Format(time.RFC3339): 0,
	} {
		if got := parseRetryAfter(header, now); got != want {
			t.Errorf("Retry-After: %s means %v, want %v", header, got, want)
		}
	}
}

func TestRetryAfterIsOfA429Only(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]time.Duration{429: 7 * time.Second, 503: 0} {
		_, err := answering(t, status, "application/json", "{}", "Retry-After", "7").HeadTokensMe(t.Context(), bearer)
		if e, ok := errors.AsType[*Error](err); !ok || e.RetryAfter != want {
			t.Errorf("status %d: %#v, want %v", status, err, want)
		}
	}
}

func TestOutcomeUnknown(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"done":              {nil, false},
		"refused":           {&Error{Status: 403}, false},
		"dead token":        {&Error{Status: 401}, false},
		"limited":           {&Error{Status: 429}, false},
		"platform failed":   {&Error{Status: 500}, true},
		"gateway timed out": {&Error{Status: 504}, true},
		"never left":        {&NoAnswerError{Err: errors.New("refused")}, false},
		"broke off":         {&NoAnswerError{Sent: true, Err: errors.New("reset")}, true},
		"wrapped":           {fmt.Errorf("revoking: %w", &NoAnswerError{Sent: true, Err: context.DeadlineExceeded}), true},
		"another error":     {errors.New("the record cannot be written"), false},
	} {
		if got := OutcomeUnknown(c.err); got != c.want {
			t.Errorf("%s: %t, want %t", name, got, c.want)
		}
	}
}

func TestTimeoutBounds(t *testing.T) {
	t.Parallel()
	type outcome struct{ Bounds, HIPAA bool }
	for code, want := range map[string]outcome{
		"token.timeout.exceeded":                {true, false},
		"max.idle.token.timeout.exceeded":       {true, false},
		"token.timeout.exceeded.hipaa":          {true, true},
		"max.idle.hipaa.token.timeout.exceeded": {true, true},
		"bad.request":                           {false, false},
	} {
		client := answering(t, 400, "application/json", errorBody(code, "Too long.", nil))
		_, err := client.PutTokensTimeout(t.Context(), bearer, IdleTokenTimeout{Seconds: 1})
		if d := cmp.Diff(want, outcome{errors.Is(err, ErrTimeoutBounds), HIPAA(err)}); d != "" {
			t.Errorf("%s, -want +got:\n%s", code, d)
		}
		if CorrelationID(err) != correlation {
			t.Errorf("%s: the error lost its correlation id: %v", code, err)
		}
	}
}
