package login

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"golang.org/x/oauth2"

	"tokenconsole/internal/genesys"
)

// longestLife is the longest believable life of a token. The platform's own limit
// is two days.
const longestLife = 31 * 24 * time.Hour

// Grant holds the tokens of a finished sign-in or a refresh.
type Grant struct {
	AccessToken  genesys.Secret
	RefreshToken genesys.Secret // zero when the platform gives none
	Issued       time.Time      // when it came, by this machine's clock
	Expiry       time.Time      // zero when the platform named none
}

// grant reads a reply of the token endpoint (RFC 6749, section 5.1). Its error
// matches ErrUnavailable; the token that came with it is there to be deleted.
func (f *Flow) grant(token *oauth2.Token) (Grant, error) {
	g := Grant{AccessToken: genesys.NewSecret(token.AccessToken), Issued: f.now()}
	if token.TokenType != "" && token.Type() != "Bearer" {
		return g, fmt.Errorf("the token is of another type than Bearer: %w", ErrUnavailable)
	}
	life, ok := lifetime(token.Extra("expires_in"))
	switch {
	case !ok || token.ExpiresIn < 0:
		return g, fmt.Errorf("the token is said to live no longer: %w", ErrUnavailable)
	case life > 0:
		g.Expiry = g.Issued.Add(life)
	}
	g.RefreshToken = genesys.NewSecret(token.RefreshToken)
	return g, nil
}

// lifetime reads expires_in: seconds, as a number or as text. It returns 0 if there
// is none, or one that is too long to believe, and false if the token is dead or
// expires_in cannot be read.
func lifetime(expiresIn any) (life time.Duration, ok bool) {
	var seconds float64
	switch named := expiresIn.(type) {
	case float64:
		seconds = named
	case int64: // from a form
		seconds = float64(named)
	case string:
		if named == "" {
			return 0, true
		}
		var err error
		if seconds, err = strconv.ParseFloat(named, 64); err != nil {
			return 0, false
		}
	case nil:
		return 0, true
	}
	switch {
	case math.IsNaN(seconds) || seconds < 1:
		return 0, false
	case seconds > longestLife.Seconds():
		return 0, true
	}
	return time.Duration(seconds) * time.Second, true
}
