package settings

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/revocation"
	"tokenconsole/session"
	"tokenconsole/views"
)

// form is a change of the timeout as it was asked for. From is what the timeout
// was when it was confirmed.
type form struct{ enabled, minutes, reason, from string }

// wanted is current with the change that f asks for, or what is wrong with it.
// Everything else that was read stays as it is.
func (f form) wanted(current genesys.IdleTokenTimeout) (genesys.IdleTokenTimeout, string) {
	wanted := current
	wanted.Enabled = f.enabled == "on"
	if !wanted.Enabled {
		if !inBounds(wanted.Seconds) {
			// The platform checks the seconds of a timeout that is off, too.
			wanted.Seconds = genesys.MaxIdleTimeoutHIPAA
		}
		return wanted, ""
	}
	n, err := strconv.ParseFloat(f.minutes, 64)
	wanted.Seconds = int(n * 60)
	if err != nil || n != n || !inBounds(wanted.Seconds) {
		const bounds = "Enter a number of minutes from %d to %d, or at most %d under HIPAA. Nothing was changed."
		return current, fmt.Sprintf(bounds, genesys.MinIdleTimeout/60, genesys.MaxIdleTimeout/60, genesys.MaxIdleTimeoutHIPAA/60)
	}
	return wanted, ""
}

func inBounds(seconds int) bool {
	return seconds >= genesys.MinIdleTimeout && seconds <= genesys.MaxIdleTimeout
}

// ConfirmTimeout states what a change would do, and asks why.
func (s *Room) ConfirmTimeout(v *request.Visit) error {
	query := v.Request.URL.Query()
	if !query.Has("minutes") && !query.Has("choice") {
		return s.Redirect(v, "/timeout") // nothing was asked for, not even "off"
	}
	current, err := s.read(v)
	if err != nil {
		return err
	}
	f := form{query.Get("enabled"), query.Get("minutes"), v.Field("reason"), recorded(current)}
	return s.showConfirmation(v, http.StatusOK, f.choose(query.Get("choice")), current, nil, nil)
}

// showConfirmation shows the confirmation of f, or the first form once more if
// its timeout is not one, or is the one that there is.
func (s *Room) showConfirmation(
	v *request.Visit, status int, f form, current genesys.IdleTokenTimeout, wrong map[string]string, failed *respond.Problem,
) error {
	wanted, bad := f.wanted(current)
	if bad == "" && current.Same(wanted) {
		bad = "The timeout is already " + inWords(current) + ". Nothing was changed."
	}
	if bad != "" {
		p := choicesFor(f.enabled == "on", f.minutes)
		p.Error = bad
		return s.showTimeout(v, http.StatusUnprocessableEntity, current, p)
	}
	names, _ := s.readAround(v, current, false)
	p := views.ConfirmTimeoutPage{
		From: inWords(current), To: inWords(wanted), Confirmed: recorded(current),
		Groups: groupRows(current.Groups, names), GroupsCount: current.GroupsEnabled,
		Enabled: f.enabled, Minutes: f.minutes, Reason: f.reason, MaxReason: revocation.MaxReason,
		Errors: wrong, Off: !wanted.Enabled,
		Shorter: wanted.Enabled && (!current.Enabled || wanted.Seconds < current.Seconds),
		Problem: s.AboveForm(v, failed),
	}
	p.Shell = s.Shell(v, "Change the idle timeout")
	return s.Page(v, status, views.ConfirmTimeout(p))
}

// ChangeTimeout changes it for the whole organization.
func (s *Room) ChangeTimeout(v *request.Visit) error {
	f := form{v.Field("enabled"), v.Field("minutes"), v.Field("reason"), v.Field("from")}
	current, err := s.read(v)
	if err != nil {
		return err
	}
	wanted, bad := f.wanted(current)
	var wrong map[string]string
	if e, ok := errors.AsType[*revocation.FormError](revocation.Check(f.reason, "")); ok {
		wrong = respond.FormErrors(e, "Nothing was changed.")
	}
	if bad != "" || len(wrong) > 0 || current.Same(wanted) {
		return s.showConfirmation(v, http.StatusUnprocessableEntity, f, current, wrong, nil)
	}
	if f.from != "" && f.from != recorded(current) {
		changed := respond.Refuse(respond.TimeoutChanged)
		return s.showConfirmation(v, changed.Status, f, current, nil, changed)
	}
	e := request.Entry(v, audit.ChangeTimeout)
	e.Reason, e.Change = f.reason, audit.Change{From: recorded(current), To: recorded(wanted)}
	act, err := s.Log.Undertake(v.Context(), e, func(ctx context.Context) audit.Result {
		return audit.ResultOf(s.Platform.Client(v.Session.Region).PutTokensTimeout(ctx, v.Session.AccessToken, wanted))
	})
	if err != nil {
		return err
	}
	return s.tell(v, f, act, current, wanted)
}

// tell answers with what came of a change.
func (s *Room) tell(v *request.Visit, f form, act audit.Settled, from, to genesys.IdleTokenTimeout) error {
	switch err := act.Result.Err; {
	case errors.Is(err, genesys.ErrUnauthorized):
		return respond.TellProblem(act, respond.Explain(err, v.Now()))
	case err != nil:
		failed := respond.TellProblem(act, timeoutProblem(act, v.Now()))
		return s.showConfirmation(v, failed.Status, f, from, nil, failed)
	}
	notice := session.Notice{
		Tone: session.Good, Title: "The idle timeout was changed",
		Text:          "It was " + inWords(from) + " and is now " + inWords(to) + ".",
		CorrelationID: act.Result.CorrelationID,
	}
	// Under HIPAA the platform confirms that the timeout is off, and keeps one.
	if is, err := s.read(v); err == nil && !is.Same(to) {
		notice.Tone, notice.Title = session.Warning, "The idle timeout is not what you asked for"
		notice.Text = "Genesys Cloud confirmed the change from " + inWords(from) + " to " + inWords(to) +
			", but the timeout is now " + inWords(is) + ", or the timeouts of the groups have changed."
	}
	return s.RedirectWith(v, "/timeout", respond.Tell(act, notice))
}

func timeoutProblem(act audit.Settled, now time.Time) *respond.Problem {
	err := act.Result.Err
	if errors.Is(err, genesys.ErrTimeoutBounds) {
		p := respond.Refuse(respond.TimeoutOutOfBounds)
		if genesys.HIPAA(err) {
			p.Meaning = "It is under HIPAA, where Genesys Cloud accepts " + span(genesys.MinIdleTimeout) + " to " +
				span(genesys.MaxIdleTimeoutHIPAA) + ". Nothing was changed."
		}
		p.CorrelationID, p.Cause = genesys.CorrelationID(err), err
		return p
	}
	p := respond.Explain(err, now)
	if act.Result.Outcome != audit.Unknown {
		return p
	}
	return respond.Refuse(respond.TimeoutUnknown).Because(p)
}
