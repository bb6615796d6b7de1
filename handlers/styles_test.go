package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"tokenconsole/static"
)

var selector = regexp.MustCompile(`\.([a-z][\w-]*)`)

func classes(sheet string) map[string]bool {
	all := map[string]bool{}
	for _, found := range selector.FindAllStringSubmatch(sheet, -1) {
		all[found[1]] = true
	}
	return all
}

// styled is every class that any style sheet speaks of.
var styled = sync.OnceValue(func() map[string]bool {
	names, _ := filepath.Glob("../static/css/*.css")
	var all strings.Builder
	for _, name := range names {
		sheet, _ := os.ReadFile(name)
		all.Write(sheet)
	}
	return classes(all.String())
})

// loaded is what a page loads: the text, and the classes that it speaks of.
type loaded struct {
	text  string
	known map[string]bool
}

// served remembers what was loaded, by URLs: thousands of pages load the same.
var served sync.Map

func load(a *answer, urls []string) loaded {
	a.t.Helper()
	key := strings.Join(urls, " ")
	if l, ok := served.Load(key); ok {
		return l.(loaded)
	}
	var text strings.Builder
	whole := true
	for _, url := range urls {
		w := httptest.NewRecorder()
		if !static.Serve(w, httptest.NewRequest(http.MethodGet, url, nil), strings.TrimPrefix(url, static.Prefix), false) {
			a.t.Errorf("%s loads %s, which is not served", a.what(), url)
			whole = false
		}
		text.Write(w.Body.Bytes())
	}
	l := loaded{text.String(), classes(text.String())}
	if whole {
		served.Store(key, l)
	}
	return l
}

// improved finds the parts of pages that a script improves; the script names them in the same words.
var improved = func() map[string]goquery.Matcher {
	finders := map[string]goquery.Matcher{}
	for _, part := range []string{
		"form[data-draft]", "form[data-send]", "a[data-dialog]", "[data-live]", "[data-watch-live]", "[data-token-status]",
		"[data-follow]", "form[data-find]",
	} {
		finders[part] = goquery.Single(part)
	}
	return finders
}()

// wantStyles holds that a page loads the sheets that its classes are styled by, and
// the scripts that its parts are improved by.
func wantStyles(a *answer, doc *goquery.Document) {
	a.t.Helper()
	if doc.Find("link[href^='"+static.Prefix+"']").Length() == 0 {
		return // a page of the platform's
	}
	loaded := load(a, doc.Find("link[rel=stylesheet], script[src]").Map(func(_ int, s *goquery.Selection) string {
		return s.AttrOr("href", s.AttrOr("src", ""))
	}))
	doc.Find("[class]").Each(func(_ int, s *goquery.Selection) {
		for class := range strings.FieldsSeq(s.AttrOr("class", "")) {
			if styled()[class] && !loaded.known[class] {
				a.t.Errorf("%s has the class %s, and no sheet for it", a.what(), class)
			}
		}
	})
	for part, finder := range improved {
		if doc.FindMatcher(finder).Length() > 0 && !strings.Contains(loaded.text, part) {
			a.t.Errorf("%s has a %s, and no script for it", a.what(), part)
		}
	}
}

func TestStylesAreKnown(t *testing.T) {
	t.Parallel()
	if n := len(styled()); n < 100 {
		t.Errorf("the style sheets speak of %d classes", n)
	}
}
