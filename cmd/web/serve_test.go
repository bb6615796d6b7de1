package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// demo is a console with its emulator, in this process.
type demo struct {
	*testing.T
	console, emulator string
	client            *http.Client
	stop              context.CancelFunc
	done              chan error
	lines             *bufio.Reader // of standard output, after the first two
}

var twoLines = regexp.MustCompile(`\Aconsole (http://127\.0\.0\.1:\d+)\nemulator (http://127\.0\.0\.1:\d+)\n\z`)

// startDemoHere runs the program until its two lines are there.
func startDemoHere(t *testing.T, args ...string) *demo {
	t.Helper()
	return startDemoWith(t, noEnv, args...)
}

func startDemoWith(t *testing.T, getenv func(string) string, args ...string) *demo {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	transport := &http.Transport{}
	d := &demo{T: t, client: &http.Client{Transport: transport}, stop: stop, done: make(chan error, 1)}
	reader, writer := io.Pipe()
	go func() {
		err := run(ctx, append([]string{"--demo", "--addr=127.0.0.1:0", "--demo-addr=127.0.0.1:0", "--demo-users=5"}, args...), getenv, writer, io.Discard)
		writer.CloseWithError(err)
		d.done <- err
	}()
	t.Cleanup(func() { stop(); transport.CloseIdleConnections() })
	lines := bufio.NewReader(reader)
	first, err1 := lines.ReadString('\n')
	second, err2 := lines.ReadString('\n')
	found := twoLines.FindStringSubmatch(first + second)
	if err := errors.Join(err1, err2); err != nil || found == nil {
		t.Fatalf("standard output begins %q, %v", first+second, err)
	}
	d.console, d.emulator, d.lines = found[1], found[2], lines
	return d
}

// third is the third line of standard output.
func (d *demo) third() string {
	d.Helper()
	line, err := d.lines.ReadString('\n')
	if err != nil {
		d.Fatal(err)
	}
	return strings.TrimSpace(line)
}

func (d *demo) get(url string) (int, string) {
	d.Helper()
	resp, err := d.client.Get(url)
	if err != nil {
		d.Error(err)
		return 0, ""
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		d.Error(err)
	}
	return resp.StatusCode, string(body)
}

// ended waits for the program to end, and checks that it did so well.
func (d *demo) ended() {
	d.Helper()
	rest, _ := io.ReadAll(d.lines)
	if err := <-d.done; err != nil {
		d.Errorf("it ended with: %v", err)
	}
	if string(rest) != "" {
		d.Errorf("standard output goes on with %q", rest)
	}
}

// TestDemo holds that --demo needs nothing, is ready when it says where it is,
// and leaves nothing behind: no goroutine, no file. It runs alone.
func TestDemo(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	before := goleak.IgnoreCurrent()
	d := startDemoHere(t)
	for path, want := range map[string]string{"/healthz": "ok\n", "/readyz": "ready\n"} {
		if status, body := d.get(d.console + path); status != http.StatusOK || body != want {
			t.Errorf("%s: %d %q", path, status, body)
		}
	}
	if status, body := d.get(d.console + "/login"); status != http.StatusOK || !strings.Contains(body, "<html") {
		t.Errorf("/login: %d", status)
	}
	if _, err := output(t, "healthcheck", "--addr", strings.TrimPrefix(d.console, "http://")); err != nil {
		t.Errorf("healthcheck: %v", err)
	}
	d.client.CloseIdleConnections()
	http.DefaultClient.CloseIdleConnections() // of the health check, which ends the program otherwise
	d.stop()
	d.ended()
	goleak.VerifyNone(t, before)
	if left, err := filepath.Glob(filepath.Join(folder, "*")); err != nil || len(left) != 0 {
		t.Errorf("files left: %v, %v", left, err)
	}
}

// TestStopDrains holds that a request in flight is answered while new
// connections are refused (T8).
func TestStopDrains(t *testing.T) {
	t.Parallel()
	d := startDemoHere(t)
	fault := `{"match": "GET /api/v2/tokens/me", "delay": "1s"}`
	resp, err := d.client.Post(d.emulator+"/emulator/faults", "application/json", strings.NewReader(fault))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	type answer struct {
		status int
		body   string
	}
	answered := make(chan answer, 1)
	go func() {
		status, body := d.get(d.console + "/readyz")
		answered <- answer{status, body}
	}()
	d.await("the request reaches the platform", func() bool {
		_, body := d.get(d.emulator + "/emulator/requests")
		var journal []struct{ Path string }
		return json.Unmarshal([]byte(body), &journal) == nil && len(journal) > 0
	})
	d.stop()
	d.await("new connections are refused", func() bool {
		conn, err := net.Dial("tcp", strings.TrimPrefix(d.console, "http://"))
		if err == nil {
			conn.Close()
		}
		return errors.Is(err, syscall.ECONNREFUSED)
	})
	select {
	case got := <-answered:
		t.Errorf("answered before the stop was seen: %+v", got)
	default:
	}
	if got := <-answered; got != (answer{http.StatusOK, "ready\n"}) {
		t.Errorf("in flight: %+v", got)
	}
	d.ended()
}

// await asks again and again whether something has come about.
func (d *demo) await(what string, come func() bool) {
	d.Helper()
	for deadline := time.Now().Add(5 * time.Second); !come(); {
		if time.Now().After(deadline) {
			d.Fatalf("in vain: %s", what)
		}
	}
}

// TestSignal holds that a process told to end does so, with exit code 0.
func TestSignal(t *testing.T) {
	t.Parallel()
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		cmd := program(t.Context(), "--demo", "--addr=127.0.0.1:0", "--demo-addr=127.0.0.1:0", "--demo-users=5")
		address := started(t, cmd)
		if _, err := url.Parse(address); err != nil {
			t.Error(err)
		}
		if err := cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("after %v: %v", signal, err)
		}
	}
}

// started starts cmd and returns the console's address.
func started(tb testing.TB, cmd *exec.Cmd) string {
	tb.Helper()
	console, _ := startedWith(tb, cmd)
	return console
}

// startedWith starts cmd and returns the addresses of the console and of its emulator.
func startedWith(tb testing.TB, cmd *exec.Cmd) (console, emulator string) {
	tb.Helper()
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	lines := bufio.NewReader(stdout)
	first, err1 := lines.ReadString('\n')
	second, err2 := lines.ReadString('\n')
	found := twoLines.FindStringSubmatch(first + second)
	if err := errors.Join(err1, err2); err != nil || found == nil {
		tb.Fatalf("standard output begins %q, %v", first+second, err)
	}
	return found[1], found[2]
}

// BenchmarkStart takes the time from starting the built program to its first
// answer.
func BenchmarkStart(b *testing.B) {
	binary := filepath.Join(b.TempDir(), "web")
	if out, err := exec.CommandContext(b.Context(), "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	for b.Loop() {
		cmd := exec.CommandContext(b.Context(), binary, "--demo", "--addr=127.0.0.1:0", "--demo-addr=127.0.0.1:0")
		resp, err := (&http.Client{Transport: transport}).Get(started(b, cmd) + "/healthz")
		if err != nil {
			b.Fatal(err)
		}
		resp.Body.Close()
		b.StopTimer()
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			b.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}
