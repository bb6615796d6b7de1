package emulator

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-oauth2/oauth2/v4"
	oautherrors "github.com/go-oauth2/oauth2/v4/errors"
	"github.com/go-oauth2/oauth2/v4/models"
)

// issued is an access token and the refresh token that came with it. Only the idle
// timer ever changes.
type issued struct {
	access, refresh string
	family          string // the code that it came from, directly or through refreshes
	client, user    string // user is "" for client credentials
	scopes          []string
	expires         time.Time
	used            atomic.Int64 // unix nanoseconds; the idle timer runs from here
	info            models.Token
}

// code is an authorization code. A spent one is kept, to notice replays.
type code struct {
	info    models.Token
	expires time.Time
	spent   bool
}

// store keeps codes and tokens. It implements [oauth2.TokenStore] and adds what
// that library leaves out: single use of codes, replays, revocation by person.
type store struct {
	now func() time.Time

	mu        sync.RWMutex
	codes     map[string]*code
	byAccess  map[string]*issued
	byRefresh map[string]*issued
}

func newStore(now func() time.Time) *store {
	return &store{now: now, codes: map[string]*code{}, byAccess: map[string]*issued{}, byRefresh: map[string]*issued{}}
}

// Create implements [oauth2.TokenStore].
func (s *store) Create(_ context.Context, info oauth2.TokenInfo) error {
	t := *info.(*models.Token) // a copy, because the library changes its own later
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.Access == "" {
		s.codes[t.Code] = &code{info: t, expires: now.Add(t.CodeExpiresIn)}
		return nil
	}
	i := &issued{
		access: t.Access, refresh: t.Refresh, family: t.Code, client: t.ClientID, user: t.UserID,
		scopes: strings.Fields(t.Scope), expires: now.Add(t.AccessExpiresIn), info: t,
	}
	if i.family == "" {
		i.family = t.Access
		i.info.Code = t.Access
	}
	i.used.Store(now.UnixNano())
	s.byAccess[i.access] = i
	if i.refresh != "" {
		s.byRefresh[i.refresh] = i
	}
	return nil
}

// GetByCode implements [oauth2.TokenStore]. A code shown again takes with it
// everything it gave (RFC 6749 section 4.1.2).
func (s *store) GetByCode(_ context.Context, value string) (oauth2.TokenInfo, error) {
	s.mu.RLock()
	c, ok := s.codes[value]
	replayed := ok && c.spent
	s.mu.RUnlock()
	if replayed {
		s.revoke(func(i *issued) bool { return i.family == value })
	}
	if !ok || replayed || !s.now().Before(c.expires) {
		return nil, oautherrors.ErrInvalidAuthorizeCode
	}
	info := c.info
	return &info, nil
}

// RemoveByCode implements [oauth2.TokenStore]: the code is spent.
func (s *store) RemoveByCode(_ context.Context, value string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.codes[value]
	if !ok || c.spent {
		return oautherrors.ErrInvalidAuthorizeCode
	}
	c.spent = true
	return nil
}

// GetByAccess implements [oauth2.TokenStore].
func (s *store) GetByAccess(_ context.Context, access string) (oauth2.TokenInfo, error) {
	if i := s.live(access, nil); i != nil {
		info := i.info
		return &info, nil
	}
	return nil, oautherrors.ErrInvalidAccessToken
}

// GetByRefresh implements [oauth2.TokenStore].
func (s *store) GetByRefresh(_ context.Context, refresh string) (oauth2.TokenInfo, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if i, ok := s.byRefresh[refresh]; ok {
		info := i.info
		return &info, nil
	}
	return nil, oautherrors.ErrInvalidRefreshToken
}

// RemoveByAccess implements [oauth2.TokenStore].
func (s *store) RemoveByAccess(_ context.Context, access string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byAccess, access)
	return nil
}

// RemoveByRefresh implements [oauth2.TokenStore].
func (s *store) RemoveByRefresh(_ context.Context, refresh string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byRefresh, refresh)
	return nil
}

// live returns the token with the value access, or nil when there is none, it has
// expired, or it has idled out by the timeout that idleOf gives for its person.
func (s *store) live(access string, idleOf func(user string) time.Duration) *issued {
	s.mu.RLock()
	i := s.byAccess[access]
	s.mu.RUnlock()
	if i == nil {
		return nil
	}
	now := s.now()
	idle := time.Duration(0)
	if idleOf != nil {
		idle = idleOf(i.user)
	}
	if !now.Before(i.expires) || idle > 0 && !now.Before(i.idles(idle)) {
		s.mu.Lock()
		delete(s.byAccess, access)
		s.mu.Unlock()
		return nil
	}
	return i
}

// idles returns when the token idles out if it is not used.
func (i *issued) idles(idle time.Duration) time.Time {
	return time.Unix(0, i.used.Load()).Add(idle)
}

// revoke ends every access and refresh token for which doomed is true.
func (s *store) revoke(doomed func(*issued) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, tokens := range []map[string]*issued{s.byAccess, s.byRefresh} {
		for value, i := range tokens {
			if doomed(i) {
				delete(tokens, value)
			}
		}
	}
}

// secret returns 64 random bytes as text, for tokens and codes.
func secret() string {
	b := make([]byte, 64)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// fingerprint identifies a token without revealing it: the first 8 hex digits of
// its SHA-256, or "" for no token.
func fingerprint(token string) string {
	if token == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:4])
}

// accessValues implements [oauth2.AccessGenerate].
type accessValues struct {
	refreshes func(c oauth2.ClientInfo, user string) bool // who gets a refresh token
}

// Token implements [oauth2.AccessGenerate].
func (a accessValues) Token(_ context.Context, data *oauth2.GenerateBasic, refresh bool) (string, string, error) {
	if refresh && a.refreshes(data.Client, data.UserID) {
		return secret(), secret(), nil
	}
	return secret(), "", nil
}

// codeValues implements [oauth2.AuthorizeGenerate].
type codeValues struct{}

// Token implements [oauth2.AuthorizeGenerate].
func (codeValues) Token(context.Context, *oauth2.GenerateBasic) (string, error) { return secret(), nil }
