package static

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"slices"
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
		found := Serve(w, httptest.NewRequest(http.MethodGet, url, nil), strings.TrimPrefix(url, Prefix), false)
		if !found || w.Code != http.StatusOK || w.Body.Len() == 0 {
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
		if Serve(w, httptest.NewRequest(http.MethodGet, "/static/x", nil), file, false) || w.Body.Len() > 0 {
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
	for _, a := range byPath {
		if found := remote.FindString(a.content); found != "" {
			t.Errorf("%s has %q", a.name, found)
		}
	}
}

// TestEveryFileIsServed holds that what a file says reaches the browser: styles in
// a layer that the common sheet names first, scripts after those they import.
func TestEveryFileIsServed(t *testing.T) {
	t.Parallel()
	inBundle := map[string]bool{}
	for _, b := range bundles {
		seen := strings.Fields("page times")
		if b.name == common {
			seen = nil
		}
		for _, name := range b.styles {
			inBundle["css/"+name+".css"] = true
		}
		for _, name := range b.modules {
			inBundle["js/"+name+".js"] = true
			for _, found := range imported.FindAllStringSubmatch(read("js/"+name+".js"), -1) {
				if !slices.Contains(seen, found[2]) {
					t.Errorf("%s: %s stands before %s, which it imports", b.name, name, found[2])
				}
			}
			seen = append(seen, name)
		}
	}
	layer := regexp.MustCompile(`(?m)^@layer ([a-z]+) \{$`)
	for _, pattern := range []string{"css/*.css", "js/*.js"} {
		names, err := fs.Glob(files, pattern)
		if err != nil || len(names) < 10 {
			t.Fatalf("%d files like %s, %v", len(names), pattern, err)
		}
		for _, name := range names {
			if !inBundle[name] {
				t.Errorf("%s is in no bundle", name)
			}
			if found := layer.FindStringSubmatch(read(name)); path.Ext(name) == ".css" && (found == nil || !strings.Contains(layers, found[1])) {
				t.Errorf("%s stands in no layer of %q", name, layers)
			}
		}
	}
}

// TestBundlesAreWhole holds that bundling leaves nothing half: no comment, no brace
// without its match, no import but from a script that is served.
func TestBundlesAreWhole(t *testing.T) {
	t.Parallel()
	from := regexp.MustCompile(`(?m)^import .*"\./(.*)";$`)
	imports := 0
	for _, a := range byPath {
		if strings.Contains(a.content, "/*") || strings.Count(a.content, "{") != strings.Count(a.content, "}") {
			t.Errorf("%s has comments, or braces that do not match", a.name)
		}
		found := from.FindAllStringSubmatch(a.content, -1)
		for _, f := range found {
			imports++
			if _, ok := byPath[f[1]]; !ok {
				t.Errorf("%s imports %s, which is not served", a.name, f[1])
			}
		}
		if n := strings.Count(a.content, "import "); n != len(found) || strings.Count(a.content, "export ") > 1 {
			t.Errorf("%s imports %d times, %d as it should, or exports in its middle", a.name, n, len(found))
		}
	}
	if imports < 5 {
		t.Errorf("only %d imports", imports)
	}
}
