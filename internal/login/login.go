// Package login signs people in at Genesys Cloud with the OAuth 2.0
// authorization code grant (RFC 6749, section 4.1), always with a fresh state
// and an S256 challenge (RFC 7636), for confidential clients too (RFC 9700,
// section 2.1.1).
package login

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/oauth2"

	"tokenconsole/internal/genesys"
)

const (
	// PendingLife is how long a sign-in that was begun can be finished.
	PendingLife = 10 * time.Minute
	// ExchangeTimeout bounds a request at the token endpoint.
	ExchangeTimeout = 10 * time.Second
	// clockTolerance is how far the clocks of replicas may be apart.
	clockTolerance = time.Minute
)

// What can go wrong, for errors.Is.
var (
	ErrExpired     = errors.New("the sign-in was begun too long ago")
	ErrClock       = errors.New("the sign-in was begun in the future: clocks differ")
	ErrState       = errors.New("the state is not that of the sign-in")
	ErrRefused     = errors.New("the platform refused the exchange")
	ErrUnavailable = errors.New("the token endpoint gave no usable answer")
)

// Pending is a sign-in that was begun and waits for its callback. It is kept
// sealed in the browser that began it.
type Pending struct {
	State    string // identifies it; 256 bits
	Verifier genesys.Secret
	Region   string // domain
	ReturnTo string // a path of this site
	Begun    time.Time
}

// Request says how a sign-in is to be made.
type Request struct {
	Region   string // domain
	ReturnTo string // made safe by ReturnPath
	// OrgName and Provider, given together, lead straight to the identity
	// provider of an organization.
	OrgName, Provider string
	// Prompt asks for credentials even if the platform remembers somebody.
	Prompt bool
}

// Grant is what a finished sign-in or a refresh yields.
type Grant struct {
	AccessToken  genesys.Secret
	RefreshToken genesys.Secret // zero when the platform gives none
	Expiry       time.Time      // zero when the platform named none
}

// Flow begins and finishes sign-ins of one OAuth client in any of its regions.
// It is safe for concurrent use.
type Flow struct {
	configs map[string]oauth2.Config // by region domain
	http    *http.Client
	now     func() time.Time
}

// New returns the flow of the client with clientID. Without a secret it is a
// public client. redirectURL is the registered redirect URI.
func New(clientID string, secret genesys.Secret, redirectURL string, regions []genesys.Region, transport http.RoundTripper, now func() time.Time) *Flow {
	f := &Flow{configs: map[string]oauth2.Config{}, now: now, http: &http.Client{
		Transport: transport,
		// The code and the client secret go to the token endpoint alone.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	for _, r := range regions {
		style := oauth2.AuthStyleInHeader
		if secret.IsZero() {
			style = oauth2.AuthStyleInParams
		}
		f.configs[r.Domain] = oauth2.Config{
			ClientID:     clientID,
			ClientSecret: secret.Reveal(),
			RedirectURL:  redirectURL,
			Endpoint: oauth2.Endpoint{
				AuthURL:   r.LoginURL + "/oauth/authorize",
				TokenURL:  r.LoginURL + "/oauth/token",
				AuthStyle: style,
			},
		}
	}
	return f
}

// Begin makes a pending sign-in and the authorize URL to lead the browser to.
func (f *Flow) Begin(req Request) (string, Pending, error) {
	config, ok := f.configs[req.Region]
	if !ok {
		return "", Pending{}, fmt.Errorf("no region %q", req.Region)
	}
	p := Pending{
		State:    rand.Text() + rand.Text(),
		Verifier: genesys.NewSecret(oauth2.GenerateVerifier()),
		Region:   req.Region,
		ReturnTo: ReturnPath(req.ReturnTo),
		Begun:    f.now(),
	}
	options := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(p.Verifier.Reveal())}
	if req.OrgName != "" && req.Provider != "" {
		options = append(options, oauth2.SetAuthURLParam("org", req.OrgName), oauth2.SetAuthURLParam("provider", req.Provider))
	}
	if req.Prompt {
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"))
	}
	return config.AuthCodeURL(p.State, options...), p, nil
}

