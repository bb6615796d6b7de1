package handlers_test

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// secrets collects what must show nowhere: all that travels between the console
// and the platform, and every cookie.
type secrets struct {
	mu    sync.Mutex
	known map[string]string // what it is, by value
}

func (s *secrets) add(what, value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(value) >= 8 {
		s.known[value] = what
	}
}

func (s *secrets) spy(rt http.RoundTripper) http.RoundTripper {
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		s.add("bearer", strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
		if r.URL.Path == "/oauth/token" {
			body := readAll(r.Body)
			form, _ := url.ParseQuery(body)
			s.add("verifier", form.Get("code_verifier"))
			s.add("code", form.Get("code"))
			s.add("refresh token", form.Get("refresh_token"))
			r = withBody(r, body)
		}
		resp, err := rt.RoundTrip(r)
		if err == nil && r.URL.Path == "/oauth/token" {
			body := readAll(resp.Body)
			for _, part := range strings.Split(body, `"`) {
				if len(part) > 40 {
					s.add("token", part)
				}
			}
			resp.Body = io.NopCloser(strings.NewReader(body))
		}
		return resp, err
	})
}

func TestT1_SecretsNowhere(t *testing.T) {
	t.Parallel()
	known := &secrets{known: map[string]string{}}
	known.add("client secret", "demo-secret")
	known.add("session key", base64.StdEncoding.EncodeToString(testKey))
	ts := newTestServer(t, withRecord(t), withTransport(known.spy), func(s *setup) { s.emulator.TokenLifetime = 6 * time.Minute })
	b := everything(ts)
	b.signInTo("", admin).wantTo("/token")
	ts.clock.advance(7 * time.Minute)
	b.get("/token").want(http.StatusOK) // renewed
	for _, f := range []fault{{Reset: true}, {Status: 500}, {Body: "garbage"}, {Status: 400, Body: map[string]string{"error": "invalid_grant"}}} {
		f.Match = "* /"
		callback := b.authorize(b.begin(""), admin)
		ts.disturb(f)
		b.get(callback)
		b.get("/token")
		b.post("/logout", nil)
		ts.calm()
		b.signInTo("", admin)
	}
	inspected := b.cookie(sessionCookie)
	known.add("cookie", inspected)
	b.post("/inspect", url.Values{"token": {"a-found-token-of-some-length"}})
	known.add("found token", "a-found-token-of-some-length")
	for _, a := range b.seen {
		for _, c := range a.Cookies() {
			known.add("cookie", c.Value)
		}
	}
	kinds := map[string]bool{}
	for value, what := range known.known {
		kinds[what] = true
		if strings.Contains(ts.log.String(), value) {
			t.Errorf("the log holds a %s", what)
		}
		for _, a := range b.seen {
			header := a.Header.Clone()
			header.Del("Set-Cookie")
			if strings.Contains(a.body, value) || strings.Contains(fmt.Sprint(header), value) {
				t.Errorf("%s %s shows a %s", a.Request.Method, a.Request.URL.Path, what)
			}
			if what != "code" && strings.Contains(a.Request.URL.String(), value) {
				t.Errorf("%s has a %s in its address", a.Request.URL.Path, what)
			}
			if what == "code" && strings.Contains(a.Request.URL.String(), value) && a.Request.URL.Path != "/oauth/callback" {
				t.Errorf("%s has a code in its address", a.Request.URL.Path)
			}
		}
	}
	for _, what := range []string{"bearer", "verifier", "code", "refresh token", "token", "cookie", "client secret"} {
		if !kinds[what] {
			t.Errorf("no %s was seen, so nothing was looked for", what)
		}
	}
}

