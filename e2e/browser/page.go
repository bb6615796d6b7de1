package browser

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/playwright-community/playwright-go"
)

// Page is one tab. Its own methods fail the test instead of returning errors, and wait for
// what they need; the embedded Playwright page has the rest.
type Page struct {
	playwright.Page
	t        testing.TB
	browser  *Browser
	context  *Context
	noScript bool
}

// Tab opens another tab of the same browser.
func (p *Page) Tab() *Page {
	p.t.Helper()
	return p.context.Page()
}

// Tolerate lets problems containing text pass in this browser, as in [Context.Tolerate].
func (p *Page) Tolerate(text string) { p.context.Tolerate(text) }

// Visit types an address, a path of the console or an absolute URL, and returns the status
// of the page it led to.
func (p *Page) Visit(address string) int {
	p.t.Helper()
	response, err := p.Goto(address)
	if err != nil {
		p.t.Fatalf("visiting %s: %v", address, err)
	}
	return response.Status()
}

// At waits until the tab shows path, given with its query if it has one.
func (p *Page) At(path string) {
	p.t.Helper()
	here := func(address string) bool {
		u, err := url.Parse(address)
		return err == nil && u.RequestURI() == path
	}
	err := inTurns(func(timeout *float64) error {
		return p.WaitForURL(here, playwright.PageWaitForURLOptions{Timeout: timeout})
	})
	if err != nil {
		p.t.Fatalf("the browser is at %s, not at %s: %v", p.URL(), path, err)
	}
}

// Button is the button of that name, exactly as assistive technology reads it.
func (p *Page) Button(name string) Element { return p.role("button", name) }

// Link is the link of that name.
func (p *Page) Link(name string) Element { return p.role("link", name) }

// Heading is the heading of that name.
func (p *Page) Heading(name string) Element { return p.role("heading", name) }

// Alert is the element of role alert that holds text.
func (p *Page) Alert(text string) Element {
	return p.element(p.GetByRole("alert").Filter(playwright.LocatorFilterOptions{HasText: text}))
}

// Status is the element of role status (a notice) that holds text.
func (p *Page) Status(text string) Element {
	return p.element(p.GetByRole("status").Filter(playwright.LocatorFilterOptions{HasText: text}))
}

// Field is the form control with that label.
func (p *Page) Field(label string) Element {
	return p.element(p.GetByLabel(label, playwright.PageGetByLabelOptions{Exact: playwright.Bool(true)}))
}

// Text is the first element holding text.
func (p *Page) Text(text string) Element { return p.element(p.GetByText(text).First()) }

// CSS is what a selector finds: for what has neither role nor label.
func (p *Page) CSS(selector string) Element { return p.element(p.Locator(selector)) }

// loaded waits until the page's script runs: before that a key does nothing, and a click only what it does without script.
func loaded(page playwright.Page) error {
	return inTurns(func(timeout *float64) error {
		return page.WaitForLoadState(playwright.PageWaitForLoadStateOptions{Timeout: timeout})
	})
}

// inTurns waits in short turns: Playwright misses what happens just as it begins to wait, and finds it when asked again.
func inTurns(wait func(timeout *float64) error) error {
	const turns = 30
	timeout := float64(actionTimeout) / turns
	var err error
	for range turns {
		if err = wait(&timeout); err == nil {
			break
		}
	}
	return err
}

// Keys presses keys such as Enter or Tab, one after the other, wherever the focus is.
func (p *Page) Keys(keys ...string) {
	p.t.Helper()
	for _, key := range keys {
		if err := loaded(p.Page); err != nil {
			p.t.Fatal(err)
		}
		if err := p.Keyboard().Press(key); err != nil {
			p.t.Fatal(err)
		}
	}
}

// Type writes text wherever the focus is, key by key. A field that has the focus from the start gets it only when the page
// is first drawn, which may be after it is loaded: so Type waits until something has it.
func (p *Page) Type(text string) {
	p.t.Helper()
	if err := loaded(p.Page); err != nil {
		p.t.Fatal(err)
	}
	p.CSS("input:focus, textarea:focus").Shows()
	if err := p.Keyboard().Type(text); err != nil {
		p.t.Fatal(err)
	}
}

// Resize makes the page so many CSS pixels wide.
func (p *Page) Resize(width int) {
	p.t.Helper()
	if err := p.SetViewportSize(width, height); err != nil {
		p.t.Fatal(err)
	}
}

func (p *Page) role(role playwright.AriaRole, name string) Element {
	return p.element(p.GetByRole(role, playwright.PageGetByRoleOptions{Name: name, Exact: playwright.Bool(true)}))
}

func (p *Page) element(locator playwright.Locator) Element {
	return Element{Locator: locator, t: p.t, expect: p.browser.expect}
}

// Titled waits until the page's title is text.
func (p *Page) Titled(text string) {
	p.t.Helper()
	if err := p.browser.expect.Page(p.Page).ToHaveTitle(text); err != nil {
		p.t.Fatal(err)
	}
}

var unsafeInNames = regexp.MustCompile(`[^A-Za-z0-9]+`)

// fileName makes a file's name of a page's address.
func fileName(address string) string {
	name := strings.Trim(unsafeInNames.ReplaceAllString(address, "-"), "-")
	return name[:min(len(name), 80)]
}
