package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"tokenconsole/handlers"
	"tokenconsole/handlers/request"
)

// example is a path that the route matches.
func (c *console) example(r handlers.Route) string {
	return strings.NewReplacer("{$}", "", "{id}", c.userID(agent), "{file}", "app.css", "{seq}", "1", "{name}", "lost-phone").Replace(r.Path)
}

// eachRoute runs test for those routes of the console that pick chooses, and fails
// if they are fewer than least: then it would hold of nothing.
func (c *console) eachRoute(t *testing.T, least int, pick func(handlers.Route) bool, test func(t *testing.T, r handlers.Route)) {
	t.Helper()
	found := 0
	for _, r := range c.handler.Routes() {
		if pick(r) {
			found++
			t.Run(r.Method+" "+r.Path, func(t *testing.T) { test(t, r) })
		}
	}
	if found < least {
		t.Errorf("only %d routes were looked at", found)
	}
}

func everyRoute(handlers.Route) bool { return true }
func isPost(r handlers.Route) bool   { return r.Method == http.MethodPost }
func needsSession(r handlers.Route) bool {
	return r.Gate.Access == request.SignedIn || r.Gate.Access == request.Background
}
func needsPermission(r handlers.Route) bool { return len(r.Gate.Permissions) > 0 }

// Nobody gets in by whatever route without a session, and no page is lost over
// the sign-in.
func TestEveryRouteThatNeedsASessionSignedOut(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.eachRoute(t, 20, needsSession, func(t *testing.T, r handlers.Route) {
		b, path := c.in(t).newBrowser(), c.example(r)
		if isPost(r) {
			b.post(path, url.Values{"reason": {"x"}, "token": {"abcdefghijklmnopqrstuvwxyz"}}).wantTo("/login?return_to=%2F")
			return
		}
		a := b.get(path + "?a=%26").wantTo("/login?")
		if len(a.Cookies()) > 0 {
			t.Error("it sets a cookie")
		}
		if path != "/" && a.location() != "/login?return_to="+url.QueryEscape(path+"?a=%26") {
			t.Errorf("it leads to %s", a.location())
		}
		b.getJSON(path).want(http.StatusUnauthorized)
		b.do(b.request(http.MethodHead, path, nil)).want(http.StatusSeeOther)
	})
	c.wantAsked(0, "")
}

// Without the permission a route tells which it is, and asks the platform for
// nothing but the proof of the token.
func TestR9_EveryRouteThatNeedsAPermissionWithoutIt(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(agent)
	c.eachRoute(t, 6, needsPermission, func(t *testing.T, r handlers.Route) {
		b, a := b.in(t), (*answer)(nil)
		if isPost(r) {
			a = b.post(c.example(r), reason)
		} else {
			a = b.get(c.example(r))
		}
		a.wantProblem(http.StatusForbidden, "permission-missing").wantText(r.Gate.Permissions[0])
	})
	if asked, proofs := c.asked(""), c.asked("GET /api/v2/tokens/me?preserveIdleTTL=true"); len(asked) != len(proofs) {
		t.Errorf("the platform was asked %v", asked)
	}
}

// That somebody without permission tried an act is on the record.
func TestR16_EveryActWithoutPermissionIsOnTheRecord(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(agent)
	c.eachRoute(t, 2, func(r handlers.Route) bool { return r.Act != "" }, func(t *testing.T, r handlers.Route) {
		c, b := c.in(t), b.in(t)
		before := c.recorded()
		b.post(c.example(r), timeoutChange).want(http.StatusForbidden)
		tried := c.since(before)
		if len(tried) != 1 || tried[0].Action != r.Act || tried[0].Outcome != "refused" || tried[0].Permission != r.Gate.Permissions[0] {
			t.Errorf("the record says %+v", tried)
		}
	})
}

func TestMethodsThatARouteDoesNotHave(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	methods := map[string][]string{}
	for _, r := range c.handler.Routes() {
		methods[r.Path] = append(methods[r.Path], r.Method)
	}
	c.eachRoute(t, 20, everyRoute, func(t *testing.T, r handlers.Route) {
		b := b.in(t)
		put := b.request(http.MethodPut, c.example(r), nil, "Origin", c.public.String())
		a := b.do(put).wantProblem(http.StatusMethodNotAllowed, "method-not-allowed")
		for _, method := range methods[r.Path] {
			if !strings.Contains(a.Header.Get("Allow"), method) {
				t.Errorf("Allow is %q", a.Header.Get("Allow"))
			}
		}
	})
}
