package handlers_test

import (
	"context"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"tokenconsole/handlers"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/audit"
	"tokenconsole/internal/emulator"
	"tokenconsole/internal/genesys"
	"tokenconsole/session"
)

const (
	// callLimit is the limit of one call of a platform that is too slow. With the
	// console's own, all of this would take minutes.
	callLimit = 400 * time.Millisecond
	jsonHead  = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
)

var gigabyte = toxic{Type: "flood", Attributes: map[string]any{"head": jsonHead + "Content-Length: 1073741824\r\n\r\n[", "piece": spaces[:64<<10]}}

type networkFault struct {
	toxic   toxic
	problem respond.Code
}

// hurried shortens the limit of calls if f is about it.
func (f networkFault) hurried(bad *atomic.Bool) func(*setup) {
	if f.problem != respond.PlatformSlow {
		return func(*setup) {}
	}
	return hurried(bad, callLimit)
}

// networkFaults are the ways in which an answer of the platform does not come, and
// the problem that a page tells then.
var networkFaults = map[string]networkFault{
	"stalled":            {toxic{Type: "timeout", Attributes: map[string]any{"timeout": 0}}, "platform-slow"},
	"stalled before":     {toxic{Type: "timeout", Stream: "upstream", Attributes: map[string]any{"timeout": 0}}, "platform-slow"},
	"a byte a second":    {toxic{Type: "slicer", Attributes: map[string]any{"average_size": 1, "delay": 1_000_000}}, "platform-slow"},
	"much too late":      {toxic{Type: "latency", Attributes: map[string]any{"latency": 20_000}}, "platform-slow"},
	"reset":              {toxic{Type: "reset_peer", Attributes: map[string]any{"timeout": 0}}, "platform-garbled"},
	"cut in the headers": {toxic{Type: "limit_data", Attributes: map[string]any{"bytes": 30}}, "platform-garbled"},
	"cut in the body":    {toxic{Type: "flood", Attributes: map[string]any{"head": jsonHead + "Content-Length: 500\r\n\r\n{\"id\":"}}, "platform-garbled"},
	"garbage":            {toxic{Type: "flood", Attributes: map[string]any{"head": "\x16\x03\x01\x00\xff\n\n<script>alert(1)</script>"}}, "platform-garbled"},
	"a garbage body":     {toxic{Type: "flood", Attributes: map[string]any{"head": jsonHead + "Connection: close\r\n\r\n\x00]}<script>alert(1)"}}, "platform-garbled"},
	"a gigabyte":         {gigabyte, "platform-garbled"},
	"endless headers":    {toxic{Type: "flood", Attributes: map[string]any{"head": jsonHead, "piece": strings.Repeat("X-More: and more\r\n", 100)}}, "platform-garbled"},
	"endless hints":      {toxic{Type: "flood", Attributes: map[string]any{"head": "HTTP/1.1 103 Early Hints\r\n\r\n", "piece": "HTTP/1.1 103 Early Hints\r\n\r\n"}}, "platform-garbled"},
}

// Whatever lies between console and platform does: every page and every act is
// answered in time, by a page of ours that says what is the matter, and works again
// as soon as the network does, for whoever was signed in.
func TestNetworkFaults_EveryRoute(t *testing.T) {
	t.Parallel()
	for name, fault := range networkFaults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var bad atomic.Bool
			c := newConsole(t, overTCP, fault.hurried(&bad))
			c.threeEntries()
			between, b, stranger := c.putNetwork("localhost", &bad), c.signedIn(admin), c.newBrowser()
			b.get("/token").want(http.StatusOK)
			between.harm(fault.toxic)
			b.get("/token").want(respond.Refuse(fault.problem).Status)
			callback := stranger.callbackOf()
			for i, a := range c.everyRoute(fault.atOnce()) {
				wantTold(t, c, c.handler.Routes()[i], a, fault.problem)
			}
			stranger.get(callback).wantProblem(http.StatusBadGateway, "login-server-away")
			between.heal()
			b.get("/token").want(http.StatusOK)
			c.newBrowser().signIn(agent).wantTo(home)
		})
	}
}

// atOnce is how many routes are asked at a time: all of them while the platform is slow, to wait but once. A fault that
// is seen at once costs computing instead, and with all at a time the machine would be what is slow.
func (f networkFault) atOnce() int {
	if f.problem == respond.PlatformSlow {
		return -1
	}
	return 4
}

