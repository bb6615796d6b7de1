package program

import (
	"bytes"
	"os/exec"
	"testing"
)

// Kill ends the console and its emulator without warning, as a power cut does.
func (c *Console) Kill() {
	c.t.Helper()
	if err := c.cmd.Process.Kill(); err != nil {
		c.t.Fatalf("killing the console: %v", err)
	}
	_ = c.cmd.Wait() // says that it was killed
	c.killed = true
}

// Run runs the program to its end, such as for one of its other commands, and returns what
// it printed and its exit status.
func (p *Program) Run(t testing.TB, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	var out, problems bytes.Buffer
	cmd := exec.Command(p.path, args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = p.environment(t.TempDir()), &out, &problems
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatalf("running web: %v", err)
	}
	return out.String(), problems.String(), cmd.ProcessState.ExitCode()
}
