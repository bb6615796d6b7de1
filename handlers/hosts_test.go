package handlers_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// No header that only a proxy may send changes where links and redirects lead, or
// who is signed in.
func TestT2_HostAndForwardedHeaders(t *testing.T) {
	t.Parallel()
	evil := []string{
		"X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "gopher", "X-Forwarded-Port", "1", "X-Forwarded-Prefix", "/evil",
		"Forwarded", "host=evil.example;proto=https", "X-Original-Url", "/users", "X-Rewrite-Url", "/users", "X-Host", "evil.example",
		"X-Real-Ip", "evil.example", "X-Forwarded-For", "evil.example, 10.0.0.1", "X-Forwarded-User", admin, "Remote-User", admin,
	}
	for name, options := range map[string][]func(*setup){"http": nil, "https": {withHTTPS}, "behind a proxy": {behindProxy}} {
		t.Run(name, func(t *testing.T) {
			c := newConsole(t, options...)
			b := c.newBrowser()
			for _, target := range []string{"/login", "/token", "/", "/signed-out"} {
				a := b.get(target, evil...)
				if strings.Contains(a.body+fmt.Sprint(a.Header), "evil") || strings.Contains(a.body, "gopher") {
					t.Errorf("%s believes a header", target)
				}
			}
			u, _ := url.Parse(b.post("/login", nil, evil...).wantTo(c.url).location())
			if got := u.Query().Get("redirect_uri"); got != c.public.String()+"/oauth/callback" {
				t.Errorf("redirect_uri is %q", got)
			}
			b.get("/token", "X-Forwarded-User", admin, "Authorization", "Bearer x").wantTo("/login?")
		})
	}
}

// Under another host name there is nothing but the way to the public one.
func TestT2_OtherHosts(t *testing.T) {
	t.Parallel()
	for scheme, options := range map[string][]func(*setup){"http": nil, "https": {withHTTPS}} {
		c := newConsole(t, options...)
		b := c.signedIn(admin)
		for _, host := range []string{
			"evil.example", "localhost:1", "console.example.", "console.example:8443", "127.0.0.1", "[::1]:80", "evil.example:443", "CONSOLE.EXAMPLE",
		} {
			t.Run(scheme+" "+host, func(t *testing.T) {
				b := b.in(t)
				for target, path := range map[string]string{"/users/%2Fx?q=a%26b": "/users/", "/token": "/token"} {
					r := b.request(http.MethodGet, target, nil)
					r.Host = host
					if a := b.do(r).want(http.StatusFound); !strings.HasPrefix(a.location(), c.public.String()+path) {
						t.Errorf("it is led to %q", a.location())
					}
				}
				r := b.sent(c.revocationOf(agent), reason, "Origin", "http://"+host, "Sec-Fetch-Site", "same-origin")
				r.Host = host
				if a := b.do(r).wantProblem(http.StatusMisdirectedRequest, "misdirected"); strings.Contains(a.body, "evil.example") || len(a.Cookies()) > 0 {
					t.Errorf("it repeats the host, or sets a cookie: %s", a.text())
				}
				for _, health := range []string{"/healthz", "/readyz"} {
					r = b.request(http.MethodGet, health, nil)
					r.Host = host
					b.do(r).want(http.StatusOK)
				}
			})
		}
		c.wantAsked(0, "DELETE ")
	}
}

// raw sends bytes to the console over a connection of its own, and returns what
// comes back until the console closes it.
func (c *console) raw(request string) string {
	c.t.Helper()
	conn, err := c.wire.dial(context.Background())
	if err != nil {
		c.t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		c.t.Fatal(err)
	}
	go func() { _, _ = io.WriteString(conn, request) }() // the console may close before its end
	content, err := io.ReadAll(conn)
	if err != nil && len(content) == 0 && strings.Contains(err.Error(), "timeout") {
		c.t.Errorf("the connection stays open: %v", err)
	}
	return string(content)
}

func TestT2_AbsoluteFormTargets(t *testing.T) {
	t.Parallel()
	c := newConsole(t, overTCP)
	b := c.signedIn(admin)
	own, cookie := c.public.Host, "Cookie: "+sessionCookie+"="+b.cookie(sessionCookie)+"\r\nConnection: close\r\n"
	for name, test := range map[string]struct{ request, status string }{
		"foreign":           {"GET http://evil.example/token HTTP/1.1\r\nHost: " + own + "\r\n" + cookie + "\r\n", "302"},
		"own":               {"GET http://" + own + "/token HTTP/1.1\r\nHost: evil.example\r\n" + cookie + "\r\n", "200"},
		"own, signed out":   {"GET http://" + own + "/token HTTP/1.1\r\nHost: " + own + "\r\nConnection: close\r\n\r\n", "303"},
		"foreign post":      {"POST http://evil.example/logout HTTP/1.1\r\nHost: " + own + "\r\nOrigin: " + c.public.String() + "\r\n" + cookie + "\r\n", "421"},
		"no host":           {"GET /token HTTP/1.1\r\n" + cookie + "\r\n", "400"},
		"no host, HTTP/1.0": {"GET /token HTTP/1.0\r\n" + cookie + "\r\n", "302"},
		"connect":           {"CONNECT " + own + " HTTP/1.1\r\nHost: " + own + "\r\nOrigin: " + c.public.String() + "\r\n" + cookie + "\r\n", "400"},
		"scheme":            {"GET javascript:alert(1) HTTP/1.1\r\nHost: " + own + "\r\n" + cookie + "\r\n", "400"},
		"no slash":          {"GET token HTTP/1.1\r\nHost: " + own + "\r\n" + cookie + "\r\n", "400"},
	} {
		t.Run(name, func(t *testing.T) {
			response, err := http.ReadResponse(bufio.NewReader(strings.NewReader(c.in(t).raw(test.request))), nil)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if got := response.Status[:3]; got != test.status {
				t.Errorf("%s, want %s", got, test.status)
			}
			if to := response.Header.Get("Location"); strings.Contains(to, "evil") {
				t.Errorf("it leads to %s", to)
			}
		})
	}
	c.wantAsked(0, "DELETE ")
}
