package respond

import (
	"fmt"
	"maps"
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

// everyAnswer are the headers of every answer. Answers share the values: whoever changes one sets a new one.
var everyAnswer = http.Header{
	"Content-Security-Policy": {contentPolicy},
	"X-Content-Type-Options":  {"nosniff"},
	// Not "no-referrer": with it, browsers send "Origin: null" with forms.
	"Referrer-Policy":              {"same-origin"},
	"Cross-Origin-Opener-Policy":   {"same-origin"},
	"Cross-Origin-Resource-Policy": {"same-origin"},
	"Permissions-Policy":           {"camera=(), geolocation=(), microphone=(), payment=(), usb=()"},
	"Cache-Control":                {"no-store"},
}

var strictTransport = []string{fmt.Sprintf("max-age=%d", hstsLife/time.Second)}

// SetHeaders sets what every answer carries, errors too.
func (a *Responder) SetHeaders(h http.Header, requestID string) {
	maps.Copy(h, everyAnswer)
	h["X-Request-Id"] = []string{requestID}
	if a.Public.Scheme == "https" {
		h["Strict-Transport-Security"] = strictTransport
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
