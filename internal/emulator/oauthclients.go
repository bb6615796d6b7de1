package emulator

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"time"
)

// roleDivision is the platform's RoleDivision: a role and where it counts.
type roleDivision struct {
	RoleID     string `json:"roleId"`
	DivisionID string `json:"divisionId"`
}

// inHome is the demo organization's role of that name, in its home division.
func inHome(role string) roleDivision {
	return roleDivision{RoleID: stableID("role", role), DivisionID: stableID("division", "Home")}
}

// grantTypes are the values of the platform's authorizedGrantType.
var grantTypes = []string{"CODE", "TOKEN", "SAML2-BEARER", "PASSWORD", "CLIENT-CREDENTIALS"}

// The members of the platform's OAuthClient that the emulator knows.
const (
	clientName     = "name"
	clientGrant    = "authorizedGrantType"
	clientLifetime = "accessTokenValiditySeconds"
	clientScope    = "scope"
	clientRoles    = "roleDivisions"
	clientState    = "state"
	clientAbout    = "description"
	clientRedirect = "registeredRedirectUri"
)

// oauthClientRequest is what the emulator reads of an OAuthClientRequest.
type oauthClientRequest struct {
	Name     string         `json:"name"`
	Grant    string         `json:"authorizedGrantType"`
	Lifetime int            `json:"accessTokenValiditySeconds"`
	Scope    []string       `json:"scope"`
	Roles    []roleDivision `json:"roleDivisions"`
	State    string         `json:"state"`
	About    string         `json:"description"`
	Redirect []string       `json:"registeredRedirectUri"`
}

// showClient is the platform's OAuthClient. Like there, it holds the secret.
func (e *Emulator) showClient(c *client) map[string]any {
	shown := map[string]any{
		"id": c.id, clientName: c.name, clientGrant: c.grant, clientState: c.state, "secret": c.secret,
		clientLifetime: c.lifetime, clientScope: append([]string{}, c.scopes...),
		clientRoles: append([]roleDivision{}, c.roles...), "roleIds": []string{},
		clientRedirect: append([]string{}, c.registeredRedirect...),
		"dateCreated":  instant(c.created), "dateModified": instant(c.modified),
		"createdBy": userRef(c.createdBy), "modifiedBy": userRef(c.modifiedBy),
		"selfUri": "/api/v2/oauth/clients/" + c.id,
	}
	if c.description != "" {
		shown[clientAbout] = c.description
	}
	if c.lifetime == 0 {
		shown[clientLifetime] = int(e.settings.Load().TokenLifetime / time.Second)
	}
	for name, value := range c.rest {
		shown[name] = value
	}
	return shown
}

// userRef is the platform's DomainEntityRef of a person.
func userRef(p *person) map[string]string {
	return map[string]string{"id": p.id, "name": p.name, "selfUri": "/api/v2/users/" + p.id}
}

// getOAuthClients answers GET /api/v2/oauth/clients. The customer organization has none.
func (e *Emulator) getOAuthClients(w http.ResponseWriter, r *http.Request, c caller) error {
	all := e.clients.all()
	if e.at(c) != e.people {
		all = nil
	}
	page, err := pageOf(r, all, 500, e.showClient)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, page)
	return nil
}

// named returns the client that a path names, for a caller of its organization.
func (e *Emulator) named(r *http.Request, c caller) (*client, error) {
	found := e.clients.get(r.PathValue("clientId"))
	if found == nil || e.at(c) != e.people {
		return nil, fail(404, "client.not.found", "No client has this id.")
	}
	return found, nil
}

// getOAuthClient answers GET /api/v2/oauth/clients/{clientId}.
func (e *Emulator) getOAuthClient(w http.ResponseWriter, r *http.Request, c caller) error {
	found, err := e.named(r, c)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, e.showClient(found))
	return nil
}

// putOAuthClient answers PUT /api/v2/oauth/clients/{clientId}. The body replaces
// the client, but not its secret. Disabling it ends all of its tokens.
func (e *Emulator) putOAuthClient(w http.ResponseWriter, r *http.Request, c caller) error {
	was, err := e.named(r, c)
	if err != nil {
		return err
	}
	var content json.RawMessage
	if err := readJSON(w, r, &content); err != nil {
		return err
	}
	var body oauthClientRequest
	var rest map[string]json.RawMessage
	if json.Unmarshal(content, &body) != nil || json.Unmarshal(content, &rest) != nil {
		return malformed()
	}
	if err := body.check(); err != nil {
		return err
	}
	maps.DeleteFunc(rest, func(name string, _ json.RawMessage) bool {
		_, known := e.showClient(was)[name]
		_, kept := was.rest[name]
		return known && !kept || name == clientAbout
	})
	now := *was
	now.name, now.grant, now.lifetime, now.scopes = body.Name, body.Grant, body.Lifetime, body.Scope
	now.roles, now.description, now.registeredRedirect = body.Roles, body.About, body.Redirect
	now.state, now.rest, now.modified, now.modifiedBy = body.State, rest, e.now(), was.modifiedBy
	if c.person != nil {
		now.modifiedBy = c.person
	}
	if now.state == "" {
		now.state = "active"
	}
	e.clients.replace(&now)
	if now.state == "disabled" {
		e.tokens.revoke(func(i *issued) bool { return i.client == now.id })
	}
	writeJSON(w, http.StatusOK, e.showClient(&now))
	return nil
}

func (b oauthClientRequest) check() error {
	switch {
	case b.Name == "":
		return fail(400, "constraint.validation", "{problem}", "problem", "name must not be empty")
	case b.Grant == "":
		return fail(400, "grant.type.required", "Name a grant.")
	case !slices.Contains(grantTypes, b.Grant):
		return fail(400, "bad.grant.type", "There is no such grant.")
	case b.Grant == "CLIENT-CREDENTIALS" && len(b.Roles) == 0:
		return fail(400, "missing.client.roles", "Name roles with their divisions.")
	case b.State != "" && !slices.Contains([]string{"active", "disabled", "inactive"}, b.State):
		return notAllowed(b.State, clientState, "active, disabled, inactive")
	case b.Lifetime != 0 && (b.Lifetime < 300 || b.Lifetime > 172_800):
		return fail(400, "constraint.validation", "{problem}", "problem", "accessTokenValiditySeconds is out of bounds")
	}
	return nil
}
