package handlers_test

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"tokenconsole/internal/emulator"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/login"
	"tokenconsole/session"
)

// browser keeps cookies, follows redirects only when told to, and says with
// each form where it comes from, as browsers do.
type browser struct {
	t      testing.TB
	c      *console
	jar    http.CookieJar
	client *http.Client
	seen   *sights
}

// sights are all answers of the console to a browser.
type sights struct {
	mu  sync.Mutex
	all []*answer
}

// newBrowser returns a browser without cookies.
func (c *console) newBrowser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		c.t.Fatal(err)
	}
	return (&browser{jar: jar, seen: &sights{}}).at(c)
}

// at is the same browser in front of another console, as a load balancer puts it
// there.
func (b *browser) at(c *console) *browser {
	there := *b
	there.t, there.c = c.t, c
	there.client = &http.Client{
		Jar: b.jar,
		Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if r.URL.Host != c.public.Host {
				return c.outside.RoundTrip(r)
			}
			forwarded := r.Clone(r.Context())
			forwarded.URL.Scheme = "http" // as behind a proxy that ends TLS
			response, err := c.inside.RoundTrip(forwarded)
			if err == nil {
				response.Request = r
			}
			return response, err
		}),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &there
}

// in is b for a subtest.
func (b *browser) in(t testing.TB) *browser {
	within := *b
	within.t, within.c = t, b.c.in(t)
	return &within
}

// do sends r, whose URL may be a path of the console.
func (b *browser) do(r *http.Request) *answer {
	b.t.Helper()
	r.URL = b.c.public.ResolveReference(r.URL)
	response, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	a := &answer{Response: response, t: b.t, body: string(content)}
	if response.Request.URL.Host == b.c.public.Host {
		b.seen.mu.Lock()
		defer b.seen.mu.Unlock()
		b.seen.all = append(b.seen.all, a)
	}
	return a
}