// Check reports whether p may be finished by a callback that carries state:
// ErrState, ErrExpired or ErrClock if not. The comparison takes constant time.
func (f *Flow) Check(p Pending, state string) error {
	if p.State == "" || subtle.ConstantTimeCompare([]byte(p.State), []byte(state)) != 1 {
		return ErrState
	}
	switch age := f.now().Sub(p.Begun); {
	case age > PendingLife:
		return ErrExpired
	case age < -clockTolerance:
		return ErrClock
	}
	return nil
}

// Finish exchanges code for a token (POST /oauth/token). The caller has passed
// p through Check and uses it this once.
func (f *Flow) Finish(ctx context.Context, p Pending, code string) (Grant, error) {
	config, ok := f.configs[p.Region]
	if !ok {
		return Grant{}, fmt.Errorf("no region %q", p.Region)
	}
	ctx, cancel := f.context(ctx)
	defer cancel()
	token, err := config.Exchange(ctx, code, oauth2.VerifierOption(p.Verifier.Reveal()))
	if err != nil {
		return Grant{}, classify("exchanging the code", err)
	}
	return f.grant(token)
}

// Refresh trades a refresh token for new tokens (RFC 6749, section 6).
func (f *Flow) Refresh(ctx context.Context, region string, refresh genesys.Secret) (Grant, error) {
	config, ok := f.configs[region]
	if !ok {
		return Grant{}, fmt.Errorf("no region %q", region)
	}
	ctx, cancel := f.context(ctx)
	defer cancel()
	token, err := config.TokenSource(ctx, &oauth2.Token{RefreshToken: refresh.Reveal()}).Token()
	if err != nil {
		return Grant{}, classify("refreshing the token", err)
	}
	return f.grant(token)
}

// context bounds a request at the token endpoint and says how to make it.
func (f *Flow) context(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithValue(ctx, oauth2.HTTPClient, f.http), ExchangeTimeout)
}

func (f *Flow) grant(token *oauth2.Token) (Grant, error) {
	if token.TokenType != "" && token.Type() != "Bearer" {
		return Grant{}, fmt.Errorf("token type %.20q: %w", token.TokenType, ErrUnavailable)
	}
	g := Grant{AccessToken: genesys.NewSecret(token.AccessToken), RefreshToken: genesys.NewSecret(token.RefreshToken)}
	if token.ExpiresIn > 0 {
		g.Expiry = f.now().Add(time.Duration(token.ExpiresIn) * time.Second)
	}
	return g, nil
}

// RefusedError is a refusal by the token endpoint (RFC 6749, section 5.2).
type RefusedError struct {
	Doing         string
	Code          string // such as "invalid_grant"; "" when the answer named none
	Status        int
	CorrelationID string
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("%s: refused with %d %s (correlation id %s)", e.Doing, e.Status, e.Code, e.CorrelationID)
}

// Is matches ErrRefused for what the platform decided and ErrUnavailable for
// what it could not answer, or not now.
func (e *RefusedError) Is(target error) bool {
	later := e.Status == http.StatusRequestTimeout || e.Status == http.StatusTooManyRequests
	if e.Status >= 400 && e.Status < 500 && !later {
		return target == ErrRefused
	}
	return target == ErrUnavailable
}

// classify turns an error of x/oauth2, whose text may hold the endpoint's
// reply, into one that holds no secret.
func classify(doing string, err error) error {
	if answered, ok := errors.AsType[*oauth2.RetrieveError](err); ok && answered.Response != nil {
		return &RefusedError{
			Doing:         doing,
			Code:          oauthCode(answered.ErrorCode),
			Status:        answered.Response.StatusCode,
			CorrelationID: genesys.CorrelationHeader(answered.Response.Header),
		}
	}
	if u, ok := errors.AsType[*url.Error](err); ok {
		return fmt.Errorf("%s: %w: %w", doing, ErrUnavailable, u.Err)
	}
	return fmt.Errorf("%s: %w", doing, ErrUnavailable)
}

// oauthCode keeps an error code only if it is one that RFC 6749 knows, since it
// comes from the other side and goes to the log.
func oauthCode(code string) string {
	switch code {
	case "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client",
		"unsupported_grant_type", "invalid_scope", "access_denied", "server_error":
		return code
	}
	return ""
}