func TestT2_HostAndForwardedHeaders(t *testing.T) {
	t.Parallel()
	for _, options := range [][]func(*setup){nil, {withHTTPS}, {func(s *setup) { s.console.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} }}} {
		ts := newTestServer(t, options...)
		b := ts.newBrowser()
		evil := []string{
			"X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "gopher", "X-Forwarded-Port", "1", "X-Forwarded-Prefix", "/evil", "Forwarded", "host=evil.example;proto=https",
			"X-Original-Url", "/users", "X-Rewrite-Url", "/users", "X-Host", "evil.example", "X-Real-Ip", "evil.example", "X-Forwarded-For", "evil.example, 10.0.0.1", "X-Forwarded-User", admin, "Remote-User", admin,
		}
		for _, target := range []string{"/login", "/token", "/", "/signed-out"} {
			a := b.get(target, evil...)
			if strings.Contains(a.body+fmt.Sprint(a.Header), "evil") || strings.Contains(a.body, "gopher") {
				t.Errorf("%s believes a header", target)
			}
		}
		a := b.post("/login", nil, evil...).wantTo(ts.platform)
		u, _ := url.Parse(a.location())
		if got := u.Query().Get("redirect_uri"); got != ts.public.String()+"/oauth/callback" {
			t.Errorf("redirect_uri is %q", got)
		}
		b.get("/token", "X-Forwarded-User", admin, "Authorization", "Bearer x").wantTo("/login?")
	}
}

func TestT2_OtherHosts(t *testing.T) {
	t.Parallel()
	for _, options := range [][]func(*setup){nil, {withHTTPS}} {
		ts := newTestServer(t, options...)
		b := ts.signedIn(admin)
		for _, host := range []string{"evil.example", "localhost:1", "console.example.", "console.example:8443", "127.0.0.1", "[::1]:80", "evil.example:443", "CONSOLE.EXAMPLE"} {
			r := b.request(http.MethodGet, "/users/%2Fx?q=a%26b", nil)
			r.Host = host
			if a := b.do(r).want(http.StatusFound); a.location() != ts.public.String()+"/users/%2Fx?q=a%26b" && a.location() != ts.public.String()+"/users//x?q=a%26b" {
				t.Errorf("%s is led to %q", host, a.location())
			}
			r = b.request(http.MethodPost, revocationOf(ts, agent), strings.NewReader("reason=x"), "Content-Type", "application/x-www-form-urlencoded", "Origin", "http://"+host, "Sec-Fetch-Site", "same-origin")
			r.Host = host
			if a := b.do(r).want(http.StatusMisdirectedRequest); strings.Contains(a.body, "evil.example") || len(a.Cookies()) > 0 {
				t.Errorf("%s: %s", host, a.text())
			}
			for _, health := range []string{"/healthz", "/readyz"} {
				r = b.request(http.MethodGet, health, nil)
				r.Host = host
				b.do(r).want(http.StatusOK)
			}
		}
		ts.wantAsked(0, "DELETE ")
	}
}

func TestT3_PathTricksOpenNoPage(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.newBrowser()
	for _, target := range []string{
		"//users", "/users%2f", "/healthz/../users", "/healthz/..%2fusers", "/healthz/%2e%2e/token", "/./token", "/token/.", "/static/../token", "/static/..%2f..%2ftoken", "/token%00", "/token%0a",
		"/%74oken", "/token;x", "/token?x=/../y", "/readyz/../token", "/login/../token", "/\\token", "/token/status/../status", "/users/./me", "/%2e%2e/%2e%2e/etc/passwd",
	} {
		a := b.get(target, "User-Agent", "")
		if a.StatusCode == http.StatusOK || a.StatusCode >= 500 || a.StatusCode == http.StatusMovedPermanently {
			t.Errorf("%s: %d", target, a.StatusCode)
		}
		if a.location() != "" && !strings.HasPrefix(a.location(), "/login?return_to=%2F") {
			t.Errorf("%s leads to %s", target, a.location())
		}
	}
	ts.wantAsked(0, "")
}

