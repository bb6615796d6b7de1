package emulator

import (
	"net/http"
	"strings"
	"testing"
)

// witness passes requests on and checks every reply of the platform.
type witness struct {
	*world
	next http.RoundTripper
}

// RoundTrip implements [http.RoundTripper].
func (w witness) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := w.next.RoundTrip(r)
	p := r.URL.Path
	if err != nil || !strings.HasPrefix(p, "/api/") && !strings.HasPrefix(p, "/oauth/") && p != "/logout" {
		return res, err
	}
	body, err := readAndRestore(res)
	if err != nil {
		return res, err
	}
	if w.undescribed || w.arranged(body) {
		return res, nil
	}
	if err := described().check(r.Method, r.URL.EscapedPath(), res.StatusCode, res.Header, body); err != nil {
		w.Errorf("%s %s answers %d, not as described: %v\n%s", r.Method, r.URL, res.StatusCode, err, body)
	}
	return res, nil
}

// TestDescriptionIsHeld holds that a reply that differs from the description is
// found, so that the check in every other test means something.
func TestDescriptionIsHeld(t *testing.T) {
	t.Parallel()
	const id = "5a8f3c1e-1111-4222-8333-944455556666"
	refusal := func(members string) string { return `{"contextId":"` + id + `",` + members + `}` }
	for name, test := range map[string]struct {
		method, path string
		status       int
		body         string
		want         bool
	}{
		"as described":             {"GET", "/api/v2/tokens/timeout", 200, `{"enableIdleTokenTimeout":true}`, true},
		"a member more":            {"GET", "/api/v2/tokens/timeout", 200, `{"enableIdleTokenTimeout":true,"more":1}`, false},
		"a member more within":     {"GET", "/api/v2/users/x", 200, `{"version":1,"presence":{"more":1}}`, false},
		"a member missing":         {"GET", "/api/v2/users/x", 200, `{"id":"x"}`, false},
		"a member missing within":  {"GET", "/api/v2/users/x", 200, `{"version":1,"manager":{"id":"x"}}`, false},
		"another type":             {"GET", "/api/v2/tokens/timeout", 200, `{"enableIdleTokenTimeout":"true"}`, false},
		"another value":            {"GET", "/api/v2/users/x", 200, `{"version":1,"state":"gone"}`, false},
		"no date":                  {"GET", "/api/v2/users/x", 200, `{"version":1,"dateLastLogin":"yesterday"}`, false},
		"no JSON":                  {"GET", "/api/v2/users/x", 200, `<p>`, false},
		"another operation":        {"GET", "/api/v2/nowhere", 200, `{}`, false},
		"another status":           {"GET", "/api/v2/tokens/me", 202, `{}`, false},
		"a body where none is":     {"DELETE", "/api/v2/tokens/x", 204, `{}`, false},
		"no body":                  {"DELETE", "/api/v2/tokens/x", 204, ``, true},
		"a general code":           {"GET", "/api/v2/users/x", 404, refusal(`"status":404,"code":"not.found"`), true},
		"a code of the operation":  {"GET", "/api/v2/users", 400, refusal(`"status":400,"code":"max.user.ids"`), true},
		"a code of another":        {"GET", "/api/v2/groups", 400, refusal(`"status":400,"code":"max.user.ids"`), false},
		"a code of another status": {"GET", "/api/v2/users/x", 403, refusal(`"status":403,"code":"not.found"`), false},
		"no code":                  {"GET", "/api/v2/users/x", 404, refusal(`"status":404`), false},
		"a status of another":      {"GET", "/api/v2/users/x", 404, refusal(`"status":403,"code":"not.found"`), false},
		"another contextId":        {"GET", "/api/v2/users/x", 404, `{"contextId":"x","status":404,"code":"not.found"}`, false},
		"an error with more":       {"GET", "/api/v2/users/x", 404, refusal(`"status":404,"code":"not.found","more":1`), false},
		"tokens":                   {"POST", "/oauth/token", 200, `{"access_token":"a","token_type":"bearer","expires_in":60}`, true},
		"tokens with more":         {"POST", "/oauth/token", 200, `{"access_token":"a","token_type":"bearer","expires_in":60,"id_token":"x"}`, false},
		"no description twice":     {"POST", "/oauth/token", 400, `{"error":"invalid_grant","error_description":"x"}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			header := http.Header{correlationHeader: {id}, "Content-Type": {"application/json"}}
			err := described().check(test.method, test.path, test.status, header, []byte(test.body))
			if found := err == nil; found != test.want {
				t.Errorf("as described: %t (%v)", found, err)
			}
		})
	}
	if err := described().check("GET", "/logout", 200, http.Header{}, nil); err == nil {
		t.Error("a reply without correlation id is accepted")
	}
}
