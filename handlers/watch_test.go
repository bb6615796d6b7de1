package handlers_test

import (
	"bufio"
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/emulator"
	"tokenconsole/internal/genesys"
)

// evidenceCall is how the platform is asked about many people at once.
const evidenceCall = "GET /api/v2/users?"

// wantRaw checks what an answer that is no page holds.
func (a *answer) wantRaw(texts ...string) {
	a.t.Helper()
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			a.t.Errorf("%s does not hold %q but: %s", a.Request.URL, text, a.body)
		}
	}
}

// Whoever gets a new token after a revocation shows, with how long after, and stays
// until somebody says what was done about it.
func TestWhoCameBack(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	b.get("/watch").want(http.StatusOK).wantText("Nobody is watched")
	revokeAgent(b)
	b.get("/watch").wantText("Not seen since", lostPhone).wantNoText("later", "The list is full")
	c.clock.advance(40 * time.Second)
	c.mint(agent)
	page := b.get("/watch").wantText("Came back 40 s later").page()
	if got := page.Find("nav .count").First().Text(); got != "1" {
		t.Errorf("the navigation counts %q", got)
	}
	b.get("/").wantText("People who came back", "40 s")

	form := b.clearing(agent)
	b.get(form.path).want(http.StatusOK).wantText("Came back 40 s later")
	form.with("...").want(http.StatusUnprocessableEntity)
	b.follow(form.with("Called her: it is her new phone").wantTo("/watch")).wantTone("good").wantText("her new phone")
	if e := c.lastEntry(); e.Action != audit.ClearWatch || e.Outcome != audit.Done || e.Subject.ID != c.userID(agent) || e.Reason == "" {
		t.Errorf("the record says %+v", e)
	}
	b.get(fmt.Sprintf("/audit/%d", c.lastEntry().Seq)).wantText("Return dealt with", "Of the token issued24 Nov 2026, 12:00:40")
	if n := b.get("/watch").page().Find("nav .count").Length(); n != 0 {
		t.Error("it still counts")
	}
	revokeAgent(b) // and all of it begins again
	b.get("/watch").wantText("Not seen since").wantNoText("her new phone")
	c.clock.advance(24*time.Hour + time.Second)
	c.signedIn(admin).get("/watch").wantText("Nobody is watched")
}

// The person's page says the same as the board, and what it is told counts at once.
func TestPersonsPageTellsOfAReturn(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	revokeAgent(b)
	person := "/users/" + c.userID(agent)
	clear := "/watch/" + c.userID(agent) + "/clear"
	if n := b.get(person).page().Find("a[href='" + clear + "']").Length(); n != 0 {
		t.Error("it offers to clear what did not happen")
	}
	c.clock.advance(40 * time.Second)
	c.mint(agent)
	if n := b.get(person).wantText("Came back 40 s later").page().Find("a[href='" + clear + "']").Length(); n != 1 {
		t.Errorf("%d ways to clear it", n)
	}
	if got := b.get("/timeout").page().Find("nav .count").First().Text(); got != "1" {
		t.Errorf("the navigation counts %q", got)
	}
	b.clearing(agent).with("Called her").wantTo("/watch")
	b.follow(b.get(person)).wantText("Cleared by Ada Park", "Called her")
}

// Everybody of the organization sees the same, and takes turns in asking: never more
// often than every 30 seconds, at whichever replica.
func TestWatchIsReadInTurns(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	other := newConsole(t, besides(c))
	revokeAgent(c.signedIn(admin))
	c.forget()
	c.signedIn(admin).get("/watch").wantText("Mina Keller")
	c.signedIn(supervisor).get("/watch").wantText("Mina Keller")
	other.signedIn(admin).get("/watch").wantText("Mina Keller")
	c.wantAsked(1, evidenceCall)
	c.clock.advance(31 * time.Second)
	c.mint(agent)
	other.signedIn(supervisor).get("/watch").wantText("Came back 31 s later")
	c.signedIn(admin).get("/watch/board").wantRaw("Came back 31 s later")
	c.wantAsked(2, evidenceCall)
}

