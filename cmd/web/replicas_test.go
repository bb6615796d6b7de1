package main

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	_ "github.com/jackc/pgx/v5/stdlib"

	"tokenconsole/internal/database/databasetest"
	"tokenconsole/internal/emulator"
	"tokenconsole/internal/signing"
)

// publicURL is where browsers find the replicas; what is dialled is chosen by each.
const publicURL = "http://localhost:49999"

// fleet is replicas of the console, as processes, on one PostgreSQL and one platform.
type fleet struct {
	*testing.T
	database string
	platform *httptest.Server
	args     []string
}

func newFleet(t *testing.T) *fleet {
	t.Helper()
	platform := httptest.NewServer(emulator.New(emulator.Options{Users: 10, RateLimit: 1 << 20, RedirectURIs: []string{publicURL + "/oauth/callback"}}))
	t.Cleanup(platform.Close)
	private, _, err := signing.GenerateKey("tests")
	if err != nil {
		t.Fatal(err)
	}
	key, err := output(t, "keygen")
	if err != nil {
		t.Fatal(err)
	}
	database := databasetest.PostgreSQL(t)
	return &fleet{t, database, platform, []string{
		"--addr=127.0.0.1:0", "--public-url=" + publicURL, "--region=mypurecloud.de", "--login-url=" + platform.URL, "--api-url=" + platform.URL,
		"--client-id=" + emulator.DemoClientID, "--client-secret=" + emulator.DemoClientSecret, "--session-keys=" + strings.TrimSpace(key),
		"--record-key=" + private, "--database-url=" + database,
	}}
}

// start starts a replica and returns its address.
func (f *fleet) start() string {
	f.Helper()
	cmd := exec.Command(program(context.Background()).Path, f.args...)
	cmd.Env = program(context.Background()).Env
	stderr, err := cmd.StderrPipe()
	if err != nil {
		f.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			f.Errorf("a replica ended with %v", err)
		}
	})
	hung := time.AfterFunc(20*time.Second, func() { _ = cmd.Process.Kill() })
	defer hung.Stop()
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		var line struct{ Msg, Addr string }
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			f.Fatalf("the replica says %s", lines.Text())
		}
		if line.Msg == "serving" {
			go func() { _, _ = io.Copy(io.Discard, stderr) }()
			return line.Addr
		}
	}
	f.Fatal("the replica does not say where it serves")
	return ""
}

// visitor is a browser that a load balancer leads to whichever replica.
type visitor struct {
	*fleet
	jar http.CookieJar
}

func (f *fleet) visitor() visitor {
	jar, _ := cookiejar.New(nil) // never fails
	return visitor{f, jar}
}

