package request

import (
	_ "embed"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // where the machine has no time zones of its own
)

// Preferences are how a person wants to see the console. They are kept in a
// cookie of their own: they outlive a session, and say nothing about anybody.
type Preferences struct {
	Theme string // light, dark; "" for the system's
	Zone  string // one of Zones; "" for the browser's
}

// Themes are the themes to choose from, besides the system's.
var Themes = []string{"light", "dark"}

//go:embed zones.txt
var zoneList string

// Zones are the time zones to choose from, by the names of the IANA database.
var Zones = append([]string{"UTC"}, strings.Fields(zoneList)...)

var locations sync.Map // by name, of those that were asked for

// Location is the time zone of that name, and whether it is one of Zones.
func Location(name string) (*time.Location, bool) {
	if name == "" {
		return time.UTC, false
	}
	if known, ok := locations.Load(name); ok {
		return known.(*time.Location), true
	}
	if !slices.Contains(Zones, name) {
		return time.UTC, false
	}
	location, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC, false
	}
	locations.Store(name, location)
	return location, true
}

// preferencesLife is how long a browser keeps them.
const preferencesLife = 365 * 24 * time.Hour

// Checked is p without what there is not.
func (p Preferences) Checked() Preferences {
	if !slices.Contains(Themes, p.Theme) {
		p.Theme = ""
	}
	if _, ok := Location(p.Zone); !ok {
		p.Zone = ""
	}
	return p
}

const (
	preferencesCookie = "console-preferences"
	zoneCookie        = "console-zone" // static/js/times.js writes it
)

// cookieName is the name of one of these cookies, by whether the console is served
// by https.
func cookieName(name string, secure bool) string {
	if secure {
		return "__Host-" + name
	}
	return name
}

// onlyCookie is the value of the cookie of that name, "" unless r brings exactly one.
func onlyCookie(r *http.Request, name string, secure bool) string {
	name = cookieName(name, secure)
	if !mentions(r, name) {
		return "" // as most often: nothing to be parsed
	}
	cookies := r.CookiesNamed(name)
	if len(cookies) != 1 {
		return ""
	}
	return cookies[0].Value
}

// mentions reports whether the cookies of r say name anywhere.
func mentions(r *http.Request, name string) bool {
	return slices.ContainsFunc(r.Header["Cookie"], func(line string) bool { return strings.Contains(line, name) })
}

// ReadPreferences returns the preferences that r brings, or none if they cannot
// be read. Secure says that the console is served by https.
func ReadPreferences(r *http.Request, secure bool) Preferences {
	theme, zone, _ := strings.Cut(onlyCookie(r, preferencesCookie, secure), ".")
	return Preferences{theme, zone}.Checked()
}

// Keep keeps p in the browser, or forgets what is there if p is empty.
func (p Preferences) Keep(w http.ResponseWriter, secure bool) {
	p = p.Checked()
	// #nosec G124 -- Secure wherever the console is on https
	c := &http.Cookie{
		Name: cookieName(preferencesCookie, secure), Value: p.Theme + "." + p.Zone, Path: "/", MaxAge: int(preferencesLife / time.Second),
		Secure: secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
	if p == (Preferences{}) {
		c.Value, c.MaxAge = "", -1
	}
	http.SetCookie(w, c)
}

// ReadBrowserZone returns the time zone that the browser's script told, or "" if
// it told none of Zones. It counts where the person has chosen none.
func ReadBrowserZone(r *http.Request, secure bool) string {
	zone := onlyCookie(r, zoneCookie, secure)
	if _, ok := Location(zone); !ok {
		return ""
	}
	return zone
}
