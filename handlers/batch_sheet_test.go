package handlers_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// counting is a client that notes how much is written at once.
type counting struct {
	*httptest.ResponseRecorder
	most int
}

func (c *counting) Write(p []byte) (int, error) {
	c.most = max(c.most, len(p))
	return c.ResponseRecorder.Write(p)
}

// The sheet of a batch of many people is sent as it is read: no reader, however slow, has the console keep it whole. One
// that breaks off does not pass for the whole.
func TestASheetIsNotKeptWhole(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	var lines []string
	for i := range 1200 { // more than are read at once
		lines = append(lines, fmt.Sprintf("nobody%d@demo.example", i))
	}
	path := b.prepared(list(append(lines, agent)...)).batchPath() + "/sheet"
	t.Run("whole", func(t *testing.T) {
		whole := &counting{ResponseRecorder: httptest.NewRecorder()}
		c.in(t).handler.ServeHTTP(whole, b.with(b.request(http.MethodGet, path, nil)))
		if whole.most > 64<<10 || whole.Code != http.StatusOK {
			t.Errorf("status %d, %d bytes are written at once", whole.Code, whole.most)
		}
		page := b.in(t).get(path).page()
		if n := page.Find(".sheet-table tbody tr").Length(); n != 1201 || page.Find("[data-whole]").Length() != 1 {
			t.Errorf("%d rows, last line %q", n, page.Find("[data-whole]").Text())
		}
		if caption := squeezed(page.Find(".sheet-table caption").Text()); !strings.HasPrefix(caption, "1201 people") {
			t.Errorf("it says %q", caption)
		}
	})
	t.Run("broken off", func(t *testing.T) {
		lost := losing{httptest.NewRecorder(), func() { c.db.Close() }}
		c.in(t).serveAborting(t, lost, b.with(b.request(http.MethodGet, path, nil)))
		if strings.Contains(lost.Body.String(), "data-whole") {
			t.Error("it says that it is whole")
		}
	})
}