// What an open page asks for by itself makes no call but the proof of the token.
func TestWatchKeepsNothingAlive(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	revokeAgent(b)
	c.forget()
	b.get("/watch/board").want(http.StatusOK)
	b.get("/watch/live").want(http.StatusOK).wantRaw("data: lost")
	b.get(fmt.Sprintf("/watch/live?look=%d", c.clock.now().Add(-time.Hour).Unix())).wantRaw("data: lost")
	if asked, proofs := c.asked(""), c.asked("GET /api/v2/tokens/me?preserveIdleTTL=true"); len(asked) != len(proofs) {
		t.Errorf("the platform was asked %v", asked)
	}
}

// clearForm is the form that says what was done about somebody's return, as it was opened.
type clearForm struct {
	b      *browser
	path   string
	hidden url.Values
}

func (b *browser) clearing(email string) clearForm {
	b.t.Helper()
	f := clearForm{b, "/watch/" + b.c.userID(email) + "/clear", url.Values{}}
	b.get(f.path).want(http.StatusOK).page().Find("form[action='" + f.path + "'] input[type=hidden]").Each(func(_ int, field *goquery.Selection) {
		f.hidden.Set(field.AttrOr("name", ""), field.AttrOr("value", ""))
	})
	return f
}

// with sends the form.
func (f clearForm) with(reason string) *answer {
	f.b.t.Helper()
	values := maps.Clone(f.hidden)
	values.Set("reason", reason)
	return f.b.post(f.path, values)
}

// comeBack gets a person a new token a minute later.
func (c *console) comeBack(email string) {
	c.t.Helper()
	c.clock.advance(time.Minute)
	c.mint(email)
}

// Clearing is about one return: the next is a new one.
func TestClearedPersonsNextReturnShows(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	revokeAgent(b)
	c.comeBack(agent)
	b.get("/watch")
	b.clearing(agent).with("It is her new phone").wantTo("/watch")
	c.comeBack(agent)
	page := b.get("/watch").wantText("Came back 2 min later").page()
	if got := page.Find("nav .count").First().Text(); got != "1" || page.Find("#cleared").Length() != 0 {
		t.Errorf("the navigation counts %q", got)
	}
	b.get("/users/"+c.userID(agent)).wantText("Came back 2 min later", "Clear it")
	b.clearing(agent).with("She called again").wantTo("/watch")
	b.get("/watch").wantText("She called again")
}

// A page that shows an older return, or an older revocation, clears nothing.
func TestStalePageClearsNothing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		meanwhile func(c *console, b *browser)
		status    int
		code      string
	}{
		"they came back again": {func(c *console, _ *browser) { c.comeBack(agent) }, http.StatusConflict, "return-changed"},
		"they were revoked again": {
			func(_ *console, b *browser) { revokeAgent(b) }, http.StatusConflict, "no-return",
		},
		"they were revoked again and came back": {
			func(c *console, b *browser) { revokeAgent(b); c.comeBack(agent) }, http.StatusConflict, "return-changed",
		},
		"somebody else cleared it": {
			func(c *console, _ *browser) {
				c.signedIn(supervisor).clearing(agent).with("Called her").wantTo("/watch")
			},
			http.StatusConflict, "return-cleared",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newConsole(t)
			b := c.signedIn(admin)
			revokeAgent(b)
			c.comeBack(agent)
			b.get("/watch")
			form := b.clearing(agent)
			test.meanwhile(c, b)
			c.clock.advance(time.Minute)
			b.get("/watch")
			last := c.lastEntry()
			form.with("It is her new phone").wantProblem(test.status, test.code)
			if c.lastEntry().Seq != last.Seq {
				t.Errorf("the record says %+v", c.lastEntry())
			}
		})
	}
}

