package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tokenconsole/e2e/browser"
)

// A guard nobody saw fail is none: these pages do what must not pass unseen.
func TestBrowserNotesTroubleOnAPage(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, csp, body, want string
		axe                   bool
	}{
		{"script error", "", `<script>undefined.x</script>`, "script error", false},
		{"console error", "", `<script>console.error("lost")</script>`, "console error: lost", false},
		{"CSP violation", "default-src 'none'", `<p style="color:red">x</p>`, "Content Security Policy", false},
		{"missing part", "", `<img src="/missing.png" alt="">`, "image failed with 404", false},
		{"foreign host", "", `<img src="http://example.com/pixel" alt="">`, "request to a foreign host: GET http://example.com/pixel", false},
		{"accessibility", "", `<input><script>1</script>`, "Form elements must have labels", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			notes := visitPage(t, test.csp, test.body, test.axe)
			if !strings.Contains(notes, test.want) {
				t.Errorf("noted %q, want %q among it", notes, test.want)
			}
		})
	}
	t.Run("nothing", func(t *testing.T) {
		t.Parallel()
		notes := visitPage(t, "default-src 'self'", `<script src="/fine.js"></script><p>All is well.</p>`, true)
		if notes != "" {
			t.Errorf("noted %q on a page without fault", notes)
		}
	})
}

// visitPage shows a page with that body to a browser, and to axe if asked to, and returns what was noted.
func visitPage(t *testing.T, csp, body string, axe bool) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if csp != "" {
			w.Header().Set("Content-Security-Policy", csp)
		}
		fmt.Fprintf(w, `<!doctype html><html lang="en"><head><title>A page</title></head>
			<body><main><h1>A page</h1>%s</main></body></html>`, body)
	})
	mux.HandleFunc("GET /fine.js", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	notes := &notebook{TB: t}
	page := chromium.Context(notes, browser.Options{Origins: []string{server.URL}}).Page()
	page.Visit("/")
	if axe {
		page.Accessible()
	}
	notes.done()
	return notes.text.String()
}

// notebook is a test that only notes its failures.
type notebook struct {
	testing.TB
	text     strings.Builder
	cleanups []func()
}

func (n *notebook) Errorf(format string, args ...any) { fmt.Fprintf(&n.text, format+"\n", args...) }
func (n *notebook) Cleanup(f func())                  { n.cleanups = append(n.cleanups, f) }
func (n *notebook) done() {
	for _, f := range n.cleanups {
		f()
	}
}
