package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// contentPolicy allows this site's own files and nothing inline.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'"

// setHeaders sets what every answer carries, errors too.
func (s *Server) setHeaders(h http.Header, requestID string) {
	h.Set("X-Request-Id", requestID)
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	// Not "no-referrer": with it, browsers send "Origin: null" with forms.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	h.Set("Cache-Control", "no-store")
	if s.options.PublicURL.Scheme == "https" {
		h.Set("Strict-Transport-Security", fmt.Sprintf("max-age=%d", hstsLife/time.Second))
	}
}

// allowSignInForm lets the form of a page lead on to the log-in servers:
// browsers apply form-action to the redirects after a post as well.
func (s *Server) allowSignInForm(h http.Header) {
	policy := []string{contentPolicy}
	for _, region := range s.options.Regions {
		if u, err := url.Parse(region.LoginURL); err == nil {
			policy = append(policy, u.Scheme+"://"+u.Host)
		}
	}
	h.Set("Content-Security-Policy", strings.Join(policy, " "))
}

// hstsLife is how long browsers are to insist on https.
const hstsLife = 2 * 365 * 24 * time.Hour
