package emulator

import (
	"net/http"

	"github.com/google/uuid"
)

// named is the platform's NamedEntity.
type named struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// tokenInfo is the platform's TokenInfo.
type tokenInfo struct {
	Organization     named        `json:"organization"`
	HomeOrganization named        `json:"homeOrganization"`
	AuthorizedScope  []string     `json:"authorizedScope"`
	ClonedUser       *clonedUser  `json:"clonedUser,omitempty"`
	DateTokenIdles   *instant     `json:"dateTokenIdles,omitempty"`
	OAuthClient      *oauthClient `json:"OAuthClient"` // sic: the platform's spelling
}

type clonedUser struct {
	ID           string `json:"id"`
	Organization named  `json:"organization"`
}

type oauthClient struct {
	ID                  string   `json:"id"`
	Name                string   `json:"name"`
	AuthorizedGrantType string   `json:"authorizedGrantType"`
	Scope               []string `json:"scope"`
	State               string   `json:"state"`
	Organization        named    `json:"organization"`
}

// getTokensMe answers GET /api/v2/tokens/me.
func (e *Emulator) getTokensMe(w http.ResponseWriter, _ *http.Request, c caller) error {
	writeJSON(w, http.StatusOK, e.describe(c))
	return nil
}

func (e *Emulator) describe(c caller) tokenInfo {
	registered := e.clients.get(c.token.client)
	works := e.at(c).organization
	info := tokenInfo{
		Organization: works, HomeOrganization: works, AuthorizedScope: c.token.scopes,
		OAuthClient: &oauthClient{
			ID: registered.id, Name: registered.name, AuthorizedGrantType: "CODE", Scope: registered.scopes,
			State: registered.state, Organization: demoOrganization,
		},
	}
	if c.person == nil {
		info.OAuthClient.AuthorizedGrantType = "CLIENT-CREDENTIALS"
	} else if c.person.trusteeOf != "" {
		info.HomeOrganization = c.person.home
		info.ClonedUser = &clonedUser{ID: c.person.trusteeOf, Organization: named{ID: c.person.home.ID}}
	}
	if idle := e.idleOf(c.token.user); idle > 0 {
		t := instant(c.token.idles(idle))
		info.DateTokenIdles = &t
	}
	return info
}

// headTokensMe answers HEAD /api/v2/tokens/me.
func (e *Emulator) headTokensMe(w http.ResponseWriter, _ *http.Request, _ caller) error {
	w.WriteHeader(http.StatusOK)
	return nil
}

// deleteTokensMe answers DELETE /api/v2/tokens/me. It ends the token, its refresh
// token and every other token of the same sign-in.
func (e *Emulator) deleteTokensMe(w http.ResponseWriter, _ *http.Request, c caller) error {
	e.tokens.revoke(func(i *issued) bool { return i.family == c.token.family })
	w.WriteHeader(http.StatusOK)
	return nil
}

// deleteToken answers DELETE /api/v2/tokens/{userId}. It ends all access and
// refresh tokens of a person, at every client.
func (e *Emulator) deleteToken(w http.ResponseWriter, r *http.Request, c caller) error {
	id := r.PathValue("userId")
	if uuid.Validate(id) != nil || len(id) != 36 {
		return malformed()
	}
	p := e.at(c).byID[id]
	if p == nil {
		return notFound()
	}
	e.tokens.revoke(func(i *issued) bool { return i.user == p.id })
	w.WriteHeader(http.StatusNoContent)
	return nil
}
