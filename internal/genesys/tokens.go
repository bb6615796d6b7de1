package genesys

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// Named is a thing with an id and a name: an organization, a client.
type Named struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// TokenInfo describes a token (GetTokensMe). It names no person, no time of issue and
// no absolute expiry.
type TokenInfo struct {
	Organization     Named       `json:"organization"`
	HomeOrganization Named       `json:"homeOrganization"` // differs for a trustee in a customer's organization
	AuthorizedScope  []string    `json:"authorizedScope"`
	ClonedUser       *ClonedUser `json:"clonedUser"`     // only for a trustee's clone
	DateTokenIdles   time.Time   `json:"dateTokenIdles"` // zero when the organization has no idle timeout
	OAuthClient      OAuthClient `json:"OAuthClient"`

	// Raw is the whole reply.
	Raw json.RawMessage `json:"-"`
}

// ClonedUser is the native user whose clone works in another organization.
type ClonedUser struct {
	ID           string `json:"id"`
	Organization Named  `json:"organization"`
}

// OAuthClient is the OAuth client that a token was issued to.
type OAuthClient struct {
	Named
	Organization        Named  `json:"organization"`
	AuthorizedGrantType string `json:"authorizedGrantType"` // GrantCode and so on
	State               string `json:"state"`               // active, disabled, inactive
}

// IdleTTL says whether a call counts as activity of its token.
type IdleTTL bool

const (
	// ResetIdle restarts the idle timer, because somebody is working.
	ResetIdle IdleTTL = false
	// PreserveIdle leaves the idle timer alone. It is for calls that the console
	// makes by itself: a page left open must never keep a token alive.
	PreserveIdle IdleTTL = true
)

// GetTokensMe describes token (GET /api/v2/tokens/me; no permission, scope
// user-basic-info). ErrUnauthorized: the token is dead.
func (cl *Client) GetTokensMe(ctx context.Context, token Secret, idle IdleTTL) (TokenInfo, error) {
	var info TokenInfo
	c := call{operation: "GetTokensMe", method: http.MethodGet, path: "/api/v2/tokens/me", reply: &info, raw: &info.Raw}
	if idle == PreserveIdle {
		c.query = url.Values{"preserveIdleTTL": {"true"}}
	}
	_, err := cl.do(ctx, token, c)
	return info, err
}

// HeadTokensMe checks that token is alive (HEAD /api/v2/tokens/me; no permission,
// scope user-basic-info). It restarts the idle timer. ErrUnauthorized: it is dead.
func (cl *Client) HeadTokensMe(ctx context.Context, token Secret) (Receipt, error) {
	return cl.do(ctx, token, call{operation: "HeadTokensMe", method: http.MethodHead, path: "/api/v2/tokens/me"})
}

// DeleteTokensMe deletes token itself (DELETE /api/v2/tokens/me; no permission,
// scope user-basic-info).
func (cl *Client) DeleteTokensMe(ctx context.Context, token Secret) (Receipt, error) {
	receipt, err := cl.do(ctx, token, call{operation: "DeleteTokensMe", method: http.MethodDelete, path: "/api/v2/tokens/me"})
	if err == nil {
		cl.prove(token, false)
	}
	return receipt, err
}

// DeleteToken deletes all tokens of user, with token as the bearer (DELETE
// /api/v2/tokens/{userId}; permission oauth:token:delete, scope user-basic-info).
// It is never retried: OutcomeUnknown tells whether it may have worked despite an
// error. ErrNotFound: there is no such person.
func (cl *Client) DeleteToken(ctx context.Context, token Secret, user UserID) (Receipt, error) {
	if user.IsZero() {
		return Receipt{}, ErrUserID
	}
	return cl.do(ctx, token, call{
		operation: "DeleteToken", method: http.MethodDelete, path: "/api/v2/tokens/" + user.String(),
	})
}
