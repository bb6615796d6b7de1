package emulator

import (
	"encoding/json"
	"io"
	"maps"
	"mime"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"
)

// bodyLimit bounds what a request may carry, in bytes.
const bodyLimit = 256 << 10

// caller is whoever makes a call: a live token and its person. The person is nil
// for client credentials.
type caller struct {
	token  *issued
	person *person
}

// operation is one call of the API: what it takes and how it is answered.
type operation struct {
	scopes     []string // one of them is enough; a refusal names the first
	permission string   // empty for none
	instead    string   // another permission that does as well; empty for none
	preserves  bool     // preserveIdleTTL=true leaves the idle timer alone
	answer     answer
}

// answer answers an operation for whoever called it.
type answer func(w http.ResponseWriter, r *http.Request, c caller) error

// api is the route table of the platform API.
func (e *Emulator) api() http.Handler {
	basic := []string{"user-basic-info"}
	users := []string{"users:readonly", "users"}
	organization := []string{"organization:readonly", "organization"}
	either := []string{"authorization:readonly", "authorization", "organization:readonly", "organization"}
	operations := map[string]map[string]operation{
		"/api/v2/tokens/me": {
			"GET":    {scopes: basic, preserves: true, answer: e.getTokensMe},
			"HEAD":   {scopes: basic, answer: e.headTokensMe},
			"DELETE": {scopes: basic, answer: e.deleteTokensMe},
		},
		"/api/v2/tokens/{userId}": {
			"DELETE": {scopes: basic, permission: "oauth:token:delete", answer: e.deleteToken},
		},
		"/api/v2/tokens/timeout": {
			"GET": {scopes: either, answer: e.getTokensTimeout},
			"PUT": {scopes: []string{"authorization"}, permission: "directory:organization:admin", answer: e.putTokensTimeout},
		},
		"/api/v2/organizations/authentication/settings": {"GET": {
			scopes: organization, permission: "directory:organization:admin", answer: e.getOrganizationsAuthenticationSettings,
		}},
		"/api/v2/users":    {"GET": {scopes: users, answer: e.getUsers}},
		"/api/v2/users/me": {"GET": {scopes: basic, answer: e.getUsersMe}},
		"/api/v2/users/{userId}": {
			"GET":   {scopes: users, answer: e.getUser},
			"PATCH": {scopes: users[1:], permission: "directory:user:edit", instead: "directory:organization:admin", answer: e.patchUser},
		},
		"/api/v2/users/search":     {"POST": {scopes: users, permission: "directory:user:view", answer: e.postUsersSearch}},
		"/api/v2/organizations/me": {"GET": {scopes: organization, answer: e.getOrganizationsMe}},
	}
	maps.Copy(operations, e.memberships())
	maps.Copy(operations, e.leftBehind())
	maps.Copy(operations, e.clientsAndChannels())
	mux := http.NewServeMux()
	for pattern, methods := range operations {
		mux.Handle(pattern, e.serve(methods))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { notFound().write(w) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		allowBrowsers(w, r)
		switch {
		case r.Method == http.MethodOptions:
			w.WriteHeader(http.StatusNoContent)
		case path.Clean(r.URL.EscapedPath()) != r.URL.EscapedPath():
			notFound().write(w) // the mux would redirect, and the platform does not
		default:
			mux.ServeHTTP(w, r)
		}
	})
}

// memberships are the operations that tell who belongs to what, by path and method.
func (e *Emulator) memberships() map[string]map[string]operation {
	groups := []string{"groups:readonly", "groups"}
	routing := []string{"routing:readonly", "routing"}
	authorization := []string{"authorization:readonly", "authorization"}
	get := func(scopes []string, permission string, answers answer) map[string]operation {
		return map[string]operation{"GET": {scopes: scopes, permission: permission, answer: answers}}
	}
	return map[string]map[string]operation{
		"/api/v2/groups":                             get(groups, "", e.getGroups),
		"/api/v2/groups/{groupId}/members":           get(groups, "", e.getGroupMembers),
		"/api/v2/teams":                              get(groups, "groups:team:view", e.getTeams),
		"/api/v2/teams/{teamId}/members":             get(groups, "groups:team:view", e.getTeamMembers),
		"/api/v2/routing/queues":                     get(routing, "routing:queue:view", e.getRoutingQueues),
		"/api/v2/routing/queues/{queueId}/members":   get(routing, "routing:queue:view", e.getRoutingQueueMembers),
		"/api/v2/authorization/roles":                get(authorization, "authorization:role:view", e.getAuthorizationRoles),
		"/api/v2/authorization/roles/{roleId}/users": get(authorization, "authorization:role:view", e.getAuthorizationRoleUsers),
		"/api/v2/authorization/divisions":            get(authorization, "", e.getAuthorizationDivisions),
	}
}

