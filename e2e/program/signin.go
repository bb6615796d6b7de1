package program

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// SignIn signs email in as a browser does, page by page but without drawing any, and returns the cookies that the browser
// holds then, of the console and of the platform's log-in server.
func (c *Console) SignIn(email string) []*http.Cookie {
	c.t.Helper()
	b := walker{console: c, cookies: map[string]*http.Cookie{}}
	authorize := b.step(http.MethodPost, c.URL+"/login", url.Values{})
	b.step(http.MethodGet, authorize, nil)
	callback := b.step(http.MethodPost, authorize, url.Values{"email": {email}})
	if !strings.HasPrefix(callback, c.URL+"/oauth/callback?") {
		c.t.Fatalf("signing %s in led to %q, want the callback", email, callback)
	}
	home := b.step(http.MethodGet, callback, nil)
	if home != c.URL+"/token" {
		c.t.Fatalf("signing %s in ended at %q", email, home)
	}
	return slices.Collect(maps.Values(b.cookies))
}

// walker follows a sign-in by hand.
type walker struct {
	console *Console
	cookies map[string]*http.Cookie
}

var oneStep = &http.Client{
	Timeout:       30 * time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// step asks for one page, with a form if there is one, and returns where it leads; "" if it does not.
func (b *walker) step(method, address string, form url.Values) string {
	b.console.t.Helper()
	next, err := b.try(method, address, form)
	if err != nil {
		b.console.t.Fatalf("signing in: %v", err)
	}
	return next
}

func (b *walker) try(method, address string, form url.Values) (string, error) {
	r, err := http.NewRequest(method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, cookie := range b.cookies {
		r.AddCookie(&http.Cookie{Name: cookie.Name, Value: cookie.Value})
	}
	response, err := oneStep.Do(r)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	if content, err := io.ReadAll(response.Body); err != nil || response.StatusCode >= http.StatusBadRequest {
		return "", fmt.Errorf("%s %s: %s: %s (%w)", method, r.URL.Path, response.Status, content, err)
	}
	b.keep(response.Cookies())
	next, err := response.Location()
	if err != nil {
		return "", nil
	}
	b.console.Secret(next.Query().Get("code"), next.Query().Get("state"))
	return next.String(), nil
}

func (b *walker) keep(cookies []*http.Cookie) {
	for _, cookie := range cookies {
		if cookie.MaxAge < 0 {
			delete(b.cookies, cookie.Name)
			continue
		}
		b.cookies[cookie.Name] = cookie
	}
}
