package browser

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/playwright-community/playwright-go"
)

// Options are what one context starts with.
type Options struct {
	// Origins are the only places its pages may ask, such as http://127.0.0.1:8080. The
	// first one is what paths given to [Page.Visit] are relative to.
	Origins []string
	// Secret is told what must never leave the browser's cookies and address bar: cookie
	// values, authorization codes, states. It may be nil.
	Secret func(...string)
	// NoScript turns JavaScript off, as some people and some companies do.
	NoScript bool
	// Width in CSS pixels; 1280 when zero.
	Width int
}

// tracing slows every step, so it is on demand: TRACE=1 make e2e.
var tracing = os.Getenv("TRACE") != ""

// height of every page, in CSS pixels. What shows is drawn again and again, without a graphics card.
const height = 600

// Context is one person's browser: cookies and storage of its own, any number of tabs.
type Context struct {
	playwright.BrowserContext
	t       testing.TB
	browser *Browser
	options Options
	watch   *watch
}

// Context opens a browser for one person. When the test ends it is closed, the test fails
// for what went wrong in it unseen, and a failed test's screenshots are saved; with tracing on, its trace too.
func (b *Browser) Context(t testing.TB, options Options) *Context {
	t.Helper()
	if options.Width == 0 {
		options.Width = 1280
	}
	b.contexts.Lock()
	context, err := b.chromium.NewContext(playwright.BrowserNewContextOptions{
		BaseURL:           &options.Origins[0],
		JavaScriptEnabled: playwright.Bool(!options.NoScript),
		ReducedMotion:     playwright.ReducedMotionReduce,
		Locale:            playwright.String("en-GB"),
		TimezoneId:        playwright.String("Europe/Berlin"),
		Viewport:          &playwright.Size{Width: options.Width, Height: height},
	})
	b.contexts.Unlock()
	if err != nil {
		t.Fatalf("opening a browser context: %v", err)
	}
	context.SetDefaultTimeout(actionTimeout)
	context.SetDefaultNavigationTimeout(actionTimeout)
	c := &Context{BrowserContext: context, t: t, browser: b, options: options, watch: newWatch(options.Origins)}
	c.watch.follow(context)
	if tracing {
		if err := context.Tracing().Start(playwright.TracingStartOptions{Snapshots: playwright.Bool(true)}); err != nil {
			t.Errorf("starting a trace: %v", err)
		}
	}
	t.Cleanup(c.close)
	return c
}

// Tolerate lets problems containing text pass: those the test provokes on purpose.
func (c *Context) Tolerate(text string) { c.watch.tolerate(text) }

// Page opens a tab.
func (c *Context) Page() *Page {
	c.t.Helper()
	page, err := c.NewPage()
	if err != nil {
		c.t.Fatalf("opening a tab: %v", err)
	}
	return &Page{Page: page, t: c.t, browser: c.browser, context: c, noScript: c.options.NoScript}
}

func (c *Context) close() {
	for _, problem := range c.watch.problems() {
		c.t.Errorf("in the browser: %s", problem)
	}
	c.reportSecrets()
	if c.t.Failed() {
		c.saveArtifacts()
	}
	c.browser.contexts.Lock()
	defer c.browser.contexts.Unlock()
	if err := c.BrowserContext.Close(); err != nil {
		c.t.Errorf("closing the browser context: %v", err)
	}
}

func (c *Context) reportSecrets() {
	if c.options.Secret == nil {
		return
	}
	c.options.Secret(c.watch.secrets()...)
	cookies, err := c.Cookies(c.options.Origins...)
	if err != nil {
		c.t.Errorf("reading cookies: %v", err)
	}
	for _, cookie := range cookies {
		c.options.Secret(cookie.Value)
	}
}

// saveArtifacts keeps what helps to understand a failure, and says where.
func (c *Context) saveArtifacts() {
	base := filepath.Join("artifacts", strings.NewReplacer("/", "-", " ", "-").Replace(c.t.Name()))
	if err := os.MkdirAll(base, 0o755); err != nil {
		c.t.Errorf("keeping what the browser saw: %v", err)
		return
	}
	dir, err := os.MkdirTemp(base, "browser-*")
	if err != nil {
		c.t.Errorf("keeping what the browser saw: %v", err)
		return
	}
	for _, page := range c.Pages() {
		name := filepath.Join(dir, fileName(page.URL())+".png")
		if _, err := page.Screenshot(playwright.PageScreenshotOptions{Path: &name, FullPage: playwright.Bool(true)}); err != nil {
			c.t.Logf("no screenshot of %s: %v", page.URL(), err)
		}
	}
	if absolute, err := filepath.Abs(dir); err == nil {
		dir = absolute
	}
	c.t.Logf("screenshots: %s", dir)
	if !tracing {
		return
	}
	trace := filepath.Join(dir, "trace.zip")
	if err := c.Tracing().Stop(trace); err != nil {
		c.t.Logf("no trace: %v", err)
	}
	c.t.Logf("to see the trace: npx playwright show-trace %s", trace)
}
