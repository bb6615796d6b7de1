package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is a server that was started for the measurement.
type process struct {
	cmd  *exec.Cmd
	url  string
	said *tail
	out  *bufio.Reader
}

// start starts a server and waits until it prints its address after a word.
func start(ctx context.Context, env []string, path string, args ...string) (*process, error) {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 30 * time.Second
	cmd.Env = append(os.Environ(), env...)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	said := &tail{walked: make(chan struct{})}
	cmd.Stderr = said
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, said: said, out: bufio.NewReader(stdout)}
	if p.url = p.next(); p.url == "" {
		p.stop()
		return nil, fmt.Errorf("%s did not say where it listens, but %s", path, said.last)
	}
	return p, nil
}

// next reads the next address that the process prints, "" for none.
func (p *process) next() string {
	line, _ := p.out.ReadString('\n')
	_, url, _ := strings.Cut(strings.TrimSpace(line), " ")
	return url
}

// freeAddress is an address of loopback that nobody listens at now.
func freeAddress(ctx context.Context) (string, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// stop asks the process to end and waits until it has.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	_ = p.cmd.Wait()
}

// host is where the process listens, without the scheme.
func (p *process) host() string { return strings.TrimPrefix(p.url, "http://") }

// resident is how much of a process is in memory, in MB: now, at most so far, and of what is there now that which is its own,
// not read from a file such as the program itself.
type resident struct{ now, most, own float64 }

// memory is how much of the process is resident.
func (p *process) memory() (r resident) {
	content, err := os.ReadFile("/proc/" + strconv.Itoa(p.cmd.Process.Pid) + "/status")
	if err != nil {
		return r
	}
	for line := range strings.Lines(string(content)) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		kilobytes, _ := strconv.ParseFloat(fields[1], 64)
		switch fields[0] {
		case "VmRSS:":
			r.now = kilobytes * 1024 / 1e6
		case "VmHWM:":
			r.most = kilobytes * 1024 / 1e6
		case "RssAnon:":
			r.own = kilobytes * 1024 / 1e6
		}
	}
	return r
}

// ticksPerSecond is the unit of times in /proc, the same on every Linux that Go runs on.
const ticksPerSecond = 100

// busy is how long the process has used a core so far.
func (p *process) busy() time.Duration {
	content, err := os.ReadFile("/proc/" + strconv.Itoa(p.cmd.Process.Pid) + "/stat")
	_, rest, ok := strings.Cut(string(content), ") ")
	if fields := strings.Fields(rest); err == nil && ok && len(fields) > 12 {
		user, _ := strconv.Atoi(fields[11])
		system, _ := strconv.Atoi(fields[12])
		return time.Duration(user+system) * time.Second / ticksPerSecond
	}
	return 0
}

// tail keeps the last that a process wrote to its log, and notices when the console
// has read its record to the end, which it does when it starts.
type tail struct {
	last   []byte
	once   sync.Once
	walked chan struct{}
}

func (t *tail) Write(p []byte) (int, error) {
	t.last = append(t.last[:0], p...)
	if bytes.Contains(p, []byte("checkpoint of the record")) {
		t.once.Do(func() { close(t.walked) })
	}
	return len(p), nil
}
