package respond

import (
	"fmt"
	"strings"
	"unicode"

	"tokenconsole/handlers/request"
	"tokenconsole/internal/audit"
	"tokenconsole/internal/directory"
	"tokenconsole/internal/genesys"
	"tokenconsole/session"
	"tokenconsole/views"
)

// Shell is what surrounds a page for the person of v. A notice that waits in the
// session is shown now, and not again.
func (a *Responder) Shell(v *request.Visit, title string) views.Shell {
	_ = a.proof(v) // without one there will be no page
	shell := a.quietShell(v, title)
	if v.Proven {
		a.tellNotice(v, &shell)
	}
	return shell
}

// quietShell is Shell for a page that tells of a problem: a notice of the act before would seem to be about this one, and
// waits for the next page.
func (a *Responder) quietShell(v *request.Visit, title string) views.Shell {
	shell := views.Shell{
		Title: title, RequestID: v.ID, Theme: v.Prefers.Theme, Zone: v.Prefers.Zone, ZoneName: v.Now().Location().String(),
		MaxText: directory.MaxText,
	}
	if a.Demo {
		shell.Strips = append(shell.Strips, views.Strip{Kind: "demo", Text: "Demo: an emulated Genesys Cloud on this machine. Nothing here is real."})
	}
	if !v.SignedIn() {
		return shell
	}
	sess := v.Session
	shell.Person = &views.Person{Name: sess.Person.Name, Email: sess.Person.Email, Initials: Initials(sess.Person.Name)}
	shell.Nav, shell.Finder = navigation(sess.Person, v.Request.URL.Path), MayFindPeople(sess.Person)
	if v.Proven {
		a.showOrganization(v, &shell)
	}
	return shell
}

// showOrganization adds what is of the organization, and what its record and its people have to tell.
func (a *Responder) showOrganization(v *request.Visit, shell *views.Shell) {
	sess := v.Session
	if !a.Demo {
		region := a.Platform.Region(sess.Region)
		shell.Strips = append(shell.Strips, views.Strip{Kind: "region", Text: "Region " + region.Name + " · " + region.Domain})
	}
	if sess.Away() {
		shell.Strips = append(shell.Strips, views.Strip{Kind: "away", Text: "You are working in " + sess.Organization.Name + ", not in your home organization " + sess.Home.Name + "."})
	}
	shell.Strips = append(shell.Strips, a.recordStrips(v)...)
	shell.Organization = sess.Organization.Name
	a.countBack(v, shell.Nav)
}

// tellNotice puts into shell what came of the act before, once.
func (a *Responder) tellNotice(v *request.Visit, shell *views.Shell) {
	if !v.SignedIn() || v.Passed || v.Session.Notice == (session.Notice{}) {
		return
	}
	n := v.Session.Notice
	shell.Notice = &views.Notice{Tone: string(n.Tone), Title: n.Title, Text: n.Text, At: views.MomentOf(n.At, v.Now()), CorrelationID: n.CorrelationID}
	v.Session.Notice = session.Notice{}
	// Smaller than what was read from the cookie, so it fits.
	_ = a.Sessions.Save(v.Writer, v.Request, v.Session)
}

// countBack puts on the way to those who came back how many they are.
func (a *Responder) countBack(v *request.Visit, items []views.NavItem) {
	for i := range items {
		if items[i].Href == watchPath {
			items[i].Count = a.CameBack(v.Context(), v.Session.Organization.ID)
		}
	}
}

// recordStrips tell those who may see the organization's record that something
// is wrong with it.
func (a *Responder) recordStrips(v *request.Visit) []views.Strip {
	if !v.Session.Person.May(genesys.PermissionDeleteToken) {
		return nil
	}
	switch state := a.Record.State(v.Context()); state.Condition {
	case audit.Broken:
		return []views.Strip{{Kind: "broken", Text: "The record is not intact: " + state.Fault.Words + ". Nothing can be revoked until that is cleared up."}}
	case audit.Unwritable:
		return []views.Strip{{Kind: "broken", Text: "The record cannot be written, so nothing can be revoked."}}
	}
	return nil
}

// Unsettled says in words that n acts have no outcome on the record.
func Unsettled(n int) string {
	if n == 1 {
		return "One act has no outcome on the record"
	}
	return fmt.Sprintf("%d acts have no outcome on the record", n)
}

// Initials are the first letters of the first and the last word of a name.
func Initials(name string) string {
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
