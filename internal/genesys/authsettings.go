package genesys

import (
	"context"
	"net/http"
)

// AuthenticationSettings is the part of an organization's settings for signing
// in that this client reads (the vendor's OrgAuthSettings).
type AuthenticationSettings struct {
	// InactivityTimeoutExclusions are the APIs whose calls do not count as
	// activity of a token, as the platform writes them.
	InactivityTimeoutExclusions []string `json:"inactivityTimeoutExclusions"`
}

// GetOrganizationsAuthenticationSettings returns the organization's settings
// for signing in (GET /api/v2/organizations/authentication/settings; permission
// directory:organization:admin, scope organization:readonly).
func (cl *Client) GetOrganizationsAuthenticationSettings(
	ctx context.Context, token Secret,
) (AuthenticationSettings, error) {
	var settings AuthenticationSettings
	_, err := cl.do(ctx, token, call{
		operation: "GetOrganizationsAuthenticationSettings", method: http.MethodGet,
		path: "/api/v2/organizations/authentication/settings", reply: &settings,
	})
	return settings, err
}
