package browser

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// findChromium returns the path of the browser to launch: $CHROMIUM if set, else the one that .ci/setup has found.
func findChromium(setup string) (string, error) {
	if name := os.Getenv("CHROMIUM"); name != "" {
		path, err := exec.LookPath(name)
		if err != nil {
			return "", fmt.Errorf("CHROMIUM names no browser that can be run: %w", err)
		}
		return path, nil
	}
	// One step only: many a browser is itself a link, and looks at the name it is started by.
	path, err := os.Readlink(filepath.Join(setup, "chromium"))
	if err != nil {
		return "", fmt.Errorf("%w: %w", errNotSetUp, err)
	}
	if _, err := exec.LookPath(path); err != nil {
		return "", fmt.Errorf("%w: %w", errNotSetUp, err)
	}
	return path, nil
}

// flags keep Chromium from talking to anyone but this machine: what a test shows must not
// depend on a network, and a page that asks another host must fail, not succeed quietly.
var flags = []string{
	"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
	"--no-sandbox", // Chromium refuses to run as root with it, and containers often cannot
	"--disable-gpu",
	"--disable-background-networking",
	"--disable-component-update",
	"--disable-sync",
	"--no-first-run",
	"--disable-quic",
	"--js-flags=--no-opt,--no-maglev", // no page lives until code made faster has paid for its making
}
