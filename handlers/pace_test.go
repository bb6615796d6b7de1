package handlers_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"tokenconsole/handlers"
	"tokenconsole/handlers/request"
	"tokenconsole/internal/audit"
)

func isPaced(r handlers.Route) bool {
	return r.Gate.Tempo == request.Paced || r.Gate.Tempo == request.Brisk
}

// still are the forms that put nothing on the record by themselves.
var still = []string{"/login", "/settings"}

// Every route that changes something says how often a person may put entries on the record by it.
func TestP7_EveryFormHasAPace(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.eachRoute(t, 20, isPost, func(t *testing.T, r handlers.Route) {
		switch {
		case slices.Contains(still, r.Path) && r.Gate.Tempo != request.Still:
			t.Error("it is said to put nothing on the record, and has a pace")
		case !slices.Contains(still, r.Path) && r.Gate.Tempo == request.Still:
			t.Error("it has no pace: see AtAPace, Briskly and Urgently")
		}
	})
}

// Every route without a pace puts nothing on the record.
func TestP7_WhatHasNoPaceLeavesTheRecordAlone(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.threeEntries()
	c.eachRoute(t, 20, func(r handlers.Route) bool { return r.Gate.Tempo == request.Still }, func(t *testing.T, r handlers.Route) {
		c := c.in(t)
		b := c.signedIn(admin)
		before := c.recorded()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second) // some answers go on
		defer cancel()
		if isPost(r) {
			b.try(r)
		} else {
			c.ask(b.with(b.request(http.MethodGet, c.example(r), nil)).WithContext(ctx))
		}
		c.handler.Wait()
		for _, e := range c.since(before) {
			if e.Action != audit.SignOut { // of the session that gave way
				t.Errorf("the record says %s %s", e.Action, e.Outcome)
			}
		}
	})
}

// try asks for the page of a route, or sends its form.
func (b *browser) try(r handlers.Route) *answer {
	b.t.Helper()
	path := b.c.example(r)
	if isPost(r) {
		return b.post(path, url.Values{"token": {"abcdefghijklmnopqrstuvwxyz"}, "reason": {"x"}})
	}
	return b.get(path)
}

// untilRefused tries a route until it is done too often, and returns that answer and how many entries the tries made.
func (b *browser) untilRefused(r handlers.Route) (*answer, int) {
	b.t.Helper()
	before := b.c.recorded()
	for range 500 {
		if a := b.try(r); a.StatusCode == http.StatusTooManyRequests {
			return a, len(b.c.since(before))
		}
	}
	b.t.Fatal("500 times within a moment are not too often")
	return nil, 0
}

// Nobody can push out of sight, by what ends nobody's access, the entries that the console compares before an act.
func TestP7_NobodyFillsTheRecordInAMoment(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.eachRoute(t, 4, isPaced, func(t *testing.T, r handlers.Route) {
		c := c.in(t)
		c.clock.advance(2 * time.Minute)
		b := c.signedIn(admin)
		a, made := b.untilRefused(r)
		a.wantProblem(http.StatusTooManyRequests, "entries-too-many")
		wait, most := map[request.Tempo]string{request.Paced: "2", request.Brisk: "1"}[r.Gate.Tempo], 100
		if r.Gate.Tempo == request.Brisk {
			most = 400
		}
		if got := a.Header.Get("Retry-After"); got != wait {
			t.Errorf("Retry-After is %q, want %s", got, wait)
		}
		if made > most {
			t.Errorf("it made %d entries", made)
		}
		// What ends somebody's access is never held up, nor are others.
		b.post(c.revocationOf(agent), reason).want(http.StatusSeeOther)
		c.signedIn(supervisor).get("/audit.csv").want(http.StatusOK)
		c.clock.advance(2 * time.Second)
		if a := b.try(r); a.StatusCode == http.StatusTooManyRequests {
			t.Error("having waited, one has to wait more")
		}
		b.post("/logout", nil).wantTo("/signed-out")
	})
}

// The same holds for acts that are refused because a permission is missing.
func TestP7_RefusedActsAreBounded(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.eachRoute(t, 2, func(r handlers.Route) bool { return r.Act != "" }, func(t *testing.T, r handlers.Route) {
		c := c.in(t)
		c.clock.advance(2 * time.Minute)
		b := c.signedIn(agent)
		a, made := b.untilRefused(r)
		a.wantProblem(http.StatusTooManyRequests, "entries-too-many")
		if made < 20 || made > 100 {
			t.Errorf("it made %d entries", made)
		}
		b.post("/logout", nil).wantTo("/signed-out")
	})
}

// Nor by revoking nobody: whoever the platform says it does not know. If it merely could not tell, nothing is held up.
func TestP7_RevokingNobodyHasAPace(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	const nobody = "/users/00000000-0000-4000-8000-000000000000/revoke"
	before := c.recorded()
	for range 30 {
		b.post(nobody, reason).wantProblem(http.StatusNotFound, "person-unknown")
	}
	b.post(nobody, reason).wantProblem(http.StatusTooManyRequests, "entries-too-many")
	if made := len(c.since(before)); made != 60 {
		t.Errorf("it made %d entries", made)
	}
	b.post(c.revocationOf(agent), reason).wantTo("/users/")
	c.disturb(faultOf("GET /api/v2/users/", http.StatusServiceUnavailable))
	b.post(nobody, reason).wantProblem(http.StatusNotFound, "person-unknown")
	b.post(c.revocationOf(agent), reason).wantTo("/users/")
}

// A page of another site cannot have somebody put on the record, nor use up what they may.
func TestR1_PagesOfOtherSitesExportNothing(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(supervisor)
	c.eachRoute(t, 2, func(r handlers.Route) bool { return isPaced(r) && !isPost(r) }, func(t *testing.T, r handlers.Route) {
		c, b := c.in(t), b.in(t)
		before := c.recorded()
		for range 50 {
			for _, site := range []string{"cross-site", "same-site"} {
				b.get(c.example(r), "Sec-Fetch-Site", site).wantProblem(http.StatusForbidden, "cross-origin")
			}
		}
		b.do(b.request(http.MethodHead, c.example(r), nil, "Sec-Fetch-Site", "cross-site")).want(http.StatusForbidden)
		if made := c.since(before); len(made) != 0 {
			t.Errorf("the record says %+v", made)
		}
		for _, site := range []string{"same-origin", "none"} {
			if a := b.get(c.example(r), "Sec-Fetch-Site", site); a.StatusCode == http.StatusForbidden {
				t.Errorf("from %s: %s", site, a.problem())
			}
		}
	})
}
