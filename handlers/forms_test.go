package handlers_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"tokenconsole/internal/batch"
	"tokenconsole/internal/emulator"
)

// withForms are the states of pages in which somebody finds forms: each opens one in front of a new console. What is filled in
// beyond what [browser.filledIn] knows comes with it.
var withForms = map[string]struct {
	open func(b *browser) *answer
	fill url.Values
}{
	"settings":             {open: at("/settings")},
	"home":                 {open: at("/")},
	"token":                {open: at("/token")},
	"record":               {open: at("/audit")},
	"search":               {open: at("/users?q=claims"), fill: url.Values{"id": {""}}},
	"person":               {open: func(b *browser) *answer { return b.get("/users/" + b.c.userID(agent)) }},
	"revocation":           {open: func(b *browser) *answer { return b.get(b.c.revocationOf(agent)) }},
	"one's own revocation": {open: func(b *browser) *answer { return b.get(b.c.revocationOf(admin)) }, fill: url.Values{"email": {admin}}},
	"lost phone":           {open: func(b *browser) *answer { return b.get(b.c.playbookOf(agent, "lost-phone")) }},
	"left":                 {open: func(b *browser) *answer { return b.get(b.c.playbookOf(agent, "left")) }},
	"inspect":              {open: at("/inspect")},
	"found token":          {open: func(b *browser) *answer { return b.inspect(b.c.mint(agent)) }},
	"timeout":              {open: at("/timeout"), fill: url.Values{"choice": {"30"}}},
	"timeout to change":    {open: at("/timeout/change?choice=30")},
	"client":               {open: at("/clients/" + emulator.DemoClientID + "/disable"), fill: url.Values{"name": {"Token console (demo)"}}},
	"return to clear": {open: func(b *browser) *answer {
		revokeAgent(b)
		b.c.clock.advance(40 * time.Second)
		b.c.mint(agent)
		b.get("/watch").wantText("Came back 40 s later")
		return b.get("/watch/" + b.c.userID(agent) + "/clear")
	}},
	"batches":    {open: at("/batches")},
	"list":       {open: at("/batches/new"), fill: url.Values{"people": {agent}}},
	"department": {open: at("/batches/new?from=department"), fill: url.Values{"name": {"Claims"}}},
	"queues":     {open: at("/batches/new?from=queue")},
	"teams":      {open: at("/batches/new?from=team")},
	"groups":     {open: at("/batches/new?from=group")},
	"roles":      {open: at("/batches/new?from=role")},
	"divisions":  {open: at("/batches/new?from=division")},
	"plan":       {open: func(b *browser) *answer { return b.prepared(list(agent, supervisor, "Jun Zhang", admin)) }, fill: url.Values{"count": {"2"}}},
	"approval": {open: func(b *browser) *answer {
		path := b.prepared(list(agent, supervisor)).batchPath()
		b.post(path+"/start", url.Values{"reason": {lostPhone}, "count": {"2"}}).wantTo(path)
		b.plant(sessionCookie, b.c.sealed(supervisor, nil))
		return b.get(path)
	}},
	"sign-in": {open: func(b *browser) *answer { return b.c.newBrowser().get("/login?return_to=%2Fusers") }},
	"sign-out that is not confirmed": {open: func(b *browser) *answer {
		b.c.disturb(emulator.Fault{Match: ownToken, Status: 503, Times: 1})
		return b.follow(signOut(b))
	}},
}

func at(target string) func(b *browser) *answer {
	return func(b *browser) *answer { return b.get(target) }
}

// Without script a browser sends what is written in a form. Each form does what it says when it is sent like that, whichever of its
// buttons is pressed.
func TestFormsWorkAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	sent := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(withForms)) {
		state := withForms[name]
		open := func(t *testing.T) (*browser, []written) {
			b := newConsole(t, withBatches(batch.Policy{ApprovalOver: 1, ApprovalWithin: time.Hour})).signedIn(admin)
			page := state.open(b).want(http.StatusOK)
			return b, b.formsOn(page, state.fill)
		}
		_, forms := open(t)
		for i, form := range forms {
			if sent[form.what] {
				continue
			}
			sent[form.what] = true
			t.Run(name+": "+form.what, func(t *testing.T) {
				b, forms := open(t)
				a := b.follow(b.do(forms[i].request))
				if a.StatusCode != http.StatusOK {
					t.Fatalf("it is answered with %d %s: %s", a.StatusCode, a.problem(), a.text())
				}
				if faults := a.page().Find("[aria-invalid=true]"); faults.Length() > 0 {
					t.Errorf("%s is not accepted: %s", faults.AttrOr("name", faults.AttrOr("id", "a field")), a.text())
				}
			})
		}
	}
	if len(sent) < 30 {
		t.Errorf("only %d forms were sent: %v", len(sent), slices.Sorted(maps.Keys(sent)))
	}
}

