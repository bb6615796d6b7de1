package browser

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"

	"github.com/playwright-community/playwright-go"
)

// actionTimeout bounds every click, navigation and expectation, in milliseconds. A page of
// the console answers in far less; a loaded machine with race detection may need it.
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

// Launch starts Chromium, fetching driver and browser first where they are missing; it
// says on progress when that takes time. Errors tell how to mend them.
func Launch(progress io.Writer) (*Browser, error) {
	driver, err := installDriver(progress)
	if err != nil {
		return nil, err
	}
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, fmt.Errorf("the browser tests need Node.js 18 or later: %w", err)
	}
	// playwright-go takes its Node.js from nowhere else.
	if err := os.Setenv("PLAYWRIGHT_NODEJS_PATH", node); err != nil {
		return nil, err
	}
	run := &playwright.RunOptions{DriverDirectory: string(driver), SkipInstallBrowsers: true}
	path, err := findChromium(run, progress)
	if err != nil {
		return nil, err
	}
	axe, err := os.ReadFile(driver.axe())
	if err != nil {
		return nil, err
	}
	pw, err := playwright.Run(run)
	if err != nil {
		return nil, fmt.Errorf("starting Playwright from %s (delete that directory to have it fetched anew): %w", driver, err)
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

func launchChromium(pw *playwright.Playwright, path string) (playwright.Browser, error) {
	options := playwright.BrowserTypeLaunchOptions{Args: flags}
	if path != "" {
		options.ExecutablePath = &path
	}
	chromium, err := pw.Chromium.Launch(options)
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