func TestT5_NoHeaderFromAParameter(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t, withRecord(t))
	b := ts.signedIn(admin)
	const injected = "%0d%0aX-Injected:%201%0d%0a%0d%0a<script>"
	for _, target := range []string{
		"/login?return_to=/users" + injected, "/login?why=" + injected, "/users?q=" + injected, "/users?q=x&page=" + injected, "/nowhere" + injected, "/nowhere?" + injected, "/users/" + injected,
		"/oauth/callback?state=" + injected + "&code=" + injected, "/audit?after=" + injected, "/audit.csv?from=" + injected,
	} {
		a := b.get(target)
		if a.Header.Get("X-Injected") != "" || strings.Contains(a.body, "<script>") || a.StatusCode >= 500 {
			t.Errorf("%s: %d %v", target, a.StatusCode, a.Header)
		}
		r := b.request(http.MethodGet, target, nil)
		r.Host = "other.example"
		if a := b.do(r); a.Header.Get("X-Injected") != "" || strings.ContainsAny(a.location(), "\r\n") {
			t.Errorf("%s for another host: %v", target, a.Header)
		}
	}
	if a := b.post("/login", url.Values{"return_to": {"/users\r\nX-Injected: 1"}, "org": {"a\r\nX-Injected: 1"}, "provider": {"okta"}}); a.Header.Get("X-Injected") != "" {
		t.Errorf("POST /login: %v", a.Header)
	}
	a := b.post(revocationOf(ts, agent), url.Values{"reason": {"a\r\nX-Injected: 1"}}).wantTo("/users/")
	if a.Header.Get("X-Injected") != "" {
		t.Errorf("a reason became a header: %v", a.Header)
	}
	for _, line := range strings.Split(ts.log.String(), "\n") {
		if line != "" && !strings.HasPrefix(line, "{") {
			t.Errorf("a parameter made a log line: %s", line)
		}
	}
}

// raw sends bytes to the console and returns what comes back until it closes
// the connection, or nothing more comes.
func raw(t *testing.T, ts *testServer, request string) string {
	t.Helper()
	conn, err := net.Dial("tcp", ts.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, request); err != nil {
		return ""
	}
	content, _ := io.ReadAll(conn)
	return string(content)
}

func TestT4_AmbiguousFraming(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.signedIn(admin)
	target := revocationOf(ts, agent)
	head := "POST " + target + " HTTP/1.1\r\nHost: " + ts.public.Host + "\r\nOrigin: " + ts.public.String() + "\r\nSec-Fetch-Site: same-origin\r\n" +
		"Cookie: " + sessionCookie + "=" + b.cookie(sessionCookie) + "\r\nContent-Type: application/x-www-form-urlencoded\r\n"
	smuggled := "GET /smuggled HTTP/1.1\r\nHost: " + ts.public.Host + "\r\nConnection: close\r\n\r\n"
	for name, request := range map[string]string{
		"CL and TE":             head + "Content-Length: 8\r\nTransfer-Encoding: gzip, chunked\r\n\r\n8\r\nreason=x\r\n0\r\n\r\n" + smuggled,
		"two lengths":           head + "Content-Length: 8\r\nContent-Length: 9\r\n\r\nreason=x" + smuggled,
		"list of lengths":       head + "Content-Length: 8, 9\r\n\r\nreason=x" + smuggled,
		"signed length":         head + "Content-Length: +8\r\n\r\nreason=x" + smuggled,
		"hex length":            head + "Content-Length: 0x8\r\n\r\nreason=x" + smuggled,
		"space before colon":    head + "Content-Length : 8\r\n\r\nreason=x" + smuggled,
		"odd transfer coding":   head + "Transfer-Encoding: xchunked\r\n\r\n8\r\nreason=x\r\n0\r\n\r\n" + smuggled,
		"two transfer codings":  head + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n8\r\nreason=x\r\n0\r\n\r\n" + smuggled,
		"NUL in a header":       head + "X: a\x00b\r\nContent-Length: 8\r\n\r\nreason=x" + smuggled,
		"CR in a header":        head + "X: a\rb\r\nContent-Length: 8\r\n\r\nreason=x" + smuggled,
		"two hosts":             head + "Host: evil.example\r\nContent-Length: 8\r\n\r\nreason=x" + smuggled,
		"folded first":          strings.Replace(head, "Origin:", " Origin:", 1) + "Content-Length: 8\r\n\r\nreason=x" + smuggled,
		"chunk size of letters": head + "Transfer-Encoding: chunked\r\n\r\nzz\r\nreason=x\r\n0\r\n\r\n" + smuggled,
		"HTTP/0.9":              "GET " + target + "\r\n" + smuggled,
		"HTTP/3.0":              strings.Replace(head, "HTTP/1.1", "HTTP/3.0", 1) + "Content-Length: 8\r\n\r\nreason=x" + smuggled,
	} {
		got := raw(t, ts, request)
		if got != "" && !strings.HasPrefix(got, "HTTP/1.1 4") && !strings.HasPrefix(got, "HTTP/1.0 4") && !strings.HasPrefix(got, "HTTP/1.1 501") && !strings.HasPrefix(got, "HTTP/1.1 505") {
			t.Errorf("%s: %.100s", name, got)
		}
		if strings.Count(got, "HTTP/1.1 ") > 1 {
			t.Errorf("%s: answered %d requests: %.300s", name, strings.Count(got, "HTTP/1.1 "), got)
		}
	}
	ts.wantAsked(0, "DELETE ")
}

