package emulator

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func (w *world) fault(body string) {
	w.Helper()
	var arranged struct{ Body json.RawMessage }
	if err := json.Unmarshal([]byte(body), &arranged); err != nil {
		w.Fatal(err)
	}
	if arranged.Body != nil {
		text := string(arranged.Body)
		_ = json.Unmarshal(arranged.Body, &text) // a string is sent as its text
		w.mu.Lock()
		w.bodies = append(w.bodies, text)
		w.mu.Unlock()
	}
	if got := w.call("", "POST", "/emulator/faults", body); got.status != 204 {
		w.Fatalf("POST /emulator/faults %s: %d %s", body, got.status, got.body)
	}
}

func TestFaultsMatchAndCount(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	token := w.tokenOf("admin@demo.example")
	status := func(method, path string) int { return w.call(token, method, path, "").status }
	w.fault(`{"match":"GET /api/v2/users/me?expand=token","status":500,"times":2}`)
	got := []int{
		status("GET", "/api/v2/users/me"), status("HEAD", "/api/v2/tokens/me"),
		status("GET", "/api/v2/users/me?expand=token"), status("GET", "/api/v2/users/me?expand=token,date"),
		status("GET", "/api/v2/users/me?expand=token"),
	}
	if d := cmp.Diff([]int{200, 200, 500, 500, 200}, got); d != "" {
		t.Error("a fault for two (-want +got):", d)
	}
	for _, match := range []string{"", "* /api/", "/api/v2/tokens/me", "* "} {
		w.fault(`{"match":"` + match + `","status":503}`)
		if a, b := status("GET", "/api/v2/tokens/me"), status("HEAD", "/api/v2/tokens/me"); a != 503 || b != 503 {
			t.Errorf("match %q: %d, %d", match, a, b)
		}
		w.call("", "DELETE", "/emulator/faults", "")
		if got := status("GET", "/api/v2/tokens/me"); got != 200 {
			t.Errorf("cleared, yet %d", got)
		}
	}
}

func TestFaultsReachEveryServer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	w.fault(`{"status":502,"body":"<h1>Bad gateway</h1>"}`)
	for _, path := range []string{"/oauth/token", "/oauth/authorize", "/logout", "/api/v2/tokens/me"} {
		if got := w.call("", "GET", path, ""); got.status != 502 || got.body != "<h1>Bad gateway</h1>" || !strings.HasPrefix(got.header.Get("Content-Type"), "text/html") {
			t.Errorf("%s: %d %q", path, got.status, got.body)
		}
	}
	if got := w.call("", "GET", "/emulator/requests", ""); got.status != 200 {
		t.Errorf("the back door fails too: %d", got.status)
	}
}

func TestFaultAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	token := w.tokenOf("admin@demo.example")
	get := func(fault string) reply {
		w.fault(fault)
		return w.call(token, "GET", "/api/v2/tokens/me", "")
	}
	limited := get(`{"status":429,"retryAfter":7,"times":1}`)
	wants(t, limited, 429, "too.many.requests.retry.after")
	if limited.header.Get("Retry-After") != "7" {
		t.Errorf("Retry-After %q", limited.header.Get("Retry-After"))
	}
	for status, code := range map[string]string{
		"400": "bad.request", "401": "bad.credentials", "403": "not.authorized", "404": "not.found", "408": "client.timeout",
		"409": "request.conflict", "413": "request.entity.too.large", "415": "unsupported.media.type",
		"500": "internal.server.error", "503": "service.unavailable", "504": "request.timeout",
	} {
		n, _ := strconv.Atoi(status)
		wants(t, get(`{"status":`+status+`,"times":1}`), n, code)
	}
	if got := get(`{"status":418,"body":{"code":"tea"},"times":1}`); got.status != 418 || got.json["code"] != "tea" {
		t.Errorf("JSON body: %d %s", got.status, got.body)
	}
	if got := get(`{"status":403,"body":"{\"code\":\"odd\"}","times":1}`); got.status != 403 || got.json["code"] != "odd" {
		t.Errorf("JSON in a string: %d %s", got.status, got.body)
	}
	if got := get(`{"body":"{\"half\":","contentType":"application/json","times":1}`); got.status != 200 || got.body != `{"half":` || got.header.Get("Content-Type") != "application/json" {
		t.Errorf("broken JSON: %d %s", got.status, got.body)
	}
	if got := get(`{"headers":{"Retry-After":"soon"},"times":1}`); got.status != 200 || got.header.Get("Retry-After") != "soon" || got.json["OAuthClient"] == nil {
		t.Errorf("headers alone: %d %s", got.status, got.body)
	}
	if got := w.call("", "POST", "/emulator/faults", `{"delay":"soon"}`); got.status != 400 {
		t.Errorf("a delay that is none: %d", got.status)
	}
}

