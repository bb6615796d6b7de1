package emulator

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

func TestSettings(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	put := func(body string) int { return w.call("", "PUT", "/emulator/settings", body).status }
	if got := put(`{"tokenLifetime":"5s","rateLimit":7}`); got != 204 {
		t.Fatal(got)
	}
	issued := w.call("", "POST", "/emulator/tokens", `{"email":"agent@demo.example"}`)
	if issued.json["expires_in"] != 5.0 || issued.json["refresh_token"] == nil {
		t.Errorf("tokens: %s", issued.body)
	}
	got := w.call(issued.json["access_token"].(string), "GET", "/api/v2/tokens/me", "")
	if got.header.Get("inin-ratelimit-allowed") != "7" || got.json["dateTokenIdles"] != nil {
		t.Errorf("%v %s", got.header, got.body)
	}
	put(`{"idleTimeout":"90s"}`)
	if _, refresh := w.tokensOf("agent@demo.example", ""); refresh != "" {
		t.Error("a refresh token despite the idle timeout")
	}
	put(`{"idleTimeout":"0"}`)
	if _, refresh := w.tokensOf("agent@demo.example", ""); refresh == "" {
		t.Error("no refresh token though the idle timeout is off again")
	}
	if _, refresh := w.tokensOf("agent@demo.example", PublicClientID); refresh != "" {
		t.Error("a refresh token for a public client")
	}
	put(`{"hipaa":true}`)
	if _, refresh := w.tokensOf("agent@demo.example", ""); refresh != "" {
		t.Error("a refresh token despite HIPAA")
	}
	if got := put(`{"tokenLifetime":"soon"}`); got != 400 {
		t.Errorf("a lifetime that is none: %d", got)
	}
	if got := w.call("", "POST", "/emulator/tokens", `{"email":"nobody@demo.example"}`); got.status != 400 {
		t.Errorf("tokens for nobody: %d", got.status)
	}
}

func TestFrontPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	got := w.call("", "GET", "/", "")
	for _, want := range []string{"admin@demo.example", "trustee@partner.example", DemoClientID, PublicClientID, NarrowClientID, "POST /emulator/faults"} {
		if !strings.Contains(got.body, want) {
			t.Errorf("the page does not tell of %s", want)
		}
	}
	if css := w.call("", "GET", "/emulator/style.css", ""); css.status != 200 || !strings.HasPrefix(css.header.Get("Content-Type"), "text/css") {
		t.Errorf("style sheet: %d %s", css.status, css.header.Get("Content-Type"))
	}
	if got := w.call("", "GET", "/nothing", ""); got.status != 404 {
		t.Errorf("/nothing: %d", got.status)
	}
}

// Revocations, sign-ins, settings and faults at once: the race detector and
// the end state judge.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{RateLimit: 1 << 20})
	admin := w.tokenOf("admin@demo.example")
	agent := w.emulator.UserByEmail("agent@demo.example")
	code := w.code("agent@demo.example")
	var won sync.Map
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			if got := w.exchange(DemoClientID, DemoClientSecret, codeForm(code)); got.status == 200 {
				won.Store(i, got.json["access_token"])
			}
			token := w.tokenOf("agent@demo.example")
			w.alive(token)
			w.call("", "PUT", "/emulator/settings", `{"hipaa":false}`)
			w.fault(`{"match":"GET /nowhere","times":1}`)
			w.call(admin, "DELETE", "/api/v2/tokens/"+agent, "")
			w.call("", "GET", "/emulator/requests", "")
			if w.alive(token) {
				t.Error("a revoked token lives")
			}
		})
	}
	wg.Wait()
	winners := 0
	won.Range(func(_, access any) bool {
		winners++
		if w.alive(access.(string)) {
			t.Error("a replayed code's token lives")
		}
		return true
	})
	if winners != 1 {
		t.Errorf("%d exchanges of one code succeeded", winners)
	}
}

func BenchmarkGetTokensMe(b *testing.B) {
	e := New(Options{RateLimit: 1 << 30})
	door := httptest.NewRecorder()
	e.ServeHTTP(door, httptest.NewRequest("POST", "http://127.0.0.1/emulator/tokens", strings.NewReader(`{"email":"agent@demo.example"}`)))
	_, rest, _ := strings.Cut(door.Body.String(), `"access_token":"`)
	token, _, _ := strings.Cut(rest, `"`)
	r := httptest.NewRequest("GET", "http://127.0.0.1/api/v2/tokens/me?preserveIdleTTL=true", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	b.ReportAllocs()
	for b.Loop() {
		w := httptest.NewRecorder()
		if e.ServeHTTP(w, r); w.Code != http.StatusOK {
			b.Fatal(w.Code, w.Body)
		}
	}
}
