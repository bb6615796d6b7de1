package e2e

import (
	"slices"
	"sync"
	"testing"

	"github.com/playwright-community/playwright-go"

	"tokenconsole/e2e/browser"
)

// The most bytes a page and its parts may take on the wire at their first load:
// headers and compressed bodies.
const firstLoadLimit = 30_000

func TestFirstLoadIsLight(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	cookies := console.SignIn(supervisor)
	for _, address := range []string{"/", "/token", "/users?q=demo.example", "/audit", "/batches/new", "/watch", "/inspect", "/timeout"} {
		// Another browser with the same session has nothing in its cache.
		page := visitor(t, console)
		page.Plant(cookies)
		if got := transferred(t, page, address); got > firstLoadLimit {
			t.Errorf("the first load of %s takes %d bytes, more than %d", address, got, firstLoadLimit)
		} else {
			t.Logf("the first load of %s takes %d bytes", address, got)
		}
	}
}

// transferred is how many bytes came for a page and all its parts.
func transferred(t *testing.T, page *browser.Page, address string) int {
	t.Helper()
	var mu sync.Mutex
	var finished []playwright.Request
	page.OnRequestFinished(func(r playwright.Request) {
		mu.Lock()
		defer mu.Unlock()
		finished = append(finished, r)
	})
	if status := page.Visit(address); status != 200 {
		t.Fatalf("%s answered %d", address, status)
	}
	if err := page.WaitForLoadState(playwright.PageWaitForLoadStateOptions{State: playwright.LoadStateNetworkidle}); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	parts := slices.Clone(finished)
	mu.Unlock() // asking for sizes waits for the goroutine that may be noting a request
	total := 0
	for _, r := range parts {
		sizes, err := r.Sizes()
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%6d %s", sizes.ResponseHeadersSize+sizes.ResponseBodySize, r.URL())
		total += sizes.ResponseHeadersSize + sizes.ResponseBodySize
	}
	if len(parts) < 3 {
		t.Errorf("%s loaded %d parts, want at least document, style and script", address, len(parts))
	}
	return total
}