// everyRoute asks for each route, in a session of its own, at most so many at a time.
func (c *console) everyRoute(most int) []*answer {
	c.t.Helper()
	form := url.Values{
		"reason": {lostPhone}, "enabled": {"on"}, "minutes": {"15"}, "token": {c.mint(supervisor)},
		"from": {"department"}, "name": {"Billing"},
	}
	routes := c.handler.Routes()
	answers := make([]*answer, len(routes))
	var group errgroup.Group
	group.SetLimit(most)
	for i, route := range routes {
		b := c.signedIn(admin)
		r := b.request(route.Method, c.example(route), nil)
		if isPost(route) {
			r = b.postRequest(c.example(route), form)
		}
		group.Go(func() error {
			begun := time.Now()
			answers[i] = b.do(r)
			if took := time.Since(begun); took > slowest {
				c.t.Errorf("%s answered after %s", answers[i].what(), took)
			}
			return nil
		})
	}
	_ = group.Wait()
	return answers
}

// told says what an answer tells while the platform is away: its status, and the
// code of its problem.
type told struct {
	status int
	code   string
}

// toldWithout are the answers of routes that do without the platform, or have words
// of their own for its absence.
var toldWithout = map[string]told{
	"GET /healthz":          {http.StatusOK, ""},
	"GET /readyz":           {http.StatusServiceUnavailable, ""},
	"GET /static/{file}":    {http.StatusNotFound, "page-unknown"}, // no file has that very name
	"GET /login":            {http.StatusOK, ""},
	"POST /login":           {http.StatusSeeOther, ""},
	"POST /logout":          {http.StatusSeeOther, ""},
	"GET /signed-out":       {http.StatusSeeOther, ""},
	"GET /session":          {http.StatusOK, ""},
	"GET /users/{id}":       {http.StatusOK, ""}, // the way to a revocation stays open, whoever it is
	"GET /users/{id}/proof": {http.StatusOK, ""}, // not told is part of it
	"GET /settings":         {http.StatusOK, ""},
	"POST /settings":        {http.StatusSeeOther, ""},
	"GET /timeout/change":   {http.StatusSeeOther, ""}, // nothing was asked for
	"GET /oauth/callback":   {http.StatusBadRequest, "sign-in-without-state"},

	"GET /users/{id}/revoke":            {http.StatusOK, ""},
	"GET /users/{id}/playbooks/{name}":  {http.StatusOK, ""},
	"POST /users/{id}/playbooks/{name}": {http.StatusUnprocessableEntity, ""}, // nothing was ticked
}

// wantTold checks that the answer of route is well made and tells of problem, unless
// toldWithout has something else.
func wantTold(t *testing.T, c *console, route handlers.Route, a *answer, problem respond.Code) {
	t.Helper()
	wantHeaders(t, c, a)
	wantPolicy(t, c, a)
	if strings.Contains(a.body, "alert(1)") {
		t.Errorf("%s repeats what it was sent", a.what())
	}
	want, ok := toldWithout[route.Method+" "+route.Path]
	if !ok {
		want = told{respond.Refuse(problem).Status, string(problem)}
	}
	got := told{a.StatusCode, ""}
	if strings.Contains(a.body, "<h1") {
		got.code = a.problem()
	}
	switch {
	case route.Act != "" && strings.HasSuffix(got.code, "-outcome-unknown"):
	case route.Path == "/token/status" && got.status == want.status: // tells by its status alone
	case route.Path == "/token/verify" && got.status == http.StatusSeeOther: // asks for headers only, and they came
	case got != want:
		t.Errorf("%s %s answers %+v, want %+v; a page that does without the platform belongs into toldWithout", route.Method, route.Path, got, want)
	}
}

// An act whose call is lost on the way there or back has an unknown outcome, on its
// page and on the record, and is not called for again.
func TestNetworkFaults_EveryAct(t *testing.T) {
	t.Parallel()
	for name, fault := range networkFaults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var bad atomic.Bool
			c := newConsole(t, overTCP, fault.hurried(&bad))
			between := c.putNetwork("localhost", &bad)
			b := c.signedIn(admin)
			sealed := inspected(b, c.mint(supervisor))
			for _, act := range []struct {
				do   func() *answer
				told string
			}{
				{func() *answer { return b.post(c.revocationOf(agent), revocationForm) }, "revocation-outcome-unknown"},
				{func() *answer { return changeTimeout(b) }, "timeout-outcome-unknown"},
				{func() *answer { return deleteFound(b, sealed) }, "deletion-outcome-unknown"},
				{func() *answer { return b.follow(b.post("/logout", nil).wantTo("/signed-out")).wantTone("warning") }, ""},
			} {
				var harmed atomic.Int64
				c.calls.each(func(r *http.Request) {
					if r.Method != http.MethodGet && harmed.Add(1) == 1 {
						between.harm(fault.toxic)
					}
				})
				begun := time.Now()
				a := act.do()
				if took := time.Since(begun); took > slowest || harmed.Load() != 1 || a.problem() != act.told {
					t.Errorf("%s: %d %q after %s and %d calls, want %q", a.what(), a.StatusCode, a.problem(), took, harmed.Load(), act.told)
				}
				if e := c.lastEntry(); e.Outcome != audit.Unknown {
					t.Errorf("the record says that %s is %s", e.Action, e.Outcome)
				}
				c.calls.each(nil)
				between.heal()
			}
		})
	}
}