// ask asks the replica at addr; nobody follows redirects.
func (v visitor) ask(addr, method, target string, form url.Values) (status int, location, body string) {
	v.Helper()
	r, err := http.NewRequest(method, target, strings.NewReader(form.Encode()))
	if err != nil {
		v.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", r.URL.Scheme+"://"+r.URL.Host)
	transport := &http.Transport{DialContext: func(ctx context.Context, network, to string) (net.Conn, error) {
		if "http://"+to == publicURL {
			to = addr
		}
		return new(net.Dialer).DialContext(ctx, network, to)
	}}
	defer transport.CloseIdleConnections()
	client := http.Client{Jar: v.jar, Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(r)
	if err != nil {
		v.Fatal(err)
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		v.Fatal(err)
	}
	return resp.StatusCode, resp.Header.Get("Location"), string(content)
}

// callback begins a sign-in of email's at addr and returns where it is finished.
func (v visitor) callback(addr, email string) string {
	v.Helper()
	_, authorize, _ := v.ask(addr, "POST", publicURL+"/login", nil)
	_, _, page := v.ask(addr, "GET", authorize, nil)
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(page))
	if err != nil {
		v.Fatal(err)
	}
	base, err := url.Parse(authorize)
	if err != nil {
		v.Fatal(err)
	}
	action, err := base.Parse(doc.Find("form").First().AttrOr("action", ""))
	if err != nil {
		v.Fatal(err)
	}
	_, callback, body := v.ask(addr, "POST", action.String(), url.Values{"email": {email}})
	if !strings.HasPrefix(callback, publicURL+"/oauth/callback?") {
		v.Fatalf("the platform leads to %q: %s", callback, body)
	}
	return callback
}

func (v visitor) signIn(addr, email string) {
	v.Helper()
	if status, to, body := v.ask(addr, "GET", v.callback(addr, email), nil); status != http.StatusSeeOther {
		v.Fatalf("signing in: %d %s %s", status, to, body)
	}
}

func (v visitor) want(addr, method, path string, form url.Values, status int, to string) {
	v.Helper()
	if got, location, body := v.ask(addr, method, publicURL+path, form); got != status || !strings.HasPrefix(location, to) {
		v.Errorf("%s %s: %d to %q, want %d to %q: %.300s", method, path, got, location, status, to, body)
	}
}

// asked counts what the platform was asked.
func (f *fleet) asked(prefix string) (n int) {
	f.Helper()
	_, _, body := f.visitor().ask("", "GET", f.platform.URL+"/emulator/requests", nil)
	var journal []struct{ Method, Path string }
	if err := json.Unmarshal([]byte(body), &journal); err != nil {
		f.Fatal(err)
	}
	for _, r := range journal {
		if strings.HasPrefix(r.Method+" "+r.Path, prefix) {
			n++
		}
	}
	return n
}

const (
	adminEmail = "admin@demo.example"
	agentEmail = "agent@demo.example"
)

// What ended at one replica is over at all, and after a restart; one callback is one
// exchange; what the record cannot take is done nowhere (L5, S10, S12 to S14, P5, P7).
func TestReplicas(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	first := f.start()
	second := f.start()
	reason := url.Values{"reason": {"lost laptop"}}
	personID := func() string {
		agent := emulator.New(emulator.Options{Users: 10}).UserByEmail(agentEmail)
		if agent == "" {
			t.Fatal("there is no agent")
		}
		return agent
	}()

	t.Run("one callback at both is one exchange", func(t *testing.T) {
		v := f.visitor()
		callback := v.callback(first, adminEmail)
		before := f.asked("POST /oauth/token")
		statuses := make([]int, 2)
		var group sync.WaitGroup
		for i, addr := range []string{first, second} {
			group.Go(func() { statuses[i], _, _ = v.ask(addr, "GET", callback, nil) })
		}
		group.Wait()
		if sum := statuses[0] + statuses[1]; sum != http.StatusSeeOther+http.StatusBadRequest || f.asked("POST /oauth/token") != before+1 {
			t.Errorf("answers %v, %d exchanges", statuses, f.asked("POST /oauth/token")-before)
		}
		v.want(first, "GET", "/token", nil, http.StatusOK, "")
	})
	t.Run("a session is one at both, and over at both", func(t *testing.T) {
		v := f.visitor()
		v.signIn(first, adminEmail)
		v.want(second, "GET", "/audit", nil, http.StatusOK, "")
		public, _ := url.Parse(publicURL)
		copied := f.visitor()
		copied.jar.SetCookies(public, v.jar.Cookies(public))
		v.want(first, "POST", "/logout", nil, http.StatusSeeOther, "/signed-out")
		for _, addr := range []string{first, second, f.start()} {
			again := f.visitor()
			again.jar.SetCookies(public, copied.jar.Cookies(public))
			again.want(addr, "GET", "/audit", nil, http.StatusSeeOther, "/login")
		}
	})
	t.Run("who is revoked at one is out at the other at once", func(t *testing.T) {
		admin, agent := f.visitor(), f.visitor()
		admin.signIn(first, adminEmail)
		agent.signIn(second, agentEmail)
		agent.want(second, "GET", "/audit", nil, http.StatusOK, "") // with a proof that would serve for 15 s
		admin.want(first, "POST", "/users/"+personID+"/revoke", reason, http.StatusSeeOther, "/users/")
		agent.want(second, "GET", "/audit", nil, http.StatusSeeOther, "/login")
	})
	t.Run("without the record nothing is done at either", func(t *testing.T) {
		admin := f.visitor()
		admin.signIn(first, adminEmail)
		db, err := sql.Open("pgx", f.database)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		move := func(from, to string) {
			if _, err := db.ExecContext(t.Context(), "ALTER TABLE "+from+" RENAME TO "+to); err != nil {
				t.Fatal(err)
			}
		}
		before := f.asked("DELETE ")
		move("audit_head", "away")
		for _, addr := range []string{first, second} {
			admin.want(addr, "POST", "/users/"+personID+"/revoke", reason, http.StatusServiceUnavailable, "")
			admin.want(addr, "GET", "/readyz", nil, http.StatusServiceUnavailable, "")
			admin.want(addr, "GET", "/healthz", nil, http.StatusOK, "")
		}
		if f.asked("DELETE ") != before {
			t.Error("something was deleted")
		}
		move("away", "audit_head")
		for _, addr := range []string{first, second} {
			admin.want(addr, "GET", "/readyz", nil, http.StatusOK, "")
			admin.want(addr, "POST", "/users/"+personID+"/revoke", reason, http.StatusSeeOther, "/users/")
		}
	})
}
