package program

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
)

// Program is the built console.
type Program struct {
	path      string
	recordKey string // that all its consoles sign their records with
}

// Build compiles cmd/web into dir; with the race detector if the calling test has it.
func Build(dir string) (*Program, error) {
	path := filepath.Join(dir, "web")
	args := []string{"build", "-buildvcs=false", "-o", path}
	if raceEnabled() {
		args = append(args, "-race")
	}
	output, err := exec.Command("go", append(args, "tokenconsole/cmd/web")...).CombinedOutput()
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

func raceEnabled() bool {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return false
	}
	for _, setting := range info.Settings {
		if setting.Key == "-race" {
			return setting.Value == "true"
		}
	}
	return false
}

// environment keeps what a program needs to run, and none of the settings that whoever
// runs the tests may have for a console of their own.
func (p *Program) environment(tmp string) []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + tmp, "TMPDIR=" + tmp, "CONSOLE_RECORD_KEY=" + p.recordKey}
}
