package views

import (
	"context"
	"strings"
	"testing"
)

func TestTextIsTextToABrowser(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"Mina Keller":                   "Mina Keller",
		`</code><script>alert(1)`:       `&lt;/code&gt;&lt;script&gt;alert(1)`,
		`{"name": "O'Connor & <Sons>"}`: `{"name": "O'Connor &amp; &lt;Sons&gt;"}`,
		"&lt;":                          "&amp;lt;",
		"":                              "",
	} {
		var b strings.Builder
		if err := text(given).Render(context.Background(), &b); err != nil || b.String() != want {
			t.Errorf("%q is written as %q (%v), want %q", given, b.String(), err, want)
		}
	}
}
