package browser

import "time"

// TakeClock puts the time that this browser's pages see into the hands of the test: it
// goes on as usual, and [Page.Later] leaps. It takes effect on the next page.
func (p *Page) TakeClock() {
	p.t.Helper()
	if err := p.Clock().Install(); err != nil {
		p.t.Fatal(err)
	}
}

// Later leaps ahead by d, as if the machine had slept: what was due runs, once.
func (p *Page) Later(d time.Duration) {
	p.t.Helper()
	if err := p.Clock().FastForward(int(d.Milliseconds())); err != nil {
		p.t.Fatal(err)
	}
}
