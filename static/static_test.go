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
	for _, a := range byPath {
		if found := remote.FindString(a.content); found != "" {
			t.Errorf("%s has %q", a.name, found)
		}
	}
}

// TestStyleSheetHoldsEveryFile holds that what a file under css/ says reaches the
// browser, in a layer that the sheet names first.
func TestStyleSheetHoldsEveryFile(t *testing.T) {
	t.Parallel()
	sheet := byPath[strings.TrimPrefix(URL("app.css"), Prefix)].content
	order, _, _ := strings.Cut(sheet, "\n")
	layer := regexp.MustCompile(`(?m)^@layer ([a-z]+) \{$`)
	for _, name := range names("css") {
		found := layer.FindStringSubmatch(read("css/" + name))
		if found == nil || !regexp.MustCompile(`\b`+found[1]+`\b`).MatchString(order) {
			t.Errorf("%s stands in no layer of %q", name, order)
		}
		if selector := regexp.MustCompile(`(?m)^  [.:a-z*][^{]*\{`).FindString(read("css/" + name)); selector != "" && !strings.Contains(sheet, strings.TrimSpace(selector)) {
			t.Errorf("%s: %q is not in the sheet", name, selector)
		}
	}
	if strings.Contains(sheet, "/*") || strings.Count(sheet, "{") != strings.Count(sheet, "}") {
		t.Error("the sheet has comments, or braces that do not match")
	}
}

// TestModulesImportWhatIsServed holds that every import leads to a file as it is
// now.
func TestModulesImportWhatIsServed(t *testing.T) {
	t.Parallel()
	imported := regexp.MustCompile(`(?m)^import .*"(.*)";$`)
	n := 0
	for _, a := range byPath {
		for _, found := range imported.FindAllStringSubmatch(a.content, -1) {
			n++
			if _, ok := byPath[strings.TrimPrefix(found[1], "./")]; !ok {
				t.Errorf("%s imports %s, which is not served", a.name, found[1])
			}
		}
	}
	if n < 5 {
		t.Errorf("only %d imports", n)
	}
}
