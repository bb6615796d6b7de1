// Package browser drives Chromium for the tests in e2e: it launches one browser, gives each
// test contexts of its own, and fails a test for whatever a person with the developer tools
// open would frown at.
package browser
