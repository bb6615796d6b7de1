package handlers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/session"
	"tokenconsole/views"
)

const (
	longestReason = 500 // characters
	longestTicket = 100
)

// revocation is the form that confirms one.
type revocation struct{ reason, ticket string }

// confirmRevocation states whom it is about and the impact, and asks why.
func (s *Server) confirmRevocation(w http.ResponseWriter, r *http.Request, sess session.Session) error {
	u, why, err := s.shown(r, sess)
	if err != nil {
		return err
	}
	p := s.revokePage(u, why, sess)
	p.Shell = s.shell(w, r, sess, p.Button)
	s.write(w, r, http.StatusOK, views.Revoke(p))
	return nil
}

// revokeUser deletes all tokens of a person.
func (s *Server) revokeUser(w http.ResponseWriter, r *http.Request, sess session.Session) error {
	id, err := genesys.ParseUserID(r.PathValue("id"))
	if err != nil {
		return err
	}
	form := revocation{strings.TrimSpace(r.PostForm.Get("reason")), strings.TrimSpace(r.PostForm.Get("ticket"))}
	u, why, err := s.lookUp(r.Context(), sess, id)
	if err != nil {
		return err
	}
	if wrong := form.check("Nothing was revoked."); len(wrong) > 0 {
		p := s.revokePage(u, why, sess)
		p.Reason, p.Ticket, p.Errors = form.reason, form.ticket, wrong
		return s.revokeAgain(w, r, sess, http.StatusUnprocessableEntity, p)
	}
	asked, err := s.ask(r, revocationEntry(s.entry(r, sess, audit.Revoke), u, form))
	if err != nil {
		return err
	}
	// Once asked for, a revocation is seen through, even if the browser gives up.
	receipt, err := s.client(sess).DeleteToken(context.WithoutCancel(r.Context()), sess.AccessToken, id)
	unrecorded := s.settle(r, asked, receipt, err)
	switch {
	case errors.Is(err, genesys.ErrUnauthorized):
		return err
	case err != nil:
		problem := openProblem(revokeProblem(err, u, s.now), asked, unrecorded)
		p := s.revokePage(u, why, sess)
		p.Reason, p.Ticket, p.Problem = form.reason, form.ticket, &problem.Problem
		problem.setHeaders(w.Header())
		s.log.Warn("a revocation did not succeed", "request", requestID(r), "of", id.String(), "error", err.Error())
		return s.revokeAgain(w, r, sess, problem.status, p)
	case id == sess.Person.ID:
		return s.farewell(w, r, sess, session.SelfRevoked, receipt)
	}
	notice := session.Notice{
		Tone:          session.Good,
		Title:         "All tokens of " + shortened(displayName(u)) + " are revoked",
		Text:          fmt.Sprintf("Genesys Cloud confirmed (%d). It may take some seconds until every application notices.", receipt.Status),
		CorrelationID: receipt.CorrelationID,
	}
	return s.redirectWith(w, r, sess, userPath(id), openEntry(notice, asked, unrecorded))
}

// farewell ends the session of a person who has ended their own token, as the page
// that they come to says.
func (s *Server) farewell(w http.ResponseWriter, r *http.Request, sess session.Session, ending session.Ending, receipt genesys.Receipt) error {
	s.sessions.End(w, sess)
	farewell := session.Farewell{Ending: ending, At: receipt.At, Region: sess.Region, CorrelationID: receipt.CorrelationID}
	if err := s.sessions.SayFarewell(w, r, farewell); err != nil {
		return err
	}
	return redirect(w, r, "/signed-out")
}

// revocationEntry says on the record whom a revocation is about and why, and
// when that person last got a token: the one half of its proof.
func revocationEntry(e audit.Entry, u genesys.User, form revocation) audit.Entry {
	e.Subject = audit.Party{ID: u.ID.String(), Name: u.Name, Email: u.Email}
	e.Reason, e.Ticket = form.reason, form.ticket
	if issued := u.LastTokenIssued.DateIssued; !issued.IsZero() {
		e.Detail = lastIssued + issued.UTC().Format(time.RFC3339)
	}
	return e
}

// lastIssued introduces the evidence in the detail of a revocation.
const lastIssued = "last token issued "

func (s *Server) revokeAgain(w http.ResponseWriter, r *http.Request, sess session.Session, status int, p views.RevokePage) error {
	p.Shell = s.shell(w, r, sess, p.Button)
	s.write(w, r, status, views.Revoke(p))
	return nil
}

// check says what is wrong with the form, by field, and that nothing was done.
func (f revocation) check(nothing string) map[string]string {
	wrong := map[string]string{}
	switch n := utf8.RuneCountInString(f.reason); {
	case n == 0:
		wrong["reason"] = "Give a reason: it goes on the record. " + nothing
	case !strings.ContainsFunc(f.reason, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }):
		wrong["reason"] = "Give a reason in words: it goes on the record. " + nothing
	case n > longestReason:
		wrong["reason"] = fmt.Sprintf("That is %d characters; at most %d fit. %s", n, longestReason, nothing)
	case !utf8.ValidString(f.reason):
		wrong["reason"] = "That is not readable text. " + nothing
	}
	if utf8.RuneCountInString(f.ticket) > longestTicket || strings.ContainsAny(f.ticket, "\r\n") || !utf8.ValidString(f.ticket) {
		wrong["ticket"] = fmt.Sprintf("Give one line of at most %d characters. %s", longestTicket, nothing)
	}
	return wrong
}

// revokePage asks for the confirmation of revoking u's tokens; why says why it
// is not known who u is.
func (s *Server) revokePage(u genesys.User, why *problem, sess session.Session) views.RevokePage {
	p := views.RevokePage{
		Name: displayName(u), Initials: initials(u.Name), ID: u.ID.String(), Email: u.Email, State: u.State,
		You: u.ID == sess.Person.ID, Busy: busy(u), Issued: moment(u.LastTokenIssued.DateIssued, s.now()),
		Action: userPath(u.ID) + "/revoke", Cancel: userPath(u.ID),
		Button: "Revoke " + displayName(u) + "’s tokens",
	}
	if why != nil {
		p.Unknown = "Who this is could not be found out (" + why.Title + "). Make sure of the id before you go on."
	}
	if p.You {
		p.Button, p.Cancel = "Sign me out everywhere", "/token"
	}
	return p
}

// shortened keeps a name within what a notice in a cookie has room for.
func shortened(name string) string {
	if runes := []rune(name); len(runes) > 80 {
		return string(runes[:80]) + "…"
	}
	return name
}

// revokeProblem says what came of a revocation that did not succeed: whether
// the tokens live on, or that nobody knows.
func revokeProblem(err error, u genesys.User, now func() time.Time) *problem {
	p := *explain(err, now())
	name := displayName(u)
	switch {
	case genesys.OutcomeUnknown(err):
		p.Title = "It is unknown whether the tokens were revoked"
		p.Meaning = "The request was sent, but Genesys Cloud did not confirm it: " + name + "’s tokens may or may not be revoked. " + p.Meaning
		p.Next = "Revoking again does no harm. " + p.Next
	case errors.Is(err, genesys.ErrNotFound):
		p.Title = "There is no such user"
		p.Meaning = "Genesys Cloud knows nobody with this id in your organization. Nothing was revoked."
	default:
		p.Title = "The tokens were not revoked: " + lowerFirst(p.Title)
		p.Meaning += " " + name + "’s tokens are as they were."
	}
	return &p
}

func lowerFirst(text string) string {
	if strings.HasPrefix(text, "Genesys") {
		return text
	}
	return strings.ToLower(text[:1]) + text[1:]
}
