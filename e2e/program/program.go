package program

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Program is the built console.
type Program struct {
	path      string
	recordKey string // that all its consoles sign their records with
}

// Build compiles cmd/web into dir, for tests that run in the directory e2e.
func Build(dir string) (*Program, error) {
	path := filepath.Join(dir, "web")
	build := exec.Command(".ci/build", path)
	build.Dir, build.Env = "..", append(os.Environ(), "QUICK_BUILD=1")
	output, err := build.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("building cmd/web: %w\n%s", err, output)
	}
	keys, err := exec.Command(path, "audit", "keygen").Output()
	if err != nil {
		return nil, fmt.Errorf("making a key for the record: %w", err)
	}
	private, _, _ := strings.Cut(string(keys), "\n")
	return &Program{path, private}, nil
}

// environment keeps what a program needs to run, and none of the settings that whoever
// runs the tests may have for a console of their own.
func (p *Program) environment(tmp string) []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + tmp, "TMPDIR=" + tmp, "CONSOLE_RECORD_KEY=" + p.recordKey}
}