func TestFaultResetsTheConnection(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	w.fault(`{"match":"DELETE /api/v2/tokens/","reset":true,"times":1}`)
	r := w.request("DELETE", "/api/v2/tokens/me", "")
	if res, err := w.browser.Do(r); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("%v %v, want a connection reset", res, err)
	}
	w.fault(`{"match":"DELETE /api/v2/tokens/","reset":true}`)
	if _, err := w.browser.Do(r); err == nil {
		t.Error("no error the second time")
	}
}

func TestFaultDelays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := New(Options{})
		door := httptest.NewRecorder()
		e.ServeHTTP(door, httptest.NewRequest("POST", "http://127.0.0.1/emulator/faults", strings.NewReader(`{"match":"GET /logout","delay":"2s"}`)))
		start := time.Now()
		page := httptest.NewRecorder()
		e.ServeHTTP(page, httptest.NewRequest("GET", "http://127.0.0.1/logout", nil))
		if took := time.Since(start); took != 2*time.Second || page.Code != http.StatusOK {
			t.Errorf("answered %d after %v", page.Code, took)
		}
	})
}

func TestJournal(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	token := w.tokenOf("agent@demo.example")
	w.call(token, "GET", "/api/v2/tokens/me?preserveIdleTTL=true", "")
	w.call(token, "DELETE", "/api/v2/tokens/not-an-id", "")
	w.call("", "GET", "/logout", "")
	w.fault(`{"match":"PUT ","reset":true,"times":1}`) // net/http asks again after a lost GET or HEAD
	w.browser.Do(w.request("PUT", "/api/v2/tokens/me", ""))

	type line struct {
		Time, Method, Path, Bearer string
		Status                     int
	}
	var got []line
	read := func() {
		got = nil
		if err := json.Unmarshal([]byte(w.call("", "GET", "/emulator/requests", "").body), &got); err != nil {
			t.Fatal(err)
		}
	}
	read()
	const now = "2026-05-04T09:00:00.000Z"
	want := []line{
		{now, "GET", "/api/v2/tokens/me?preserveIdleTTL=true", fingerprint(token), 200},
		{now, "DELETE", "/api/v2/tokens/not-an-id", fingerprint(token), 403},
		{now, "GET", "/logout", "", 200},
		{now, "PUT", "/api/v2/tokens/me", "", 0},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error("journal (-want +got):", d)
	}
	w.call("", "DELETE", "/emulator/requests", "")
	if read(); len(got) != 0 {
		t.Errorf("emptied, yet %v", got)
	}
}

func TestJournalIsBounded(t *testing.T) {
	t.Parallel()
	var j journal
	for i := range journalSize + 5 {
		e := &entry{}
		e.status.Store(int32(i))
		j.add(e)
	}
	all := j.all()
	if len(all) != journalSize || all[0].status.Load() != 5 || all[journalSize-1].status.Load() != journalSize+4 {
		t.Errorf("%d entries from %d to %d", len(all), all[0].status.Load(), all[len(all)-1].status.Load())
	}
}
