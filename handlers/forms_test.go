package handlers_test

import (
	"bytes"
	"cmp"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// Without script a browser sends what is written in a form. Whatever form an administrator sees on whatever page is understood so,
// by each of its buttons.
func TestFormsAreUnderstoodAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	reader := c.signedIn(admin)
	batch := reader.post("/batches", url.Values{"from": {"list"}, "people": {agent + "\n" + supervisor}}).wantTo("/batches/")
	pages := []string{batch.location(), "/timeout/change?choice=30", "/clients/demo-console/disable"}
	for _, route := range c.handler.Routes() {
		if isGet(route) {
			pages = append(pages, c.example(route))
		}
	}
	sent := map[string]bool{}
	for _, path := range pages {
		page := reader.get(path)
		if page.StatusCode != http.StatusOK || !strings.HasPrefix(page.Header.Get("Content-Type"), "text/html") {
			continue
		}
		page.page().Find("form:not([method=dialog])").Each(func(_ int, form *goquery.Selection) {
			for _, r := range c.signedIn(admin).written(page, form) {
				what := r.Method + " " + r.URL.Path
				if sent[what] {
					continue
				}
				sent[what] = true
				t.Run(what, func(t *testing.T) {
					b := c.in(t).signedIn(admin)
					a := b.follow(b.do(r))
					if a.StatusCode >= http.StatusBadRequest && a.StatusCode != http.StatusUnprocessableEntity && a.StatusCode != http.StatusConflict {
						t.Errorf("sent as it is written on %s, it is answered with %d %s: %s", path, a.StatusCode, a.problem(), a.text())
					}
				})
			}
		})
	}
	if len(sent) < 18 {
		t.Errorf("only %d forms were sent: %v", len(sent), sent)
	}
}

// written is what a browser without script sends from a form of a page, by each of its buttons. Fields that have to be filled in are.
func (b *browser) written(page *answer, form *goquery.Selection) []*http.Request {
	b.t.Helper()
	belongs := "input, select, textarea, button"
	controls := form.Find(belongs)
	if id, ok := form.Attr("id"); ok {
		controls = controls.AddSelection(page.page().Find(belongs).Filter("[form='" + id + "']"))
	}
	fields := url.Values{}
	controls.Not("button, [disabled], [type=file]").Each(func(_ int, control *goquery.Selection) {
		name, value := control.AttrOr("name", ""), control.AttrOr("value", "")
		_, required := control.Attr("required")
		switch kind := control.AttrOr("type", ""); {
		case name == "":
			return
		case goquery.NodeName(control) == "select":
			options := control.Find("option")
			if chosen := options.Filter("[selected]"); chosen.Length() > 0 {
				options = chosen
			}
			value = options.First().AttrOr("value", options.First().Text())
		case kind == "checkbox" || kind == "radio":
			if _, checked := control.Attr("checked"); !checked && (!required || fields.Has(name)) {
				return
			}
			value = cmp.Or(value, "on")
		case goquery.NodeName(control) == "textarea":
			value = control.Text()
		}
		if value == "" && (required || name == "reason") {
			value = cmp.Or(control.AttrOr("min", ""), lostPhone)
		}
		fields.Add(name, value)
	})
	var requests []*http.Request
	controls.Filter("button:not([type=button], [disabled])").Each(func(_ int, button *goquery.Selection) {
		all := url.Values{}
		for name, values := range fields {
			all[name] = slices.Clone(values)
		}
		if name := button.AttrOr("name", ""); name != "" {
			all.Add(name, button.AttrOr("value", ""))
		}
		to, err := page.Request.URL.Parse(button.AttrOr("formaction", form.AttrOr("action", "")))
		if err != nil {
			b.t.Fatal(err)
		}
		target := to.RequestURI()
		switch method := strings.ToUpper(form.AttrOr("method", "get")); {
		case method == http.MethodGet:
			path, _, _ := strings.Cut(target, "?")
			requests = append(requests, b.request(method, path+"?"+all.Encode(), nil))
		case form.AttrOr("enctype", formType) == formType:
			requests = append(requests, b.postRequest(target, all))
		default:
			var body bytes.Buffer
			parts := multipart.NewWriter(&body)
			for name, values := range all {
				for _, value := range values {
					if err := parts.WriteField(name, value); err != nil {
						b.t.Fatal(err)
					}
				}
			}
			if err := parts.Close(); err != nil {
				b.t.Fatal(err)
			}
			requests = append(requests, b.postRequest(target, nil, "Content-Type", parts.FormDataContentType()))
			requests[len(requests)-1].Body = http.NoBody
			requests[len(requests)-1] = withBody(requests[len(requests)-1], body.String())
			requests[len(requests)-1].ContentLength = int64(body.Len())
		}
	})
	return requests
}
