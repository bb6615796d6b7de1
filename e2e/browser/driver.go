package browser

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
)

// The lock file pins playwright-core to the version playwright-go speaks to, and holds
// the checksums npm verifies.
//
//go:embed npm/package.json npm/package-lock.json
var manifest embed.FS

// driver is the directory Playwright runs from: package (playwright-core) and axe-core.
type driver string

func (d driver) axe() string { return filepath.Join(string(d), "axe-core", "axe.min.js") }

// installDriver returns the driver in the user's cache, fetching it with npm the first
// time. It is put together aside and renamed into place, so any number of processes may
// do this at once, and one that is interrupted leaves nothing half made.
func installDriver(progress io.Writer) (driver, error) {
	lock, err := manifest.ReadFile("npm/package-lock.json")
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding a cache directory for the browser driver (set XDG_CACHE_HOME or HOME): %w", err)
	}
	parent := filepath.Join(cache, "tokenconsole")
	dir := filepath.Join(parent, fmt.Sprintf("playwright-%x", sha256.Sum256(lock))[:len("playwright-")+12])
	if _, err := os.Stat(dir); err == nil {
		return driver(dir), nil
	}
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return "", err
	}
	aside, err := os.MkdirTemp(parent, "npm-*")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(aside)
	fmt.Fprintf(progress, "e2e: fetching playwright-core and axe-core with npm into %s\n", dir)
	if err := npmInstall(aside); err != nil {
		return "", err
	}
	modules := filepath.Join(aside, "node_modules")
	// Playwright's clients look for their driver under this name.
	if err := os.Rename(filepath.Join(modules, "playwright-core"), filepath.Join(modules, "package")); err != nil {
		return "", err
	}
	if err := os.Rename(modules, dir); err != nil && !errors.Is(err, os.ErrExist) {
		return "", err
	}
	return driver(dir), nil
}

func npmInstall(dir string) error {
	files, err := fs.Sub(manifest, "npm")
	if err != nil {
		return err
	}
	if err := os.CopyFS(dir, files); err != nil {
		return err
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		return errors.New("the browser tests need Node.js 18 or later with npm; install it (Debian: apt-get install nodejs npm)")
	}
	var output bytes.Buffer
	cmd := exec.Command(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &output, &output
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("npm could not fetch playwright-core and axe-core (is its registry reachable? npm config get registry): %w\n%s", err, output.Bytes())
	}
	return nil
}
