package handlers_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"tokenconsole/internal/audit"
)

// organizationWith sets the emulated organization up.
func (rec *recorded) organizationWith(settings map[string]any) {
	rec.t.Helper()
	rec.backDoor(http.MethodPut, "settings", settings)
}

func TestTimeoutInWords(t *testing.T) {
	t.Parallel()
	rec := newRecorded(t)
	b := rec.signedIn(admin)
	for idle, want := range map[string]string{"0": "idle out afteroff", "5m": "idle out after5 min", "30m": "idle out after30 min", "8h": "idle out after8 h"} {
		rec.organizationWith(map[string]any{"idleTimeout": idle})
		b.get("/timeout").want(http.StatusOK).wantText(want, "API activity, not people.", "under HIPAA 15 minutes at most")
	}
	a := rec.signedIn(supervisor).get("/timeout").want(http.StatusOK).wantText("needs the permission directory:organization:admin")
	if a.page().Find("form[action='/timeout/change']").Length() != 0 {
		t.Error("the change is offered to people who may not do it")
	}
}

func TestTimeoutChange(t *testing.T) {
	t.Parallel()
	rec := newRecorded(t)
	b := rec.signedIn(admin)
	var sent string
	rec.onCall = func(r *http.Request) {
		if r.Method == http.MethodPut {
			content, _ := io.ReadAll(r.Body)
			sent = string(content)
			*r = *withBody(r, sent)
		}
	}
	for _, test := range []struct {
		from          string // what the organization has
		form          url.Values
		confirm, sent string
		detail        string
	}{
		{"0", url.Values{"enabled": {"on"}, "minutes": {"30"}}, "from off to 30 min", `{"idleTokenTimeoutSeconds":1800,"enableIdleTokenTimeout":true}`, "from off to 30 min"},
		{"30m", url.Values{"enabled": {"on"}, "minutes": {"7.5"}}, "from 30 min to 7 min 30 s", `{"idleTokenTimeoutSeconds":450,"enableIdleTokenTimeout":true}`, "from 30 min to 7 min 30 s"},
		{"30m", url.Values{"minutes": {"30"}}, "from 30 min to off", `{"idleTokenTimeoutSeconds":1800,"enableIdleTokenTimeout":false}`, "from 30 min to off"},
	} {
		rec.organizationWith(map[string]any{"idleTimeout": test.from})
		b.get("/timeout/change?"+test.form.Encode()).want(http.StatusOK).
			wantText("Change the idle timeout "+test.confirm, "everybody in the organization")
		test.form.Set("reason", lostPhone)
		b.follow(b.post("/timeout/change", test.form).wantTo("/timeout")).wantText("The idle timeout is changed")
		if sent != test.sent {
			t.Errorf("%v: the platform got %s, want %s", test.form, sent, test.sent)
		}
		all := rec.entries()
		if e := all[len(all)-1]; e.Action != audit.ChangeTimeout || e.Outcome != audit.Done || e.Detail != test.detail || e.Reason != lostPhone {
			t.Errorf("%v: the record says %s %s %q %q", test.form, e.Action, e.Outcome, e.Detail, e.Reason)
		}
	}
}

func TestTimeoutConfirmationSaysWhoIsCutOff(t *testing.T) {
	t.Parallel()
	rec := newRecorded(t)
	rec.organizationWith(map[string]any{"idleTimeout": "30m"})
	b := rec.signedIn(admin)
	const cutOff, forgotten = "people may be cut off in the middle of their work", "A forgotten browser stays signed in"
	for query, want := range map[string]string{"enabled=on&minutes=10": cutOff, "minutes=10": forgotten, "enabled=on&minutes=60": ""} {
		text := b.get("/timeout/change?" + query).want(http.StatusOK).text()
		for _, words := range []string{cutOff, forgotten} {
			if strings.Contains(text, words) != (words == want) {
				t.Errorf("%s: says %q: %v", query, words, words != want)
			}
		}
	}
	rec.wantAsked(0, "PUT ")
}

func TestTimeoutRefusesWhatIsNone(t *testing.T) {
	t.Parallel()
	rec := newRecorded(t)
	b := rec.signedIn(admin)
	for _, minutes := range []string{"", "4.99", "481", "-5", "NaN", "Inf", "-Inf", "1e300", "five", "10;20", "١٥", "10 min"} {
		form := url.Values{"enabled": {"on"}, "minutes": {minutes}}
		b.get("/timeout/change?" + form.Encode()).want(http.StatusUnprocessableEntity).wantText("Give a number of minutes from 5 to 480")
		form.Set("reason", lostPhone)
		a := b.post("/timeout/change", form).want(http.StatusUnprocessableEntity).wantText("Nothing was changed.")
		if got := a.page().Find("#minutes").AttrOr("value", ""); got != minutes {
			t.Errorf("%q comes back as %q", minutes, got)
		}
	}
	for _, reason := range []string{"", "   ", strings.Repeat("x", 501)} {
		a := b.post("/timeout/change", url.Values{"enabled": {"on"}, "minutes": {"10"}, "reason": {reason}}).want(http.StatusUnprocessableEntity).wantText("Nothing was changed.")
		if a.page().Find("#reason-error").Length() != 1 {
			t.Errorf("a reason of %d characters: the field does not say what is wrong", len(reason))
		}
	}
	rec.wantAsked(0, "PUT ")
}

func TestTimeoutUnderHIPAA(t *testing.T) {
	t.Parallel()
	rec := newRecorded(t)
	rec.organizationWith(map[string]any{"hipaa": true, "idleTimeout": "10m"})
	b := rec.signedIn(admin)
	b.post("/timeout/change", url.Values{"enabled": {"on"}, "minutes": {"16"}, "reason": {lostPhone}}).want(http.StatusUnprocessableEntity).
		wantText("Your organization may not have that timeout", "It is under HIPAA", "5 to 15 minutes", "Nothing was changed.", "correlation id")
	all := rec.entries()
	if e := all[len(all)-1]; e.Outcome != audit.Refused || e.PlatformStatus != 400 || e.CorrelationID == "" {
		t.Errorf("the record says %s %d %q", e.Outcome, e.PlatformStatus, e.CorrelationID)
	}
	// The platform says yes to off, and keeps a timeout all the same.
	a := b.follow(b.post("/timeout/change", url.Values{"minutes": {"10"}, "reason": {lostPhone}})).
		wantText("The idle timeout is not what was asked for", "the timeout is 15 min now")
	if strings.Contains(a.text(), "is off now") {
		t.Error("it claims that the timeout is off")
	}
}

func TestTimeoutIsForAdministrators(t *testing.T) {
	t.Parallel()
	rec := newRecorded(t)
	b := rec.signedIn(supervisor)
	b.get("/timeout/change?enabled=on&minutes=10").want(http.StatusForbidden).wantText("directory:organization:admin")
	b.post("/timeout/change", timeoutChange).want(http.StatusForbidden).wantText("directory:organization:admin", "Nothing was changed.")
	rec.wantAsked(0, "PUT ")
	rec.wantAsked(0, "GET /api/v2/tokens/timeout")
}
