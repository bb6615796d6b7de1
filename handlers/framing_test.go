package handlers_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"tokenconsole/handlers"
)

// head is the beginning of a request of b's, which is to be sent as it is.
func (b *browser) head(method, target string) string {
	return method + " " + target + " HTTP/1.1\r\nHost: " + b.c.public.Host + "\r\nOrigin: " + b.c.public.String() +
		"\r\nSec-Fetch-Site: same-origin\r\nCookie: " + sessionCookie + "=" + b.cookie(sessionCookie) + "\r\nContent-Type: " + formType + "\r\n"
}

// smuggled is a request that may hide in the body of another.
func (c *console) smuggled() string {
	return "GET /smuggled HTTP/1.1\r\nHost: " + c.public.Host + "\r\nConnection: close\r\n\r\n"
}

// wantOneRefusal checks that what came back is one answer, 4xx, and nothing of
// what was smuggled in.
func wantOneRefusal(t *testing.T, got string) {
	t.Helper()
	refused := got == "" // closed without a word
	for _, status := range []string{"HTTP/1.1 4", "HTTP/1.0 4", "HTTP/1.1 501", "HTTP/1.1 505"} {
		refused = refused || strings.HasPrefix(got, status)
	}
	if n := strings.Count(got, "HTTP/1.1 "); !refused || n > 1 {
		t.Errorf("%d answers: %.300s", n, got)
	}
}

func TestT4_AmbiguousFramingIsRefused(t *testing.T) {
	t.Parallel()
	c := newConsole(t, overTCP)
	b := c.signedIn(admin)
	target := c.revocationOf(agent)
	head, smuggled := b.head(http.MethodPost, target), c.smuggled()
	const chunk = "8\r\nreason=x\r\n0\r\n\r\n"
	for name, request := range map[string]string{
		"two lengths":           head + "Content-Length: 8\r\nContent-Length: 9\r\n\r\nreason=x",
		"list of lengths":       head + "Content-Length: 8, 9\r\n\r\nreason=x",
		"signed length":         head + "Content-Length: +8\r\n\r\nreason=x",
		"hex length":            head + "Content-Length: 0x8\r\n\r\nreason=x",
		"space before colon":    head + "Content-Length : 8\r\n\r\nreason=x",
		"odd transfer coding":   head + "Transfer-Encoding: xchunked\r\n\r\n" + chunk,
		"two transfer codings":  head + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n" + chunk,
		"length and codings":    head + "Content-Length: 8\r\nTransfer-Encoding: gzip, chunked\r\n\r\n" + chunk,
		"NUL in a header":       head + "X: a\x00b\r\nContent-Length: 8\r\n\r\nreason=x",
		"CR in a header":        head + "X: a\rb\r\nContent-Length: 8\r\n\r\nreason=x",
		"two hosts":             head + "Host: evil.example\r\nContent-Length: 8\r\n\r\nreason=x",
		"folded first":          strings.Replace(head, "Origin:", " Origin:", 1) + "Content-Length: 8\r\n\r\nreason=x",
		"chunk size of letters": head + "Transfer-Encoding: chunked\r\n\r\nzz\r\nreason=x\r\n0\r\n\r\n",
		"HTTP/0.9":              "GET " + target + "\r\n",
		"HTTP/3.0":              strings.Replace(head, "HTTP/1.1", "HTTP/3.0", 1) + "Content-Length: 8\r\n\r\nreason=x",
	} {
		t.Run(name, func(t *testing.T) { wantOneRefusal(t, c.in(t).raw(request+smuggled)) })
	}
	c.wantAsked(0, "DELETE ")
}

// A length beside a transfer encoding, or a body in chunks, is refused with 400
// and the connection closed, on every route and by every method: also where no
// body is read, and where no page is.
func TestT15_LengthBesideTransferEncoding(t *testing.T) {
	t.Parallel()
	c := newConsole(t, overTCP)
	b := c.signedIn(admin)
	const chunk = "8\r\nreason=x\r\n0\r\n\r\n"
	targets := map[string]bool{"/nowhere": true, "/users//x": true}
	for _, r := range c.handler.Routes() {
		targets[c.example(r)] = true
	}
	for target := range targets {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} {
			t.Run(method+" "+target, func(t *testing.T) {
				c := c.in(t)
				for name, framing := range map[string]string{
					"both":   "Content-Length: 8\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk,
					"chunks": "Transfer-Encoding: chunked\r\n\r\n" + chunk,
				} {
					got := c.raw(b.head(method, target) + framing + c.smuggled())
					if !strings.HasPrefix(got, "HTTP/1.1 400 ") || strings.Count(got, "HTTP/1.1 ") != 1 {
						t.Errorf("%s: %.100q", name, got)
					}
				}
			})
		}
	}
	c.wantAsked(0, "")
	if !b.isSignedIn() {
		t.Error("one of them signed out")
	}
	if len(targets) < 25 {
		t.Errorf("only %d paths were tried", len(targets))
	}
}

// The same is told as a problem, to programs too.
func TestT15_IsTold(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	r := b.sent(c.revocationOf(agent), reason, "Origin", c.public.String())
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(reason.Encode())), -1
	b.do(r).wantProblem(http.StatusBadRequest, "framing-odd")
}

func TestT7_BodiesAtTheBound(t *testing.T) {
	t.Parallel()
	c := newConsole(t, overTCP)
	b := c.signedIn(admin)
	const field = "reason=x&pad="
	for size, status := range map[int]int{
		64 << 10: http.StatusSeeOther, 64<<10 + 1: http.StatusRequestEntityTooLarge, 5 << 20: http.StatusRequestEntityTooLarge,
	} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			r := b.in(t).request(http.MethodPost, c.revocationOf(agent), strings.NewReader(field+strings.Repeat("x", size-len(field))),
				"Content-Type", formType, "Origin", c.public.String())
			response, err := b.client.Do(r)
			if err != nil {
				return // the console may close while the rest is still being sent
			}
			response.Body.Close()
			if response.StatusCode != status {
				t.Errorf("%d, want %d", response.StatusCode, status)
			}
		})
	}
	c.wantAsked(1, "DELETE ")
}

// A body that is announced too large is refused before any of it has come.
func TestT7_AnnouncedBodies(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	for _, target := range []string{c.revocationOf(agent), "/batches", "/login"} {
		t.Run(target, func(t *testing.T) {
			b := b.in(t)
			never, end := io.Pipe()
			defer end.Close()
			r := b.sent(target, reason, "Origin", c.public.String())
			r.Body, r.ContentLength = never, 99_999_999
			b.do(r).wantProblem(http.StatusRequestEntityTooLarge, "form-too-large")
		})
	}
}

// HTTP/1.0 keeps no connection open, whatever it asks for: what a proxy in front takes for the end of a request may not be
// the beginning of another here.
func TestT4_OldRequestsKeepNoConnectionOpen(t *testing.T) {
	t.Parallel()
	c := newConsole(t, overTCP)
	b := c.signedIn(agent)
	c.eachRoute(t, 20, func(r handlers.Route) bool { return !isPost(r) }, func(t *testing.T, r handlers.Route) {
		head := strings.Replace(b.head(http.MethodGet, c.example(r)), "HTTP/1.1", "HTTP/1.0", 1) + "Connection: keep-alive\r\n"
		got := c.in(t).raw(head + "\r\n" + c.smuggled())
		if strings.Count(got, "HTTP/1.") != 1 || !strings.Contains(got, "\r\nConnection: close\r\n") {
			t.Errorf("%.400q", got)
		}
	})
}
