package main

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
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

// hurried is a demo in a process of its own, with somebody signed in, that waits for nothing for longer than 100 ms when it
// is stopped.
type hurried struct {
	*demo
	cmd *exec.Cmd
	log *noted
}

func startHurried(t *testing.T, args ...string) hurried {
	t.Helper()
	cmd := program(t.Context(), append([]string{"--demo", "--addr=127.0.0.1:0", "--demo-addr=127.0.0.1:0", "--demo-users=5"}, args...)...)
	cmd.Env = append(cmd.Env, drainFor+"=100ms")
	log := &noted{}
	cmd.Stderr = log
	console, emulator := startedWith(t, cmd)
	d := &demo{T: t, console: console, emulator: emulator, client: &http.Client{Transport: &http.Transport{}}}
	t.Cleanup(d.client.CloseIdleConnections)
	d.signIn("admin@demo.example")
	return hurried{d, cmd, log}
}

// wantLoss stops the program, and holds that its exit and its log tell what was lost.
func (h hurried) wantLoss(told string) {
	h.Helper()
	if err := h.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		h.Fatal(err)
	}
	_ = h.cmd.Wait()
	if code := h.cmd.ProcessState.ExitCode(); code != 1 {
		h.Errorf("the exit code is %d", code)
	}
	if said := h.log.String(); !strings.Contains(said, told) {
		h.Errorf("the log does not tell it: %s", said)
	}
}

// Ends of sessions that the database never took are lost. The log tells it, and so does the exit code.
func TestEndsThatAreLostAreTold(t *testing.T) {
	t.Parallel()
	path := filepath.Join(databasetest.Directory(t), "console.db")
	private, _, err := signing.GenerateKey("test")
	if err != nil {
		t.Fatal(err)
	}
	h := startHurried(t, "--database-url=sqlite:"+path, "--record-key="+private)
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.post(t.Context(), h.console, h.console+"/logout", nil); err != nil {
		t.Fatal(err)
	}
	h.wantLoss("ends of sessions were never written down")
}

// An act that lasts longer than the drain is cut off. The log tells it, and so does the exit code.
func TestT16_AnActThatIsCutOffIsTold(t *testing.T) {
	t.Parallel()
	h := startHurried(t)
	fault := `{"match": "DELETE /api/v2/tokens/me", "delay": "9s"}`
	resp, err := h.client.Post(h.emulator+"/emulator/faults", "application/json", strings.NewReader(fault))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	answered := make(chan error, 1)
	go func() {
		_, err := h.post(t.Context(), h.console, h.console+"/logout", nil)
		answered <- err
	}()
	h.await("the act reaches the platform", func() bool {
		_, body := h.get(h.emulator + "/emulator/requests")
		return strings.Contains(body, "DELETE")
	})
	h.wantLoss("requests were cut off: an act among them may have no outcome on the record")
	if err := <-answered; err == nil {
		t.Error("it was answered after all")
	}
}
