package views

import (
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"
)

// email is an address that breaks before its @ if it has to break.
func email(address string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, strings.Replace(templ.EscapeString(address), "@", "<wbr>@", 1))
		return err
	})
}
