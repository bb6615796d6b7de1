package views

import (
	"context"
	"io"
	"strings"
)

// text writes itself as the content of an element, as { } does. That goes through fmt for every value, which
// is noticed where a page has dozens of them. A component is never within an attribute, a script or a style: quotes may stay.
type text string

var textEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// Render implements [templ.Component].
func (t text) Render(_ context.Context, w io.Writer) error {
	_, err := textEscaper.WriteString(w, string(t))
	return err
}
