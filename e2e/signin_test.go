package e2e

import (
	"testing"

	"tokenconsole/e2e/browser"
)

func TestSignIn(t *testing.T) {
	t.Parallel()
	for name, adjust := range map[string]func(*browser.Options){
		"with script":    func(*browser.Options) {},
		"without script": noScript,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			console := web.Start(t)
			page := signedIn(t, console, supervisor, adjust)
			page.Heading("Your token").Shows()
			console.Emulator.WasAsked("POST /oauth/token", 1)
		})
	}
}
