package handlers

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"tokenconsole/internal/emulator"
	"tokenconsole/internal/genesys"
	"tokenconsole/session"
)

// BenchmarkToken compares GET /token with a bare handler that makes the same
// upstream call and writes a constant page of the same size. The metric "ratio" is the console's
// own cost: time of the page over time of the bare handler, taken in turns.
func BenchmarkToken(b *testing.B) {
	upstream := httptest.NewServer(emulator.New(emulator.Options{RateLimit: 1 << 30}))
	defer upstream.Close()
	s, cookie, token := benchServer(b, upstream.URL)
	client := s.clients["demo"]
	get := func(h http.Handler) *sink {
		r := httptest.NewRequest(http.MethodGet, "http://console.example/token", nil)
		r.AddCookie(cookie)
		w := &sink{header: http.Header{}}
		h.ServeHTTP(w, r)
		if w.status != http.StatusOK {
			b.Fatalf("status %d", w.status)
		}
		return w
	}
	recorded := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "http://console.example/token", nil)
	r.AddCookie(cookie)
	s.ServeHTTP(recorded, r)
	constant := recorded.Body.Bytes()
	bare := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := client.GetTokensMe(r.Context(), token, genesys.ResetIdle); err != nil {
			b.Error(err)
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write(constant)
	})
	b.Run("console", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			get(s)
		}
	})
	b.Run("bare", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			get(bare)
		}
	})
	b.Run("ratio", func(b *testing.B) {
		var own, floor time.Duration
		for b.Loop() {
			begun := time.Now()
			get(s)
			between := time.Now()
			get(bare)
			own += between.Sub(begun)
			floor += time.Since(between)
		}
		b.ReportMetric(float64(own)/float64(floor), "ratio")
	})
}

// sink is a response writer that keeps nothing but the status, so that what is
// measured is the handler.
type sink struct {
	header http.Header
	status int
}

func (w *sink) Header() http.Header         { return w.header }
func (w *sink) WriteHeader(status int)      { w.status = status }
func (w *sink) Write(p []byte) (int, error) { return len(p), nil }

// benchServer returns a console for upstream, and the cookie of a session with
// a token that lives there.
func benchServer(b *testing.B, upstream string) (*Server, *http.Cookie, genesys.Secret) {
	b.Helper()
	s, err := New(Options{
		PublicURL: &url.URL{Scheme: "http", Host: "console.example"},
		Regions:   []genesys.Region{{Name: "demo", Domain: "demo", LoginURL: upstream, APIURL: upstream}},
		Transport: genesys.NewTransport(),
		Sessions:  session.Options{Keys: [][]byte{[]byte("a key of thirty-two bytes, benched")[:32]}, Idle: time.Hour, Total: 12 * time.Hour},
		Log:       slog.New(slog.DiscardHandler),
	})
	if err != nil {
		b.Fatal(err)
	}
	token := mintToken(b, upstream, "admin@demo.example")
	id, err := genesys.ParseUserID("6e61b501-d95a-56be-b87a-009ea80487d7")
	if err != nil {
		b.Fatal(err)
	}
	w := httptest.NewRecorder()
	_, err = s.sessions.Start(w, httptest.NewRequest(http.MethodGet, "http://console.example/", nil), session.Session{
		AccessToken: token, TokenExpiry: time.Now().Add(24 * time.Hour), Region: "demo",
		Person: session.Person{ID: id, Name: "Ada Park", Email: "admin@demo.example", Permissions: kept},
	})
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range w.Result().Cookies() {
		if c.Name == s.sessions.CookieName() {
			return s, c, token
		}
	}
	b.Fatal("no session cookie")
	return nil, nil, genesys.Secret{}
}

// mintToken takes a token from the emulator's back door.
func mintToken(tb testing.TB, upstream, email string) genesys.Secret {
	tb.Helper()
	resp, err := http.Post(upstream+"/emulator/tokens", "application/json", strings.NewReader(`{"email":"`+email+`","clientId":"demo-console"}`))
	if err != nil {
		tb.Fatal(err)
	}
	defer resp.Body.Close()
	var minted struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&minted); err != nil || minted.AccessToken == "" {
		tb.Fatalf("no token from the emulator: %v", err)
	}
	return genesys.NewSecret(minted.AccessToken)
}
