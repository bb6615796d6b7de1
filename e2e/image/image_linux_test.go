package image

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// imageBudget is what the program may weigh, in bytes: it is all but the certificates of
// an image that was to stay under 25 MB and does not: docs/performance.md says what weighs.
const imageBudget = 30_000_000

// The image holds the program and no shell, no libc, no user but 65532. What the Dockerfile
// builds must run so: this is its build command and its conditions, without the container.
func TestProgramRunsInEmptyImage(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("entering an empty root directory needs root")
	}
	root := filepath.Join(t.TempDir(), "image")
	buildAsDockerfile(t, filepath.Join(root, "web"))
	for _, dir := range []string{"data", "tmp"} {
		if err := os.Mkdir(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(filepath.Join(root, dir), 65532, 65532); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(filepath.Join(root, "web"))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("the program weighs %d bytes", info.Size())
	if info.Size() > imageBudget {
		t.Errorf("the program weighs %d bytes, over its budget of %d", info.Size(), imageBudget)
	}
	if got := inImage(t, root, "version"); !strings.Contains(got, "v1.2.3") {
		t.Errorf("web version prints %q, without the version it was built as", got)
	}
	t.Setenv("CONSOLE_ADDR", serveInImage(t, root))
	inImage(t, root, "healthcheck")
}

// buildAsDockerfile builds for this machine as the Dockerfile does, with what it gives to the builder. Where QUICK_BUILD is set the
// program is larger, and otherwise the same; make release runs this without.
func buildAsDockerfile(t *testing.T, output string) {
	t.Helper()
	for file, line := range map[string]string{
		"Dockerfile": "GOOS=$TARGETOS GOARCH=$TARGETARCH .ci/build /root/image/web\n", ".dockerignore": "\n!.ci/build\n",
	} {
		content, err := os.ReadFile("../../" + file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(content), line) {
			t.Fatalf("%s does not say %q", file, line)
		}
	}
	build := exec.Command(".ci/build", output)
	build.Dir = "../.."
	build.Env = append(os.Environ(), "VERSION=v1.2.3")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", build, err, output)
	}
}

// inImage runs the program inside root and returns what it prints; it must succeed.
func inImage(t *testing.T, root string, args ...string) string {
	t.Helper()
	output, err := confined(root, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("web %v in the image: %v\n%s", args, err, output)
	}
	return string(output)
}

// serveInImage runs the console inside root until the test ends, and returns its host and
// port.
func serveInImage(t *testing.T, root string) string {
	t.Helper()
	cmd := confined(root, "--demo", "--addr=127.0.0.1:0", "--demo-addr=127.0.0.1:0")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the console in the image ended with %v\n%s", err, &stderr)
		}
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	address, ok := strings.CutPrefix(strings.TrimSpace(line), "console http://")
	if err != nil || !ok {
		t.Fatalf("the console in the image printed %q (%v)", line, err)
	}
	return address
}

// confined is the program in the image's conditions: its own root directory, its user, and
// of the environment only what the image's settings are.
func confined(root string, args ...string) *exec.Cmd {
	cmd := exec.Command("/web", args...)
	cmd.Dir, cmd.Env = "/data", []string{"CONSOLE_ADDR=" + os.Getenv("CONSOLE_ADDR")}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Chroot:     root,
		Credential: &syscall.Credential{Uid: 65532, Gid: 65532},
	}
	return cmd
}
