package handlers_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

// callbackQueries are what a callback may bring; STATE stands for the state of the
// sign-in that the browser began.
var callbackQueries = []string{
	"", "state=STATE&code=c", "state=STATE&code=c&iss=https://login.example", "state=STATE&code=", "state=STATE", "code=c",
	"state=STATE&state=STATE&code=c", "state=STATE&code=c&code=d", "state=x&code=c", "state=STATEA&code=c", "state=STATE%00&code=c",
	"state=STATE;code=c", "state=%53TATE&code=c", "State=STATE&Code=c", "state=STATE&code=c&error=access_denied",
	"state=STATE&error=access_denied&error_description=%3Cscript%3Ealert(1)%3C/script%3E", "state=STATE&error=server_error", "state=STATE&error=",
	"error=access_denied", "state=STATE&code=%0d%0aSet-Cookie:%20a=b", "state=STATE&code=%ff%fe%00", "state=%zz&code=c", "%", "&&&==&", "state=STATE&code=c#x",
	"state=STATE&code=c&return_to=//evil.example", "state=STATE&code=" + strings.Repeat("c", 5000),
}

// FuzzCallback holds that a callback makes an exchange only with the state that its
// own browser holds, once, and with the code as it came; that none signs anybody in
// whom the log-in server refuses, fails as a fault of ours, leads anywhere or
// repeats the state.
func FuzzCallback(f *testing.F) {
	for _, query := range callbackQueries {
		f.Add(query)
	}
	var exchanged []string // codes; a target runs one input at a time
	refusing := inProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		exchanged = append(exchanged, r.PostFormValue("code"))
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"error":"invalid_grant"}`))
	}))
	c := newConsole(f, answeredBy(refusing), func(s *setup) { s.console.Log = slog.New(slog.DiscardHandler) })
	address := netip.MustParseAddr("10.0.0.1")
	f.Fuzz(func(t *testing.T, query string) {
		address, exchanged = address.Next(), nil // nobody is slowed down for another
		ask := func(r *http.Request) *http.Response {
			r.Host, r.RemoteAddr = c.public.Host, netip.AddrPortFrom(address, 443).String()
			response := c.ask(r).Result()
			response.Request = r
			return response
		}
		state, held := begun(t, c, ask)
		r := httptest.NewRequest(http.MethodGet, "/oauth/callback", nil)
		r.URL.RawQuery = strings.ReplaceAll(query, "STATE", state)
		for _, cookie := range held {
			r.AddCookie(cookie)
		}
		a := answer{Response: ask(r), t: t}
		a.body = readAll(a.Body)
		if a.StatusCode < 400 || a.StatusCode == http.StatusInternalServerError || a.location() != "" || a.set(sessionCookie) != nil {
			t.Errorf("%d to %q, session %v", a.StatusCode, a.location(), a.set(sessionCookie))
		}
		if strings.Contains(a.body, state) || strings.Contains(a.body, "alert(1)") || a.page().Find("h1").Length() != 1 {
			t.Errorf("the page repeats what it must not, or has no title: %s", a.body)
		}
		wantPolicy(t, c, &a)
		sent := r.URL.Query()
		own := len(sent["state"]) == 1 && sent.Get("state") == state && len(sent["code"]) == 1 && sent.Get("code") != "" && !sent.Has("error")
		if own != (len(exchanged) == 1) || len(exchanged) > 1 || own && exchanged[0] != sent.Get("code") {
			t.Errorf("%q made the exchanges %q", r.URL.RawQuery, exchanged)
		}
	})
}

// begun begins a sign-in by ask, and returns its state and the cookies that hold it.
func begun(t *testing.T, c *console, ask func(*http.Request) *http.Response) (string, []*http.Cookie) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/login", nil)
	r.Header.Set("Content-Type", formType)
	r.Header.Set("Origin", c.public.String())
	w := ask(r)
	u, err := url.Parse(w.Header.Get("Location"))
	if err != nil || w.StatusCode != http.StatusSeeOther || u.Query().Get("state") == "" {
		t.Fatalf("a sign-in begins with %d %v: %v", w.StatusCode, u, err)
	}
	return u.Query().Get("state"), w.Cookies()
}
