package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// revokedAgent is a console where the supervisor revoked the agent's tokens from
// an address of his own, and the agent who signed in again.
func revokedAgent(t *testing.T) (*console, *browser) {
	c := newConsole(t)
	c.signedIn(supervisor).post(c.revocationOf(agent), revocationForm).wantTo("/users/")
	c.clock.advance(time.Second)
	return c, c.signedIn(agent)
}

// Whom an act concerned reads that it happened, when and what; not why, nor from
// where, nor the ids that lead to more.
func TestP8_WhomAnActConcernedReadsNoReason(t *testing.T) {
	t.Parallel()
	c, b := revokedAgent(t)
	asked := c.entries()[0]
	hidden := map[string]string{
		"reason": lostPhone, "ticket": "INC-4711", "address": asked.Address, "request id": asked.RequestID,
		"correlation id": c.entries()[1].CorrelationID,
	}
	for name, target := range map[string]string{
		"list": "/audit", "act": "/audit/1", "act by its outcome": "/audit/2", "act by its evidence": "/audit/3",
		"CSV": "/audit.csv", "JSON": "/audit.json",
	} {
		t.Run(name, func(t *testing.T) {
			a := b.in(t).get(target).want(http.StatusOK)
			lines := a.body
			if strings.HasPrefix(target, "/audit.") {
				lines = withoutExports(lines) // those are the agent's own
			}
			for what, text := range hidden {
				if strings.Contains(lines, text) {
					t.Errorf("it shows the %s %q", what, text)
				}
			}
			for _, text := range []string{"Samuel Ortiz", "Mina Keller"} {
				if !strings.Contains(lines, text) {
					t.Errorf("it does not tell of %s", text)
				}
			}
		})
	}
	for _, seq := range []string{"1", "2", "3"} {
		t.Run("receipt of "+seq, func(t *testing.T) {
			b.in(t).get("/audit/"+seq+"/receipt").wantProblem(http.StatusNotFound, "entry-unknown")
		})
	}
	if page := b.get("/audit/1").page(); page.Find("a[href$='/receipt']").Length() != 0 {
		t.Error("a receipt is offered that there is none of")
	}
}

// withoutExports are the lines of an export but for those about exports.
func withoutExports(text string) string {
	var kept []string
	for line := range strings.Lines(text) {
		if !strings.Contains(line, `"export"`) {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

// What somebody did themselves they read in full, with its receipt, and the form
// says beforehand who reads what.
func TestP8_WhoActedReadsEverything(t *testing.T) {
	t.Parallel()
	c, b := revokedAgent(t)
	b.post("/token/verify", nil).wantTo("/token")
	own := c.lastEntry()
	a := b.get("/audit/4").want(http.StatusOK).wantText(own.RequestID, own.Address)
	if a.page().Find("a[href='/audit/4/receipt']").Length() != 1 {
		t.Error("no receipt of one's own act")
	}
	b.get("/audit/4/receipt").want(http.StatusOK)
	if hint := c.signedIn(supervisor).get(c.revocationOf(agent)).page().Find("#reason-hint").Text(); !strings.Contains(hint, "not the reason") {
		t.Errorf("the form says %q", hint)
	}
}

// Of an act that neither was done by somebody nor concerned them, they learn
// nothing.
func TestP8_OthersActsDoNotExist(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.threeEntries() // of the administrator, on the agent
	c.signedIn(supervisor).post(c.revocationOf(admin), reason).wantTo("/users/")
	b := c.signedIn(agent)
	for _, target := range []string{"/audit/4", "/audit/5", "/audit/4/receipt", "/audit/99"} {
		t.Run(target, func(t *testing.T) { b.in(t).get(target).wantProblem(http.StatusNotFound, "entry-unknown") })
	}
	b.get("/audit/checkpoint").wantProblem(http.StatusForbidden, "permission-missing")
}
