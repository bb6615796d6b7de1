package emulator

import "net/http"

// orgAuthSettings is the platform's OrgAuthSettings.
type orgAuthSettings struct {
	MultifactorRequired bool                 `json:"multifactorAuthenticationRequired"`
	AllowlistEnabled    bool                 `json:"domainAllowlistEnabled"`
	DomainAllowlist     []string             `json:"domainAllowlist"`
	AddressAllowlist    []string             `json:"ipAddressAllowlist"`
	Passwords           passwordRequirements `json:"passwordRequirements"`
	TimeoutExclusions   []string             `json:"inactivityTimeoutExclusions"`
}

// passwordRequirements is the part of the platform's PasswordRequirements that
// the demo organization sets.
type passwordRequirements struct {
	MinimumLength int `json:"minimumLength"`
	MinimumDigits int `json:"minimumDigits"`
}

// getOrganizationsAuthenticationSettings answers GET
// /api/v2/organizations/authentication/settings.
func (e *Emulator) getOrganizationsAuthenticationSettings(w http.ResponseWriter, _ *http.Request, _ caller) error {
	writeJSON(w, http.StatusOK, orgAuthSettings{
		DomainAllowlist: []string{}, AddressAllowlist: []string{},
		Passwords:         passwordRequirements{MinimumLength: 12, MinimumDigits: 1},
		TimeoutExclusions: []string{"/api/v2/presence", "/api/v2/notifications/channels"},
	})
	return nil
}
