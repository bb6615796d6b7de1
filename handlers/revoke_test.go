package handlers_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tokenconsole/internal/emulator"
	"tokenconsole/internal/genesys"
	"tokenconsole/session"
)

// Every revocation has a reason in words, and the page marks the one field that is
// wrong.
func TestR6_ReasonsAndTicketsThatAreRefused(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b, target := c.signedIn(admin), c.revocationOf(agent)
	for name, test := range map[string]struct {
		form  url.Values
		wrong string // field
	}{
		"no reason":                {url.Values{}, "reason"},
		"empty reason":             {url.Values{"reason": {""}}, "reason"},
		"blank reason":             {url.Values{"reason": {" \t\r\n\u00a0\u3000"}}, "reason"},
		"reason of signs":          {url.Values{"reason": {"... !?"}}, "reason"},
		"reason of 501 characters": {url.Values{"reason": {strings.Repeat("é", 501)}}, "reason"},
		"reason of 501 with lines": {url.Values{"reason": {strings.Repeat("line\r\n", 100) + "x"}}, "reason"},
		"reason that is not UTF-8": {url.Values{"reason": {"a\xffb"}}, "reason"},
		"ticket of 101 characters": {url.Values{"reason": {"x"}, "ticket": {strings.Repeat("t", 101)}}, "ticket"},
		"ticket of two lines":      {url.Values{"reason": {"x"}, "ticket": {"a\r\nb"}}, "ticket"},
	} {
		t.Run(name, func(t *testing.T) {
			page := b.in(t).post(target, test.form).want(http.StatusUnprocessableEntity).page()
			marked := page.Find("[aria-invalid=true]")
			if marked.Length() != 1 || marked.AttrOr("name", "") != test.wrong || page.Find("#"+test.wrong+"-error").Text() == "" {
				t.Errorf("%d fields are marked, the first is %s", marked.Length(), marked.AttrOr("name", ""))
			}
		})
	}
	b.post(target, url.Values{"reason": {"a"}, "x": {"1", "2"}}).wantProblem(http.StatusBadRequest, "form-unreadable")
	b.post(target+"?reason=in+the+address", nil).want(http.StatusUnprocessableEntity)
	kept := b.post(target, url.Values{"reason": {`"><b>`}, "ticket": {"a\nb"}}).want(http.StatusUnprocessableEntity)
	if got := kept.page().Find("textarea").Text(); got != `"><b>` {
		t.Errorf("what was typed came back as %q", got)
	}
	blank := b.post(target, url.Values{"reason": {" "}, "ticket": {"INC-4711"}}).want(http.StatusUnprocessableEntity)
	if got := blank.page().Find("[name=ticket]").AttrOr("value", ""); got != "INC-4711" {
		t.Errorf("the ticket came back as %q", got)
	}
	c.wantAsked(0, "DELETE ")
}

// What the form's own bound lets through is accepted. Browsers count a line break
// as one character and send two.
func TestR6_ReasonsAtTheBoundAreAccepted(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b, target := c.signedIn(admin), c.revocationOf(agent)
	for name, text := range map[string]string{
		"500 characters":          strings.Repeat("é", 500),
		"500 with line breaks":    strings.Repeat("line\r\n", 100),
		"499 with line breaks":    strings.Repeat("line\r\n", 99) + "last",
		"500 of two lines":        strings.Repeat("telephone lost ", 33) + "\r\n" + "here",
		"with blanks on the ends": "\r\n " + strings.Repeat("é", 500) + " \r\n",
	} {
		t.Run(name, func(t *testing.T) {
			c, b := c.in(t), b.in(t)
			b.post(target, url.Values{"reason": {text}, "ticket": {strings.Repeat("t", 100)}}).wantTo("/users/")
			want := strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
			all := c.entries()
			if got := all[len(all)-2].Reason; got != want {
				t.Errorf("the record says %q, want %q", got, want)
			}
		})
	}
	page := b.get(target).page()
	if got := page.Find("#reason").AttrOr("maxlength", ""); got != "500" {
		t.Errorf("the form's bound of a reason is %s", got)
	}
	if got := page.Find("#ticket").AttrOr("maxlength", ""); got != "100" {
		t.Errorf("the form's bound of a ticket is %s", got)
	}
}

func TestR7_OneselfIsAskedClearly(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b, other := c.signedIn(supervisor), c.signedIn(supervisor)
	c.clock.advance(time.Second)
	link, _ := b.get("/token").page().Find("main a.danger").Attr("href")
	a := b.get(link).want(http.StatusOK).wantText("These are your own tokens")
	if title, button := a.title(), a.page().Find("main button.danger").Text(); title != "Sign out everywhere" || button != "Sign me out everywhere" {
		t.Errorf("it asks %q by a button %q", title, button)
	}
	c.wantAsked(0, "DELETE ")
	b.follow(b.post(link, reason).wantTo("/signed-out")).wantTone("good")
	c.wantAsked(1, "DELETE ")
	c.wantAsked(1, "DELETE /api/v2/tokens/"+c.userID(supervisor))
	b.get("/token").wantTo("/login?")
	other.get("/token").wantTo("/login?return_to=%2Ftoken&why=ended")
	if got := b.begin("").Query().Get("prompt"); got != "login" {
		t.Errorf("the next sign-in sends prompt=%q", got)
	}
}

