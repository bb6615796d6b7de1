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

// looks are how axe sees a page. Colours do not depend on the width, nor the rest on colours, so two looks see wide and narrow,
// light and dark.
var looks = []struct {
	width  int
	scheme *playwright.ColorScheme
}{
	{1280, playwright.ColorSchemeDark},
	{320, playwright.ColorSchemeLight},
}

// Accessible fails the test for every axe rule the page breaks: wide and narrow, in its light and in its dark colours. It
// leaves the page narrow. Axe is script itself: a page without script cannot be asked.
func (p *Page) Accessible() {
	p.t.Helper()
	if p.noScript {
		p.t.Fatal("axe cannot run where JavaScript is off: ask a page of an ordinary context")
	}
	for _, look := range looks {
		p.Resize(look.width)
		if err := p.EmulateMedia(playwright.PageEmulateMediaOptions{ColorScheme: look.scheme}); err != nil {
			p.t.Fatal(err)
		}
		violations, err := p.runAxe()
		if err != nil {
			p.t.Fatalf("running axe on %s: %v", p.URL(), err)
		}
		for _, v := range violations {
			p.t.Errorf("accessibility of %s in %s colours: %s", p.URL(), *look.scheme, v)
		}
	}
}

func (p *Page) runAxe() ([]violation, error) {
	there, err := p.Evaluate("typeof axe !== 'undefined'")
	if err != nil {
		return nil, err
	}
	if there != true {
		// Evaluated, not added as a script element: the console's CSP would refuse that, rightly.
		if _, err := p.Evaluate("(() => {" + p.browser.axe + "})()"); err != nil {
			return nil, err
		}
	}
	// Preloaded are style sheets and sound, for rules that are not asked or find none here.
	result, err := p.Evaluate("async () => JSON.stringify((await axe.run({preload: false, resultTypes: ['violations']})).violations)")
	if err != nil {
		return nil, err
	}
	var violations []violation
	err = json.Unmarshal([]byte(result.(string)), &violations)
	return violations, err
}
