package emulator

import (
	"strings"
	"testing"
)

func TestLoopbackHost(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"localhost": true, "localhost:8081": true, "LOCALHOST:1": true, "127.0.0.1": true, "127.0.0.1:8081": true,
		"127.8.9.10:1": true, "[::1]": true, "[::1]:8081": true, "[::ffff:127.0.0.1]:1": true,
		"": false, ":8081": false, "example.com": false, "localhost.example.com": false, "127.0.0.1.example.com:1": false,
		"evil.localhost": false, "0.0.0.0:1": false, "10.0.0.1:1": false, "[::]:1": false, "[::1%lo]:1": false,
		"128.0.0.1": false, "2130706433": false, "0x7f000001": false, "localhost:1:2": false, "localhost@evil.example": false,
	} {
		if got := loopbackHost(host); got != want {
			t.Errorf("%q: %t", host, got)
		}
	}
}

// Every endpoint is refused under a name that was led to this machine (T20).
func TestOtherHostsAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	w.undescribed = true // the refusal is the emulator's own
	token := w.tokenOf("admin@demo.example")
	for _, host := range []string{"evil.example", "evil.example:8081", "localhost.evil.example", "10.0.0.1:8081", "0.0.0.0"} {
		for _, asked := range []string{
			"GET /", "GET /emulator/style.css", "POST /emulator/tokens", "GET /emulator/requests", "DELETE /emulator/requests",
			"PUT /emulator/settings", "POST /emulator/faults", "GET /api/v2/tokens/me", "OPTIONS /api/v2/tokens/me",
			"DELETE /api/v2/tokens/me", "GET /oauth/authorize", "POST /oauth/token", "GET /logout",
		} {
			method, path, _ := strings.Cut(asked, " ")
			r := w.request(method, path, `{"email":"agent@demo.example"}`)
			r.Host = host
			r.Header.Set("Authorization", "Bearer "+token)
			got := w.send(r)
			if got.status != 421 || got.json != nil || got.header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s under %s: %d %s", asked, host, got.status, got.body)
			}
		}
	}
	if !w.alive(token) {
		t.Error("a request under another name ended a token")
	}
}

// Control calls come from programs and the emulator's own pages (T20).
func TestControlCallsOfOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	for name, test := range map[string]struct {
		header, value string
		want          int
	}{
		"a program":                  {"", "", 200},
		"its own page":               {"Sec-Fetch-Site", "same-origin", 200},
		"the address bar":            {"Sec-Fetch-Site", "none", 200},
		"another site":               {"Sec-Fetch-Site", "cross-site", 403},
		"another port":               {"Sec-Fetch-Site", "same-site", 403},
		"an unknown relation":        {"Sec-Fetch-Site", "near", 403},
		"a loopback origin":          {"Origin", "http://localhost:8081", 200},
		"a foreign origin":           {"Origin", "https://evil.example", 403},
		"a name like loopback":       {"Origin", "http://127.0.0.1.evil.example", 403},
		"a sandbox":                  {"Origin", "null", 403},
		"an origin of another kind":  {"Origin", "file://localhost", 403},
		"no origin at all, in words": {"Origin", "", 403},
	} {
		t.Run(name, func(t *testing.T) {
			r := w.request("POST", "/emulator/tokens", `{"email":"agent@demo.example"}`)
			if test.header != "" {
				r.Header.Set(test.header, test.value)
			}
			if got := w.send(r); got.status != test.want {
				t.Errorf("%d %s, want %d", got.status, got.body, test.want)
			}
		})
	}
	for _, asked := range []string{"GET /emulator/requests", "DELETE /emulator/requests", "PUT /emulator/settings", "POST /emulator/faults"} {
		method, path, _ := strings.Cut(asked, " ")
		r := w.request(method, path, "{}")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		if got := w.send(r); got.status != 403 {
			t.Errorf("%s of another site: %d", asked, got.status)
		}
	}
	r := w.request("GET", "/", "")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if got := w.send(r); got.status != 200 {
		t.Errorf("a link to the front page: %d", got.status)
	}
}
