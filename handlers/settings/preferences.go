package settings

import (
	"net/http"
	"strings"

	"tokenconsole/handlers/request"
	"tokenconsole/session"
	"tokenconsole/views"
)

// ShowPreferences shows how this browser shows the console.
func (s *Room) ShowPreferences(v *request.Visit) error {
	p := views.PreferencesPage{
		Themes: []views.Choice{{Value: "", Label: "As the system", Selected: v.Prefers.Theme == ""}},
		Zone:   v.Prefers.Zone, Now: views.MomentOf(v.Now(), v.Now()),
	}
	for _, theme := range request.Themes {
		p.Themes = append(p.Themes, views.Choice{Value: theme, Label: strings.ToUpper(theme[:1]) + theme[1:], Selected: v.Prefers.Theme == theme})
	}
	for _, zone := range request.Zones {
		p.Zones = append(p.Zones, views.Choice{Value: zone, Label: strings.ReplaceAll(zone, "_", " "), Selected: v.Prefers.Zone == zone})
	}
	p.Shell = s.Shell(v, "Settings")
	return s.Page(v, http.StatusOK, views.Preferences(p))
}

// KeepPreferences keeps what was chosen in this browser. What there is not to
// choose is taken for no choice.
func (s *Room) KeepPreferences(v *request.Visit) error {
	v.Prefers = request.Preferences{Theme: v.Field("theme"), Zone: v.Field("zone")}.Checked()
	v.Prefers.Keep(v.Writer, s.Public.Scheme == "https")
	if !v.SignedIn() {
		return s.Redirect(v, "/settings")
	}
	return s.RedirectWith(v, "/settings", session.Notice{Tone: session.Good, Title: "Settings saved", Text: "They apply in this browser, to whoever signs in with it."})
}
