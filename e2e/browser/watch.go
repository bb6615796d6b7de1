package browser

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/playwright-community/playwright-go"
)

// watch notes what goes wrong in a context without anybody looking: script errors, CSP
// violations and everything else Chromium writes to its console as an error, parts of
// pages that fail to load, and requests to other hosts. Its methods are called on
// Playwright's dispatching goroutine, which must not wait for Playwright: so they only note.
type watch struct {
	origins []string

	mu        sync.Mutex
	found     []string
	tolerated []string
	secret    []string
}

func newWatch(origins []string) *watch { return &watch{origins: origins} }

func (w *watch) follow(context playwright.BrowserContext) {
	context.OnConsole(func(m playwright.ConsoleMessage) {
		// A page that answers 404 on purpose is logged too; watchResponse knows better.
		if m.Type() == "error" && !strings.HasPrefix(m.Text(), "Failed to load resource: the server responded") {
			w.note("console error: %s", m.Text())
		}
	})
	context.OnWebError(func(e playwright.WebError) { w.note("script error: %v", e.Error()) })
	context.OnRequest(w.request)
	context.OnResponse(w.response)
}

func (w *watch) request(r playwright.Request) {
	u, err := url.Parse(r.URL())
	if err != nil || (u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "ws" && u.Scheme != "wss") {
		return // data:, blob:, about: ask nobody
	}
	if !slices.Contains(w.origins, u.Scheme+"://"+u.Host) {
		w.note("request to a foreign host: %s %s", r.Method(), r.URL())
	}
	for _, name := range []string{"code", "state"} {
		if value := u.Query().Get(name); value != "" {
			w.mu.Lock()
			w.secret = append(w.secret, value)
			w.mu.Unlock()
		}
	}
}

func (w *watch) response(r playwright.Response) {
	if kind := r.Request().ResourceType(); kind != "document" && r.Status() >= 400 {
		w.note("%s failed with %d: %s", kind, r.Status(), r.URL())
	}
}

func (w *watch) note(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.found = append(w.found, fmt.Sprintf(format, args...))
}

func (w *watch) tolerate(text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tolerated = append(w.tolerated, text)
}

func (w *watch) problems() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(w.found), func(problem string) bool {
		return slices.ContainsFunc(w.tolerated, func(text string) bool { return strings.Contains(problem, text) })
	})
}

func (w *watch) secrets() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.secret)
}
