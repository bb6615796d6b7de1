package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"tokenconsole/internal/emulator"
)

const hostile = `"><img src=x onerror=alert(1)></title><script>alert(2)</script>`

// wantNothingInline checks that a page brings no script or style of its own,
// sends its forms here, and names itself.
func wantNothingInline(t *testing.T, a *answer) {
	t.Helper()
	if !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") || a.Request.Method == http.MethodHead || a.location() != "" {
		return
	}
	page := a.page()
	if got := page.Find("script:not([src]), style, [style], iframe, object, embed, base").Length(); got > 0 {
		t.Errorf("%s: %d inline or foreign things", a.what(), got)
	}
	page.Find("*").Each(func(_ int, s *goquery.Selection) {
		for _, attribute := range s.Nodes[0].Attr {
			value := strings.ToLower(strings.TrimSpace(attribute.Val))
			if strings.HasPrefix(attribute.Key, "on") || strings.HasPrefix(value, "javascript:") || strings.HasPrefix(value, "data:") {
				t.Errorf("%s: <%s %s=%q>", a.what(), s.Nodes[0].Data, attribute.Key, attribute.Val)
			}
		}
	})
	page.Find("form").Each(func(_ int, form *goquery.Selection) {
		action, _ := form.Attr("action")
		method, _ := form.Attr("method")
		if method != "dialog" && (!strings.HasPrefix(action, "/") || strings.HasPrefix(action, "//")) {
			t.Errorf("%s: a form leads to %q", a.what(), action)
		}
	})
	if page.Find("title").Text() == "" || page.Find("h1").Length() != 1 || page.Find("html[lang]").Length() != 1 {
		t.Errorf("%s: title, one h1 or language is missing", a.what())
	}
}

// hostilePlatform has every text of the platform's be hostile.
func hostilePlatform(c *console) {
	c.t.Helper()
	named := map[string]string{"id": hostile, "name": hostile}
	person := map[string]any{
		"id": c.userID(agent), "name": hostile, "email": hostile, "department": hostile, "title": hostile, "state": hostile,
		"division": named, "manager": named, "routingStatus": map[string]string{"status": hostile},
		"presence": map[string]any{"presenceDefinition": map[string]string{"systemPresence": hostile}},
	}
	me := map[string]any{
		"id": c.userID(admin), "name": hostile, "email": hostile, "organization": named,
		"authorization": map[string]any{"permissions": []string{"directory:user:view", "oauth:token:delete"}},
	}
	info := map[string]any{
		"organization": named, "homeOrganization": map[string]string{"id": "home", "name": hostile}, "authorizedScope": []string{hostile},
		"clonedUser":  map[string]any{"id": hostile, "organization": named},
		"OAuthClient": map[string]any{"id": hostile, "name": hostile, "state": hostile, "authorizedGrantType": hostile, "organization": named},
	}
	refusal := map[string]any{"code": hostile, "message": hostile, "messageParams": named}
	for _, f := range []emulator.Fault{
		{Match: "GET /api/v2/users/me", Body: body(me)},
		{Match: "GET /api/v2/tokens/me", Body: body(info)},
		{Match: "GET /api/v2/users/", Body: body(person)},
		{Match: "GET /api/v2/users", Body: body(map[string]any{"entities": []any{person}})},
		{Match: "POST /api/v2/users/search", Body: body(map[string]any{"total": 1, "pageCount": 3, "results": []any{person}})},
		{Match: ownToken, Status: 503},
		{Match: anyRevocation, Status: 204, Times: 1},
		{Match: anyRevocation, Status: 403, Body: body(refusal)},
	} {
		f.Headers = map[string]string{"Inin-Correlation-Id": hostile}
		c.disturb(f)
	}
}

// All text of the platform's, of people's and of addresses is shown as text.
func TestH5_EverythingIsEscaped(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.newBrowser()
	callback := b.authorize(b.begin(""), admin)
	hostilePlatform(c)
	b.get(callback).wantTo(home)
	user := "/users/" + c.userID(agent)
	escaped := url.QueryEscape(hostile)
	shown := 0
	for _, visit := range []struct { // in this order: the first revocation succeeds
		name string
		a    *answer
	}{
		{"token", b.get("/token")},
		{"search", b.get("/users?q=" + escaped)},
		{"person", b.get(user)},
		{"form", b.get(user + "/revoke")},
		{"revocation", b.follow(b.post(user+"/revoke", reason))},
		{"refusal", b.post(user+"/revoke", url.Values{"reason": {hostile}, "ticket": {hostile}})},
		{"no page", b.get("/" + url.PathEscape(hostile))},
		{"sign-in", b.get("/login?return_to=" + url.QueryEscape("/users?q="+hostile) + "&why=" + escaped)},
		{"verification", b.follow(b.post("/token/verify", nil))},
		{"found token", b.post("/inspect", url.Values{"token": {strings.Repeat("t", 40)}})},
		{"record", b.get("/audit")},
		{"act", b.get("/audit/1")},
		{"home", b.get("/")},
	} {
		t.Run(visit.name, func(t *testing.T) {
			a := visit.a
			a.t = t
			wantNothingInline(t, a)
			if a.page().Find("img").Length() > 0 || strings.Contains(a.body, "<img src=x") {
				t.Error("hostile text became elements")
			}
			shown += strings.Count(a.page().Find("main").Text(), hostile)
		})
	}
	wantNothingInline(t, b.follow(b.post("/logout", nil)))
	if shown < 25 {
		t.Errorf("hostile text is shown only %d times", shown)
	}
}
