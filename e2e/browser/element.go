package browser

import (
	"testing"

	"github.com/playwright-community/playwright-go"
)

// Element is something on a page, looked for anew each time. Its own methods wait for it
// and fail the test when it does not come.
type Element struct {
	playwright.Locator
	t      testing.TB
	expect playwright.PlaywrightAssertions
}

func (e Element) loaded() {
	e.t.Helper()
	page, err := e.Page()
	if err == nil {
		err = loaded(page)
	}
	if err != nil {
		e.t.Fatal(err)
	}
}

// Click clicks it, once it can be clicked.
func (e Element) Click() {
	e.t.Helper()
	e.loaded()
	if err := e.Locator.Click(); err != nil {
		e.t.Fatal(err)
	}
}

// Fill replaces a field's value.
func (e Element) Fill(value string) {
	e.t.Helper()
	e.loaded()
	if err := e.Locator.Fill(value); err != nil {
		e.t.Fatal(err)
	}
}

// Press sends a key such as Enter or Escape to it.
func (e Element) Press(key string) {
	e.t.Helper()
	e.loaded()
	if err := e.Locator.Press(key); err != nil {
		e.t.Fatal(err)
	}
}

// Shows waits until it can be seen.
func (e Element) Shows() {
	e.t.Helper()
	if err := e.expect.Locator(e.Locator).ToBeVisible(); err != nil {
		e.t.Fatal(err)
	}
}

// Hides waits until it cannot be seen, or is not there.
func (e Element) Hides() {
	e.t.Helper()
	if err := e.expect.Locator(e.Locator).ToBeHidden(); err != nil {
		e.t.Fatal(err)
	}
}

// Holds waits until its text contains text.
func (e Element) Holds(text string) {
	e.t.Helper()
	if err := e.expect.Locator(e.Locator).ToContainText(text); err != nil {
		e.t.Fatal(err)
	}
}

// HasFocus waits until it has the keyboard's focus.
func (e Element) HasFocus() {
	e.t.Helper()
	if err := e.expect.Locator(e.Locator).ToBeFocused(); err != nil {
		e.t.Fatal(err)
	}
}

// HasValue waits until a field holds value.
func (e Element) HasValue(value string) {
	e.t.Helper()
	if err := e.expect.Locator(e.Locator).ToHaveValue(value); err != nil {
		e.t.Fatal(err)
	}
}

// Reads waits until its text, white space at the ends aside, is text.
func (e Element) Reads(text string) {
	e.t.Helper()
	if err := e.expect.Locator(e.Locator).ToHaveText(text); err != nil {
		e.t.Fatal(err)
	}
}

// Attribute is the value of an attribute of it now.
func (e Element) Attribute(name string) string {
	e.t.Helper()
	value, err := e.Locator.GetAttribute(name)
	if err != nil {
		e.t.Fatal(err)
	}
	return value
}
