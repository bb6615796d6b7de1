package handlers_test

import (
	"net/http"
	"testing"

	"tokenconsole/static"
)

// A file is compressed for whoever takes gzip, and for nobody else.
func TestFilesAreCompressedForThoseWhoTakeIt(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.newBrowser()
	for accepted, want := range map[string]string{
		"gzip": "gzip", "gzip, deflate, br, zstd": "gzip", "br;q=1, gzip;q=0.5": "gzip", "GZIP": "gzip",
		"gzip;q=0": "", "gzip; q=0.0, br": "", "br": "", "identity": "", "xgzip": "",
	} {
		t.Run(accepted, func(t *testing.T) {
			a := b.in(t).get(static.URL("app.css"), "Accept-Encoding", accepted).want(http.StatusOK)
			if got := a.Header.Get("Content-Encoding"); got != want || a.Header.Get("Vary") != "Accept-Encoding" {
				t.Errorf("it is encoded as %q, want %q; Vary is %q", got, want, a.Header.Get("Vary"))
			}
		})
	}
}
