package views

import (
	"context"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"
)

// TestP10_NamesAreIsolatedBesideOurWords holds that a name cannot turn the words around it.
func TestP10_NamesAreIsolatedBesideOurWords(t *testing.T) {
	t.Parallel()
	const turned = "\u202egpj.exe"
	for name, part := range map[string]templ.Component{
		"header":  header(Shell{Person: &Person{Name: turned, Email: turned, Initials: "g"}}),
		"watched": WatchBoard(Board{Back: []WatchRow{{Name: turned, Email: turned, ClearURL: "/watch/1/clear", After: "Came back"}}}),
		"cleared": WatchBoard(Board{Cleared: []WatchRow{{Name: turned, Email: turned, Word: turned, ClearedBy: turned}}}),
		"asked":   ClearWatch(ClearWatchPage{Row: WatchRow{Name: turned, Email: turned}}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b strings.Builder
			if err := part.Render(context.Background(), &b); err != nil {
				t.Fatal(err)
			}
			page, err := goquery.NewDocumentFromReader(strings.NewReader(b.String()))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(page.Find("body").Text(), turned) {
				t.Error("the name is not there")
			}
			page.Find("body *").Each(func(_ int, s *goquery.Selection) {
				if s.Children().Length() == 0 && strings.Contains(s.Text(), turned) && s.Closest("bdi, [dir=auto]").Length() == 0 {
					t.Errorf("not isolated in <%s>", goquery.NodeName(s))
				}
			})
		})
	}
}