// What did not happen cannot be dealt with.
func TestNothingIsClearedBeforeAReturn(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	revokeAgent(b)
	clear := "/watch/" + c.userID(agent) + "/clear"
	if n := b.get("/watch").page().Find("a[href='" + clear + "']").Length(); n != 0 {
		t.Error("it offers to clear what did not happen")
	}
	b.get(clear).wantProblem(http.StatusConflict, "no-return")
	b.post(clear, url.Values{"reason": {"In advance"}}).wantProblem(http.StatusConflict, "no-return")
	c.comeBack(agent)
	b.get("/watch")
	c.clock.advance(time.Minute)
	b.get("/watch").wantText("Came back 1 min later")
}

// Nobody takes their own return off the list, neither by clearing it nor by revoking
// their own tokens afterwards.
func TestNobodyHidesTheirOwnReturn(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	boss, revoked := c.signedIn(admin), partyOf(t, supervisor)
	c.add(audit.Entry{Actor: partyOf(t, admin), Subject: revoked, Reason: lostPhone})
	c.comeBack(supervisor)
	boss.get("/watch").wantText("Came back 1 min later")
	b := c.signedIn(supervisor)
	clear := "/watch/" + c.userID(supervisor) + "/clear"
	if n := b.get("/watch").page().Find("a[href='" + clear + "']").Length(); n != 0 {
		t.Error("it offers to clear their own return")
	}
	b.get(clear).wantProblem(http.StatusForbidden, "own-return")
	form := boss.clearing(supervisor)
	form.b = b
	form.with("It is only me").wantProblem(http.StatusForbidden, "own-return")

	c.clock.advance(time.Minute)
	c.add(audit.Entry{Actor: revoked, Subject: revoked, Reason: "Signing out"})
	c.clock.advance(time.Minute)
	page := boss.get("/watch").wantText("Came back", lostPhone).wantNoText("themselves").page()
	if got := page.Find("nav .count").First().Text(); got != "1" {
		t.Errorf("the navigation counts %q", got)
	}
	boss.get("/users/" + c.userID(supervisor)).wantText("Clear it")
}

// A revocation that nobody knows the outcome of may have happened: its person is
// watched, and the page says so. One that was refused did not happen.
func TestRevocationWithUnknownOutcomeIsWatched(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		outcome audit.Outcome
		watched bool
	}{{audit.Unknown, true}, {audit.Refused, false}, {audit.Failed, false}} {
		t.Run(string(test.outcome), func(t *testing.T) {
			t.Parallel()
			c := newConsole(t)
			c.add(audit.Entry{Actor: partyOf(t, admin), Subject: partyOf(t, agent), Reason: lostPhone, Outcome: test.outcome})
			c.comeBack(agent)
			page := c.signedIn(admin).get("/watch")
			if !test.watched {
				page.wantText("Nobody is watched")
				return
			}
			page.wantText("Came back 1 min later", "outcome unknown")
			c.signedIn(admin).get("/users/"+c.userID(agent)).wantText("Came back 1 min later", "Clear it")
		})
	}
}

// People who revoke their own tokens come back on purpose: they are listed, and do
// not count.
func TestWatchOfOneself(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	self := partyOf(t, supervisor)
	c.add(audit.Entry{Actor: self, Subject: self, Reason: lostPhone})
	c.clock.advance(time.Minute)
	c.mint(supervisor)
	page := c.signedIn(admin).get("/watch").wantText("themselves", "Came back 1 min later").page()
	if page.Find("nav .count").Length() != 0 {
		t.Error("it counts")
	}
}

func TestWatchWhenThePlatformRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault emulator.Fault
		says  string
	}{
		"without scope": {faultOf(evidenceCall, 403), "You are not allowed to do that"},
		"too often":     {emulator.Fault{Match: evidenceCall, Status: 429, RetryAfter: 5}, "Too many requests"},
		"failing":       {faultOf(evidenceCall, 500), "Genesys Cloud failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newConsole(t)
			b := c.signedIn(admin)
			revokeAgent(b)
			c.disturb(test.fault)
			b.get("/watch").want(http.StatusOK).wantText("Mina Keller", "could not be asked")
		})
	}
}

