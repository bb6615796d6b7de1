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

// Build compiles cmd/web into dir.
func Build(dir string) (*Program, error) {
	path := filepath.Join(dir, "web")
	output, err := exec.Command("go", "build", "-buildvcs=false", "-ldflags=-s -w", "-o", path, "tokenconsole/cmd/web").CombinedOutput()
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
