package genesys

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

// reply is a transport that gives one answer to everything, without a network.
type reply func(w http.ResponseWriter)

// RoundTrip implements [http.RoundTripper].
func (answer reply) RoundTrip(*http.Request) (*http.Response, error) {
	rec := httptest.NewRecorder()
	answer(rec)
	return rec.Result(), nil
}

var (
	plainID    = regexp.MustCompile(`\A[0-9A-Za-z-]{0,64}\z`)
	plainCode  = regexp.MustCompile(`\A[0-9A-Za-z._-]{0,64}\z`)
	plainName  = regexp.MustCompile(`\A[0-9A-Za-z_]+(:[0-9A-Za-z_]+){2}\z`)
	plainScope = regexp.MustCompile(`\A[a-z-]+(:[a-z]+)?\z`)
)

// FuzzErrorBody holds that whatever a refusal says, the error has its status,
// names only what looks like a name, and is short and printable.
func FuzzErrorBody(f *testing.F) {
	for _, seed := range []struct {
		status                    int
		correlation, retry, reply string
	}{
		{403, correlation, "", errorBody("missing.any.permissions", "one of: [oauth:token:delete]", map[string]string{"permissions": "[oauth:token:delete]"})},
		{403, correlation, "", errorBody("app.not.authorized.for.scope", "The client lacks scope users:readonly", nil)},
		{429, correlation, "7", errorBody("too.many.requests.retry.after", "Retry the request in [7] seconds", nil)},
		{404, "", "", `{"code":"not.found","contextId":"` + correlation + `"}`},
		{401, "a\nb", "soon", `{"code":"bad\r\ncredentials","message":7,"messageParams":[]}`},
		{500, correlation, "", "<html>Bad gateway</html>"},
		{503, correlation, "Fri, 31 Dec 9999 23:59:59 GMT", ""},
		{400, strings.Repeat("a", 65), "", `{"code":"` + strings.Repeat("c", 500) + `"`},
	} {
		f.Add(seed.status, seed.correlation, seed.retry, []byte(seed.reply))
	}
	id, err := ParseUserID(someone)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, status int, correlation, retry string, body []byte) {
		if status < 400 || status > 599 {
			t.Skip()
		}
		client := NewClient("http://api.example", reply(func(w http.ResponseWriter) {
			w.Header()["Inin-Correlation-Id"], w.Header()["Retry-After"] = []string{correlation}, []string{retry}
			w.WriteHeader(status)
			_, _ = w.Write(body)
		}))
		_, err := client.DeleteToken(t.Context(), bearer, id)
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Status != status || OutcomeUnknown(err) != (status >= 500) {
			t.Fatalf("%#v", err)
		}
		if !plainID.MatchString(e.CorrelationID) || !plainCode.MatchString(e.Code) {
			t.Fatalf("correlation id %q, code %q", e.CorrelationID, e.Code)
		}
		scope, isScope := e.MissingScope()
		permission := e.MissingPermission()
		if permission != "" && (isScope || !plainName.MatchString(permission)) || scope != "" && !plainScope.MatchString(scope) {
			t.Fatalf("permission %q, scope %q %t", permission, scope, isScope)
		}
		if e.RetryAfter < 0 || e.RetryAfter > maxRetryAfter || e.RetryAfter > 0 && status != 429 {
			t.Fatalf("%d: retry after %v", status, e.RetryAfter)
		}
		if text := err.Error(); len(text) > 400 || strings.ContainsFunc(text, unicode.IsControl) || leaks(text) {
			t.Fatalf("the error is %q", text)
		}
	})
}