// After a reading that failed the platform is asked again soon, but not before it wants to be.
func TestWatchIsReadAgainSoonAfterAFailure(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault emulator.Fault
		wait  time.Duration
	}{
		"that did not say when":   {emulator.Fault{Status: 500, Times: 1}, 5 * time.Second},
		"that said so":            {emulator.Fault{Status: 429, RetryAfter: 20, Times: 1}, 20 * time.Second},
		"that asked for too long": {emulator.Fault{Status: 429, RetryAfter: 3000, Times: 1}, 30 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newConsole(t)
			b := c.signedIn(admin)
			revokeAgent(b)
			c.clock.advance(2 * time.Second)
			test.fault.Match = evidenceCall
			c.disturb(test.fault)
			b.get("/watch").wantText("could not be asked")
			c.clock.advance(test.wait - time.Millisecond)
			b.get("/watch")
			c.wantAsked(1, evidenceCall)
			c.clock.advance(time.Millisecond)
			b.get("/watch").wantText("No new token")
			c.wantAsked(2, evidenceCall)
			c.clock.advance(29 * time.Second)
			b.get("/watch")
			c.wantAsked(2, evidenceCall)
		})
	}
}

// Of many who are asked about in parts, those of a part that failed were not checked.
// The others were.
func TestWatchKeepsWhatWasRead(t *testing.T) {
	t.Parallel()
	c := newConsole(t, func(s *setup) { s.emulator.Users = 300 })
	c.manyRevoked(200)
	b := c.signedIn(admin)
	listed := func(page *answer) (rows, unchecked int) {
		doc := page.want(http.StatusOK).page()
		return doc.Find("table.watch tbody tr").Length(), doc.Find("section[aria-labelledby=unchecked] tbody tr").Length()
	}
	c.clock.advance(time.Minute)
	c.disturb(emulator.Fault{Match: evidenceCall, Status: 500, Times: 1})
	page := b.get("/watch").wantText("could not be asked about 100 of these 200 people", "Genesys Cloud failed", "No new token")
	if rows, unchecked := listed(page); rows != 200 || unchecked != 100 {
		t.Errorf("of %d people %d are not checked, want 100 of 200", rows, unchecked)
	}
	if _, unchecked := listed(c.signedIn(supervisor).get("/watch")); unchecked != 100 { // whoever looks next is told the same
		t.Errorf("%d people are not checked, want 100", unchecked)
	}
	c.clock.advance(31 * time.Second)
	if rows, unchecked := listed(b.get("/watch").wantNoText("could not be asked")); rows != 200 || unchecked != 0 {
		t.Errorf("of %d people %d are not checked, want none", rows, unchecked)
	}
}

// Whom the platform has not been asked about since the revocation was not checked,
// though it told of an older token before.
func TestWhoWasRevokedSinceTheLastReadingIsNotChecked(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	revokeAgent(b)
	b.get("/watch").wantText("Not seen since", "No new token")
	c.clock.advance(10 * time.Second)
	revokeAgent(b)
	c.clock.advance(10 * time.Second)
	b.get("/watch").wantText("Not checked").wantNoText("No new token", "Not seen since")
	c.clock.advance(11 * time.Second)
	b.get("/watch").wantText("No new token").wantNoText("Not checked")
}