// written is what a form of a page sends by one of its buttons.
type written struct {
	request *http.Request
	what    string // tells it from others, but not from itself on another console
}

// formsOn returns what the forms of a page send once people have filled in what they have to.
func (b *browser) formsOn(page *answer, fill url.Values) (all []written) {
	b.t.Helper()
	page.page().Find("form:not([method=dialog])").Each(func(_ int, form *goquery.Selection) {
		const kinds = "input, select, textarea, button"
		controls := form.Find(kinds)
		if id, ok := form.Attr("id"); ok {
			controls = controls.AddSelection(page.page().Find(kinds).Filter("[form='" + id + "']"))
		}
		fields := url.Values{}
		controls.Not("button, [disabled], [type=file]").Each(func(_ int, control *goquery.Selection) {
			if name, value, sent := b.filledIn(control, fields, fill); sent {
				fields.Add(name, value)
			}
		})
		if controls.Filter("[type=file]").Length() > 0 && form.AttrOr("enctype", "") != "multipart/form-data" {
			b.t.Errorf("%s: a form cannot send its file", page.what())
		}
		before := len(all)
		controls.Filter("button:not([type=button], [disabled])").Each(func(_ int, button *goquery.Selection) {
			fields := maps.Clone(fields)
			if name := button.AttrOr("name", ""); name != "" {
				fields[name] = append(slices.Clone(fields[name]), button.AttrOr("value", ""))
			}
			one := b.sends(page, form, button, fields)
			if slices.ContainsFunc(all[before:], func(other written) bool { return other.what == one.what }) {
				b.t.Errorf("%s: two buttons of a form do the same: %s", page.what(), one.what)
			}
			all = append(all, one)
		})
	})
	return all
}

// filledIn is what a control sends beside the fields that are known already.
func (b *browser) filledIn(control *goquery.Selection, fields, fill url.Values) (name, value string, sent bool) {
	name, value = control.AttrOr("name", ""), control.AttrOr("value", "")
	_, required := control.Attr("required")
	_, filled := fill[name]
	switch kind := control.AttrOr("type", ""); {
	case name == "":
		return "", "", false
	case goquery.NodeName(control) == "select":
		options := control.Find("option[value]:not([value=''])")
		if chosen := control.Find("option[selected]"); chosen.Length() > 0 || !required {
			options = chosen
		}
		return name, options.First().AttrOr("value", ""), true
	case kind == "checkbox" || kind == "radio":
		_, checked := control.Attr("checked")
		if filled {
			checked = !fields.Has(name) && (fill.Get(name) == "" || fill.Get(name) == value)
		}
		return name, value, checked || required && !fields.Has(name)
	case kind == "hidden":
		return name, value, true
	case goquery.NodeName(control) == "textarea":
		value = control.Text()
	}
	switch {
	case filled:
		value = fill.Get(name)
	case name == "reason":
		value = lostPhone
	case name == "token":
		value = b.c.mint(agent)
	case name == "email" && value == "":
		value = agent
	}
	return name, value, true
}

var ids = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// sends is the request that a form makes by a button.
func (b *browser) sends(page *answer, form, button *goquery.Selection, fields url.Values) written {
	b.t.Helper()
	target, err := page.Request.URL.Parse(button.AttrOr("formaction", form.AttrOr("action", "")))
	if err != nil {
		b.t.Fatal(err)
	}
	method, kind := strings.ToUpper(form.AttrOr("method", "get")), form.AttrOr("enctype", formType)
	what := fmt.Sprint(method, " ", ids.ReplaceAllString(target.Path, "{id}"), " ", slices.Sorted(maps.Keys(fields)), " ", button.AttrOr("name", ""), button.AttrOr("value", ""))
	if method == http.MethodGet {
		target.RawQuery = fields.Encode()
		return written{b.request(method, target.RequestURI(), nil), what}
	}
	if kind == formType {
		return written{b.postRequest(target.RequestURI(), fields), what}
	}
	return written{b.postParts(target.RequestURI(), fields, "", ""), what}
}
