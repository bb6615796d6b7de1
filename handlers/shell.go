package handlers

import (
	"net/http"
	"strings"
	"unicode"

	"tokenconsole/internal/genesys"
	"tokenconsole/session"
	"tokenconsole/views"
)

// shell is what surrounds a page for sess, which is the zero value for nobody.
// A notice that waits in the session is shown now, and not again.
func (s *Server) shell(w http.ResponseWriter, r *http.Request, sess session.Session, title string) views.Shell {
	shell := views.Shell{Title: title, RequestID: requestID(r)}
	if s.options.Demo {
		shell.Strips = append(shell.Strips, views.Strip{Kind: "demo", Text: "Demo: an emulated Genesys Cloud on this machine. Nothing here is real."})
	}
	if sess.Person.ID.IsZero() {
		return shell
	}
	if !s.options.Demo {
		region := s.region(sess.Region)
		shell.Strips = append(shell.Strips, views.Strip{Kind: "region", Text: "Region " + region.Name + " · " + region.Domain})
	}
	if sess.Away() {
		shell.Strips = append(shell.Strips, views.Strip{Kind: "away", Text: "You are working in " + sess.Organization.Name + ", not in your home organization " + sess.Home.Name + "."})
	}
	shell.Organization = sess.Organization.Name
	shell.Person = &views.Person{Name: sess.Person.Name, Email: sess.Person.Email, Initials: initials(sess.Person.Name)}
	shell.Nav = navigation(sess.Person, r.URL.Path)
	if n := sess.Notice; n != (session.Notice{}) {
		shell.Notice = &views.Notice{Tone: string(n.Tone), Title: n.Title, Text: n.Text, At: moment(n.At, s.now()), CorrelationID: n.CorrelationID}
		sess.Notice = session.Notice{}
		// Smaller than what was read from the cookie, so it fits.
		_ = s.sessions.Save(w, r, sess)
	}
	return shell
}

// navigation lists the parts of the console that p may use.
func navigation(p session.Person, path string) []views.NavItem {
	items := []views.NavItem{{Label: "Token", Href: "/token"}}
	if mayRevokeOrView(p) {
		items = append(items, views.NavItem{Label: "Users", Href: "/users"})
	}
	items = append(items,
		views.NavItem{Label: "Inspect", Href: "/inspect"},
		views.NavItem{Label: "Audit", Href: "/audit"},
		views.NavItem{Label: "Timeout", Href: "/timeout"})
	for i := range items {
		items[i].Current = path == items[i].Href || strings.HasPrefix(path, items[i].Href+"/")
	}
	return items
}

// mayRevokeOrView reports whether the pages about people are any use to p.
func mayRevokeOrView(p session.Person) bool {
	return p.May(genesys.PermissionViewUser) || p.May(genesys.PermissionDeleteToken)
}

// initials are the first letters of the first and the last word of a name.
func initials(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' && r != '’' })
	switch len(words) {
	case 0:
		return "?"
	case 1:
		return string(unicode.ToUpper([]rune(words[0])[0]))
	}
	first, last := []rune(words[0])[0], []rune(words[len(words)-1])[0]
	return string([]rune{unicode.ToUpper(first), unicode.ToUpper(last)})
}
