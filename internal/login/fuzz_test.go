package login

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode"

	"tokenconsole/internal/genesys"
)

// endpoint is a transport that gives the token endpoint's answer, without a network.
type endpoint func(w http.ResponseWriter)

// RoundTrip implements [http.RoundTripper].
func (answer endpoint) RoundTrip(*http.Request) (*http.Response, error) {
	rec := httptest.NewRecorder()
	answer(rec)
	return rec.Result(), nil
}

// FuzzTokenReply holds that whatever the token endpoint replies, there is either
// a token with a believable life or an error that says which kind it is, short,
// printable and without the secrets of the exchange (L15, T1).
func FuzzTokenReply(f *testing.F) {
	const asJSON = "application/json"
	for _, seed := range []struct {
		status      int
		kind, reply string
	}{
		{200, asJSON, `{"access_token":"a","token_type":"bearer","expires_in":86400,"refresh_token":"r"}`},
		{200, asJSON, `{"access_token":"a","expires_in":-1}`},
		{200, asJSON, `{"access_token":"a","expires_in":-4294963696}`},
		{200, asJSON, `{"access_token":"a","expires_in":"3600"}`},
		{200, asJSON, `{"access_token":"a","expires_in":1e3}`},
		{200, asJSON, `{"access_token":"a","expires_in":9223372036854775807}`},
		{200, asJSON, `{"access_token":"a","Expires_In":5,"expires_in":null,"token_type":"mac"}`},
		{200, asJSON, `{"error":"invalid_grant","error_description":"` + code + `"}`},
		{200, "text/plain", "access_token=a&expires_in=60"},
		{200, "text/plain; charset=utf-8", "access_token=a&expires_in=NaN"},
		{200, "application/x-www-form-urlencoded", "access_token=a&expires_in=1.5&token_type=bearer"},
		{200, "text/html", "<!doctype html>"},
		{204, "", ""},
		{302, "text/html", ""},
		{400, asJSON, `{"error":"invalid_grant\nx","error_description":"d","description":"d"}`},
		{401, asJSON, `{"error":"invalid_client","error_description":"authentication failed"}`},
		{429, asJSON, `{}`},
		{500, "", "\x00"},
	} {
		f.Add(seed.status, seed.kind, []byte(seed.reply))
	}
	regions := []genesys.Region{{Domain: "here", LoginURL: "http://login.example"}}
	f.Fuzz(func(t *testing.T, status int, kind string, body []byte) {
		if status < 200 || status > 599 {
			t.Skip()
		}
		answer := endpoint(func(w http.ResponseWriter) {
			w.Header()["Content-Type"] = []string{kind}
			w.WriteHeader(status)
			_, _ = w.Write(body)
		})
		flow := New("the-client", genesys.NewSecret(clientSecret), callback, regions, answer, at(noon))
		_, p := begin(t, flow, Request{Region: "here"})
		grant, err := flow.Finish(t.Context(), p, code)
		if err == nil {
			wantGrant(t, grant)
			return
		}
		if !grant.RefreshToken.IsZero() || !grant.Expiry.IsZero() || errors.Is(err, ErrRefused) == errors.Is(err, ErrUnavailable) {
			t.Fatalf("%+v, %v", grant, err)
		}
		if text := err.Error(); len(text) > 300 || strings.ContainsFunc(text, unicode.IsControl) {
			t.Fatalf("the error is %q", text)
		}
		for _, secret := range []string{code, clientSecret, p.Verifier.Reveal(), p.State} {
			if strings.Contains(err.Error(), secret) {
				t.Fatalf("the error holds %q: %v", secret, err)
			}
		}
	})
}

func wantGrant(t *testing.T, g Grant) {
	t.Helper()
	if g.AccessToken.IsZero() {
		t.Fatal("success without a token")
	}
	if life := g.Expiry.Sub(noon); !g.Expiry.IsZero() && (life < time.Second || life > longestLife) {
		t.Fatalf("a token that lives for %v", life)
	}
}
