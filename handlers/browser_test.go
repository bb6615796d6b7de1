package handlers_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// browser keeps cookies, follows redirects only when told to, and says with
// each form where it comes from, as browsers do.
type browser struct {
	t      *testing.T
	ts     *testServer
	jar    http.CookieJar
	client *http.Client
	mu     sync.Mutex
	seen   []*answer // every answer of the console
}

// newBrowser returns a browser without cookies.
func (ts *testServer) newBrowser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		ts.t.Fatal(err)
	}
	b := &browser{t: ts.t, ts: ts, jar: jar}
	transport := &http.Transport{
		// The public name leads to the console, wherever it listens.
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			if addr == ts.public.Hostname()+":80" {
				addr = ts.addr
			}
			return new(net.Dialer).DialContext(ctx, network, addr)
		},
		MaxIdleConnsPerHost: 32,
	}
	ts.t.Cleanup(transport.CloseIdleConnections)
	b.client = &http.Client{
		Jar: jar,
		Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if r.URL.Host != ts.public.Host || r.URL.Scheme != "https" {
				return transport.RoundTrip(r)
			}
			forwarded := r.Clone(r.Context())
			forwarded.URL.Scheme = "http" // as behind a proxy that ends TLS
			resp, err := transport.RoundTrip(forwarded)
			if err == nil {
				resp.Request = r
			}
			return resp, err
		}),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return b
}

// answer is what came back, read to its end.
type answer struct {
	*http.Response
	t    *testing.T
	body string
}

// page is the answer parsed as HTML.
func (a *answer) page() *goquery.Document {
	a.t.Helper()
	if kind := a.Header.Get("Content-Type"); kind != "text/html; charset=utf-8" {
		a.t.Fatalf("%s answered with %q, not a page: %.200s", a.Request.URL.Path, kind, a.body)
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(a.body))
	if err != nil {
		a.t.Fatal(err)
	}
	return doc
}

// text is what a reader sees of the main part.
func (a *answer) text() string {
	a.t.Helper()
	return strings.Join(strings.Fields(a.page().Find("main").Text()), " ")
}

func (a *answer) title() string {
	a.t.Helper()
	return strings.Join(strings.Fields(a.page().Find("h1").First().Text()), " ")
}

// location is where the answer leads to.
func (a *answer) location() string { return a.Header.Get("Location") }

// set returns the cookie whose name ends in suffix that the answer sets.
func (a *answer) set(suffix string) *http.Cookie {
	for _, c := range a.Cookies() {
		if strings.HasSuffix(c.Name, suffix) {
			return c
		}
	}
	return nil
}

// want checks the status.
func (a *answer) want(status int) *answer {
	a.t.Helper()
	if a.StatusCode != status {
		a.t.Fatalf("%s %s: status %d, want %d; Location %q; body %.600s", a.Request.Method, a.Request.URL.Path, a.StatusCode, status, a.location(), a.body)
	}
	return a
}

// wantTo checks that the answer leads on by 303 to a target with prefix.
func (a *answer) wantTo(prefix string) *answer {
	a.t.Helper()
	a.want(http.StatusSeeOther)
	if !strings.HasPrefix(a.location(), prefix) {
		a.t.Fatalf("%s %s leads to %q, want %q", a.Request.Method, a.Request.URL.Path, a.location(), prefix)
	}
	return a
}

// wantText checks that a reader sees each of texts.
func (a *answer) wantText(texts ...string) *answer {
	a.t.Helper()
	for _, text := range texts {
		if !strings.Contains(a.text(), text) {
			a.t.Errorf("%s %s does not say %q but: %s", a.Request.Method, a.Request.URL.Path, text, a.text())
		}
	}
	return a
}

// do sends r, whose URL may be a path of the console.
func (b *browser) do(r *http.Request) *answer {
	b.t.Helper()
	r.URL = b.ts.public.ResolveReference(r.URL)
	resp, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	a := &answer{resp, b.t, string(content)}
	if resp.Request.URL.Host == b.ts.public.Host {
		b.mu.Lock()
		b.seen = append(b.seen, a)
		b.mu.Unlock()
	}
	return a
}

