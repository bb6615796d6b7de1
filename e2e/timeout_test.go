package e2e

import "testing"

func TestChangeTheIdleTimeout(t *testing.T) {
	t.Parallel()
	console := web.Start(t)
	page := atToken(t, console, admin)
	fromMenu(page, "Timeout")
	page.CSS(".countdown").Reads("off")
	inspect(t, page, "idle timeout")
	page.Field("30 min").Check()
	page.Button("Continue to the confirmation").Click()
	page.Heading("Change the idle timeout from off to 30 min").Shows()
	inspect(t, page, "confirmation of the idle timeout")
	console.Emulator.WasAsked("PUT /api/v2/tokens/timeout", 0)
	page.Field("Reason").Fill("Policy 12")
	page.Button("Change it to 30 min").Click()
	page.At("/timeout")
	page.Status("The idle timeout was changed").Shows()
	page.CSS(".countdown").Reads("30 min")
	page.Visit("/timeout/change?enabled=on&minutes=4")
	page.CSS("#minutes-error").Shows()
	inspect(t, page, "idle timeout with an error")
	page.Visit("/audit?action=change-timeout")
	page.CSS("table.record").Holds("from off to 1800 s")
}
