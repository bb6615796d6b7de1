package handlers_test

import "net/url"

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
