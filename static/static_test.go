package static

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func TestServe(t *testing.T) {
	t.Parallel()
	hashed := regexp.MustCompile(`\A/static/[a-z]+\.[0-9a-f]{12}\.[a-z]+\z`)
	for name, kind := range map[string]string{"app.css": "text/css; charset=utf-8", "app.js": "text/javascript; charset=utf-8", "icon.svg": "image/svg+xml"} {
		url := URL(name)
		if !hashed.MatchString(url) {
			t.Errorf("%s is served at %s", name, url)
		}
		w := httptest.NewRecorder()
		found := Serve(w, httptest.NewRequest(http.MethodGet, url, nil), strings.TrimPrefix(url, Prefix))
		want, err := files.ReadFile(name)
		if !found || w.Code != http.StatusOK || err != nil || w.Body.String() != string(want) {
			t.Errorf("%s: found %t, status %d, %d bytes", name, found, w.Code, w.Body.Len())
		}
		if got := w.Header().Get("Content-Type"); got != kind {
			t.Errorf("%s is %q, want %q", name, got, kind)
		}
		if got := w.Header().Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
			t.Errorf("%s: Cache-Control %q", name, got)
		}
	}
}

func TestServeNothingElse(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"", "app.css", "app.000000000000.css", "static.go", "../static.go", ".", "/"} {
		w := httptest.NewRecorder()
		if Serve(w, httptest.NewRequest(http.MethodGet, "/static/x", nil), file) || w.Body.Len() > 0 {
			t.Errorf("%q is served", file)
		}
	}
}

func TestURLOfNoFile(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("a name without a file has a URL")
		}
	}()
	_ = URL("missing.css")
}

// TestNothingFromElsewhere holds that style sheet and script ask no third party.
func TestNothingFromElsewhere(t *testing.T) {
	t.Parallel()
	remote := regexp.MustCompile(`(?i)(@import|url\(\s*["']?(https?:)?//|fetch\(\s*["'](https?:)?//|src\s*=\s*["'](https?:)?//|\beval\()`)
	for name := range urls {
		content, err := files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if found := remote.Find(content); found != nil {
			t.Errorf("%s has %q", name, found)
		}
	}
}