// A slow network makes nothing wrong.
func TestNetworkFaults_Slow(t *testing.T) {
	t.Parallel()
	c := newConsole(t, overTCP)
	between, b := c.putNetwork("localhost", new(atomic.Bool)), c.newBrowser()
	between.harm(toxic{Type: "latency", Attributes: map[string]any{"latency": 100, "jitter": 50}})
	between.harm(toxic{Type: "slicer", Attributes: map[string]any{"average_size": 50, "delay": 1000}})
	b.signIn(admin).wantTo(home)
	b.get("/users?q=keller").want(http.StatusOK).wantText("Mina Keller")
	b.follow(b.post(c.revocationOf(agent), reason).wantTo("/users/")).wantTone("good")
}

// Nobody waits for a region but those who work in it.
func TestNetworkFaults_OneRegionStalls(t *testing.T) {
	t.Parallel()
	far := genesys.Region{Name: "far", Domain: "far.example", LoginURL: "http://far.example", APIURL: "http://far.example"}
	c := newConsole(t, overTCP, func(s *setup) { s.console.Regions = append(s.console.Regions, far) })
	farPlatform := c.addPlatform("far.example", newTCPWire(t), emulator.Options{Now: c.clock.now})
	between, near := c.putNetwork("far.example", new(atomic.Bool)), c.signedIn(admin)
	between.harm(networkFaults["stalled"].toxic)
	ctx, leave := context.WithCancel(t.Context())
	var asked, waiting sync.WaitGroup
	asked.Add(100)
	c.calls.each(func(r *http.Request) {
		if r.URL.Host == "far.example" {
			asked.Done()
		}
	})
	for range 100 {
		away := c.newBrowser()
		away.plant(sessionCookie, c.sealed(admin, func(s *session.Session) {
			s.Region, s.AccessToken = far.Domain, genesys.NewSecret(farPlatform.mint(admin))
		}))
		r := away.with(away.request(http.MethodGet, "/token", nil)).WithContext(ctx)
		waiting.Go(func() { c.ask(r) })
	}
	asked.Wait()
	c.calls.each(nil)
	person := "/users/" + c.userID(agent)
	for _, target := range []string{"/token", "/users?q=keller", person, person + "/revoke", "/timeout", "/audit", "/login", "/healthz"} {
		near.get(target).want(http.StatusOK)
	}
	near.post(person+"/revoke", reason).wantTo("/users/")
	c.newBrowser().signIn(supervisor).wantTo(home)
	leave() // they waited all the time
	waiting.Wait()
}

// What is sent without end is not taken. It counts what this process allocates, so
// it is not parallel.
func TestNetworkFaults_GigabytesAreNotTaken(t *testing.T) {
	const atOnce, most = 20, 64 << 20
	c := newConsole(t, overTCP)
	between, b := c.putNetwork("localhost", new(atomic.Bool)), c.signedIn(admin)
	b.get("/token").want(http.StatusOK)
	for name, fault := range map[string]toxic{"body": gigabyte, "headers": networkFaults["endless headers"].toxic} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			between.harm(fault)
			flooded.Store(0)
			runtime.ReadMemStats(&before)
			var group sync.WaitGroup
			for range atOnce {
				group.Go(func() { b.get("/token").want(http.StatusBadGateway) })
			}
			group.Wait()
			runtime.ReadMemStats(&after)
			between.heal()
			if sent := flooded.Load(); sent > atOnce*most {
				t.Errorf("%d MB were taken by %d answers", sent>>20, atOnce)
			}
			if took := after.TotalAlloc - before.TotalAlloc; took > atOnce*most {
				t.Errorf("%d MB were allocated for %d answers", took>>20, atOnce)
			}
		})
	}
	b.get("/token").want(http.StatusOK)
}
