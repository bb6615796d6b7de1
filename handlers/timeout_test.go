package handlers_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/audit"
)

func TestTimeoutInWords(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	for idle, want := range map[string]string{"0": "off", "5m": "5 min", "30m": "30 min", "8h": "8 h"} {
		t.Run(idle, func(t *testing.T) {
			c.in(t).organizationWith(map[string]any{"idleTimeout": idle})
			if got := b.in(t).get("/timeout").want(http.StatusOK).page().Find(".countdown").Text(); got != want {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
}

// Groups may have a timeout of their own, also while that of the organization is
// off. They are shown with it, and by everybody.
func TestTimeoutOfGroupsIsShown(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.organizationWith(map[string]any{"idleTimeout": "0", "groupTimeouts": true})
	for _, who := range []string{admin, agent} {
		t.Run(who, func(t *testing.T) {
			page := c.in(t).signedIn(who).get("/timeout").want(http.StatusOK).page()
			if got := page.Find(".countdown").Text(); got == "off" || !strings.HasPrefix(got, "off") {
				t.Errorf("it says %q", got)
			}
			if page.Find("td[data-label=Groups] bdi").Length() == 0 {
				t.Error("no group is named")
			}
		})
	}
}

// What is sent is all that was read, but for what was asked to be changed.
func TestTimeoutChange(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		from      string // what the organization has
		form      url.Values
		enabled   bool
		seconds   float64
		was, will string // on the record
	}{
		"on":      {"0", url.Values{"enabled": {"on"}, "minutes": {"30"}}, true, 1800, "off", "1800 s"},
		"shorter": {"30m", url.Values{"enabled": {"on"}, "minutes": {"7.5"}}, true, 450, "1800 s", "450 s"},
		"off":     {"30m", url.Values{"minutes": {"30"}}, false, 1800, "1800 s", "off"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newConsole(t)
			c.organizationWith(map[string]any{"idleTimeout": test.from, "groupTimeouts": true})
			b := c.signedIn(admin)
			_, content := c.call(http.MethodGet, "/api/v2/tokens/timeout", c.mint(admin), nil)
			var want, sent map[string]any
			if err := json.Unmarshal(content, &want); err != nil {
				t.Fatal(err)
			}
			c.calls.each(func(r *http.Request) {
				if r.Method == http.MethodPut {
					content := readAll(r.Body)
					_ = json.Unmarshal([]byte(content), &sent)
					*r = *withBody(r, content)
				}
			})
			test.form.Set("reason", lostPhone)
			b.follow(b.post("/timeout/change", test.form).wantTo("/timeout")).wantTone("good")
			want["enableIdleTokenTimeout"], want["idleTokenTimeoutSeconds"] = test.enabled, test.seconds
			if diff := cmp.Diff(want, sent); diff != "" {
				t.Errorf("sent (-want +got):\n%s", diff)
			}
			e := c.lastEntry()
			if e.Action != audit.ChangeTimeout || e.Outcome != audit.Done || e.Change != (audit.Change{From: test.was, To: test.will}) || e.Reason != lostPhone {
				t.Errorf("the record says %s %s %+v %q", e.Action, e.Outcome, e.Change, e.Reason)
			}
		})
	}
}

// The confirmation says who is cut off by a shorter timeout, and what stays open
// without one.
func TestTimeoutConfirmation(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.organizationWith(map[string]any{"idleTimeout": "30m"})
	b := c.signedIn(admin)
	for name, test := range map[string]struct {
		query, title string
		says, silent []string
	}{
		"shorter": {"enabled=on&minutes=10", "from 30 min to 10 min", []string{"cut off"}, []string{"forgotten"}},
		"off":     {"minutes=10", "from 30 min to off", []string{"forgotten"}, []string{"cut off"}},
		"longer":  {"enabled=on&minutes=60", "from 30 min to 1 h", nil, []string{"cut off", "forgotten"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := b.in(t).get("/timeout/change?" + test.query).want(http.StatusOK)
			if !strings.HasSuffix(a.title(), test.title) {
				t.Errorf("it asks %q", a.title())
			}
			a.wantText(test.says...).wantNoText(test.silent...)
		})
	}
	c.wantAsked(0, "PUT ")
	b.get("/timeout/change").wantTo("/timeout") // nothing was asked for
}

func TestTimeoutRefusesWhatIsNone(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	for _, minutes := range []string{"", "4.99", "481", "-5", "NaN", "Inf", "-Inf", "1e300", "five", "10;20", "١٥", "10 min"} {
		t.Run(minutes, func(t *testing.T) {
			b := b.in(t)
			form := url.Values{"enabled": {"on"}, "minutes": {minutes}, "reason": {lostPhone}}
			for _, a := range []*answer{b.get("/timeout/change?" + form.Encode()), b.post("/timeout/change", form)} {
				field := a.want(http.StatusUnprocessableEntity).page().Find("#minutes[aria-invalid=true]")
				if field.Length() != 1 || field.AttrOr("value", "") != minutes {
					t.Errorf("%s: the field is not marked, or comes back as %q", a.Request.Method, field.AttrOr("value", ""))
				}
			}
		})
	}
	for name, reason := range map[string]string{"no reason": "", "blank reason": "   ", "long reason": strings.Repeat("x", 501)} {
		t.Run(name, func(t *testing.T) {
			a := b.in(t).post("/timeout/change", url.Values{"enabled": {"on"}, "minutes": {"10"}, "reason": {reason}}).want(http.StatusUnprocessableEntity)
			if a.page().Find("#reason-error").Length() != 1 {
				t.Error("the field does not say what is wrong")
			}
		})
	}
	c.organizationWith(map[string]any{"idleTimeout": "10m"})
	b.post("/timeout/change", url.Values{"enabled": {"on"}, "minutes": {"10"}, "reason": {lostPhone}}).want(http.StatusUnprocessableEntity)
	c.wantAsked(0, "PUT ")
	if n := c.recorded(); n != 0 {
		t.Errorf("%d entries about nothing", n)
	}
}

// What was confirmed is what is changed: not what somebody else made of it since.
func TestTimeoutChangedMeanwhile(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.organizationWith(map[string]any{"idleTimeout": "30m"})
	b := c.signedIn(admin)
	form := url.Values{"reason": {lostPhone}}
	b.get("/timeout/change?enabled=on&minutes=10").page().Find("main form input[type=hidden]").Each(func(_ int, s *goquery.Selection) {
		form.Set(s.AttrOr("name", ""), s.AttrOr("value", ""))
	})
	c.organizationWith(map[string]any{"idleTimeout": "20m"})
	a := b.post("/timeout/change", form).wantProblem(http.StatusConflict, "timeout-changed-meanwhile")
	c.wantAsked(0, "PUT ")
	if got := a.page().Find("textarea").Text(); got != lostPhone {
		t.Errorf("the reason came back as %q", got)
	}
}

func TestTimeoutUnderHIPAA(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.organizationWith(map[string]any{"hipaa": true, "idleTimeout": "10m"})
	b := c.signedIn(admin)
	b.post("/timeout/change", url.Values{"enabled": {"on"}, "minutes": {"16"}, "reason": {lostPhone}}).
		wantProblem(http.StatusUnprocessableEntity, "timeout-out-of-bounds").wantText("HIPAA")
	if e := c.lastEntry(); e.Outcome != audit.Refused || e.PlatformStatus != 400 || e.CorrelationID == "" {
		t.Errorf("the record says %s %d %q", e.Outcome, e.PlatformStatus, e.CorrelationID)
	}
	// The platform says yes to off, and keeps a timeout all the same.
	b.follow(b.post("/timeout/change", url.Values{"minutes": {"10"}, "reason": {lostPhone}})).wantTone("warning").wantText("the timeout is now 15 min")
}

func TestTimeoutIsChangedByAdministrators(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(supervisor)
	if n := b.get("/timeout").want(http.StatusOK).page().Find("form[action='/timeout/change']").Length(); n != 0 {
		t.Error("the change is offered to people who may not do it")
	}
	c.forget()
	b.get("/timeout/change?enabled=on&minutes=10").wantProblem(http.StatusForbidden, "permission-missing")
	changeTimeout(b).wantProblem(http.StatusForbidden, "permission-missing")
	c.wantAsked(0, "")
}
