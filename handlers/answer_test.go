package handlers_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// answer is what came back, read to its end.
type answer struct {
	*http.Response
	t      testing.TB
	body   string
	parsed *goquery.Document // see page
}

// page is the answer parsed as HTML: once, so nobody changes it.
func (a *answer) page() *goquery.Document {
	a.t.Helper()
	if a.parsed != nil {
		return a.parsed
	}
	if kind := a.Header.Get("Content-Type"); kind != "text/html; charset=utf-8" {
		a.t.Fatalf("%s answered %d with %q, not a page: %.200s", a.what(), a.StatusCode, kind, a.body)
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(a.body))
	if err != nil {
		a.t.Fatal(err)
	}
	wantStyles(a, doc)
	a.parsed = doc
	return doc
}

func (a *answer) what() string { return a.Request.Method + " " + a.Request.URL.Path }

func squeezed(text string) string { return strings.Join(strings.Fields(text), " ") }

// text is what a reader sees of the main part.
func (a *answer) text() string {
	a.t.Helper()
	return squeezed(a.page().Find("main").Text())
}

func (a *answer) title() string {
	a.t.Helper()
	return squeezed(a.page().Find("h1").First().Text())
}

// value is what a page shows under a label, or "".
func (a *answer) value(label string) string {
	a.t.Helper()
	dt := a.page().Find("main dt").FilterFunction(func(_ int, s *goquery.Selection) bool { return squeezed(s.Text()) == label })
	return squeezed(dt.First().NextFiltered("dd").Text())
}

// problem is the code of the problem that the answer tells, or "".
func (a *answer) problem() string {
	a.t.Helper()
	if strings.HasPrefix(a.Header.Get("Content-Type"), "application/json") {
		var reply struct{ Code string }
		_ = json.Unmarshal([]byte(a.body), &reply)
		return reply.Code
	}
	return a.value("Problem")
}

// tone is how the notice of a page is meant: good, warning or bad; "" without one.
func (a *answer) tone() string {
	a.t.Helper()
	for class := range strings.FieldsSeq(a.page().Find("main .notice[role=status], main .notice:has([role=status])").First().AttrOr("class", "")) {
		if tone, ok := strings.CutPrefix(class, "notice-"); ok {
			return tone
		}
	}
	return ""
}

// location is where the answer leads to.
func (a *answer) location() string { return a.Header.Get("Location") }

// set returns the cookie whose name ends in suffix that the answer sets.
func (a *answer) set(suffix string) *http.Cookie {
	for _, c := range a.Cookies() {
		if strings.HasSuffix(c.Name, suffix) {
			return c
		}
	}
	return nil
}

// want checks the status.
func (a *answer) want(status int) *answer {
	a.t.Helper()
	if a.StatusCode != status {
		a.t.Fatalf("%s: status %d, want %d; Location %q; body %.600s", a.what(), a.StatusCode, status, a.location(), a.body)
	}
	return a
}

// wantProblem checks the status and the code of the problem.
func (a *answer) wantProblem(status int, code string) *answer {
	a.t.Helper()
	if got := a.want(status).problem(); got != code {
		a.t.Errorf("%s tells of the problem %q, want %q", a.what(), got, code)
	}
	return a
}

// wantTo checks that the answer leads on by 303 to a target with prefix.
func (a *answer) wantTo(prefix string) *answer {
	a.t.Helper()
	a.want(http.StatusSeeOther)
	if !strings.HasPrefix(a.location(), prefix) {
		a.t.Fatalf("%s leads to %q, want %q", a.what(), a.location(), prefix)
	}
	return a
}

// wantTone checks how the notice of a page is meant.
func (a *answer) wantTone(tone string) *answer {
	a.t.Helper()
	if got := a.tone(); got != tone {
		a.t.Errorf("the notice of %s is %q, want %q: %s", a.what(), got, tone, a.text())
	}
	return a
}

// wantText checks that a reader sees each of texts.
func (a *answer) wantText(texts ...string) *answer {
	a.t.Helper()
	seen := a.text()
	for _, text := range texts {
		if !strings.Contains(seen, text) {
			a.t.Errorf("%s does not show %q but: %.2000s", a.what(), text, seen)
		}
	}
	return a
}

// wantNoText checks that a reader sees none of texts.
func (a *answer) wantNoText(texts ...string) *answer {
	a.t.Helper()
	seen := a.text()
	for _, text := range texts {
		if strings.Contains(seen, text) {
			a.t.Errorf("%s shows %q: %.2000s", a.what(), text, seen)
		}
	}
	return a
}
