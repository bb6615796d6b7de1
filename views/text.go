package views

import (
	"context"
	"io"

	"github.com/a-h/templ"
)

// text writes itself, escaped, as { } does. That goes through fmt for every value, which
// is noticed where a page has dozens of them.
type text string

// Render implements [templ.Component].
func (t text) Render(_ context.Context, w io.Writer) error {
	_, err := io.WriteString(w, templ.EscapeString(t))
	return err
}
