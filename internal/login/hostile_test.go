package login

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tokenconsole/internal/genesys"
)

const (
	code    = "code-VALUE-of-the-callback"
	refresh = "refresh-VALUE-of-the-token"
)

// outcomes finishes a sign-in and refreshes a token at a log-in server, and
// gives the errors of both.
func outcomes(t *testing.T, f *Flow) map[string]error {
	t.Helper()
	_, p := begin(t, f, Request{Region: "here"})
	_, finish := f.Finish(t.Context(), p, code)
	_, renew := f.Refresh(t.Context(), "here", genesys.NewSecret(refresh))
	for doing, err := range map[string]error{"finish": finish, "refresh": renew} {
		if err == nil {
			t.Fatalf("%s gave no error", doing)
		}
		for _, secret := range []string{code, refresh, clientSecret, p.Verifier.Reveal(), p.State, "the-body", "oauth/token"} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%s: the error holds %q: %v", doing, secret, err)
			}
		}
		if len(err.Error()) > 300 {
			t.Errorf("%s: the error is %d bytes long: %.300s", doing, len(err.Error()), err)
		}
	}
	return map[string]error{"finish": finish, "refresh": renew}
}

// echoed is a reply that repeats all it was told, as careless servers do.
func echoed(r *http.Request) string {
	content, _ := io.ReadAll(r.Body)
	return "the-body " + string(content) + " " + r.Header.Get("Authorization") + " " + clientSecret
}

// TestHostileTokenEndpoint holds that whatever the token endpoint answers, the
// error says which kind it is and nothing that was said (L15, T1).
func TestHostileTokenEndpoint(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("redirect followed to %s", r.URL)
	}))
	t.Cleanup(elsewhere.Close)
	refusal := func(name, echo string) string {
		return `{"error":"` + name + `","error_description":"` + strings.ReplaceAll(echo, `"`, "") + `","description":"the-body"}`
	}
	const asJSON = "application/json"
	for name, c := range map[string]struct {
		status int
		kind   string
		body   func(echo string) string
		want   error
		code   string
	}{
		"400":                   {400, asJSON, func(echo string) string { return refusal("invalid_grant", echo) }, ErrRefused, "invalid_grant"},
		"401":                   {401, asJSON, func(echo string) string { return refusal("invalid_client", echo) }, ErrRefused, "invalid_client"},
		"403 without words":     {403, asJSON, func(string) string { return "" }, ErrRefused, ""},
		"400 with an odd error": {400, asJSON, func(echo string) string { return refusal(echo, echo) }, ErrRefused, ""},
		"400 as a form":         {400, "application/x-www-form-urlencoded", func(string) string { return "error=invalid_grant&error_description=the-body" }, ErrRefused, "invalid_grant"},
		"400 HTML":              {400, "text/html", func(echo string) string { return "<p>" + echo }, ErrRefused, ""},
		"408":                   {408, asJSON, func(echo string) string { return refusal("", echo) }, ErrUnavailable, ""},
		"429":                   {429, asJSON, func(echo string) string { return refusal("", echo) }, ErrUnavailable, ""},
		"500":                   {500, asJSON, func(echo string) string { return refusal("server_error", echo) }, ErrUnavailable, "server_error"},
		"503 HTML":              {503, "text/html", func(echo string) string { return echo }, ErrUnavailable, ""},
		"302":                   {302, "text/html", func(echo string) string { return echo }, ErrUnavailable, ""},
		"307":                   {307, "text/html", func(echo string) string { return echo }, ErrUnavailable, ""},
		"200 with an error":     {200, asJSON, func(echo string) string { return refusal("invalid_grant", echo) }, ErrUnavailable, "invalid_grant"},
		"nothing":               {200, asJSON, func(string) string { return "" }, ErrUnavailable, ""},
		"HTML":                  {200, "text/html", func(echo string) string { return "<!doctype html>" + echo }, ErrUnavailable, ""},
		"text":                  {200, "text/plain", func(echo string) string { return "%zz;" + echo }, ErrUnavailable, ""},
		"broken JSON":           {200, asJSON, func(echo string) string { return `{"access_token":"` + echo }, ErrUnavailable, ""},
		"no access_token":       {200, asJSON, func(echo string) string { return `{"expires_in":60,"x":"the-body"}` }, ErrUnavailable, ""},
		"empty access_token":    {200, asJSON, func(echo string) string { return `{"access_token":""}` }, ErrUnavailable, ""},
		"access_token no text":  {200, asJSON, func(echo string) string { return `{"access_token":{"the-body":1}}` }, ErrUnavailable, ""},
		"expires_in no number":  {200, asJSON, func(string) string { return `{"access_token":"a","expires_in":"the-body"}` }, ErrUnavailable, ""},
		"expires_in negative":   {200, asJSON, func(string) string { return `{"access_token":"a","expires_in":-1}` }, ErrUnavailable, ""},
		"expires_in zero":       {200, asJSON, func(string) string { return `{"access_token":"a","expires_in":0}` }, ErrUnavailable, ""},
		"far below zero":        {200, asJSON, func(string) string { return `{"access_token":"a","expires_in":-4294963696}` }, ErrUnavailable, ""},
		"negative in capitals":  {200, asJSON, func(string) string { return `{"access_token":"a","Expires_In":-1}` }, ErrUnavailable, ""},
		"negative as text":      {200, asJSON, func(string) string { return `{"access_token":"a","expires_in":"-1"}` }, ErrUnavailable, ""},
		"negative as a form":    {200, "text/plain", func(string) string { return "access_token=a&expires_in=-1" }, ErrUnavailable, ""},
		"no number as a form":   {200, "text/plain", func(string) string { return "access_token=a&expires_in=the-body" }, ErrUnavailable, ""},
		"another token type":    {200, asJSON, func(string) string { return `{"access_token":"a","token_type":"mac"}` }, ErrUnavailable, ""},
		"another type, long":    {200, asJSON, func(string) string { return `{"access_token":"a","token_type":"` + strings.Repeat("x", 500) + `"}` }, ErrUnavailable, ""},
		"204":                   {204, asJSON, func(string) string { return "" }, ErrUnavailable, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", c.kind)
				w.Header().Set("ININ-Correlation-Id", "the-correlation")
				w.Header().Set("Location", elsewhere.URL)
				body := c.body(echoed(r))
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, body)
			}))
			defer server.Close()
			for doing, err := range outcomes(t, newFlow(server.URL, at(noon))) {
				if !errors.Is(err, c.want) || errors.Is(err, ErrRefused) && errors.Is(err, ErrUnavailable) {
					t.Errorf("%s: %v, want %v", doing, err, c.want)
				}
				refused, ok := errors.AsType[*RefusedError](err)
				if ok && (refused.Code != c.code || refused.Status != c.status || refused.CorrelationID != "the-correlation") || !ok && c.code != "" {
					t.Errorf("%s: %#v, want code %q", doing, err, c.code)
				}
			}
		})
	}
}

