package browser

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/playwright-community/playwright-go"
)

// violation is one rule of axe that a page breaks.
type violation struct {
	ID     string `json:"id"`
	Impact string `json:"impact"`
	Help   string `json:"help"`
	URL    string `json:"helpUrl"`
	Nodes  []struct {
		Target  []any  `json:"target"`
		HTML    string `json:"html"`
		Summary string `json:"failureSummary"`
	} `json:"nodes"`
}

func (v violation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s): %s\n  %s", v.ID, v.Impact, v.Help, v.URL)
	for _, node := range v.Nodes {
		fmt.Fprintf(&b, "\n  at %v: %s\n    %s", node.Target, node.HTML, strings.ReplaceAll(node.Summary, "\n", "\n    "))
	}
	return b.String()
}

// Accessible fails the test for every axe rule the page breaks, in its light and in its
// dark colours. Axe is script itself: a page without script cannot be asked.
func (p *Page) Accessible() {
	p.t.Helper()
	if p.noScript {
		p.t.Fatal("axe cannot run where JavaScript is off: ask a page of an ordinary context")
	}
	for _, scheme := range []*playwright.ColorScheme{playwright.ColorSchemeDark, playwright.ColorSchemeLight} {
		if err := p.EmulateMedia(playwright.PageEmulateMediaOptions{ColorScheme: scheme}); err != nil {
			p.t.Fatal(err)
		}
		violations, err := p.runAxe()
		if err != nil {
			p.t.Fatalf("running axe on %s: %v", p.URL(), err)
		}
		for _, v := range violations {
			p.t.Errorf("accessibility of %s in %s colours: %s", p.URL(), *scheme, v)
		}
	}
}

func (p *Page) runAxe() ([]violation, error) {
	// Evaluated, not added as a script element: the console's CSP would refuse that, rightly.
	if _, err := p.Evaluate("typeof axe === 'undefined' && (() => {" + p.browser.axe + "})()"); err != nil {
		return nil, err
	}
	result, err := p.Evaluate("async () => JSON.stringify((await axe.run({resultTypes: ['violations']})).violations)")
	if err != nil {
		return nil, err
	}
	var violations []violation
	err = json.Unmarshal([]byte(result.(string)), &violations)
	return violations, err
}
