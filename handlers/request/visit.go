// Package request is what happens to a request before any page sees it: it gets
// an id, an address and a log line, and it is let in or refused by host, path,
// origin, form, session and permission.
package request

import (
	"cmp"
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"tokenconsole/session"
)

// Visit is one request with everything a page needs to answer it. It belongs to
// one goroutine.
type Visit struct {
	Writer  http.ResponseWriter
	Request *http.Request
	ID      string          // in the log, on error pages, in the X-Request-Id header
	Address string          // the caller's, see Address
	Session session.Session // zero for nobody
	// Proven says that the platform took the session's token a moment ago. Without it no page shows anything of the
	// organization.
	Proven bool
	Doubt  error // why the session or its token could not be proven, once that was asked; nil before
	// Unproven is the session of a page for everybody, if nobody can tell now whether its token lives. To the page it is nobody's.
	Unproven session.Session
	Prefers  Preferences

	// BrowserZone is the time zone of the browser, "" until its script told it.
	BrowserZone string
	Problem     string // code of the problem that was told, for log and metrics; "" for none
	Gate        Gate   // of its route; zero before one is found
	Draft       Draft

	// Passed says that another replica is renewing the session, and gives its cookie:
	// it is not written here.
	Passed bool
	log    *slog.Logger
	now    func() time.Time
}

// Draft is what the person had typed on this page before they signed in again.
type Draft struct {
	Fields map[string]string
	Used   func() // it has been read to be shown
}

// A Page answers a visit, or says why it could not: one place renders that.
type Page func(v *Visit) error

// NewVisit returns the visit that r begins. Address is the caller's; now tells
// the time.
func NewVisit(w http.ResponseWriter, r *http.Request, address string, log *slog.Logger, now func() time.Time) *Visit {
	return &Visit{Writer: w, Request: r, ID: rand.Text()[:16], Address: address, log: log, now: now}
}

// Log writes lines that carry the id of v.
func (v *Visit) Log() *slog.Logger { return v.log.With(idAttr(v)) }

// Now is the time, in the zone that the person wants to see times in: the one
// chosen, else the browser's, else UTC.
func (v *Visit) Now() time.Time {
	location, _ := Location(cmp.Or(v.Prefers.Zone, v.BrowserZone))
	return v.now().In(location)
}

// Context ends when the browser gives up.
func (v *Visit) Context() context.Context { return v.Request.Context() }

// SignedIn reports whether somebody is signed in.
func (v *Visit) SignedIn() bool { return !v.Session.Person.ID.IsZero() }

// Held is the session that the browser holds, be it one that nobody can prove now.
func (v *Visit) Held() session.Session {
	if v.SignedIn() {
		return v.Session
	}
	return v.Unproven
}

// Field returns a field of the posted form without surrounding white space, and
// with the line breaks that people typed: forms send each as two characters. On a
// page that is shown after a sign-in it is what was typed there before.
func (v *Visit) Field(name string) string {
	if typed, ok := v.Draft.Fields[name]; ok && v.Safe() {
		v.Draft.Used()
		return typed
	}
	return strings.TrimSpace(strings.ReplaceAll(v.Request.PostForm.Get(name), "\r\n", "\n"))
}

// Abandoned reports whether the browser gave up before it had its answer.
func (v *Visit) Abandoned() bool { return v.Request.Context().Err() != nil }

// WantsJSON reports whether a program asks, and not a person.
func (v *Visit) WantsJSON() bool {
	return strings.Contains(v.Request.Header.Get("Accept"), "application/json")
}

// Claims reports whether the browser sent a cookie of that name, be it one that
// cannot be parsed.
func (v *Visit) Claims(cookie string) bool {
	return strings.Contains(strings.Join(v.Request.Header.Values("Cookie"), ";"), cookie+"=")
}

// OwnWish reports whether the request comes from the console's own pages, or from
// the person directly: another site may not have them ask for it.
func (v *Visit) OwnWish() bool {
	site := v.Request.Header.Get("Sec-Fetch-Site")
	return site == "" || site == "same-origin" || site == "none"
}

// Safe reports whether the request changes nothing (RFC 9110, section 9.2.1).
func (v *Visit) Safe() bool { return safe(v.Request.Method) }
