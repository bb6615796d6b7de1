package handlers_test

import (
	"net/http"
	"testing"
	"time"

	"tokenconsole/internal/database/databasetest"
	"tokenconsole/internal/emulator"
)

// streamsOf opens both streams of a page that shows people who came back and of one
// that shows a batch, and lets them begin.
func (b *browser) streamsOf(batch string) map[string]<-chan string {
	b.t.Helper()
	streams := map[string]<-chan string{"watch": b.events(b.c.clock.now()), "batch": b.stream(batch + "/events?after=0")}
	await(b.t, streams["watch"], "live")
	select {
	case <-streams["batch"]:
	case <-time.After(10 * time.Second):
		b.t.Fatal("the stream of the batch does not begin")
	}
	return streams
}

// wantEnd holds that a stream ends by itself, and sooner than all of them do.
func wantEnd(t *testing.T, name string, events <-chan string) {
	t.Helper()
	soon := time.After(8 * time.Second)
	for {
		select {
		case _, open := <-events:
			if !open {
				return
			}
		case <-soon:
			t.Errorf("the stream %s goes on", name)
			return
		}
	}
}

// What goes on telling ends with the session that it tells: ended here, at a replica,
// with all sessions of its person, by idle time, by age, and when nobody can tell.
func TestS14_StreamsEndWithTheSession(t *testing.T) {
	t.Parallel()
	databasetest.EachURL(t, func(t *testing.T, url string) {
		one := newConsole(t, withDatabase(databasetest.Open(t, url)))
		other := newConsole(t, besides(one), withDatabase(databasetest.Open(t, url)))
		for name, test := range map[string]struct {
			end   func(b *browser, other *console)
			alone bool // the person's other session goes on
		}{
			"signed out":            {func(b *browser, _ *console) { b.post("/logout", nil) }, true},
			"signed out elsewhere":  {func(b *browser, other *console) { b.fork().at(other).post("/logout", nil) }, true},
			"signed in anew":        {func(b *browser, other *console) { b.at(other).begin("") }, true},
			"person revoked":        {func(b *browser, _ *console) { b.c.signedIn(supervisor).post(b.c.revocationOf(admin), reason) }, false},
			"revoked elsewhere":     {func(b *browser, other *console) { other.signedIn(supervisor).post(other.revocationOf(admin), reason) }, false},
			"not used for too long": {func(b *browser, _ *console) { b.c.clock.advance(b.c.options.Sessions.Idle) }, false},
			"nobody can tell it":    {func(b *browser, _ *console) { b.c.execute("ALTER TABLE ended RENAME TO away") }, false},
			"too old, used or not":  {func(b *browser, _ *console) { b.c.clock.advance(b.c.options.Sessions.Total) }, false},
		} {
			t.Run(name, func(t *testing.T) {
				one, other := one.in(t), other.in(t)
				one.clock.advance(time.Second)
				b, beside := one.signedIn(admin), one.signedIn(admin)
				revokeAgent(one.signedIn(admin))
				batch := b.prepared(list(agent)).batchPath()
				streams, stays := b.streamsOf(batch), beside.events(one.clock.now())
				await(t, stays, "live")
				one.clock.advance(time.Second)
				test.end(b, other)
				for name, events := range streams {
					wantEnd(t, name, events)
				}
				if test.alone {
					one.grant(agent, emulator.NarrowClientID)
					await(t, stays, "live")
				} else {
					wantEnd(t, "of the other session", stays)
				}
				if name == "nobody can tell it" {
					one.execute("ALTER TABLE away RENAME TO ended")
				}
			})
		}
	})
}

// One person has so many streams, in however many browsers; what they close makes room, and others have theirs.
func TestStreamsOfAPersonAreBounded(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b, other := c.signedIn(admin), c.signedIn(admin)
	revokeAgent(b)
	events := b.prepared(list(agent)).batchPath() + "/events?after=0"
	for range 32 {
		b.stream(events)
	}
	other.get(events).wantProblem(http.StatusTooManyRequests, "live-too-many")
	for _, live := range []string{events, "/watch/live"} { // another site takes none of them
		c.signedIn(supervisor).get(live, "Sec-Fetch-Site", "same-site").wantProblem(http.StatusForbidden, "cross-origin")
	}
	await(t, other.events(c.clock.now()), "busy")
	c.signedIn(supervisor).stream(events)
	b.post("/logout", nil).wantTo("/signed-out") // ends b's streams
	soon := time.Now().Add(8 * time.Second)
	for <-other.events(c.clock.now()) == "busy" {
		if time.Now().After(soon) {
			t.Fatal("what has ended makes no room")
		}
	}
}

// An open page ends no session: a stream that ends because its own cookie is old goes
// on with the newer one that its browser has from another tab.
func TestS14_AnOpenPageEndsNoSession(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	revokeAgent(b)
	opened := b.fork()
	events := opened.events(c.clock.now())
	await(t, events, "live")
	c.clock.advance(c.options.Sessions.Idle - time.Minute)
	b.get("/token").want(http.StatusOK)
	c.clock.advance(time.Minute)
	wantEnd(t, "opened before", events)
	if !b.isSignedIn() {
		t.Error("the session ended with it")
	}
	await(t, b.events(c.clock.now()), "live")
}
