// Package e2e holds the browser tests of the built program: each starts a console in demo
// mode, with its own Genesys Cloud emulator, and uses it through Chromium as people would.
//
// They need Node.js, Playwright and Chromium, which make setup gets. A failed test leaves
// screenshots in e2e/artifacts; with TRACE=1, traces too.
package e2e