// clientsAndChannels are the operations about OAuth clients and notifications, by
// path and method.
func (e *Emulator) clientsAndChannels() map[string]map[string]operation {
	reads, writes := []string{"oauth:readonly", "oauth"}, []string{"oauth"}
	notifications := []string{"notifications"}
	const view, edit = "oauth:client:view", "oauth:client:edit"
	const one, subscriptions = "/api/v2/oauth/clients/{clientId}", "/api/v2/notifications/channels/{channelId}/subscriptions"
	return map[string]map[string]operation{
		"/api/v2/oauth/clients": {"GET": {scopes: reads, permission: view, answer: e.getOAuthClients}},
		one: {
			"GET": {scopes: reads, permission: view, answer: e.getOAuthClient},
			"PUT": {scopes: writes, permission: edit, answer: e.putOAuthClient},
		},
		one + "/usage/summary": {"GET": {scopes: reads, permission: view, instead: "usage:client:view", answer: e.getOAuthClientUsageSummary}},
		one + "/usage/query/results/{executionId}": {
			"GET": {scopes: reads, permission: view, answer: e.getOAuthClientUsageResults},
		},
		"/api/v2/notifications/availabletopics": {"GET": {scopes: notifications, answer: e.getAvailableTopics}},
		"/api/v2/notifications/channels":        {"POST": {scopes: notifications, answer: e.postChannels}},
		subscriptions: {
			"POST": {scopes: notifications, answer: e.postSubscriptions},
			"PUT":  {scopes: notifications, answer: e.putSubscriptions},
		},
	}
}

// serve answers the operations of one path.
func (e *Emulator) serve(operations map[string]operation) http.Handler {
	methods := slices.Sorted(func(yield func(string) bool) {
		for method := range operations {
			if !yield(method) {
				return
			}
		}
	})
	allow := strings.Join(methods, ", ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		op, ok := operations[r.Method]
		if !ok {
			w.Header().Set("Allow", allow)
			fail(405, "method.not.allowed", "Nothing answers this method here.").write(w)
			return
		}
		c, err := e.admit(w, r, op)
		if err == nil {
			err = op.answer(w, r, c)
		}
		if err != nil {
			writeError(w, err)
		}
	})
}

// admit checks the token, the rate limit, the scope and the permission, in the
// order in which the platform does.
func (e *Emulator) admit(w http.ResponseWriter, r *http.Request, op operation) (caller, error) {
	value := bearer(r)
	if value == "" {
		return caller{}, noToken()
	}
	token := e.tokens.live(value, e.idleOf)
	if token == nil {
		return caller{}, badToken()
	}
	c := caller{token: token, person: e.person(token.user)}
	if err := e.limit(w, token); err != nil {
		return c, err
	}
	e.usage.count(token.client)
	if !op.preserves || r.URL.Query().Get("preserveIdleTTL") != "true" {
		token.used.Store(e.now().UnixNano())
	}
	if !slices.ContainsFunc(op.scopes, func(s string) bool { return slices.Contains(token.scopes, s) }) {
		return c, missingScope(op.scopes[0])
	}
	if op.permission != "" && c.person != nil && !c.person.holds(op.permission) && !c.person.holds(op.instead) {
		return c, missingPermission(op.permission)
	}
	return c, nil
}

// bearer returns the access token of a request, or "" when there is none.
func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// allowBrowsers lets scripts of any origin make calls, as the platform does.
func allowBrowsers(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Origin") == "" {
		return
	}
	h := w.Header()
	h["Access-Control-Allow-Origin"] = anyOrigin
	h["Access-Control-Allow-Methods"] = corsMethods
	h["Access-Control-Allow-Headers"] = corsHeaders
	h["Access-Control-Expose-Headers"] = corsExposed
}

var (
	anyOrigin   = []string{"*"}
	corsMethods = []string{"GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"}
	corsHeaders = []string{"Authorization, Content-Type, purecloud-sdk, genesys-app, ININ-Client-Path"}
	corsExposed = []string{
		"ININ-Correlation-Id, inin-ratelimit-allowed, inin-ratelimit-count, inin-ratelimit-reset, Retry-After",
	}
)

// readJSON reads the JSON body of an API request into v.
func readJSON(w http.ResponseWriter, r *http.Request, v any) error {
	if t := r.Header.Get("Content-Type"); t != "" {
		if kind, _, err := mime.ParseMediaType(t); err != nil || kind != "application/json" {
			return wrongMediaType()
		}
	}
	return decode(w, r, v)
}

// decode reads a JSON body into v, whatever its content type.
func decode(w http.ResponseWriter, r *http.Request, v any) error {
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyLimit))
	if err != nil {
		return tooLarge()
	}
	if err := json.Unmarshal(b, v); err != nil {
		return malformed()
	}
	return nil
}

// instant is a time as the platform writes it: UTC with milliseconds.
type instant time.Time

// MarshalJSON implements [json.Marshaler].
func (t instant) MarshalJSON() ([]byte, error) {
	return time.Time(t).UTC().AppendFormat(make([]byte, 0, 26), `"2006-01-02T15:04:05.000Z"`), nil
}

// millis converts Unix milliseconds to an instant, and 0 to nil.
func millis(ms int64) *instant {
	if ms == 0 {
		return nil
	}
	t := instant(time.UnixMilli(ms))
	return &t
}
