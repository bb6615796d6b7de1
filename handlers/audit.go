package handlers

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/session"
	"tokenconsole/views"
)

const auditPerPage = 50

// showAudit lists the record: the organization's for people who may revoke,
// their own entries for others.
func (s *Server) showAudit(w http.ResponseWriter, r *http.Request, sess session.Session) error {
	query := r.URL.Query()
	filter, wrong := auditFilter(query, sess)
	after, err := audit.ParseCursor(query.Get("after"))
	if err != nil {
		after = audit.Cursor{}
	}
	p := views.AuditPage{Filter: auditForm(query), Errors: wrong, Own: filter.Own != "", Actions: actionChoices(query.Get("action")), Outcomes: outcomeChoices(query.Get("outcome"))}
	status := http.StatusUnprocessableEntity
	if len(wrong) == 0 {
		list, err := s.audit.List(r.Context(), filter, after, auditPerPage)
		if err != nil {
			return s.recordUnread(r, err)
		}
		status = http.StatusOK
		p.Entries = auditRows(list.Entries, s.now())
		p.Older, p.Newer = auditLink("/audit", query, list.Older), auditLink("/audit", query, list.Newer)
		p.CSV, p.JSON = auditLink("/audit.csv", query, audit.Cursor{}), auditLink("/audit.json", query, audit.Cursor{})
	}
	p.Chain, p.Broken = s.chain.state(r.Context())
	p.Shell = s.shell(w, r, sess, "Audit")
	s.write(w, r, status, views.Audit(p))
	return nil
}

var errUnread = refuse(http.StatusServiceUnavailable, "The record cannot be read", "This console’s database does not answer.", "Try again in a moment. This is for whoever runs the console: look at its database.", toToken)

func (s *Server) recordUnread(r *http.Request, err error) error {
	s.log.Error("the record could not be read", "request", requestID(r), "error", err.Error())
	return errUnread
}

// auditFilter reads a filter from a query, bounded to what sess may see, or
// what is wrong with it, by field.
func auditFilter(query url.Values, sess session.Session) (audit.Filter, map[string]string) {
	wrong := map[string]string{}
	f := audit.Filter{
		OrganizationID: sess.Organization.ID,
		Person:         searchable(query.Get("person")),
		Actor:          searchable(query.Get("actor")),
		Action:         oneOf(audit.Actions(), query, "action", wrong),
		Outcome:        oneOf(audit.Outcomes(), query, "outcome", wrong),
		From:           day(query, "from", wrong),
		To:             day(query, "to", wrong),
		Open:           query.Get("open") == "on",
	}
	if !f.To.IsZero() {
		f.To = f.To.AddDate(0, 0, 1) // the whole of the day
	}
	if !sess.Person.May(genesys.PermissionDeleteToken) {
		f.Own = sess.Person.ID.String()
	}
	return f, wrong
}

// searchable is text as a database can look for it: PostgreSQL takes no NUL and
// nothing but UTF-8.
func searchable(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
	runes := []rune(strings.TrimSpace(text))
	return string(runes[:min(len(runes), longestQuery)])
}

// oneOf reads one of choices, or none.
func oneOf[T ~string](choices []T, query url.Values, name string, wrong map[string]string) T {
	chosen := T(query.Get(name))
	if chosen != "" && !slices.Contains(choices, chosen) {
		wrong[name] = "Choose one of the list."
		return ""
	}
	return chosen
}

// day reads a date, in UTC.
func day(query url.Values, name string, wrong map[string]string) time.Time {
	text := query.Get(name)
	if text == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		wrong[name] = "Give a date such as 2026-11-24."
	}
	return t
}

func auditForm(query url.Values) views.AuditFilter {
	return views.AuditFilter{
		Person: query.Get("person"), Actor: query.Get("actor"), From: query.Get("from"), To: query.Get("to"),
		Open: query.Get("open") == "on", Active: auditLink("", query, audit.Cursor{}) != "",
	}
}

// auditLink is path with the filter of query, at the place c. It is "" for a
// place in the list that there is not.
func auditLink(path string, query url.Values, c audit.Cursor) string {
	if path == "/audit" && c.IsZero() {
		return ""
	}
	kept := url.Values{}
	for _, name := range []string{"person", "actor", "action", "outcome", "from", "to", "open"} {
		if v := query.Get(name); v != "" {
			kept.Set(name, v)
		}
	}
	if !c.IsZero() {
		kept.Set("after", c.String())
	}
	if len(kept) == 0 {
		return path
	}
	return path + "?" + kept.Encode()
}