// TestEchoThatIsNoHTTP holds that what a token endpoint sends instead of HTTP, or in
// its headers, is not told either (T1).
func TestEchoThatIsNoHTTP(t *testing.T) {
	t.Parallel()
	for name, reply := range map[string]string{
		"first line":           "BODY\r\n\r\n",
		"long first line":      strings.Repeat("BODY", 500) + "\r\n\r\n",
		"status code":          "HTTP/1.1 BODY\r\n\r\n",
		"header without colon": "HTTP/1.1 200 OK\r\nBODY\r\n\r\n",
		"transfer encoding":    "HTTP/1.1 200 OK\r\nTransfer-Encoding: BODY\r\n\r\n",
		"length":               "HTTP/1.1 200 OK\r\nContent-Length: BODY\r\n\r\n",
		"correlation id":       "HTTP/1.1 400 Bad\r\nININ-Correlation-Id: SPENT\r\nContent-Length: 0\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				echo := echoed(r)
				spent := refresh
				if strings.Contains(echo, code) {
					spent = code
				}
				said := strings.NewReplacer("BODY", echo, "SPENT", spent).Replace(reply)
				conn, _, err := http.NewResponseController(w).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				defer conn.Close()
				_, _ = io.WriteString(conn, said)
			}))
			defer server.Close()
			for doing, err := range outcomes(t, newFlow(server.URL, at(noon))) {
				if answered := name == "correlation id"; errors.Is(err, ErrRefused) != answered || errors.Is(err, ErrUnavailable) == answered {
					t.Errorf("%s: %v", doing, err)
				}
			}
		})
	}
}

// TestEndlessReply holds that a reply of any length costs little (L15).
func TestEndlessReply(t *testing.T) {
	t.Parallel()
	sent := make(chan int, 2)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		n := 0
		for chunk := `{"access_token":"` + strings.Repeat("x", 64<<10); n < 100<<20; {
			written, err := io.WriteString(w, chunk)
			n += written
			if err != nil {
				break
			}
		}
		sent <- n
	}))
	defer server.Close()
	for doing, err := range outcomes(t, newFlow(server.URL, at(noon))) {
		if !errors.Is(err, ErrUnavailable) {
			t.Errorf("%s: %v", doing, err)
		}
		if n := <-sent; n > 32<<20 {
			t.Errorf("%s: %d bytes were taken", doing, n)
		}
	}
}

// TestUnreachable covers what never becomes an answer.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	reset := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer reset.Close()
	gone := httptest.NewServer(nil)
	gone.Close()
	for name, url := range map[string]string{"reset": reset.URL, "refused": gone.URL, "no TLS": strings.Replace(reset.URL, "http:", "https:", 1)} {
		for doing, err := range outcomes(t, newFlow(url, at(noon))) {
			if !errors.Is(err, ErrUnavailable) {
				t.Errorf("%s, %s: %v", name, doing, err)
			}
		}
	}
}

// TestHangingTokenEndpoint holds that an exchange is given up after
// ExchangeTimeout, be it before the headers or within the body.
func TestHangingTokenEndpoint(t *testing.T) {
	t.Parallel()
	for name, reply := range map[string]string{
		"no headers": "",
		"body":       "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
	} {
		synctest.Test(t, func(t *testing.T) {
			hungUp := make(chan struct{})
			transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
				near, far := net.Pipe()
				go func() {
					defer close(hungUp)
					defer far.Close()
					if _, err := http.ReadRequest(bufio.NewReader(far)); err == nil {
						_, _ = io.WriteString(far, reply)
						_, _ = io.Copy(io.Discard, far)
					}
				}()
				return near, nil
			}}
			f := New("id", genesys.NewSecret(clientSecret), callback, []genesys.Region{{Domain: "here", LoginURL: "http://login.example"}}, transport, time.Now)
			_, p := begin(t, f, Request{Region: "here"})
			begun := time.Now()
			_, err := f.Finish(t.Context(), p, code)
			if took := time.Since(begun); !errors.Is(err, ErrUnavailable) || took != ExchangeTimeout {
				t.Errorf("%s: %v after %v, want %v", name, err, took, ExchangeTimeout)
			}
			<-hungUp
		})
	}
}
