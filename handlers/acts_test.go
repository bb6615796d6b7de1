package handlers_test

import (
	"net/http"
	"net/url"
	"testing"
)

const lostPhone = "Lost her phone on the train"

// The forms of acts.
var (
	reason         = url.Values{"reason": {"lost laptop"}}
	revocationForm = url.Values{"reason": {lostPhone}, "ticket": {"INC-4711"}}
	timeoutChange  = url.Values{"enabled": {"on"}, "minutes": {"15"}, "reason": {lostPhone}}
)

// revocationOf is the path to revoke the tokens of email's.
func (c *console) revocationOf(email string) string {
	c.t.Helper()
	return "/users/" + c.userID(email) + "/revoke"
}

// A page about a problem shows no notice of the act before it, which would seem to be about this one; the next page does.
func TestNoticeOfAnEarlierAct(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	b.post(c.revocationOf(agent), revocationForm).wantTo("/users/")
	c.readOnly(true)
	b.post(c.revocationOf(supervisor), revocationForm).want(http.StatusServiceUnavailable).wantNoText("are revoked")
	c.readOnly(false)
	b.get("/token").wantText("All tokens of Mina Keller are revoked")
}
