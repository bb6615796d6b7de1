package emulator

import (
	"context"
	"net/url"
	"slices"
	"sync"

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

// client is one registered OAuth client.
type client struct {
	id, name, secret string
	scopes           []string
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
	clients map[string]*client

	mu        sync.RWMutex
	redirects []string
}

func newRegistry(redirects []string) *registry {
	scopes := []string{
		"user-basic-info", "users:readonly", "organization:readonly", "authorization", "groups:readonly", "routing:readonly",
	}
	r := &registry{clients: map[string]*client{}, redirects: slices.Clone(redirects)}
	for _, c := range []*client{
		{id: DemoClientID, name: "Token console (demo)", secret: DemoClientSecret, scopes: scopes},
		{id: PublicClientID, name: "Token console (demo, public)", scopes: scopes},
		{id: NarrowClientID, name: "Narrow client (demo)", secret: DemoClientSecret, scopes: scopes[:1]},
	} {
		r.clients[c.id] = c
	}
	return r
}

// GetByID implements [oauth2.ClientStore].
func (r *registry) GetByID(_ context.Context, id string) (oauth2.ClientInfo, error) {
	if c, ok := r.clients[id]; ok {
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