func TestT2_AbsoluteFormTargets(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.signedIn(admin)
	own, cookie := ts.public.Host, "Cookie: "+sessionCookie+"="+b.cookie(sessionCookie)+"\r\nConnection: close\r\n"
	for name, test := range map[string]struct{ request, status string }{
		"foreign":           {"GET http://evil.example/token HTTP/1.1\r\nHost: " + own + "\r\n" + cookie + "\r\n", "302"},
		"own":               {"GET http://" + own + "/token HTTP/1.1\r\nHost: evil.example\r\n" + cookie + "\r\n", "200"},
		"own, signed out":   {"GET http://" + own + "/token HTTP/1.1\r\nHost: " + own + "\r\nConnection: close\r\n\r\n", "303"},
		"foreign post":      {"POST http://evil.example/logout HTTP/1.1\r\nHost: " + own + "\r\nOrigin: " + ts.public.String() + "\r\n" + cookie + "\r\n", "421"},
		"no host":           {"GET /token HTTP/1.1\r\n" + cookie + "\r\n", "400"},
		"no host, HTTP/1.0": {"GET /token HTTP/1.0\r\n" + cookie + "\r\n", "302"},
		"connect":           {"CONNECT " + own + " HTTP/1.1\r\nHost: " + own + "\r\nOrigin: " + ts.public.String() + "\r\n" + cookie + "\r\n", "400"},
		"scheme":            {"GET javascript:alert(1) HTTP/1.1\r\nHost: " + own + "\r\n" + cookie + "\r\n", "400"},
		"no slash":          {"GET token HTTP/1.1\r\nHost: " + own + "\r\n" + cookie + "\r\n", "400"},
	} {
		response, err := http.ReadResponse(bufio.NewReader(strings.NewReader(raw(t, ts, test.request))), nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		response.Body.Close()
		if got := response.Status[:3]; got != test.status {
			t.Errorf("%s: %s, want %s", name, got, test.status)
		}
		if to := response.Header.Get("Location"); strings.Contains(to, "evil") {
			t.Errorf("%s leads to %s", name, to)
		}
	}
	ts.wantAsked(0, "DELETE ")
}

func TestT7_BodiesAtTheBound(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.signedIn(admin)
	target := revocationOf(ts, agent)
	const field = "reason=x&pad="
	for size, status := range map[int]int{64 << 10: http.StatusSeeOther, 64<<10 + 1: http.StatusRequestEntityTooLarge, 5 << 20: http.StatusRequestEntityTooLarge} {
		body := field + strings.Repeat("x", size-len(field))
		for _, chunked := range []bool{false, true} {
			var reader io.Reader = strings.NewReader(body)
			if chunked {
				reader = io.MultiReader(reader)
			}
			r := b.request(http.MethodPost, target, reader, "Content-Type", "application/x-www-form-urlencoded", "Origin", ts.public.String())
			resp, err := b.client.Do(r)
			if err != nil {
				continue // the console may close while the rest is still being sent
			}
			resp.Body.Close()
			want := status
			if chunked {
				want = http.StatusLengthRequired
			}
			if resp.StatusCode != want {
				t.Errorf("%d bytes, chunked %v: %d, want %d", size, chunked, resp.StatusCode, want)
			}
		}
	}
	ts.wantAsked(1, "DELETE ")
}

func TestT9_Panic(t *testing.T) {
	t.Parallel()
	var panicking atomic.Bool
	ts := newTestServer(t, withTransport(func(rt http.RoundTripper) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			if panicking.Load() {
				panic("a fault of ours")
			}
			return rt.RoundTrip(r)
		})
	}))
	b := ts.signedIn(agent)
	panicking.Store(true)
	a := b.get("/token").want(http.StatusInternalServerError).wantText("This is a fault of the console", "Request id")
	wantPolicy(t, ts, a)
	if strings.Contains(a.body, "a fault of ours") || strings.Contains(a.body, "goroutine") || a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("the page tells too much, or may be kept: %s", a.text())
	}
	if !strings.Contains(ts.log.String(), "a fault of ours") {
		t.Error("the log does not hold the panic")
	}
	panicking.Store(false)
	b.get("/token").want(http.StatusOK)
}

