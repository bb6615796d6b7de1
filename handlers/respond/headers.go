package respond

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"tokenconsole/handlers/request"
)

// contentPolicy allows this site's own files and nothing inline.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'"

// hstsLife is how long browsers are to insist on https.
const hstsLife = 2 * 365 * 24 * time.Hour

// SetHeaders sets what every answer carries, errors too.
func (a *Responder) SetHeaders(h http.Header, requestID string) {
	h.Set("X-Request-Id", requestID)
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	// Not "no-referrer": with it, browsers send "Origin: null" with forms.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	h.Set("Cache-Control", "no-store")
	if a.Public.Scheme == "https" {
		h.Set("Strict-Transport-Security", fmt.Sprintf("max-age=%d", hstsLife/time.Second))
	}
}

// AllowSignInForm lets the form of a page lead on to the log-in servers:
// browsers apply form-action to the redirects after a post as well.
func (a *Responder) AllowSignInForm(v *request.Visit) {
	policy := []string{contentPolicy}
	for _, region := range a.Platform.Regions() {
		if u, err := url.Parse(region.LoginURL); err == nil {
			policy = append(policy, u.Scheme+"://"+u.Host)
		}
	}
	v.Writer.Header().Set("Content-Security-Policy", strings.Join(policy, " "))
}