// A person whom nobody could look up has a name as soon as one is known: as the
// platform tells at the next reading, or as the record has it.
func TestWatchLearnsANameLater(t *testing.T) {
	t.Parallel()
	lookUp := faultOf("GET /api/v2/users/", 503)
	t.Run("from the platform", func(t *testing.T) {
		t.Parallel()
		c := newConsole(t)
		b := c.signedIn(admin)
		form := b.filled(c.playbookOf(agent, "lost-phone"), agent)
		c.disturb(lookUp)
		sheet := b.post(c.playbookOf(agent, "lost-phone"), form).wantTo("/users/").location()
		if e := c.lastEntry(); e.Subject.Name != "" {
			t.Fatalf("the record has the name %s", e.Subject.Name)
		}
		b.get("/watch").wantText("Mina Keller", agent)
		b.get(sheet).wantText("Mina Keller")
	})
	t.Run("from the record", func(t *testing.T) {
		t.Parallel()
		c := newConsole(t)
		b := c.signedIn(admin)
		c.add(audit.Entry{Action: audit.Inspect, Actor: partyOf(t, admin), Subject: partyOf(t, agent)})
		c.add(audit.Entry{Actor: partyOf(t, admin), Subject: audit.Party{ID: c.userID(agent)}, Reason: lostPhone})
		c.disturb(faultOf(evidenceCall, 503))
		b.get("/watch").wantText("Mina Keller", agent)
		c.add(audit.Entry{Actor: partyOf(t, admin), Subject: audit.Party{ID: c.userID(supervisor)}, Reason: lostPhone})
		b.get("/watch").wantText(c.userID(supervisor))
	})
}

// events opens the stream of b's page and returns the events as they come.
func (b *browser) events(look time.Time) <-chan string {
	b.t.Helper()
	return b.stream(fmt.Sprintf("/watch/live?look=%d", look.Unix()))
}

// stream opens server-sent events and returns their data as it comes.
func (b *browser) stream(target string) <-chan string {
	b.t.Helper()
	response, err := b.client.Do(b.request(http.MethodGet, target, nil).WithContext(b.t.Context()))
	if err != nil {
		b.t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		b.t.Fatalf("%s answers %s", target, response.Status)
	}
	b.t.Cleanup(func() { response.Body.Close() })
	events := make(chan string, 16)
	go func() {
		defer close(events)
		for lines := bufio.NewScanner(response.Body); lines.Scan(); {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				events <- data
			}
		}
	}()
	return events
}

