package browser

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"

	"github.com/playwright-community/playwright-go"
)

// systemBrowsers are the names a Chromium goes by, tried in this order.
var systemBrowsers = []string{
	"chromium", "chromium-browser", "google-chrome", "google-chrome-stable",
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
}

// findChromium returns the path of the browser to launch: $CHROMIUM if set, else one that
// the system has, else "" after Playwright has downloaded its own.
func findChromium(run *playwright.RunOptions, progress io.Writer) (string, error) {
	if name := os.Getenv("CHROMIUM"); name != "" {
		path, err := exec.LookPath(name)
		if err != nil {
			return "", fmt.Errorf("CHROMIUM names no browser that can be run: %w", err)
		}
		return path, nil
	}
	for _, name := range systemBrowsers {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	fmt.Fprintln(progress, "e2e: no Chromium on this system, downloading Playwright's")
	var output bytes.Buffer
	install := *run
	install.SkipInstallBrowsers = false
	install.Browsers = []string{"chromium"}
	install.OnlyInstallShell = true
	install.Stdout, install.Stderr = &output, &output
	if err := playwright.Install(&install); err != nil {
		return "", fmt.Errorf("%w: %w\n%s", errNoChromium, err, output.Bytes())
	}
	return "", nil
}

var errNoChromium = errors.New("the browser tests need Chromium: install it (Debian: apt-get install chromium), " +
	"or set CHROMIUM to the path of one; downloading it failed too")

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
}
