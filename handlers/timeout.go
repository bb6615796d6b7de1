package handlers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/session"
	"tokenconsole/views"
)

// showTimeout tells the organization's idle token timeout in plain words.
func (s *Server) showTimeout(w http.ResponseWriter, r *http.Request, sess session.Session) error {
	current, err := s.client(sess).GetTokensTimeout(r.Context(), sess.AccessToken)
	if err != nil {
		return err
	}
	p := views.TimeoutPage{
		Shell: s.shell(w, r, sess, "Idle timeout"), Enabled: current.Enabled, Current: timeoutWords(current),
		Minutes: minutes(current), MayChange: sess.Person.May(genesys.PermissionAdminOrg),
	}
	s.write(w, r, http.StatusOK, views.Timeout(p))
	return nil
}

// timeoutForm is a change of the timeout as it was asked for.
type timeoutForm struct{ enabled, minutes, reason string }

func readTimeoutForm(values url.Values) timeoutForm {
	return timeoutForm{values.Get("enabled"), strings.TrimSpace(values.Get("minutes")), strings.TrimSpace(values.Get("reason"))}
}

// parse returns the timeout that f asks for, or what is wrong with it.
func (f timeoutForm) parse() (genesys.IdleTokenTimeout, string) {
	if f.enabled != "on" {
		// The platform keeps the seconds of a timeout that is off, and checks them.
		return genesys.IdleTokenTimeout{Seconds: genesys.MaxIdleTimeoutHIPAA}, ""
	}
	n, err := strconv.ParseFloat(f.minutes, 64)
	seconds := int(n * 60)
	if err != nil || n != n || !inBounds(seconds) {
		return genesys.IdleTokenTimeout{}, fmt.Sprintf("Give a number of minutes from %d to %d, or at most %d under HIPAA. Nothing was changed.",
			genesys.MinIdleTimeout/60, genesys.MaxIdleTimeout/60, genesys.MaxIdleTimeoutHIPAA/60)
	}
	return genesys.IdleTokenTimeout{Seconds: seconds, Enabled: true}, ""
}

func inBounds(seconds int) bool {
	return seconds >= genesys.MinIdleTimeout && seconds <= genesys.MaxIdleTimeout
}

// confirmTimeout states what a change would do, and asks why.
func (s *Server) confirmTimeout(w http.ResponseWriter, r *http.Request, sess session.Session) error {
	query := r.URL.Query()
	if !query.Has("minutes") {
		return redirect(w, r, "/timeout") // nothing was asked for, not even "off"
	}
	return s.askTimeout(w, r, sess, readTimeoutForm(query), http.StatusOK, nil, nil)
}

// askTimeout shows the confirmation of form, or the first form again if its
// timeout is not one.
func (s *Server) askTimeout(w http.ResponseWriter, r *http.Request, sess session.Session, form timeoutForm, status int, wrong map[string]string, failed *problem) error {
	current, err := s.client(sess).GetTokensTimeout(r.Context(), sess.AccessToken)
	if err != nil {
		return err
	}
	wanted, bad := form.parse()
	if bad != "" {
		p := views.TimeoutPage{
			Shell: s.shell(w, r, sess, "Idle timeout"), Enabled: form.enabled == "on", Current: timeoutWords(current),
			Minutes: form.minutes, MayChange: true, Error: bad,
		}
		s.write(w, r, http.StatusUnprocessableEntity, views.Timeout(p))
		return nil
	}
	p := views.ConfirmTimeoutPage{
		Shell: s.shell(w, r, sess, "Change the idle timeout"), From: timeoutWords(current), To: timeoutWords(wanted),
		Enabled: form.enabled, Minutes: form.minutes, Reason: form.reason, Errors: wrong, Off: !wanted.Enabled,
		Shorter: wanted.Enabled && (!current.Enabled || wanted.Seconds < current.Seconds),
	}
	if failed != nil {
		failed.setHeaders(w.Header())
		p.Problem = &failed.Problem
	}
	s.write(w, r, status, views.ConfirmTimeout(p))
	return nil
}

// changeTimeout changes it for the whole organization.
func (s *Server) changeTimeout(w http.ResponseWriter, r *http.Request, sess session.Session) error {
	form := readTimeoutForm(r.PostForm)
	wanted, bad := form.parse()
	wrong := revocation{reason: form.reason}.check("Nothing was changed.")
	if bad != "" || len(wrong) > 0 {
		return s.askTimeout(w, r, sess, form, http.StatusUnprocessableEntity, wrong, nil)
	}
	current, err := s.client(sess).GetTokensTimeout(r.Context(), sess.AccessToken)
	if err != nil {
		return err
	}
	if !wanted.Enabled && inBounds(current.Seconds) {
		wanted.Seconds = current.Seconds // for the day that it is turned on again
	}
	e := s.entry(r, sess, audit.ChangeTimeout)
	e.Reason, e.Detail = form.reason, "from "+timeoutWords(current)+" to "+timeoutWords(wanted)
	asked, err := s.ask(r, e)
	if err != nil {
		return err
	}
	receipt, err := s.client(sess).PutTokensTimeout(context.WithoutCancel(r.Context()), sess.AccessToken, wanted)
	unrecorded := s.settle(r, asked, receipt, err)
	switch {
	case errors.Is(err, genesys.ErrUnauthorized):
		return err
	case err != nil:
		failed := openProblem(timeoutProblem(err, s.now()), asked, unrecorded)
		return s.askTimeout(w, r, sess, form, failed.status, nil, failed)
	}
	notice := session.Notice{
		Tone: session.Good, Title: "The idle timeout is changed", Text: "It was " + timeoutWords(current) + " and is " + timeoutWords(wanted) + " now.",
		CorrelationID: receipt.CorrelationID,
	}
	// Under HIPAA the platform confirms that the timeout is off, and keeps one.
	if is, err := s.client(sess).GetTokensTimeout(r.Context(), sess.AccessToken); err == nil && timeoutWords(is) != timeoutWords(wanted) {
		notice.Tone, notice.Title = session.Warning, "The idle timeout is not what was asked for"
		notice.Text = "Genesys Cloud confirmed the change from " + timeoutWords(current) + " to " + timeoutWords(wanted) + ", but the timeout is " + timeoutWords(is) + " now."
	}
	return s.redirectWith(w, r, sess, "/timeout", openEntry(notice, asked, unrecorded))
}

func timeoutProblem(err error, now time.Time) *problem {
	if errors.Is(err, genesys.ErrTimeoutBounds) {
		p := refuse(http.StatusUnprocessableEntity, "Your organization may not have that timeout", "Genesys Cloud takes 5 minutes to 8 hours. Nothing was changed.", "Choose another.")
		if genesys.HIPAA(err) {
			p.Meaning = "It is under HIPAA, for which Genesys Cloud takes 5 to 15 minutes. Nothing was changed."
		}
		p.CorrelationID = genesys.CorrelationID(err)
		return p
	}
	p := *explain(err, now)
	if genesys.OutcomeUnknown(err) {
		p.Title = "It is unknown whether the timeout was changed"
		p.Next = "Look at the timeout again before you go on. " + p.Next
	}
	return &p
}

func timeoutWords(t genesys.IdleTokenTimeout) string {
	if !t.Enabled {
		return "off"
	}
	return span(time.Duration(t.Seconds) * time.Second)
}

func minutes(t genesys.IdleTokenTimeout) string {
	return strconv.FormatFloat(float64(t.Seconds)/60, 'f', -1, 64)
}