// await reads events up to one.
func await(t testing.TB, events <-chan string, want string) {
	t.Helper()
	for {
		select {
		case got, open := <-events:
			if got == want {
				return
			}
			if !open {
				t.Fatalf("the stream ended without %q", want)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("no %q came", want)
		}
	}
}

// A new token shows as it is issued, with its address and client, to everybody who
// looks, and the channel is opened once for all pages of a session.
func TestWatchIsLive(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	revokeAgent(b)
	c.forget()
	events := b.events(c.clock.now())
	await(t, events, "live")
	second := b.events(c.clock.now())
	await(t, second, "live")
	c.clock.advance(5 * time.Second)
	c.grant(agent, emulator.NarrowClientID)
	await(t, events, "live")
	await(t, second, "live")
	board := b.get("/watch/board")
	board.wantRaw("Came back 5 s later", emulator.NarrowClientID, "from ")
	if got := board.page().Find("[data-nav-count] .count").Text(); got != "1" {
		t.Errorf("the navigation is to count %q", got)
	}
	c.wantAsked(1, "POST /api/v2/notifications/channels")
	c.wantAsked(1, "PUT /api/v2/notifications/channels/")
	c.wantAsked(0, evidenceCall)
}

// A connection that breaks off is taken up again, and says so until somebody looks: what was issued meanwhile nobody told.
func TestWatchIsTakenUpAgain(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	revokeAgent(b)
	events := b.events(c.clock.now())
	await(t, events, "live")
	c.forget()
	c.backDoor(http.MethodDelete, "connections", nil)
	await(t, events, "again")
	await(t, events, "resumed")
	c.wantAsked(0, evidenceCall) // by itself it keeps no token alive
	c.clock.advance(5 * time.Second)
	c.mint(agent)
	await(t, events, "resumed")
	b.get("/watch/board").wantRaw("Came back 5 s later")
	await(t, b.events(c.clock.now()), "live")
}

// renew puts another token into b's session, as a refresh does.
func (b *browser) renew(token string) {
	b.t.Helper()
	s := b.session()
	s.AccessToken = genesys.NewSecret(token)
	w := httptest.NewRecorder()
	if err := b.c.sessions.Save(w, b.with(httptest.NewRequest(http.MethodGet, "/", nil)), s); err != nil {
		b.t.Fatal(err)
	}
	a := answer{Response: w.Result()}
	b.plant(sessionCookie, a.set(sessionCookie).Value)
}

// A channel grows by the people who were revoked since, when somebody looks again.
func TestWatchGrowsWithALook(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	revokeAgent(b)
	first := b.events(c.clock.now())
	await(t, first, "live")
	b.post(c.revocationOf(supervisor), revocationForm)
	refreshed := c.mint(admin)
	b.renew(refreshed)
	extended := make(chan string, 4)
	c.calls.each(func(r *http.Request) {
		if r.Method == http.MethodPut {
			extended <- r.Header.Get("Authorization")
		}
	})
	await(t, b.events(c.clock.now()), "live")
	select {
	case bearer := <-extended:
		if bearer != "Bearer "+refreshed {
			t.Error("with a token that the session no longer has")
		}
	case <-time.After(10 * time.Second):
		t.Error("nobody subscribed to more")
	}
}

// Who may not subscribe is told so, and reads instead.
func TestWatchIsRefused(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	revokeAgent(c.signedIn(admin))
	await(t, c.signedIn(supervisor).events(c.clock.now()), "refused")
	c.signedIn(supervisor).get("/watch").wantText("Mina Keller")
}

// A channel that could not be had is tried again when somebody looks again.
func TestWatchIsTriedAgainByALook(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	revokeAgent(b)
	c.disturb(faultOf("POST /api/v2/notifications/channels", 503))
	await(t, b.events(c.clock.now()), "lost")
	c.calm()
	await(t, b.events(c.clock.now()), "live")
}

func TestWatchStreamsAreFew(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	revokeAgent(b)
	for range 4 {
		await(t, b.events(c.clock.now()), "live")
	}
	await(t, b.events(c.clock.now()), "busy")
}

// Streams end with the server, so that they do not hold up its end.
func TestWatchStreamsEndWithTheServer(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	revokeAgent(b)
	events := b.events(c.clock.now())
	await(t, events, "live")
	c.handler.EndStreams()
	for range events {
	}
}

// manyRevoked puts revocations of n people on the record.
func (c *console) manyRevoked(n int) {
	c.t.Helper()
	token, seen := genesys.NewSecret(c.mint(admin)), 0
	client := genesys.NewClient(c.url, c.options.Transport)
	all, err := genesys.All(c.t.Context(), 10_000, func(ctx context.Context, at genesys.Position) (genesys.Listing[genesys.Group], error) {
		return client.GetGroupsPage(ctx, token, at)
	})
	if err != nil {
		c.t.Fatal(err)
	}
	var ids []genesys.UserID
	for _, g := range all {
		members, err := genesys.All(c.t.Context(), 10_000, func(ctx context.Context, at genesys.Position) (genesys.Listing[genesys.User], error) {
			return client.GetGroupMembers(ctx, token, g.ID, at)
		})
		if err != nil {
			c.t.Fatal(err)
		}
		for _, u := range members {
			if seen < n && !slices.Contains(ids, u.ID) {
				ids = append(ids, u.ID)
				c.add(audit.Entry{Actor: partyOf(c.t, admin), Subject: audit.Party{ID: u.ID.String(), Name: u.Name, Email: u.Email}, Reason: lostPhone})
				seen++
			}
		}
	}
	if seen < n {
		c.t.Fatalf("only %d people", seen)
	}
}

// One look at a thousand people makes ten calls, and no more.
func TestWatchOfAThousand(t *testing.T) {
	t.Parallel()
	c := newConsole(t, func(s *setup) { s.emulator.Users = 1200 })
	c.manyRevoked(1000)
	b := c.signedIn(admin)
	c.forget()
	rows := b.get("/watch").want(http.StatusOK).wantText("The list is full: it holds the 1000 people").page().Find("table.watch tbody tr").Length()
	if rows != 1000 {
		t.Errorf("%d people", rows)
	}
	c.wantAsked(10, "")
	c.wantAsked(10, evidenceCall)
}
