package genesys

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// Permissions that the calls about OAuth clients need.
const (
	PermissionViewClient = "oauth:client:view"
	PermissionEditClient = "oauth:client:edit"
	PermissionViewUsage  = "usage:client:view" // serves for reading their use, too
)

// ScopeReadClients is the scope that reading OAuth clients and their use needs.
const ScopeReadClients = "oauth:readonly"

// Client states, as the platform names them.
const (
	ClientActive   = "active"
	ClientDisabled = "disabled" // its tokens are invalid, and it gets no new ones
	ClientInactive = "inactive" // it gets no new tokens, and will be deleted
)

// How a client gets its tokens: the vendor's authorizedGrantType.
const (
	GrantCode              = "CODE"
	GrantImplicit          = "TOKEN"
	GrantSAML              = "SAML2-BEARER"
	GrantPassword          = "PASSWORD"
	GrantClientCredentials = "CLIENT-CREDENTIALS" // #nosec G101 -- the name of a grant
)

// RegisteredClient is an OAuth client of the organization (the vendor's
// OAuthClient). The platform may leave out any member but the name.
//
// A value from GetOAuthClient holds everything that the platform sent, unknown
// members included, except the client's secret: that is dropped when a reply is
// read. To change a client, set State of such a value and give it to
// PutOAuthClient: everything else is sent back as it was read.
type RegisteredClient struct {
	ID           string
	Name         string
	Description  string
	Grant        string // GrantCode and so on; "" when not told
	State        string // ClientActive, ClientDisabled, ClientInactive
	Lifetime     time.Duration
	Scopes       []string       // count for every grant but client credentials
	Roles        []RoleDivision // count for client credentials alone
	RedirectURIs []string
	Created      time.Time
	Modified     time.Time
	CreatedBy    Named
	ModifiedBy   Named

	read members
}

// RoleDivision is a role and the division in which it counts.
type RoleDivision struct {
	RoleID     string `json:"roleId"`
	DivisionID string `json:"divisionId"`
}

// clientFields are the members of the vendor's OAuthClient that are used.
type clientFields struct {
	ID           string         `json:"id"`
	Name         string         `json:"name"`
	Description  string         `json:"description"`
	Grant        string         `json:"authorizedGrantType"`
	State        string         `json:"state"`
	Lifetime     int            `json:"accessTokenValiditySeconds"`
	Scopes       []string       `json:"scope"`
	Roles        []RoleDivision `json:"roleDivisions"`
	RedirectURIs []string       `json:"registeredRedirectUri"`
	Created      time.Time      `json:"dateCreated"`
	Modified     time.Time      `json:"dateModified"`
	CreatedBy    Named          `json:"createdBy"`
	ModifiedBy   Named          `json:"modifiedBy"`
}

// UnmarshalJSON reads the vendor's OAuthClient and keeps all its members but the
// secret.
func (c *RegisteredClient) UnmarshalJSON(content []byte) error {
	var f clientFields
	var read members
	if err := decodeTwice(content, &f, &read); err != nil {
		return err
	}
	*c = RegisteredClient{
		ID: f.ID, Name: f.Name, Description: f.Description, Grant: f.Grant, State: f.State,
		Lifetime: time.Duration(f.Lifetime) * time.Second, Scopes: f.Scopes, Roles: f.Roles, RedirectURIs: f.RedirectURIs,
		Created: f.Created, Modified: f.Modified, CreatedBy: f.CreatedBy, ModifiedBy: f.ModifiedBy,
		read: read.without("secret"),
	}
	return nil
}

// MarshalJSON writes the vendor's OAuthClientRequest: the members that were read,
// with the state, and without those that only the platform sets. The secret is one
// of them: a request has no place for it, so leaving it out leaves it as it is.
func (c RegisteredClient) MarshalJSON() ([]byte, error) {
	e := edit{members: slices.Clone(c.read).without(
		"id", "secret", "dateCreated", "dateModified", "createdBy", "modifiedBy", "selfUri")}
	e.change("state", c.State, true)
	return e.result()
}

// Version tells two readings of a client apart, whatever changed in it: the first
// 16 hex digits of a hash over everything that was read.
func (c RegisteredClient) Version() string {
	plain := map[string]any{}
	for _, each := range c.read {
		plain[each.name] = meaning(each.value)
	}
	content, err := json.Marshal(plain) // in the order of the names
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:8])
}