// Success is one DELETE with the acting person's bearer and nothing else; a reload
// of what follows does not revoke again.
func TestR8_Success(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	var sent []*http.Request
	c.calls.each(func(r *http.Request) {
		if r.Method == http.MethodDelete {
			sent = append(sent, r)
		}
	})
	b, person := c.signedIn(supervisor), "/users/"+c.userID(agent)
	b.get(person+"/revoke").want(http.StatusOK).wantText("Mina Keller", "In an interaction")
	done := b.post(person+"/revoke", reason).wantTo(person)
	b.get(done.location()).want(http.StatusOK).wantTone("good").wantText("Mina Keller")
	if again := b.get(done.location()).want(http.StatusOK); again.tone() != "" {
		t.Error("the notice is shown again")
	}
	asked := c.asked("DELETE ")
	if len(asked) != 1 || asked[0].Path != "/api/v2/tokens/"+c.userID(agent) || asked[0].Status != http.StatusNoContent ||
		asked[0].Bearer != b.session().AccessToken.Fingerprint() {
		t.Errorf("the platform was asked %v", asked)
	}
	if r := sent[0]; r.Body != nil || r.ContentLength != 0 || r.URL.RawQuery != "" {
		t.Errorf("the DELETE has a body or a query: %v", r.URL)
	}
}

// What an open page of the victim's learns, and what the next page says.
func TestR8_VictimIsTold(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	victim := c.signedIn(agent)
	c.revoke(agent) // elsewhere, so that the session is not ended by it
	open := victim.fork()
	if a := open.get("/token/status").want(http.StatusUnauthorized); !strings.Contains(a.body, `"ended"`) {
		t.Errorf("an open page learns %s", a.body)
	}
	open.get("/token").wantTo("/login?")
	again := c.signedIn(agent)
	c.revoke(agent)
	a := again.get("/token").wantProblem(http.StatusUnauthorized, "token-invalid")
	if cleared := a.set(sessionCookie); cleared == nil || cleared.MaxAge >= 0 || strings.Contains(a.body, "Mina Keller") {
		t.Errorf("the cookie is not cleared, or the page shows the person: %v", cleared)
	}
	again.get("/token").wantTo("/login?")
}

func TestR15_TwentyRevocationsAtOnce(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	answers := make([]*answer, 20)
	var group sync.WaitGroup
	for i := range answers {
		group.Go(func() { answers[i] = b.post(c.revocationOf(agent), reason) })
	}
	group.Wait()
	for _, a := range answers {
		a.wantTo("/users/" + c.userID(agent))
	}
	c.wantAsked(20, "DELETE /api/v2/tokens/"+c.userID(agent))
}

// Of ten that revoke oneself at once, each ends in the signed-out page, in a dead
// token, or at the sign-in: none in a fault.
func TestR15_OneselfTenTimesAtOnce(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	answers := make([]*answer, 10)
	var group sync.WaitGroup
	for i := range answers {
		group.Go(func() { answers[i] = b.fork().post(c.revocationOf(admin), reason) })
	}
	group.Wait()
	count := map[string]int{}
	for _, a := range answers {
		path, _, _ := strings.Cut(a.location(), "?")
		count[strconv.Itoa(a.StatusCode)+" "+path]++
	}
	if count["303 /signed-out"] == 0 || count["303 /signed-out"]+count["401 "]+count["303 /login"] != 10 {
		t.Errorf("outcomes: %v", count)
	}
	b.get("/token").wantTo("/login?")
}

// Beside a token that fills the cookie there is no room for a notice. The
// revocation is told as done all the same.
func TestR8_SuccessIsToldThoughTheNoticeDoesNotFit(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	victim := c.userID(agent)
	c.disturb(
		emulator.Fault{Match: "DELETE /api/v2/tokens/", Status: 204},
		emulator.Fault{Match: "GET /api/v2/users/", Status: 200, Body: body(map[string]string{"id": victim, "name": strings.Repeat("N", 80)})},
	)
	withTokenOf := func(size int) string {
		return c.sealed(admin, func(s *session.Session) { s.AccessToken = genesys.NewSecret(strings.Repeat("t", size)) })
	}
	largest := 1200
	for size := largest; size < 2600 && withTokenOf(size) != ""; size += 40 {
		largest = size
	}
	b := c.newBrowser()
	b.plant(sessionCookie, withTokenOf(largest))
	b.post("/users/"+victim+"/revoke", reason).wantTo("/users/" + victim)
	c.wantAsked(1, "DELETE /api/v2/tokens/"+victim)
}
