package login

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// TestLifeOfATokenIsBelievable holds what becomes of the life that the token
// endpoint names (RFC 6749, section 5.1).
func TestLifeOfATokenIsBelievable(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		kind, reply string
		want        time.Duration // 0 for no expiry
	}{
		"a day":                     {"application/json", `{"access_token":"a","expires_in":86400}`, 24 * time.Hour},
		"a second":                  {"application/json", `{"access_token":"a","expires_in":1}`, time.Second},
		"as text":                   {"application/json", `{"access_token":"a","expires_in":"3600"}`, time.Hour},
		"none":                      {"application/json", `{"access_token":"a"}`, 0},
		"null":                      {"application/json", `{"access_token":"a","expires_in":null}`, 0},
		"a month":                   {"application/json", `{"access_token":"a","expires_in":2678400}`, longestLife},
		"longer than any":           {"application/json", `{"access_token":"a","expires_in":2678401}`, 0},
		"longer than numbers go":    {"application/json", `{"access_token":"a","expires_in":9223372036854775807}`, 0},
		"a form":                    {"text/plain", "access_token=a&expires_in=60", time.Minute},
		"a form that names no life": {"text/plain", "access_token=a", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", test.kind)
				_, _ = io.WriteString(w, test.reply)
			}))
			defer server.Close()
			f := newFlow(server.URL, at(noon))
			_, p := begin(t, f, Request{Region: "here"})
			grant, err := f.Finish(t.Context(), p, code)
			if err != nil || grant.AccessToken.Reveal() != "a" {
				t.Fatalf("%+v, %v", grant, err)
			}
			want := time.Time{}
			if test.want > 0 {
				want = noon.Add(test.want)
			}
			if !grant.Expiry.Equal(want) {
				t.Errorf("expires at %v, want %v", grant.Expiry, want)
			}
		})
	}
}
