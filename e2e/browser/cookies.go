package browser

import (
	"net/http"
	"net/url"
	"time"

	"github.com/playwright-community/playwright-go"
)

// Plant gives the browser cookies, as if the host of its first origin had set them.
func (p *Page) Plant(cookies []*http.Cookie) {
	p.t.Helper()
	origin, err := url.Parse(p.context.options.Origins[0])
	if err != nil {
		p.t.Fatal(err)
	}
	var planted []playwright.OptionalCookie
	for _, c := range cookies {
		cookie := playwright.OptionalCookie{
			Name: c.Name, Value: c.Value, Domain: playwright.String(origin.Hostname()), Path: &c.Path,
			HttpOnly: &c.HttpOnly, Secure: &c.Secure, SameSite: playwright.SameSiteAttributeLax,
		}
		if c.MaxAge > 0 {
			cookie.Expires = playwright.Float(float64(time.Now().Add(time.Duration(c.MaxAge) * time.Second).Unix()))
		}
		planted = append(planted, cookie)
	}
	if err := p.context.AddCookies(planted); err != nil {
		p.t.Fatalf("planting cookies: %v", err)
	}
}