// GetOAuthClients lists the organization's OAuth clients (GET /api/v2/oauth/clients;
// permission oauth:client:view, scope oauth:readonly).
func (cl *Client) GetOAuthClients(ctx context.Context, token Secret, from Position) (Listing[RegisteredClient], error) {
	return list[RegisteredClient](ctx, cl, token, "GetOAuthClients", "/api/v2/oauth/clients", nil, from)
}

func clientPath(id string) string { return "/api/v2/oauth/clients/" + url.PathEscape(id) }

// GetOAuthClient returns one OAuth client (GET /api/v2/oauth/clients/{clientId};
// permission oauth:client:view, scope oauth:readonly). ErrNotFound: no such client.
// ErrAnotherUser: the reply is about another one.
func (cl *Client) GetOAuthClient(ctx context.Context, token Secret, id string) (RegisteredClient, error) {
	var c RegisteredClient
	receipt, err := cl.do(ctx, token, call{
		operation: "GetOAuthClient", method: http.MethodGet, path: clientPath(id), reply: &c,
	})
	if err == nil && c.ID != id {
		return RegisteredClient{}, anotherUser("GetOAuthClient", receipt)
	}
	return c, err
}

// PutOAuthClient replaces an OAuth client by c, which must come from GetOAuthClient
// (PUT /api/v2/oauth/clients/{clientId}; permission oauth:client:edit, scope oauth).
// Disabling a client makes all of its tokens invalid. It is never retried:
// OutcomeUnknown tells whether it may have worked despite an error. ErrAnotherUser: the
// reply is about another client. ErrUnchanged: it does not tell the state asked for.
func (cl *Client) PutOAuthClient(ctx context.Context, token Secret, c RegisteredClient) (Receipt, error) {
	const operation = "PutOAuthClient"
	var set RegisteredClient
	receipt, err := cl.do(ctx, token, call{
		operation: operation, method: http.MethodPut, path: clientPath(c.ID), body: c, reply: &set,
	})
	switch {
	case err != nil:
		return receipt, err
	case set.ID != c.ID:
		return receipt, anotherUser(operation, receipt)
	case set.State != c.State:
		return receipt, unchanged(operation, receipt)
	}
	return receipt, nil
}

// UsageDays is how many days of use the console asks for: what the platform
// answers about when no number is named.
const UsageDays = 7

// usageResult is what is used of the vendor's ApiUsageQueryResult.
type usageResult struct {
	Status  string `json:"queryStatus"` // Running, Complete, Failed
	Results []struct {
		Requests int64 `json:"requests"`
	} `json:"results"`
}

// usagePause is how long the platform gets before it is asked for a result again.
const usagePause = 250 * time.Millisecond

// GetOAuthClientUsage returns how many requests an OAuth client made in the last
// UsageDays days. The platform takes the question (GET
// /api/v2/oauth/clients/{clientId}/usage/summary) and is then asked for the answer
// (GET …/usage/query/results/{executionId}), at most polls times and while ctx
// lives. Permission oauth:client:view or usage:client:view, scope oauth:readonly.
// It reports false if there is no answer yet; a query that failed is an error.
func (cl *Client) GetOAuthClientUsage(ctx context.Context, token Secret, id string, polls int) (requests int64, known bool, err error) {
	var begun struct {
		ID string `json:"executionId"`
	}
	_, err = cl.do(ctx, token, call{
		operation: "GetOAuthClientUsageSummary", method: http.MethodGet, path: clientPath(id) + "/usage/summary",
		query: url.Values{"days": {strconv.Itoa(UsageDays)}}, reply: &begun,
	})
	if err != nil || begun.ID == "" {
		return 0, false, err
	}
	path := clientPath(id) + "/usage/query/results/" + url.PathEscape(begun.ID)
	for range polls {
		const operation = "GetOAuthClientUsageQueryResults"
		var got usageResult
		receipt, err := cl.do(ctx, token, call{operation: operation, method: http.MethodGet, path: path, reply: &got})
		switch {
		case err != nil:
			return 0, false, err
		case got.Status == "Failed":
			return 0, false, &NoAnswerError{
				Operation: operation, Sent: true, CorrelationID: receipt.CorrelationID, Err: errors.New("the query failed"),
			}
		case got.Status == "Complete":
			for _, row := range got.Results {
				requests += row.Requests
			}
			return requests, true, nil
		}
		pause := time.NewTimer(usagePause)
		select {
		case <-ctx.Done():
			pause.Stop()
			return 0, false, nil
		case <-pause.C:
		}
	}
	return 0, false, nil
}