func actionChoices(selected string) []views.Choice {
	var choices []views.Choice
	for _, a := range audit.Actions() {
		choices = append(choices, views.Choice{Value: string(a), Label: actionNames[a], Selected: string(a) == selected})
	}
	return choices
}

func outcomeChoices(selected string) []views.Choice {
	var choices []views.Choice
	for _, o := range audit.Outcomes() {
		choices = append(choices, views.Choice{Value: string(o), Label: string(o), Selected: string(o) == selected})
	}
	return choices
}

// actionNames are the record's actions in words.
var actionNames = map[audit.Action]string{
	audit.SignIn: "Sign-in", audit.SignOut: "Sign-out", audit.Verify: "Verification", audit.Revoke: "Revocation",
	audit.ChangeTimeout: "Timeout change", audit.Inspect: "Inspection", audit.DeleteInspected: "Deletion of a found token",
	audit.Prune: "Pruning of the record",
}

func auditRows(entries []audit.Entry, now time.Time) []views.AuditRow {
	rows := make([]views.AuditRow, len(entries))
	for i, e := range entries {
		rows[i] = auditRow(e, now)
	}
	return rows
}

func auditRow(e audit.Entry, now time.Time) views.AuditRow {
	row := views.AuditRow{
		Seq: strconv.FormatInt(e.Seq, 10), At: moment(e.At, now), Action: actionNames[e.Action], Outcome: string(e.Outcome), Open: e.Open,
		Actor: nameOf(e.Actor), ActorEmail: e.Actor.Email, Subject: nameOf(e.Subject), SubjectEmail: e.Subject.Email,
		Reason: e.Reason, Ticket: e.Ticket, Detail: e.Detail,
	}
	if id, err := genesys.ParseUserID(e.Subject.ID); err == nil {
		row.SubjectHref = userPath(id)
	}
	more := []views.Fact{
		{Label: "Platform’s correlation id", Value: e.CorrelationID},
		{Label: "Request id", Value: e.RequestID},
		{Label: "Client address", Value: e.ClientAddress},
		{Label: "Region", Value: e.Region},
		{Label: "Hash", Value: e.Hash},
	}
	if e.PlatformStatus != 0 {
		more = append(more, views.Fact{Label: "Platform’s status", Value: strconv.Itoa(e.PlatformStatus)})
	}
	if e.Asks != 0 {
		more = append(more, views.Fact{Label: "Closes entry", Value: strconv.FormatInt(e.Asks, 10)})
	}
	row.More = withoutEmpty(more)
	return row
}

func nameOf(p audit.Party) string {
	if p.Name != "" {
		return p.Name
	}
	return p.ID
}

// exportAudit streams what a filter shows, written by write.
func (s *Server) exportAudit(kind string, write func(context.Context, io.Writer, audit.Filter) error) signedInPage {
	return func(w http.ResponseWriter, r *http.Request, sess session.Session) error {
		filter, wrong := auditFilter(r.URL.Query(), sess)
		if len(wrong) > 0 {
			return refuse(http.StatusUnprocessableEntity, "That filter cannot be read", "It names a date, an action or an outcome that there is not. Nothing was exported.", "Set the filter on the audit page and export from there.", views.Action{Label: "Audit", Href: "/audit", Primary: true})
		}
		_, ext, _ := strings.Cut(r.URL.Path, ".")
		out := &exportWriter{w: w, control: http.NewResponseController(w), start: func() {
			w.Header().Set("Content-Type", kind)
			w.Header().Set("Content-Disposition", `attachment; filename="audit-`+s.now().UTC().Format("20060102-150405")+"."+ext+`"`)
		}}
		if r.Method == http.MethodHead {
			out.start() // without walking the record for nothing
			return nil
		}
		err := write(r.Context(), out, filter)
		if err != nil && !out.started {
			return s.recordUnread(r, err)
		}
		if err != nil {
			// A part must not pass for the whole: the connection is broken off.
			s.log.Warn("an export broke off", "request", requestID(r), "error", err.Error())
			panic(http.ErrAbortHandler)
		}
		return nil
	}
}

// exportWriter begins an answer with its first byte, so that an error before it
// can still be a page, and lets a long one take longer than a page may, as long
// as it goes on.
type exportWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
	start   func()
	started bool
}

func (e *exportWriter) Write(p []byte) (int, error) {
	if !e.started {
		e.started = true
		e.start()
	}
	_ = e.control.SetWriteDeadline(time.Now().Add(30 * time.Second)) // not every test's writer can
	return e.w.Write(p)
}
