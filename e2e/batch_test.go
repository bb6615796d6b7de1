package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"tokenconsole/e2e/browser"
)

// Every way to choose people leads to a plan, with and without script.
func TestEverySourceOfABatch(t *testing.T) {
	t.Parallel()
	console := web.Start(t, "--demo-rate-limit=3000")
	eitherWay(t, func(t *testing.T, script bool, adjust func(*browser.Options)) {
		page := signedIn(t, console, admin, adjust)
		look := func(state string) {
			if script {
				inspect(t, page, state)
			}
		}
		for _, from := range []string{"queue", "team", "group", "role", "division"} {
			page.Visit("/batches/new?from=" + from)
			if from == "queue" {
				look("queues to choose from")
			}
			if err := page.Locator("label.set").First().Click(); err != nil {
				t.Fatal(err)
			}
			page.Button("Show the people").Click()
			page.CSS("#start").Holds("Revoke the tokens of")
		}
		page.Visit("/batches/new?from=department")
		page.Field("Department").Fill("Nowhere at all")
		page.Button("Show the people").Click()
		page.CSS("#name-error").Shows()
		look("a department that is none")
		page.Field("Department").Fill("claims")
		page.Button("Show the people").Click()
		page.CSS("h1").Holds("claims")
		look("a plan")

		file := filepath.Join(t.TempDir(), "leavers.csv")
		if err := os.WriteFile(file, []byte("Name;Email\nMina;"+agent+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		page.Visit("/batches/new")
		look("a list to paste")
		if err := page.Locator("#file").SetInputFiles(file); err != nil {
			t.Fatal(err)
		}
		page.Button("Show the people").Click()
		page.CSS("#start").Reads("Revoke the tokens of 1 person")
	})
}
