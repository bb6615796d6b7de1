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

// wantStyles holds that a page loads the sheets that its classes are styled by, and
// the scripts that its parts are improved by.
func wantStyles(a *answer, doc *goquery.Document) {
	a.t.Helper()
	if doc.Find("link[href^='"+static.Prefix+"']").Length() == 0 {
		return // a page of the platform's
	}
	var loaded strings.Builder
	doc.Find("link[rel=stylesheet], script[src]").Each(func(_ int, s *goquery.Selection) {
		w := httptest.NewRecorder()
		url := s.AttrOr("href", s.AttrOr("src", ""))
		if !static.Serve(w, httptest.NewRequest(http.MethodGet, url, nil), strings.TrimPrefix(url, static.Prefix)) {
			a.t.Errorf("%s loads %s, which is not served", a.what(), url)
		}
		loaded.Write(w.Body.Bytes())
	})
	known := classes(loaded.String())
	doc.Find("[class]").Each(func(_ int, s *goquery.Selection) {
		for class := range strings.FieldsSeq(s.AttrOr("class", "")) {
			if styled()[class] && !known[class] {
				a.t.Errorf("%s has the class %s, and no sheet for it", a.what(), class)
			}
		}
	})
	for part, words := range map[string]string{
		"form[data-draft]": "form[data-draft]", "form[data-send]": "form[data-send]", "a[data-dialog]": "a[data-dialog]",
		"[data-live]": "[data-live]", "[data-watch-live]": "[data-watch-live]", "[data-token-status]": "[data-token-status]",
		"[data-follow]": "[data-follow]", "form[data-find]": "form[data-find]",
	} {
		if doc.Find(part).Length() > 0 && !strings.Contains(loaded.String(), words) {
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
