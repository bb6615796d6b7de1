package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"tokenconsole/internal/config"
	"tokenconsole/internal/database/databasetest"
	"tokenconsole/internal/signing"
)

// asProgram makes the test binary the program itself.
const asProgram = "TOKENCONSOLE_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		if drain, err := time.ParseDuration(os.Getenv(drainFor)); err == nil {
			drainTimeout, lastSettling = drain, drain
		}
		main()
		return
	}
	code := m.Run()
	http.DefaultClient.CloseIdleConnections() // of the health check, which ends the program otherwise
	if err := goleak.Find(databasetest.Leaves()...); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// program is a command that runs the program in a process of its own, with
// nothing of this environment's settings.
func program(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = []string{asProgram + "=1", "PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir(), "GORACE=" + os.Getenv("GORACE")}
	return cmd
}

func noEnv(string) string { return "" }

// output runs a command that ends by itself.
func output(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var stdout strings.Builder
	err := run(t.Context(), args, noEnv, &stdout, io.Discard)
	return stdout.String(), err
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { taken.Close() }) // after the subtests, which run later
	for name, c := range map[string]struct {
		args []string
		want int
		says []string
	}{
		"version":      {[]string{"version"}, 0, nil},
		"help":         {[]string{"--help"}, 0, nil},
		"no settings":  {nil, 2, []string{"web init", "web --demo"}},
		"unknown flag": {[]string{"--nonsense"}, 2, []string{"--nonsense", "see web --help"}},
		"bad address":  {[]string{"healthcheck", "--addr", "8080"}, 2, []string{"--addr"}},
		"no console":   {[]string{"healthcheck", "--addr", "127.0.0.1:1"}, 1, []string{"unhealthy"}},
		"port in use":  {[]string{"--demo", "--addr", taken.Addr().String(), "--demo-addr", "127.0.0.1:0"}, 1, []string{"cannot listen at " + taken.Addr().String(), "give --addr another address"}},
		"demo port":    {[]string{"--demo", "--addr", "127.0.0.1:0", "--demo-addr", taken.Addr().String()}, 1, []string{"give --demo-addr another address"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stderr strings.Builder
			cmd := program(t.Context(), c.args...)
			cmd.Stderr = &stderr
			if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
				t.Fatal(err)
			}
			if got := cmd.ProcessState.ExitCode(); got != c.want {
				t.Errorf("exit code %d, want %d: %s", got, c.want, &stderr)
			}
			for _, words := range c.says {
				if !strings.Contains(stderr.String(), words) {
					t.Errorf("%q is not said: %s", words, &stderr)
				}
			}
		})
	}
}

// TestKeygen holds that a key made is one that the settings take.
func TestKeygen(t *testing.T) {
	t.Parallel()
	record, _, err := signing.GenerateKey("console.example")
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]bool{}
	for range 20 {
		printed, err := output(t, "keygen")
		key := strings.TrimSuffix(printed, "\n")
		if decoded, decodeErr := base64.StdEncoding.DecodeString(key); err != nil || decodeErr != nil || len(decoded) != config.KeySize {
			t.Fatalf("%q, %v, %v", printed, err, decodeErr)
		}
		keys[key] = true
		args := []string{"--session-keys", key, "--record-key", record, "--client-id=c", "--region=mypurecloud.de", "--public-url=https://console.example"}
		if _, err := config.Parse(args, noEnv, io.Discard); err != nil {
			t.Errorf("the settings do not take it: %v", err)
		}
	}
	if len(keys) != 20 {
		t.Errorf("%d different keys of 20", len(keys))
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	printed, err := output(t, "version")
	if err != nil || !strings.HasPrefix(printed, "tokenconsole ") || strings.Count(printed, "\n") != 1 {
		t.Errorf("%q, %v", printed, err)
	}
}

func TestProblemsAreOfConfig(t *testing.T) {
	t.Parallel()
	_, err := output(t)
	if _, ok := errors.AsType[config.Problems](err); !ok {
		t.Errorf("%v", err)
	}
}
