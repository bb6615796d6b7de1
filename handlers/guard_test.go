package handlers_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"tokenconsole/handlers"
	"tokenconsole/handlers/request"
)

// sent is a form sent with these headers alone.
func (b *browser) sent(target string, form url.Values, headers ...string) *http.Request {
	b.t.Helper()
	return b.request(http.MethodPost, target, strings.NewReader(form.Encode()), append([]string{"Content-Type", formType}, headers...)...)
}

// Only the console's own pages change anything: the browser must say where a
// request comes from, and that must be exactly here.
func TestR1R2_RequestsFromElsewhereChangeNothing(t *testing.T) {
	t.Parallel()
	for scheme, options := range map[string][]func(*setup){"http": nil, "https": {withHTTPS}} {
		c := newConsole(t, options...)
		b, target, own := c.signedIn(admin), c.revocationOf(agent), c.public.String()
		other := strings.Replace(own, scheme+"://", map[string]string{"http": "https", "https": "http"}[scheme]+"://", 1)
		for name, headers := range map[string][]string{
			"neither":               nil,
			"cross-site":            {"Sec-Fetch-Site", "cross-site"},
			"same-site":             {"Sec-Fetch-Site", "same-site"},
			"typed":                 {"Sec-Fetch-Site", "none"},
			"odd site":              {"Sec-Fetch-Site", "Same-Origin"},
			"foreign origin":        {"Origin", "https://evil.example"},
			"null origin":           {"Origin", "null"},
			"empty origin":          {"Origin", ""},
			"origin with port":      {"Origin", own + ":1"},
			"origin with path":      {"Origin", own + "/"},
			"origin as suffix":      {"Origin", own + ".evil.example"},
			"origin as user":        {"Origin", "https://" + c.public.Host + "@evil.example"},
			"other scheme":          {"Origin", other},
			"foreign, same-origin":  {"Origin", "https://evil.example", "Sec-Fetch-Site", "same-origin"},
			"own, cross-site":       {"Origin", own, "Sec-Fetch-Site", "cross-site"},
			"only a Referer":        {"Referer", own + target},
			"upper-case own origin": {"Origin", strings.ToUpper(own)},
		} {
			t.Run(scheme+", "+name, func(t *testing.T) {
				b := b.in(t)
				b.do(b.sent(target, reason, headers...)).wantProblem(http.StatusForbidden, "cross-origin")
			})
		}
		two := b.sent(target, reason)
		two.Header["Origin"] = []string{own, "https://evil.example"}
		b.do(two).wantProblem(http.StatusForbidden, "cross-origin")
		c.wantAsked(0, "DELETE ")
		for _, headers := range [][]string{{"Origin", own}, {"Sec-Fetch-Site", "same-origin"}} {
			b.do(b.sent(target, reason, headers...)).wantTo("/users/") // one of the two is enough
		}
	}
}

// The guard, and the bounds of a form, stand before every route that changes
// something.
func TestR1_EveryPostIsGuarded(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	b.get("/token").want(http.StatusOK) // its token is known to live now
	c.forget()
	own := c.public.String()
	c.eachRoute(t, 7, isPost, func(t *testing.T, r handlers.Route) {
		b, target := b.in(t), c.example(r)
		for _, headers := range [][]string{{}, {"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "same-site"}} {
			if a := b.do(b.sent(target, reason, headers...)).wantProblem(http.StatusForbidden, "cross-origin"); len(a.Cookies()) > 0 {
				t.Error("it sets a cookie")
			}
		}
		kinds, most := []string{"text/plain", "application/json", "", formType + "; charset", formType + ";;"}, request.MaxForm
		if r.Gate.Uploads {
			most = request.MaxUpload
		} else {
			kinds = append(kinds, "multipart/form-data; boundary=x")
		}
		for _, kind := range kinds {
			b.post(target, reason, "Content-Type", kind).wantProblem(http.StatusUnsupportedMediaType, "form-wrong-type")
		}
		b.post(target, url.Values{"reason": {strings.Repeat("x", most)}}).wantProblem(http.StatusRequestEntityTooLarge, "form-too-large")
		b.post(target, url.Values{"reason": {"a", "b"}}).wantProblem(http.StatusBadRequest, "form-unreadable")
		broken := b.request(http.MethodPost, target, strings.NewReader("reason=%zz"), "Content-Type", formType, "Origin", own)
		b.do(broken).wantProblem(http.StatusBadRequest, "form-unreadable")
	})
	c.wantAsked(0, "")
	if !b.isSignedIn() {
		t.Error("one of them signed out")
	}
}

func TestR3_NothingButAPostRevokes(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b, target := c.signedIn(admin), c.revocationOf(agent)
	for _, method := range []string{"PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "post", "delete"} {
		t.Run(method, func(t *testing.T) {
			b := b.in(t)
			r := b.postRequest(target, reason)
			r.Method = method
			if got := b.do(r).wantProblem(http.StatusMethodNotAllowed, "method-not-allowed").Header.Get("Allow"); got != "GET, HEAD, POST" {
				t.Errorf("Allow is %q", got)
			}
		})
	}
	b.get(target + "?_method=POST&reason=x").want(http.StatusOK)
	b.get(target+"?reason=x", "X-HTTP-Method-Override", "POST", "X-Method-Override", "DELETE").want(http.StatusOK)
	b.post("/users/"+c.userID(agent), url.Values{"_method": {"DELETE"}, "reason": {"x"}}, "X-HTTP-Method-Override", "DELETE").want(http.StatusMethodNotAllowed)
	c.wantAsked(0, "DELETE ")
}

// Signed out, the answer is the same whomever a revocation names.
func TestR4_SignedOutNobodyIsTold(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	for _, id := range []string{c.userID(agent), "00000000-0000-4000-8000-000000000000", "me", "timeout", "x"} {
		t.Run(id, func(t *testing.T) {
			a := c.in(t).newBrowser().post("/users/"+id+"/revoke", reason).want(http.StatusSeeOther)
			if a.location() != "/login?return_to="+url.QueryEscape("/users/"+id+"/revoke")+"&why=lost" {
				t.Errorf("it leads to %s", a.location())
			}
		})
	}
	c.wantAsked(0, "")
}

// Every problem leads on to where the person's work begins.
func TestProblemsLeadOn(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	for email, want := range map[string][]string{
		supervisor: {"/", "/users"},
		agent:      {"/token"},
		"":         {"/login"},
	} {
		t.Run("signed in as "+email, func(t *testing.T) {
			b := c.in(t).newBrowser()
			if email != "" {
				b = c.in(t).signedIn(email)
			}
			a := b.get("/nowhere").wantProblem(http.StatusNotFound, "page-unknown")
			ways := a.page().Find("main .actions a").Map(func(_ int, s *goquery.Selection) string { return s.AttrOr("href", "") })
			if !slices.Equal(ways, want) {
				t.Errorf("it leads to %q, want %q", ways, want)
			}
		})
	}
}