// FuzzParseRetryAfter holds that nobody waits longer than an hour or into the
// past, and that seconds are read as they are.
func FuzzParseRetryAfter(f *testing.F) {
	for _, header := range []string{
		"0", "3", "-5", "+7", "3599", "3600", "3601", "1000000000", "9223372036854775807", "99999999999999999999999", "", "soon",
		"3.5", "0x10", " 3", "Mon, 04 May 2026 09:00:30 GMT", "Monday, 04-May-26 09:00:30 GMT", "Mon May  4 09:00:30 2026",
		"Mon, 04 May 2026 08:59:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT",
	} {
		f.Add(header)
	}
	now := time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)
	digits := regexp.MustCompile(`\A[0-9]{1,4}\z`)
	f.Fuzz(func(t *testing.T, header string) {
		got := parseRetryAfter(header, now)
		if got < 0 || got > maxRetryAfter {
			t.Fatalf("%q means %v", header, got)
		}
		if digits.MatchString(header) {
			want, err := time.ParseDuration(header + "s")
			if err != nil || got != min(want, maxRetryAfter) {
				t.Fatalf("%q means %v", header, got)
			}
		}
	})
}

// FuzzParseRegion holds that a region is one of the published ones, by its whole
// name or domain, and never another host.
func FuzzParseRegion(f *testing.F) {
	for name, domain := range published {
		f.Add(name)
		f.Add(strings.ToUpper(domain))
	}
	for _, text := range []string{
		"", " ", "mypurecloud.com.", "mypurecloud.com.evil.example", "evil-mypurecloud.com", "mypurecloud.com/", "mypurecloud.com:443",
		"https://mypurecloud.com", "user@mypurecloud.com", "mypurecloud.com\x00", "ｍypurecloud.com", "mypurecloud.ſom", "mypurecloud.com,mypurecloud.de",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ParseRegion(text)
		if err != nil {
			if got != (Region{}) {
				t.Fatalf("%q: %v and %+v", text, err, got)
			}
			return
		}
		asked := strings.ToLower(strings.TrimSpace(text))
		if published[got.Name] != got.Domain || asked != got.Name && asked != got.Domain {
			t.Fatalf("%q is taken for %+v", text, got)
		}
		if got.LoginURL != "https://login."+got.Domain || got.APIURL != "https://api."+got.Domain {
			t.Fatalf("%q leads to %+v", text, got)
		}
	})
}

// FuzzIdleTokenTimeout holds that a timeout that was read is written as it was,
// with nothing lost, and that a change changes itself alone.
func FuzzIdleTokenTimeout(f *testing.F) {
	for _, seed := range []string{
		asRead, `{}`, `{"idleTokenTimeoutSeconds":900,"enableIdleTokenTimeout":true}`, `{"inactivityTimeoutGroupBundles":[{}]}`,
		`{"inactivityTimeoutGroupBundles":null,"inactivityTimeoutUnit":null}`, `{"a":1,"a":2}`, `{"EnableIdleTokenTimeout":true}`,
		`{"idleTokenTimeoutSeconds":1e3}`, `{"":{}, " ":[1.0,-0,1e400]}`, `null`, `{"x":"\ud800"}`, ` { "b" : "\u0000" } `,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		var timeout IdleTokenTimeout
		if !utf8.Valid(content) || json.Unmarshal(content, &timeout) != nil {
			t.Skip()
		}
		before := object(t, content)
		changed := timeout
		changed.Enabled, changed.Seconds = !timeout.Enabled, timeout.Seconds+1
		after := object(t, []byte(written(t, changed)))
		for name, value := range before {
			if !slices.Contains([]string{"idleTokenTimeoutSeconds", "enableIdleTokenTimeout"}, name) && !reflect.DeepEqual(after[name], value) {
				t.Fatalf("%q of %s became %v", name, content, after[name])
			}
		}
		if after["enableIdleTokenTimeout"] != changed.Enabled {
			t.Fatalf("%s became %v", content, after)
		}
		again := readTimeout(t, written(t, timeout))
		if !again.Same(timeout) || !timeout.Same(again) || changed.Same(timeout) {
			t.Fatalf("%s became %s", content, written(t, again))
		}
	})
}

// object reads JSON with its numbers as they are written.
func object(t *testing.T, content []byte) map[string]any {
	t.Helper()
	var members map[string]any
	d := json.NewDecoder(bytes.NewReader(content))
	d.UseNumber()
	if err := d.Decode(&members); err != nil {
		t.Fatalf("%s: %v", content, err)
	}
	return members
}
