package emulator

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
)

// apiError is the platform's ErrorBody.
type apiError struct {
	Message           string            `json:"message"`
	Code              string            `json:"code"`
	Status            int               `json:"status"`
	MessageWithParams string            `json:"messageWithParams"`
	MessageParams     map[string]string `json:"messageParams"`
	ContextID         string            `json:"contextId"`
	Details           []struct{}        `json:"details"`
	Errors            []struct{}        `json:"errors"`
	Limit             *limit            `json:"limit,omitempty"`
}

// limit is the platform's Limit: the limit that a request exceeded.
type limit struct {
	Key       string `json:"key"`
	Namespace string `json:"namespace"`
	Value     int    `json:"value"`
}

// fail makes an error. Params are name, value, name, value, …; {name} in the
// message stands for the value of that parameter.
func fail(status int, code, message string, params ...string) *apiError {
	e := &apiError{
		Message: message, Code: code, Status: status, MessageWithParams: message,
		MessageParams: map[string]string{}, Details: []struct{}{}, Errors: []struct{}{},
	}
	for i := 0; i+1 < len(params); i += 2 {
		e.MessageParams[params[i]] = params[i+1]
		e.Message = strings.ReplaceAll(e.Message, "{"+params[i]+"}", params[i+1])
	}
	return e
}

// Error implements error.
func (e *apiError) Error() string { return e.Code }

// writeError answers with err if it is an apiError, and with 500 if not.
func writeError(w http.ResponseWriter, err error) {
	var e *apiError
	if !errors.As(err, &e) {
		e = usualError(http.StatusInternalServerError, 0)
	}
	e.write(w)
}

func (e *apiError) write(w http.ResponseWriter) {
	body := *e
	body.ContextID = w.Header().Get(correlationHeader)
	writeJSON(w, e.Status, body)
}

// malformed refuses a request that cannot be read.
func malformed() *apiError {
	return fail(400, "bad.request", "This is not a request that can be read.")
}

func missingPermission(name string) *apiError {
	return fail(403, "missing.any.permissions", "Any of these permissions would do: {permissions}", "permissions", "["+name+"]")
}

func missingScope(name string) *apiError {
	return fail(403, "app.not.authorized.for.scope", "The client lacks scope {scope}.", "scope", name)
}

func notAllowed(value, parameter, allowed string) *apiError {
	return fail(400, "invalid.query.param.value",
		"{parameter} is {value}, and may be {allowed}.",
		"value", value, "parameter", parameter, "allowed", allowed)
}

func noToken() *apiError {
	return fail(401, "authentication.required", "Send a bearer token.")
}

func badToken() *apiError { return fail(401, "bad.credentials", "The bearer token opens nothing.") }

func notFound() *apiError { return fail(404, "not.found", "There is nothing here.") }

func tooLarge() *apiError {
	return fail(413, "request.entity.too.large", "A body may have {bytes} bytes.",
		"bytes", strconv.Itoa(bodyLimit))
}

func wrongMediaType() *apiError {
	return fail(415, "unsupported.media.type", "A body has to be JSON.")
}

func noSuchUser() *apiError {
	return fail(404, "general.resource.not.found", "Nobody has this id.")
}

func notAUser() *apiError {
	return fail(400, "not.a.user", "Only a person may ask for this, not a client by itself.")
}

func tooManyRequests(seconds string) *apiError {
	return fail(429, "too.many.requests.retry.after",
		"Too many. Retry the request in [{seconds}] seconds", "seconds", seconds)
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	b, err := json.Marshal(body)
	if err != nil {
		panic(err) // every body is a struct of ours
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(b)
}