// request makes a request for a path that is sent as it is written.
func (b *browser) request(method, target string, body io.Reader, headers ...string) *http.Request {
	b.t.Helper()
	r, err := http.NewRequest(method, b.c.public.String(), body)
	if err != nil {
		b.t.Fatal(err)
	}
	if u, err := url.Parse(target); err == nil {
		r.URL = b.c.public.ResolveReference(u)
		r.Host = r.URL.Host
	}
	if strings.HasPrefix(target, "/") && r.URL.RequestURI() != target {
		// No client may tidy up what a test wants to send.
		r.URL = &url.URL{Scheme: b.c.public.Scheme, Host: b.c.public.Host, Opaque: "//" + b.c.public.Host + target}
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

// getJSON asks for target as an open page does by itself.
func (b *browser) getJSON(target string) *answer {
	b.t.Helper()
	return b.get(target, "Accept", "application/json")
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

const formType = "application/x-www-form-urlencoded"

// post sends a form as a browser does from a page of the same origin.
func (b *browser) post(target string, form url.Values, headers ...string) *answer {
	b.t.Helper()
	return b.do(b.postRequest(target, form, headers...))
}

func (b *browser) postRequest(target string, form url.Values, headers ...string) *http.Request {
	b.t.Helper()
	own := []string{"Content-Type", formType, "Sec-Fetch-Site", "same-origin", "Origin", b.c.public.String()}
	return b.request(http.MethodPost, target, strings.NewReader(form.Encode()), append(own, headers...)...)
}

// postParts is a form in parts, with a file if that has a name.
func (b *browser) postParts(target string, form url.Values, name, content string) *http.Request {
	b.t.Helper()
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	var err error
	for _, field := range slices.Sorted(maps.Keys(form)) {
		for _, value := range form[field] {
			err = errors.Join(err, parts.WriteField(field, value))
		}
	}
	if name != "" {
		file, broken := parts.CreateFormFile("file", name)
		if broken == nil {
			_, broken = io.WriteString(file, content)
		}
		err = errors.Join(err, broken)
	}
	if err := errors.Join(err, parts.Close()); err != nil {
		b.t.Fatal(err)
	}
	return b.request(http.MethodPost, target, &body,
		"Content-Type", parts.FormDataContentType(), "Sec-Fetch-Site", "same-origin", "Origin", b.c.public.String())
}

// with is r with the cookies that b would send, for a console that is called as a
// function.
func (b *browser) with(r *http.Request) *http.Request {
	for _, c := range b.cookies() {
		r.AddCookie(c)
	}
	r.RemoteAddr = loopback.String()
	return r
}

// signedIn is a browser in which email has signed in. No sign-in is made: the
// session's cookie is sealed here, as the console seals it.
func (c *console) signedIn(email string) *browser {
	c.t.Helper()
	b := c.newBrowser()
	b.plant(sessionCookie, c.sealed(email, nil))
	return b
}

// sealed is the cookie of a session of email's with a token that lives, as edit
// changes it; "" if that does not fit.
func (c *console) sealed(email string, edit func(*session.Session)) string {
	c.t.Helper()
	s := sessionOf(c.t, email)
	held := c.grant(email, emulator.DemoClientID)
	s.Region = c.options.Regions[0].Domain
	s.AccessToken, s.RefreshToken = genesys.NewSecret(held.Access), genesys.NewSecret(held.Refresh)
	s.TokenIssued = c.clock.now()
	s.TokenExpiry = s.TokenIssued.Add(time.Duration(held.Expires) * time.Second)
	if edit != nil {
		edit(&s)
	}
	w := httptest.NewRecorder()
	if _, err := c.sessions.Start(w, httptest.NewRequest(http.MethodGet, "/", nil), s); err != nil {
		return ""
	}
	a := answer{Response: w.Result()}
	return a.set(sessionCookie).Value
}

// session opens the session in b's cookie.
func (b *browser) session() session.Session {
	b.t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	s, err := b.c.sessions.Load(b.with(r))
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

// home is where a sign-in leads that was asked for no page.
const home = login.Home

// signIn signs email in through the platform, and returns the answer of the
// callback.
func (b *browser) signIn(email string) *answer {
	b.t.Helper()
	return b.signInTo("", email)
}

// signInTo is signIn for a page to come back to.
func (b *browser) signInTo(returnTo, email string) *answer {
	b.t.Helper()
	return b.get(b.authorize(b.begin(returnTo), email))
}

// begin begins a sign-in and returns the authorize URL.
func (b *browser) begin(returnTo string) *url.URL {
	b.t.Helper()
	form := url.Values{}
	if returnTo != "" {
		form.Set("return_to", returnTo)
	}
	a := b.post("/login", form).wantTo(b.c.url + "/oauth/authorize?")
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
		"Content-Type", formType, "Sec-Fetch-Site", "same-origin")
	return b.do(r).wantTo(b.c.public.String() + "/oauth/callback?").location()
}

// cookies returns the browser's cookies for the console.
func (b *browser) cookies() []*http.Cookie { return b.jar.Cookies(b.c.public) }

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
	secure := b.c.public.Scheme == "https"
	if secure {
		name = "__Host-" + name
	}
	b.jar.SetCookies(b.c.public, []*http.Cookie{{Name: name, Value: value, Path: "/", Secure: secure}})
}

// fork is a browser with the cookies that b has now.
func (b *browser) fork() *browser {
	other := b.c.in(b.t).newBrowser()
	platform := &url.URL{Scheme: "http", Host: "localhost"}
	other.jar.SetCookies(b.c.public, b.cookies())
	other.jar.SetCookies(platform, b.jar.Cookies(platform))
	return other
}

// isSignedIn reports whether the token's page opens.
func (b *browser) isSignedIn() bool {
	b.t.Helper()
	return b.get("/token").StatusCode == http.StatusOK
}

func readAll(r io.Reader) string {
	content, _ := io.ReadAll(r)
	return string(content)
}

// withBody is r with its body, which was read, to be read again.
func withBody(r *http.Request, body string) *http.Request {
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(strings.NewReader(body))
	return r
}
