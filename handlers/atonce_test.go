package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tokenconsole/internal/emulator"
)

// Who is back before a second is over, or before the platform has answered, may have a token that lives. No page says
// that they have none.
func TestBackAtOnce(t *testing.T) {
	t.Parallel()
	for name, revoke := range map[string]func(c *console, b *browser){
		"after the answer": func(c *console, b *browser) {
			revokeAgent(b).wantTo("/users/")
			c.clock.advance(91 * time.Millisecond)
			c.mint(agent)
		},
		"before the answer": func(c *console, b *browser) {
			c.answersLate(func() { c.mint(agent) })
			revokeAgent(b).wantTo("/users/")
			c.calm()
		},
		"before the answer, nothing known": func(c *console, b *browser) {
			c.disturb(faultOf("GET /api/v2/users/", http.StatusServiceUnavailable))
			c.answersLate(func() { c.mint(agent) })
			revokeAgent(b).wantTo("/users/")
			c.calm()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newConsole(t)
			c.mint(agent)
			c.clock.advance(time.Minute)
			b := c.signedIn(admin)
			revoke(c, b)
			const perhaps = "Perhaps back: a token was issued within a second of the revocation"
			board := b.get("/watch").wantText(perhaps).wantNoText("No new token").page()
			if got := board.Find("nav .count").First().Text(); got != "1" {
				t.Errorf("the navigation counts %q", got)
			}
			if board.Find(".came-back[data-perhaps]").Length() != 1 {
				t.Error("a live page would hear that they came back for sure")
			}
			person := b.get("/users/"+c.userID(agent)).wantText(perhaps, "Clear it").wantNoText("Nothing since", "signed in as this person again")
			if n := strings.Count(person.text(), perhaps); n != 1 {
				t.Errorf("their page says it %d times", n)
			}
			b.get("/").wantText("got a token within a second of the revocation")
		})
	}
}

// answersLate has the platform carry out the next revocation of the agent at once, and answer 2.5 s later. Meanwhile is
// called between the two.
func (c *console) answersLate(meanwhile func()) {
	c.t.Helper()
	c.calls.each(func(r *http.Request) {
		if r.Method != http.MethodDelete {
			return
		}
		c.calls.each(nil)
		c.revoke(agent)
		c.disturb(emulator.Fault{Match: "DELETE /api/v2/tokens/", Status: http.StatusNoContent})
		c.clock.advance(800 * time.Millisecond)
		meanwhile()
		c.clock.advance(1700 * time.Millisecond)
	})
}
