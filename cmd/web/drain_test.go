package main

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"tokenconsole/internal/database/databasetest"
	"tokenconsole/internal/signing"
)

// drainFor has a program of a test drain for as long as it says.
const drainFor = "TOKENCONSOLE_TEST_DRAIN"

// post sends a form as a page of the site at origin does.
func (d *demo) post(ctx context.Context, origin, address string, form url.Values) (*http.Response, error) {
	d.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		d.Fatal(err)
	}
	r.Header.Set("Origin", origin)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := d.client.Do(r)
	if err == nil {
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
	return resp, err
}

// signIn signs a person of the demo in.
func (d *demo) signIn(email string) {
	d.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		d.Fatal(err)
	}
	d.client.Jar = jar
	d.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	begun, err := d.post(d.Context(), d.console, d.console+"/login", nil)
	if err != nil {
		d.Fatal(err)
	}
	chosen, err := d.post(d.Context(), d.emulator, begun.Header.Get("Location"), url.Values{"email": {email}})
	if err != nil {
		d.Fatal(err)
	}
	if status, _ := d.get(chosen.Header.Get("Location")); status != http.StatusSeeOther {
		d.Fatalf("the sign-in ends with %d, by way of %q", status, chosen.Header.Get("Location"))
	}
}

// noted collects what a program says.
type noted struct {
	mu  sync.Mutex
	all strings.Builder
}

func (n *noted) Write(p []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.all.Write(p)
}

func (n *noted) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.all.String()
}

// Ends of sessions that the database never took are lost. The log tells it, and so does the exit code.
func TestEndsThatAreLostAreTold(t *testing.T) {
	t.Parallel()
	path := filepath.Join(databasetest.Directory(t), "console.db")
	private, _, err := signing.GenerateKey("test")
	if err != nil {
		t.Fatal(err)
	}
	cmd := program(t.Context(), "--demo", "--addr=127.0.0.1:0", "--demo-addr=127.0.0.1:0", "--demo-users=5",
		"--database-url=sqlite:"+path, "--record-key="+private)
	cmd.Env = append(cmd.Env, drainFor+"=100ms")
	stderr := &noted{}
	cmd.Stderr = stderr
	console, emulator := startedWith(t, cmd)
	d := &demo{T: t, console: console, emulator: emulator, client: &http.Client{Transport: &http.Transport{}}}
	defer d.client.CloseIdleConnections()
	d.signIn("admin@demo.example")
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.post(t.Context(), console, console+"/logout", nil); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 1 {
		t.Errorf("the exit code is %d", code)
	}
	if said := stderr.String(); !strings.Contains(said, "ends of sessions were never written down") {
		t.Errorf("the log does not tell it: %s", said)
	}
}

// An act that lasts longer than the drain is cut off. The log tells it, and so does the exit code.
func TestT16_AnActThatIsCutOffIsTold(t *testing.T) {
	t.Parallel()
	cmd := program(t.Context(), "--demo", "--addr=127.0.0.1:0", "--demo-addr=127.0.0.1:0", "--demo-users=5")
	cmd.Env = append(cmd.Env, drainFor+"=100ms")
	stderr := &noted{}
	cmd.Stderr = stderr
	console, emulator := startedWith(t, cmd)
	d := &demo{T: t, console: console, emulator: emulator, client: &http.Client{Transport: &http.Transport{}}}
	defer d.client.CloseIdleConnections()
	d.signIn("admin@demo.example")
	fault := `{"match": "DELETE /api/v2/tokens/me", "delay": "9s"}`
	resp, err := d.client.Post(emulator+"/emulator/faults", "application/json", strings.NewReader(fault))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	answered := make(chan error, 1)
	go func() {
		_, err := d.post(t.Context(), console, console+"/logout", nil)
		answered <- err
	}()
	d.await("the act reaches the platform", func() bool {
		_, body := d.get(emulator + "/emulator/requests")
		return strings.Contains(body, "DELETE")
	})
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 1 {
		t.Errorf("the exit code is %d", code)
	}
	if err := <-answered; err == nil {
		t.Error("it was answered after all")
	}
	if said := stderr.String(); !strings.Contains(said, "requests were cut off: an act among them may have no outcome on the record") {
		t.Errorf("the log does not tell it: %s", said)
	}
}
