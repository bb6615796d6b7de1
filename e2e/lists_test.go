package e2e

import (
	"testing"

	"github.com/playwright-community/playwright-go"
)

// Lists have low rows on a laptop, cards in a narrow window, and nothing cut off on paper.
func TestListsFitTheirWindow(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := signedIn(t, console, admin)
	revoke(console, page, agent, "Mina Keller")
	revoke(console, page, "amara.vasquez@demo.example", "Amara Vásquez")
	const rowHeight = 42 // two lines of text, and a border
	for _, address := range []string{"/users?q=demo.example", "/audit", "/clients", "/watch"} {
		page.Visit(address)
		page.Resize(1366)
		highest, err := page.Evaluate(`Math.max(...[...document.querySelectorAll(".data tbody tr")].map((row) => row.offsetHeight))`)
		if err != nil {
			t.Fatal(err)
		}
		if n, ok := highest.(int); !ok || n > rowHeight {
			t.Errorf("%s: a row is %v px high, more than %d", address, highest, rowHeight)
		}
		page.Resize(800)
		cards, err := page.Evaluate(`[...document.querySelectorAll(".data")].every((table) =>
			getComputedStyle(table).display === "block" && table.parentElement.scrollWidth === table.parentElement.clientWidth)`)
		if err != nil {
			t.Fatal(err)
		}
		if cards != true {
			t.Errorf("%s: the rows are no cards in a window of 800 px, or scroll sideways", address)
		}
		page.Resize(1030) // A4, landscape, without its margins
		if err := page.EmulateMedia(playwright.PageEmulateMediaOptions{Media: playwright.MediaPrint}); err != nil {
			t.Fatal(err)
		}
		cut, err := page.Evaluate(`[...document.querySelectorAll(".data :is(th, td)")].filter((cell) =>
			cell.scrollWidth > cell.clientWidth + 1).map((cell) => cell.innerText)`)
		if err != nil {
			t.Fatal(err)
		}
		if list, ok := cut.([]any); !ok || len(list) > 0 {
			t.Errorf("%s: cut off on paper: %v", address, cut)
		}
		if err := page.EmulateMedia(playwright.PageEmulateMediaOptions{Media: playwright.MediaScreen}); err != nil {
			t.Fatal(err)
		}
	}
}
