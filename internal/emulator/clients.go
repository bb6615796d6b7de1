package emulator

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-oauth2/oauth2/v4"
	oautherrors "github.com/go-oauth2/oauth2/v4/errors"
	"github.com/google/uuid"
)

// The OAuth clients every emulator knows.
const (
	DemoClientID     = "demo-console" // confidential, all scopes the console needs
	DemoClientSecret = "demo-secret"  // of DemoClientID and NarrowClientID
	PublicClientID   = "demo-public"  // public, so PKCE is required
	NarrowClientID   = "demo-narrow"  // confidential, scope user-basic-info alone
)

// client is one registered OAuth client. It never changes: the registry replaces it.
type client struct {
	id, name, secret   string
	scopes             []string
	grant, state       string // as the platform writes them
	description        string
	roles              []roleDivision
	lifetime           int // of access tokens in seconds; 0 for what the emulator's settings say
	createdBy          *person
	created, modified  time.Time
	modifiedBy         *person
	calls              int                        // a day, for the demo
	rest               map[string]json.RawMessage // what a PUT named and the emulator does not know
	registeredRedirect []string                   // shown; the demo's own share the registry's
}

// GetID implements [oauth2.ClientInfo].
func (c *client) GetID() string { return c.id }

// GetSecret implements [oauth2.ClientInfo].
func (c *client) GetSecret() string { return c.secret }

// GetDomain implements [oauth2.ClientInfo]. It returns the client's id: the
// registry checks redirect URIs itself.
func (c *client) GetDomain() string { return c.id }

// IsPublic implements [oauth2.ClientInfo]: a public client has no secret.
func (c *client) IsPublic() bool { return c.secret == "" }

// GetUserID implements [oauth2.ClientInfo]: clients belong to nobody.
func (c *client) GetUserID() string { return "" }

// registry holds the OAuth clients and the redirect URIs they share.
type registry struct {
	mu        sync.RWMutex
	clients   map[string]*client
	redirects []string
}

// newRegistry returns the console's clients, and those that a contact centre
// gathers over the years. People is where their makers are found.
func newRegistry(redirects []string, people *directory, now time.Time) *registry {
	scopes := []string{
		"user-basic-info", "users:readonly", "organization:readonly", "authorization", "groups:readonly", "routing:readonly",
		"oauth", "notifications", "users", "presence",
	}
	r := &registry{clients: map[string]*client{}, redirects: slices.Clone(redirects)}
	maker := people.people[0]
	for _, c := range append([]*client{
		{id: DemoClientID, name: "Token console (demo)", secret: DemoClientSecret, scopes: scopes, grant: "CODE"},
		{id: PublicClientID, name: "Token console (demo, public)", scopes: scopes, grant: "CODE"},
		{id: NarrowClientID, name: "Narrow client (demo)", secret: DemoClientSecret, scopes: scopes[:1], grant: "CODE"},
	}, gathered()...) {
		if c.id == "" {
			c.id, c.secret = stableID("client", c.name), stableID("secret", c.name)
		}
		if c.state == "" {
			c.state = "active"
		}
		c.createdBy, c.modifiedBy = maker, maker
		c.created = now.Add(-time.Duration(30+len(c.name)*17) * 24 * time.Hour)
		c.modified = c.created
		r.clients[c.id] = c
	}
	return r
}

// gathered are the demo's other clients.
func gathered() []*client {
	return []*client{
		{
			name: "Workforce export", grant: "CLIENT-CREDENTIALS", lifetime: 172_800,
			description: "Nightly export to the planning tool.", roles: []roleDivision{inHome("Master Admin")},
		},
		{
			name: "Reporting feed", grant: "CLIENT-CREDENTIALS", lifetime: 86_400, calls: 5_120,
			description: "Feeds the data warehouse.", roles: []roleDivision{inHome("Supervisor")},
		},
		{name: "Old wallboard", grant: "TOKEN", lifetime: 86_400, scopes: []string{"analytics:readonly", "routing:readonly"}},
		{name: "CRM embed", grant: "CODE", lifetime: 28_800, scopes: []string{"conversations", "users:readonly"}, calls: 18_400},
		{name: "Payroll sign-in", grant: "SAML2-BEARER", lifetime: 3_600, scopes: []string{"user-basic-info"}, calls: 210},
		{
			name: "Legacy importer", grant: "CLIENT-CREDENTIALS", state: "disabled", lifetime: 86_400,
			roles: []roleDivision{inHome("employee")},
		},
	}
}

// get returns the client with that id, or nil.
func (r *registry) get(id string) *client {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.clients[id]
}

// all returns the clients, by name.
func (r *registry) all() []*client {
	r.mu.RLock()
	defer r.mu.RUnlock()
	all := make([]*client, 0, len(r.clients))
	for _, c := range r.clients {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b *client) int { return strings.Compare(a.name+a.id, b.name+b.id) })
	return all
}

// replace puts c in the place of the client with its id.
func (r *registry) replace(c *client) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.clients[c.id] = c
}

// GetByID implements [oauth2.ClientStore].
func (r *registry) GetByID(_ context.Context, id string) (oauth2.ClientInfo, error) {
	if c := r.get(id); c != nil {
		return c, nil
	}
	return nil, oautherrors.ErrInvalidClient
}

func (r *registry) allow(uri string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Contains(r.redirects, uri) {
		r.redirects = append(r.redirects, uri)
	}
}

// allows reports whether uri is a registered redirect URI, byte for byte (RFC
// 9700 section 2.1). A loopback URI may have another port (RFC 8252 section 7.3).
func (r *registry) allows(uri string) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.ContainsFunc(r.redirects, func(registered string) bool {
		return uri == registered || anyPort(uri) != "" && anyPort(uri) == anyPort(registered)
	})
}

// anyPort returns a loopback http URI without its port, and "" for any other URI.
func anyPort(uri string) string {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "http" || u.User != nil || u.String() != uri || !loopbackHost(u.Host) {
		return ""
	}
	u.Host = u.Hostname()
	return u.String()
}

// allowsOrigin reports whether uri has the origin of a registered redirect URI.
func (r *registry) allowsOrigin(uri string) bool {
	target, err := url.Parse(uri)
	if err != nil || target.Host == "" {
		return false
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.ContainsFunc(r.redirects, func(registered string) bool {
		u, err := url.Parse(registered)
		return err == nil && u.Scheme == target.Scheme && u.Host == target.Host
	})
}

// namespace makes the ids of demo things deterministic.
var namespace = uuid.NewSHA1(uuid.NameSpaceDNS, []byte("demo.example"))

// stableID returns an id that is always the same for the same kind and name.
func stableID(kind, name string) string {
	return uuid.NewSHA1(namespace, []byte(kind+":"+name)).String()
}
