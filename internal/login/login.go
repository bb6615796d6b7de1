// Package login signs people in at Genesys Cloud with the OAuth 2.0 authorization
// code grant (RFC 6749, section 4.1). Every sign-in has a fresh state and an S256
// challenge (RFC 7636), also with a confidential client (RFC 9700, section 2.1.1).
//
//	Begin  → authorize URL, Pending     the browser goes there; Pending stays sealed in it
//	         callback with code, state  the browser comes back
//	Check  ← Pending, state             is it this sign-in, and in time?
//	Finish ← Pending, code              the code becomes a Grant, once
//	Refresh ← refresh token             a new Grant, if the platform gave such a token
package login

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"golang.org/x/oauth2"

	"tokenconsole/internal/genesys"
)

const (
	// PendingLife is how long after its beginning a sign-in can be finished.
	PendingLife = 10 * time.Minute
	// ExchangeTimeout is the limit of one request to the token endpoint.
	ExchangeTimeout = 10 * time.Second
	// clockTolerance is how far apart the clocks of replicas may be.
	clockTolerance = time.Minute
)

// Errors to test for with errors.Is.
var (
	ErrExpired     = errors.New("the sign-in was begun too long ago")
	ErrClock       = errors.New("the sign-in was begun in the future: clocks differ")
	ErrState       = errors.New("the state is not that of the sign-in")
	ErrRefused     = errors.New("the platform refused the exchange")
	ErrSpent       = errors.New("what was to be exchanged is over, or was used") // also ErrRefused
	ErrUnavailable = errors.New("the token endpoint gave no usable answer")
	ErrTarget      = errors.New("the organization to work in is not named by a UUID")
)

// Pending is a sign-in that waits for its callback. It stays sealed in the browser
// that began it.
type Pending struct {
	State    string // identifies it; 256 bits
	Verifier genesys.Secret
	Region   string // domain
	ReturnTo string // a path of this site
	Begun    time.Time
}

// Request is what somebody wants of a sign-in.
type Request struct {
	Region   string // domain
	ReturnTo string // made safe by ReturnPath
	// OrgName and Provider lead straight to the identity provider of an
	// organization. Without both, neither is sent.
	OrgName, Provider string
	// Target is the id of the organization that a trustee wants to work in, a UUID.
	// "" is the person's own.
	Target string
	// Prompt makes the platform ask for credentials, even if it remembers somebody.
	Prompt bool
}

// Flow begins and finishes the sign-ins of one OAuth client, in one or more regions.
// It is safe for concurrent use.
type Flow struct {
	configs map[string]oauth2.Config // by region domain
	http    *http.Client
	now     func() time.Time
}

// New returns the flow of the OAuth client with clientID, which is a public client
// if secret is zero. redirectURL is the registered redirect URI.
func New(
	clientID string, secret genesys.Secret, redirectURL string, regions []genesys.Region,
	transport http.RoundTripper, now func() time.Time,
) *Flow {
	f := &Flow{configs: map[string]oauth2.Config{}, now: now, http: &http.Client{
		Transport: transport,
		// Code and client secret are for the token endpoint alone.
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

// Begin returns the authorize URL to send the browser to, and the pending sign-in.
// It fails with ErrTarget, and for a region that the flow does not have.
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
		options = append(options,
			oauth2.SetAuthURLParam("org", req.OrgName), oauth2.SetAuthURLParam("provider", req.Provider))
	}
	if req.Target != "" {
		target, err := uuid.Parse(req.Target)
		if err != nil || len(req.Target) != len(target.String()) || target == uuid.Nil {
			return "", Pending{}, ErrTarget
		}
		options = append(options, oauth2.SetAuthURLParam("target", target.String()))
	}
	if req.Prompt {
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"))
	}
	return config.AuthCodeURL(p.State, options...), p, nil
}

// Check returns nil if a callback with this state may finish p, and ErrState,
// ErrExpired or ErrClock if not. It compares in constant time.
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

// Finish exchanges code for a token (POST /oauth/token). Call Check first, and
// Finish once for each p. Its errors match ErrRefused or ErrUnavailable. With an
// error may come a token that is of no use but lives.
func (f *Flow) Finish(ctx context.Context, p Pending, code string) (Grant, error) {
	config, ok := f.configs[p.Region]
	if !ok {
		return Grant{}, fmt.Errorf("no region %q", p.Region)
	}
	ctx, cancel := f.context(ctx)
	defer cancel()
	token, err := config.Exchange(ctx, code, oauth2.VerifierOption(p.Verifier.Reveal()))
	if err != nil {
		return Grant{}, classify("exchanging the code", err, genesys.NewSecret(code), p.Verifier, genesys.NewSecret(config.ClientSecret))
	}
	return f.grant(token)
}

// Refresh exchanges a refresh token for new tokens (RFC 6749, section 6). Its errors
// match ErrRefused or ErrUnavailable.
func (f *Flow) Refresh(ctx context.Context, region string, refresh genesys.Secret) (Grant, error) {
	config, ok := f.configs[region]
	if !ok {
		return Grant{}, fmt.Errorf("no region %q", region)
	}
	ctx, cancel := f.context(ctx)
	defer cancel()
	token, err := config.TokenSource(ctx, &oauth2.Token{RefreshToken: refresh.Reveal()}).Token()
	if err != nil {
		return Grant{}, classify("refreshing the token", err, refresh, genesys.NewSecret(config.ClientSecret))
	}
	return f.grant(token)
}

// context limits a request to the token endpoint and gives it the HTTP client.
func (f *Flow) context(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithValue(ctx, oauth2.HTTPClient, f.http), ExchangeTimeout)
}
