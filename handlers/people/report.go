package people

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"tokenconsole/handlers/respond"
	"tokenconsole/internal/audit"
	"tokenconsole/internal/revocation"
	"tokenconsole/session"
	"tokenconsole/views"
)

// report is a revocation in words to paste into a ticket, as plain text and as
// Markdown.
func report(sess session.Session, revoked audit.Entry, subject revocation.Subject, p views.Proof, now time.Time) views.Report {
	since := p.Steps[len(p.Steps)-1]
	told := since.Label
	if since.Moment.ISO != "" {
		told += ", " + since.Moment.ISO
	}
	facts := respond.Filled([]views.Fact{
		{Label: "Person", Value: named(respond.DisplayName(subject.User), subject.Email)},
		{Label: "User id", Value: subject.ID.String()},
		{Label: "Organization", Value: sess.Organization.Name + ", region " + sess.Region},
		{Label: "Revoked", Value: stamp(revoked.At)},
		{Label: "Revoked by", Value: named(respond.PartyName(revoked.Actor), revoked.Actor.Email)},
		{Label: "Reason", Value: oneLine(revoked.Reason)},
		{Label: "Ticket", Value: oneLine(revoked.Ticket)},
		{Label: "Last token before", Value: orUntold(revoked.Evidence.TokenIssuedBefore)},
		{Label: "Since then", Value: told + " (checked " + stamp(now) + ")"},
		{Label: "Correlation id", Value: revoked.CorrelationID},
		{Label: "Entry on the record", Value: fmt.Sprint(revoked.Act())},
		{Label: "Request id", Value: revoked.RequestID},
	})
	var text, markdown strings.Builder
	text.WriteString("All tokens of " + respond.DisplayName(subject.User) + " were revoked\n\n")
	markdown.WriteString("## All tokens of " + escaped(respond.DisplayName(subject.User)) + " were revoked\n\n")
	for _, f := range facts {
		fmt.Fprintf(&text, "%-20s %s\n", f.Label+":", f.Value)
		fmt.Fprintf(&markdown, "- **%s:** %s\n", f.Label, escaped(f.Value))
	}
	return views.Report{Text: text.String(), Markdown: markdown.String()}
}

func named(name, email string) string {
	if email == "" {
		return name
	}
	return name + " (" + email + ")"
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func orUntold(t time.Time) string {
	if t.IsZero() {
		return "not reported"
	}
	return stamp(t)
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

var markup = regexp.MustCompile("[\\\\`*_{}\\[\\]<>#|~!&@]")

// escaped is text as Markdown shows it, so that nobody's name is a link, a picture
// or a mention.
func escaped(text string) string {
	return markup.ReplaceAllStringFunc(text, func(sign string) string {
		switch sign {
		case "@":
			return "&#64;" // a backslash does not stop mentions
		case "&":
			return "&amp;"
		case "<":
			return "&lt;"
		}
		return `\` + sign
	})
}
