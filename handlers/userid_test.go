package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"tokenconsole/internal/genesys"
)

// hostileIDs are path segments, as sent, that name no user.
func hostileIDs(victim string) []string {
	return []string{
		"me", "ME", "Me", "%20me%20", "me%00", "%6d%65", "%6D%45", "%EF%BD%8D%EF%BD%85", "m%C2%ADe", "me;x", "me.json", "timeout", "search",
		"..", ".", "%2e%2e", "%2E%2E%2Fme", "..%2fme", "me%2F..", "%252e%252e", "%252e%252e%252fme",
		victim + "%2f..%2fme", victim + "%2F..", victim + "%2f", victim + "%3Fx=1", victim + "%23", victim + ";x", victim + "%00",
		victim + "%20", "%20" + victim, victim + "%0d%0aX:1", victim + "%0a", "%2f%2fh", "%5c", "..%5cme", victim + "%5c..%5cme",
		strings.ToUpper(victim), "%7B" + victim + "%7D", "urn:uuid:" + victim, strings.ReplaceAll(victim, "-", ""), victim[:35], victim + "0",
		"00000000-0000-0000-0000-000000000000", victim + "," + victim, strings.Repeat("a", 10_000), "%EF%BC%90" + victim[1:],
		"*", "-", "null", "undefined", "{id}",
	}
}

// Only canonical UUIDs reach the platform; "me" never deletes one's own token.
func TestR5R6_UserIDTricks(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	b.get("/token").want(http.StatusOK) // its token is known to live now
	c.forget()
	for _, id := range hostileIDs(c.userID(agent)) {
		t.Run(id[:min(len(id), 60)], func(t *testing.T) {
			b := b.in(t)
			for _, a := range []*answer{
				b.get("/users/" + id), b.get("/users/" + id + "/revoke"), b.post("/users/"+id+"/revoke", reason),
			} {
				if a.StatusCode != http.StatusBadRequest && a.StatusCode != http.StatusNotFound {
					t.Errorf("%s: %d", a.Request.Method, a.StatusCode)
				}
			}
		})
	}
	b.post("/users//revoke", reason).wantProblem(http.StatusBadRequest, "path-odd")
	b.post("/users/"+c.userID(agent)+"/../me/revoke", reason).wantProblem(http.StatusBadRequest, "path-odd")
	b.post("/users/me/revoke", reason).wantProblem(http.StatusBadRequest, "user-id-invalid")
	c.wantAsked(0, "")
	if !b.isSignedIn() {
		t.Error("a trick ended the session")
	}
}

func FuzzR5R6_UserID(f *testing.F) {
	const victim = "c9128884-8020-54da-a8fd-a3bad0a53e2a"
	for _, id := range hostileIDs(victim) {
		f.Add(id)
	}
	var asked sync.Map
	nobody := inProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Store(r.Method+" "+r.URL.RequestURI(), true)
		http.Error(w, "{}", http.StatusNotFound)
	}))
	c := newConsole(f, answeredBy(nobody))
	b := c.signedIn(admin)
	f.Fuzz(func(t *testing.T, id string) {
		for _, segment := range []string{id, url.PathEscape(id)} {
			u, err := url.ParseRequestURI("/users/" + segment + "/revoke")
			if err != nil {
				continue
			}
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(reason.Encode()))
			r.URL, r.Host = u, c.public.Host
			r.Header.Set("Content-Type", formType)
			r.Header.Set("Origin", c.public.String())
			if w := c.ask(b.with(r)); w.Code >= http.StatusInternalServerError {
				t.Errorf("%q: status %d", segment, w.Code)
			}
		}
		asked.Range(func(key, _ any) bool {
			what := key.(string)
			_, last, ok := strings.Cut(what, "DELETE /api/v2/tokens/")
			if _, err := genesys.ParseUserID(last); ok && err != nil {
				t.Errorf("%q led to %q", id, what)
			}
			return true
		})
		asked.Clear()
	})
}
