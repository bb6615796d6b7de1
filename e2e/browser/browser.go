package browser

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"

	"github.com/playwright-community/playwright-go"
)

// actionTimeout bounds every click, navigation and expectation, in milliseconds. A page of
// the console answers in far less; a loaded machine may need it.
const actionTimeout = 15_000

// Browser is one running Chromium. Its contexts may be used by tests in parallel.
type Browser struct {
	playwright *playwright.Playwright
	chromium   playwright.Browser
	axe        string
	expect     playwright.PlaywrightAssertions

	// playwright-go keeps a browser's contexts in a plain slice.
	contexts sync.Mutex
}

// Launch starts Chromium. The directory setup is what .ci/setup has filled: Playwright's driver, axe, and a link to the
// browser. Errors tell how to mend them.
func Launch(setup string) (*Browser, error) {
	path, err := findChromium(setup)
	if err != nil {
		return nil, err
	}
	axe, err := os.ReadFile(filepath.Join(setup, "playwright", "axe-core", "axe.min.js"))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNotSetUp, err)
	}
	pw, err := startDriver(filepath.Join(setup, "playwright"))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNotSetUp, err)
	}
	chromium, err := launchChromium(pw, path)
	if err != nil {
		return nil, err
	}
	return &Browser{
		playwright: pw,
		chromium:   chromium,
		axe:        string(axe),
		expect:     playwright.NewPlaywrightAssertions(actionTimeout),
	}, nil
}

var errNotSetUp = errors.New("the browser tests need what make setup fetches; run it first")

// startDriver runs Playwright from directory with the system's Node.js.
func startDriver(directory string) (*playwright.Playwright, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, err
	}
	// playwright-go takes its Node.js from nowhere else.
	if err := os.Setenv("PLAYWRIGHT_NODEJS_PATH", node); err != nil {
		return nil, err
	}
	return playwright.Run(&playwright.RunOptions{DriverDirectory: directory, SkipInstallBrowsers: true})
}

func launchChromium(pw *playwright.Playwright, path string) (playwright.Browser, error) {
	chromium, err := pw.Chromium.Launch(playwright.BrowserTypeLaunchOptions{
		Args: flags, ExecutablePath: &path,
		// People's browsers keep pages for Back and Forward; automation would turn that off.
		IgnoreDefaultArgs: []string{"--disable-back-forward-cache"},
	})
	if err != nil {
		_ = pw.Stop()
		return nil, fmt.Errorf("launching %s: %w", path, err)
	}
	return chromium, nil
}

// Close ends Chromium and the driver.
func (b *Browser) Close() error {
	if err := b.chromium.Close(); err != nil {
		return err
	}
	return b.playwright.Stop()
}
