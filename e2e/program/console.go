package program

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"tokenconsole/internal/database/databasetest"
)

const (
	startLimit = 20 * time.Second
	// stopLimit is a little over the 40 s the console may take to drain.
	stopLimit = 45 * time.Second
)

// Console is a running console in demo mode.
type Console struct {
	// URL is the console's origin, such as http://127.0.0.1:40123.
	URL string
	// Emulator is the Genesys Cloud beside it.
	Emulator *Emulator

	t      testing.TB
	cmd    *exec.Cmd
	stdout io.Reader
	stderr *log

	killed bool

	mu      sync.Mutex
	secrets []string
}

// Start runs a console in demo mode on free ports, with more arguments if given, and
// returns once it listens. When the test ends the console is stopped; the test fails if it
// does not exit with 0, prints more than its two addresses on standard output, or lets a
// secret slip into its log.
func (p *Program) Start(t testing.TB, args ...string) *Console {
	t.Helper()
	c := &Console{t: t, stderr: new(log)}
	c.cmd = exec.Command(p.path, append([]string{"--demo", "--addr=127.0.0.1:0", "--demo-addr=127.0.0.1:0"}, args...)...)
	c.cmd.Env = p.environment(databasetest.Directory(t)) // where its database will be
	c.cmd.Stderr = c.stderr
	stdout, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatalf("starting the console: %v", err)
	}
	t.Cleanup(c.stop)
	// A console that says nothing is ended, which ends the wait for its lines.
	hung := time.AfterFunc(startLimit, func() { _ = c.cmd.Process.Kill() })
	defer hung.Stop()
	lines := bufio.NewReader(stdout)
	c.stdout = lines
	c.URL = c.address(lines, "console ")
	c.Emulator = &Emulator{URL: c.address(lines, "emulator "), t: t, secret: c.Secret}
	return c
}

// address reads one line of the console's standard output, which means that it listens.
func (c *Console) address(lines *bufio.Reader, label string) string {
	c.t.Helper()
	line, err := lines.ReadString('\n')
	url, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), label)
	if err != nil || !ok || !strings.HasPrefix(url, "http") {
		c.t.Fatalf("the console printed %q, not %q and an address (%v)", line, label, err)
	}
	return url
}

// Log is what the console has written to standard error so far.
func (c *Console) Log() string { return c.stderr.String() }

// Secret names values that must not be in the console's log.
func (c *Console) Secret(values ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.secrets = append(c.secrets, values...)
}

func (c *Console) stop() {
	var bearers []string
	if !c.killed && c.Emulator != nil {
		bearers = c.Emulator.bearers()
	}
	if !c.killed {
		if err := c.terminate(); err != nil {
			c.t.Errorf("stopping the console: %v", err)
		}
	}
	for _, leak := range leaks(c.Log(), c.secrets, bearers) {
		c.t.Errorf("the console's log holds a secret: %s", leak)
	}
	if c.t.Failed() {
		c.t.Logf("the console's log:\n%s", c.Log())
	}
}

// terminate asks the console to stop as an operator's machine would, and insists when it
// takes longer than it may.
func (c *Console) terminate() error {
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("it had ended already: %w", c.cmd.Wait())
	}
	late := time.AfterFunc(stopLimit, func() { _ = c.cmd.Process.Kill() })
	var rest []byte
	if c.stdout != nil {
		rest, _ = io.ReadAll(c.stdout) // to the end: Wait closes the pipe
	}
	err := c.cmd.Wait()
	if !late.Stop() {
		return fmt.Errorf("it was killed for not stopping in %v", stopLimit)
	}
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return fmt.Errorf("it printed more than its two addresses: %q", rest)
	}
	return nil
}

// log collects standard error while the tests read it.
type log struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buffer.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buffer.String()
}