func TestT11_Health(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.newBrowser()
	if a := b.get("/readyz").want(http.StatusOK); a.body != "ready\n" {
		t.Errorf("readyz: %q", a.body)
	}
	for range 50 {
		b.get("/readyz")
	}
	if got := len(ts.asked("")); got != 1 {
		t.Errorf("51 questions made %d probes", got)
	}
	ts.disturb(fault{Match: "* /", Reset: true})
	ts.clock.advance(6 * time.Second)
	b.get("/readyz").want(http.StatusOK) // one failure is forgiven
	ts.clock.advance(31 * time.Second)
	a := b.get("/readyz").want(http.StatusServiceUnavailable)
	if a.body != "not ready: Genesys Cloud does not answer\n" {
		t.Errorf("readyz tells %q", a.body)
	}
	if a := b.get("/healthz").want(http.StatusOK); a.body != "ok\n" {
		t.Errorf("healthz: %q", a.body)
	}
	ts.calm()
	ts.clock.advance(6 * time.Second)
	b.get("/readyz").want(http.StatusOK)
	for _, asked := range ts.asked("") {
		if asked.Bearer != "" {
			t.Error("a probe sends a token")
		}
	}
}

// Not parallel: it counts goroutines.
func TestT13_BurstLeavesNothingBehind(t *testing.T) {
	before := goleak.IgnoreCurrent()
	t.Run("burst", func(t *testing.T) {
		ts := newTestServer(t)
		b := ts.signedIn(admin)
		ts.disturb(fault{Match: "GET /api/v2/users/", Reset: true, Times: 20})
		targets := []string{"/token", "/token/status", "/users?q=a@b", "/users/" + ts.userID(agent), "/healthz", "/readyz", "/nowhere", "/login"}
		var group sync.WaitGroup
		for i := range 200 {
			group.Go(func() { b.get(targets[i%len(targets)]) })
		}
		group.Wait()
	})
	if err := goleak.Find(before); err != nil {
		t.Error(err)
	}
}

func TestT4_LengthAndChunksTogether(t *testing.T) {
	t.Parallel()
	ts := newTestServer(t)
	b := ts.signedIn(admin)
	got := raw(t, ts, "POST "+revocationOf(ts, agent)+" HTTP/1.1\r\nHost: "+ts.public.Host+"\r\nOrigin: "+ts.public.String()+"\r\n"+
		"Cookie: "+sessionCookie+"="+b.cookie(sessionCookie)+"\r\nContent-Type: application/x-www-form-urlencoded\r\n"+
		"Content-Length: 8\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nreason=x\r\n0\r\n\r\n"+
		"GET /smuggled HTTP/1.1\r\nHost: "+ts.public.Host+"\r\nConnection: close\r\n\r\n")
	if !strings.HasPrefix(got, "HTTP/1.1 4") || strings.Count(got, "HTTP/1.1 ") != 1 {
		t.Errorf("%d answers, the first %.30s", strings.Count(got, "HTTP/1.1 "), got)
	}
	ts.wantAsked(0, "DELETE ")
}
