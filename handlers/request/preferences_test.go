package request

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestPreferencesComeBack(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]Preferences{
		"both":  {"dark", "Europe/Berlin"},
		"theme": {"light", ""},
		"zone":  {"", "America/Argentina/Buenos_Aires"},
		"UTC":   {"", "UTC"},
	} {
		for _, secure := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				w := httptest.NewRecorder()
				p.Keep(w, secure)
				cookie := w.Result().Cookies()[0]
				if !cookie.HttpOnly || cookie.Secure != secure || cookie.SameSite != http.SameSiteLaxMode || cookie.MaxAge <= 0 {
					t.Errorf("attributes of %s", cookie)
				}
				r := httptest.NewRequest(http.MethodGet, "/", nil)
				r.AddCookie(cookie)
				if got := ReadPreferences(r, secure); got != p {
					t.Errorf("%v comes back as %v", p, got)
				}
				if got := ReadPreferences(r, !secure); got != (Preferences{}) {
					t.Errorf("under the other scheme they are %v", got)
				}
			})
		}
	}
}

func TestPreferencesOfStrangersAreNone(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"", ".", "x.y", "dark.../../etc/passwd", ".Local", ".local", "dark\x00.", strings.Repeat("a", 4000), "Dark.Europe/berlin"} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Cookie", "console-preferences="+value)
		if p := ReadPreferences(r, false); p.Zone != "" || p.Theme != "" && p.Theme != "dark" {
			t.Errorf("%.40q is read as %v", value, p)
		}
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Cookie", "console-preferences=dark.UTC; console-preferences=light.UTC")
	if p := ReadPreferences(r, false); p != (Preferences{}) {
		t.Errorf("two are read as %v", p)
	}
}

// TestEveryZoneLoads holds that what the settings offer can be shown.
func TestEveryZoneLoads(t *testing.T) {
	t.Parallel()
	for _, name := range Zones {
		if location, ok := Location(name); !ok || location.String() != name {
			t.Errorf("%s does not load", name)
		}
	}
	if _, ok := Location("Local"); ok {
		t.Error("the machine's own zone loads")
	}
	berlin, _ := Location("Europe/Berlin")
	if at := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC).In(berlin).Hour(); at != 14 {
		t.Errorf("noon UTC is %d in Berlin", at)
	}
}