// request makes a request for a path that is sent as it is written.
func (b *browser) request(method, target string, body io.Reader, headers ...string) *http.Request {
	b.t.Helper()
	r, err := http.NewRequest(method, b.ts.public.String(), body)
	if err != nil {
		b.t.Fatal(err)
	}
	if u, err := url.Parse(target); err == nil {
		r.URL = b.ts.public.ResolveReference(u)
	}
	if strings.HasPrefix(target, "/") && r.URL.RequestURI() != target {
		// No client may tidy up what a test wants to send.
		r.URL = &url.URL{Scheme: b.ts.public.Scheme, Host: b.ts.public.Host, Opaque: "//" + b.ts.public.Host + target}
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

func (b *browser) get(target string, headers ...string) *answer {
	b.t.Helper()
	return b.do(b.request(http.MethodGet, target, nil, headers...))
}

// follow goes where a leads, and on from there.
func (b *browser) follow(a *answer) *answer {
	b.t.Helper()
	for range 5 {
		if a.location() == "" {
			return a
		}
		next, err := a.Request.URL.Parse(a.location())
		if err != nil {
			b.t.Fatal(err)
		}
		a = b.get(next.String())
	}
	b.t.Fatalf("a loop of redirects ends at %s", a.location())
	return nil
}

// post sends a form as a browser does from a page of the same origin.
func (b *browser) post(target string, form url.Values, headers ...string) *answer {
	b.t.Helper()
	r := b.request(http.MethodPost, target, strings.NewReader(form.Encode()),
		append([]string{
			"Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin",
			"Origin", b.ts.public.String(),
		}, headers...)...)
	return b.do(r)
}

// begin begins a sign-in and returns the authorize URL.
func (b *browser) begin(returnTo string) *url.URL {
	b.t.Helper()
	form := url.Values{}
	if returnTo != "" {
		form.Set("return_to", returnTo)
	}
	a := b.post("/login", form).wantTo(b.ts.platform + "/oauth/authorize?")
	u, err := url.Parse(a.location())
	if err != nil {
		b.t.Fatal(err)
	}
	return u
}

// authorize chooses email on the page at authorizeURL, and returns the callback
// that the platform leads to, without going there.
func (b *browser) authorize(authorizeURL *url.URL, email string) string {
	b.t.Helper()
	a := b.get(authorizeURL.String())
	if a.location() != "" { // remembered
		return a.location()
	}
	form := a.want(http.StatusOK).page().Find("form")
	button := form.Find("button[name=email]").FilterFunction(func(_ int, s *goquery.Selection) bool {
		value, _ := s.Attr("value")
		return value == email
	})
	if button.Length() != 1 {
		b.t.Fatalf("the platform does not offer %s", email)
	}
	action, _ := form.Attr("action")
	target, err := authorizeURL.Parse(action)
	if err != nil {
		b.t.Fatal(err)
	}
	r := b.request(http.MethodPost, target.String(), strings.NewReader(url.Values{"email": {email}}.Encode()),
		"Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin")
	return b.do(r).wantTo(b.ts.public.String() + "/oauth/callback?").location()
}

// signInTo signs email in and returns the answer of the callback.
func (b *browser) signInTo(returnTo, email string) *answer {
	b.t.Helper()
	return b.get(b.authorize(b.begin(returnTo), email))
}

// signedIn is a browser in which email has signed in.
func (ts *testServer) signedIn(email string) *browser {
	ts.t.Helper()
	b := ts.newBrowser()
	b.signInTo("", email).wantTo("/token")
	return b
}

// cookies returns the browser's cookies for the console.
func (b *browser) cookies() []*http.Cookie { return b.jar.Cookies(b.ts.public) }

// cookie returns the value of the cookie whose name ends in suffix, or "".
func (b *browser) cookie(suffix string) string {
	for _, c := range b.cookies() {
		if strings.HasSuffix(c.Name, suffix) {
			return c.Value
		}
	}
	return ""
}

// cookieBytes is the size of the browser's Cookie header for the console.
func (b *browser) cookieBytes() int {
	size := 0
	for _, c := range b.cookies() {
		size += len(c.Name) + len(c.Value) + len("=; ")
	}
	return size
}

const sessionCookie = "console-session"

// plant puts a cookie for the console into the browser.
func (b *browser) plant(name, value string) {
	if b.ts.public.Scheme == "https" {
		name = "__Host-" + name
	}
	b.jar.SetCookies(b.ts.public, []*http.Cookie{{Name: name, Value: value, Path: "/", Secure: b.ts.public.Scheme == "https"}})
}

// fork is a browser with the cookies that b has now.
func (b *browser) fork() *browser {
	other := b.ts.newBrowser()
	other.jar.SetCookies(b.ts.public, b.cookies())
	platform, err := url.Parse(b.ts.platform)
	if err != nil {
		b.t.Fatal(err)
	}
	other.jar.SetCookies(platform, b.jar.Cookies(platform))
	return other
}

// isSignedIn reports whether the token's page opens.
func (b *browser) isSignedIn() bool {
	b.t.Helper()
	a := b.get("/token")
	return a.StatusCode == http.StatusOK && a.title() == "Your token"
}
