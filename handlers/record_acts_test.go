package handlers_test

import (
	"net/http"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tokenconsole/internal/audit"
	"tokenconsole/internal/emulator"
)

// act is something that a person does, and what the record must say of it. What
// all entries of an act share is left out of want.
type act struct {
	who    string
	faults []emulator.Fault
	do     func(b *browser) *answer
	call   string // method of the platform's call that the act is about
	want   []audit.Entry
}

const anyRevocation = "DELETE /api/v2/tokens/"

func revokeAgent(b *browser) *answer   { return b.post(b.c.revocationOf(agent), revocationForm) }
func signOut(b *browser) *answer       { return b.post("/logout", nil) }
func verifyToken(b *browser) *answer   { return b.post("/token/verify", nil) }
func changeTimeout(b *browser) *answer { return b.post("/timeout/change", timeoutChange) }

// neverSent has the platform's calls with method go where nobody listens.
func neverSent(method string, do func(b *browser) *answer) func(b *browser) *answer {
	return func(b *browser) *answer {
		b.c.calls.each(func(r *http.Request) {
			if r.Method == method {
				r.URL.Host = "127.0.0.1:1"
			}
		})
		defer b.c.calls.each(nil)
		return do(b)
	}
}

// came is the record of an act that was asked, and of what came of it.
func came(asked audit.Entry, outcome audit.Outcome, status int, problem string) []audit.Entry {
	settled := asked
	asked.Outcome = audit.Asked
	settled.Outcome, settled.PlatformStatus, settled.Problem, settled.Closes = outcome, status, problem, -1
	return []audit.Entry{asked, settled}
}

// acts are the acts of people. Evidence is read at noon, of tokens issued at noon.
func acts(t *testing.T) map[string]act {
	mina := partyOf(t, agent)
	revocation := audit.Entry{
		Action: audit.Revoke, Subject: mina, Reason: lostPhone, Ticket: "INC-4711",
		Evidence: audit.Evidence{TokenIssuedBefore: noon, ReadAt: noon},
	}
	evidence := audit.Entry{
		Action: audit.ReadEvidence, Outcome: audit.Done, Subject: mina, About: -1,
		Evidence: audit.Evidence{TokenIssuedBefore: noon, TokenIssuedAfter: noon, ReadAt: noon},
	}
	signedOut := audit.Entry{Action: audit.SignOut, Token: "own"}
	change := audit.Entry{Action: audit.ChangeTimeout, Reason: lostPhone, Change: audit.Change{From: "off", To: "900 s"}}
	verified := func(o audit.Outcome, status int, problem string) []audit.Entry {
		return []audit.Entry{{Action: audit.Verify, Outcome: o, PlatformStatus: status, Problem: problem}}
	}
	refused := func(a audit.Action, subject audit.Party, permission string) []audit.Entry {
		return []audit.Entry{{Action: a, Outcome: audit.Refused, Subject: subject, Problem: "permission-missing", Permission: permission}}
	}
	met := func(match string, f emulator.Fault) []emulator.Fault { f.Match = match; return []emulator.Fault{f} }
	const head, put = "HEAD /api/v2/tokens/me", "PUT /api/v2/tokens/timeout"
	return map[string]act{
		"revocation done":                   {supervisor, nil, revokeAgent, "DELETE", append(came(revocation, audit.Done, 204, ""), evidence)},
		"revocation refused":                {supervisor, met(anyRevocation, emulator.Fault{Status: 403}), revokeAgent, "DELETE", came(revocation, audit.Refused, 403, "permission-missing")},
		"revocation of nobody":              {supervisor, met(anyRevocation, emulator.Fault{Status: 404}), revokeAgent, "DELETE", came(revocation, audit.Refused, 404, "not-found")},
		"revocation under the rate limit":   {supervisor, met(anyRevocation, emulator.Fault{Status: 429, RetryAfter: 7}), revokeAgent, "DELETE", came(revocation, audit.Refused, 429, "rate-limited")},
		"revocation cut off":                {supervisor, met(anyRevocation, emulator.Fault{Reset: true}), revokeAgent, "DELETE", came(revocation, audit.Unknown, 0, "platform-garbled")},
		"revocation the platform failed at": {supervisor, met(anyRevocation, emulator.Fault{Status: 503}), revokeAgent, "DELETE", came(revocation, audit.Unknown, 503, "platform-failed")},
		"revocation with a dead token":      {supervisor, met(anyRevocation, emulator.Fault{Status: 401}), revokeAgent, "DELETE", came(revocation, audit.Refused, 401, "token-invalid")},
		"revocation never sent":             {supervisor, nil, neverSent("DELETE", revokeAgent), "DELETE", came(revocation, audit.Failed, 0, "platform-away")},
		"revocation without the permission": {agent, nil, revokeAgent, "", refused(audit.Revoke, audit.Party{ID: mina.ID}, "oauth:token:delete")},
		"sign-out done":                     {agent, nil, signOut, "DELETE", came(signedOut, audit.Done, 200, "")},
		"sign-out with a dead token":        {agent, met(ownToken, emulator.Fault{Status: 401}), signOut, "DELETE", came(signedOut, audit.Done, 401, audit.TokenAlreadyDead)},
		"sign-out cut off":                  {agent, met(ownToken, emulator.Fault{Reset: true}), signOut, "DELETE", came(signedOut, audit.Unknown, 0, "platform-garbled")},
		"verification done":                 {agent, nil, verifyToken, "HEAD", verified(audit.Done, 200, "")},
		"verification of a dead token":      {agent, met(head, emulator.Fault{Status: 401}), verifyToken, "HEAD", verified(audit.Refused, 401, "token-invalid")},
		"timeout change done":               {admin, nil, changeTimeout, "PUT", came(change, audit.Done, 200, "")},
		"timeout change refused":            {admin, met(put, emulator.Fault{Status: 403}), changeTimeout, "PUT", came(change, audit.Refused, 403, "permission-missing")},
		"timeout change cut off":            {admin, met(put, emulator.Fault{Reset: true}), changeTimeout, "PUT", came(change, audit.Unknown, 0, "platform-garbled")},
		"timeout change without permission": {agent, nil, changeTimeout, "", refused(audit.ChangeTimeout, audit.Party{}, "directory:organization:admin")},
	}
}

// Every act, and every refusal of one, is on the record: who, whom, what came of
// it, from where, and the ids that lead to the platform's support and to our log.
func TestR16_EveryActIsOnTheRecord(t *testing.T) {
	t.Parallel()
	for name, act := range acts(t) {
		t.Run(name, func(t *testing.T) {
			c := newConsole(t)
			c.mint(agent) // so that a last token is known
			b := c.signedIn(act.who)
			own := b.session().AccessToken.Fingerprint()
			c.disturb(act.faults...)
			a := act.do(b)
			c.calm()
			want := act.want
			for i := range want {
				e := &want[i]
				e.Seq, e.At, e.Actor, e.Organization, e.Region = int64(i)+1, noon, partyOf(t, act.who), demo(t), "demo"
				e.RequestID, e.Address = a.Header.Get("X-Request-Id"), "127.0.0.1"
				if e.Token != "" {
					e.Token = own
				}
				if e.Closes < 0 {
					e.Closes = 1
				}
				if e.About < 0 {
					e.About = 1
				}
				if act.call != "" && e.Outcome != audit.Asked && e.Action != audit.ReadEvidence {
					e.CorrelationID = c.calls.correlation(act.call)
				}
			}
			if diff := cmp.Diff(want, c.entries()); diff != "" {
				t.Errorf("the record differs (-want +got):\n%s", diff)
			}
			if report, err := c.record.Verify(t.Context()); err != nil || len(report.Faults) > 0 || report.OpenCount > 0 {
				t.Errorf("the record afterwards: %+v %v", report, err)
			}
		})
	}
}

func TestR16_SignInIsOnTheRecord(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.newBrowser()
	a := b.signIn(supervisor).wantTo(home)
	want := []audit.Entry{{
		Seq: 1, At: noon, Action: audit.SignIn, Outcome: audit.Done, Actor: partyOf(t, supervisor), Organization: demo(t), Region: "demo",
		Token: b.session().AccessToken.Fingerprint(), RequestID: a.Header.Get("X-Request-Id"), Address: "127.0.0.1",
	}}
	if diff := cmp.Diff(want, c.entries()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// What is not on disk is not asked: the platform gets the call only when the
// record holds the question.
func TestAskedIsOnTheRecordBeforeThePlatformIsCalled(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(admin)
	found := inspected(b, c.mint(agent))
	var held []audit.Action
	c.calls.each(func(r *http.Request) {
		if r.Method != http.MethodDelete && r.Method != http.MethodPut {
			return
		}
		last := c.lastEntry() // by another connection, so that it is committed
		held = append(held, last.Action)
		if last.Outcome != audit.Asked || !last.Open {
			t.Errorf("%s arrives and the last entry is %s %s", r.Method, last.Action, last.Outcome)
		}
	})
	b.post(c.revocationOf(agent), revocationForm).wantTo("/users/")
	changeTimeout(b).wantTo("/timeout")
	deleteFound(b, found).wantTo("/inspect")
	signOut(b).wantTo("/signed-out")
	want := []audit.Action{audit.Revoke, audit.ChangeTimeout, audit.DeleteInspected, audit.SignOut}
	if diff := cmp.Diff(want, held); diff != "" {
		t.Errorf("on the record when the call arrives (-want +got):\n%s", diff)
	}
}

// The caller's address is that of the connection, or what a trusted proxy says.
func TestAddressOnTheRecord(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ trusted, forwarded, want string }{
		"no proxy of ours":        {"10.0.0.0/8", "203.0.113.9", "127.0.0.1"},
		"a proxy of ours":         {"127.0.0.0/8", "203.0.113.9", "203.0.113.9"},
		"claimed by the client":   {"127.0.0.0/8", "198.51.100.1, 203.0.113.9", "203.0.113.9"},
		"not an address":          {"127.0.0.0/8", "not an address", "127.0.0.1"},
		"an address of version 6": {"127.0.0.0/8", "2001:db8::7", "2001:db8::7"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newConsole(t, func(s *setup) { s.console.TrustedProxies = []netip.Prefix{netip.MustParsePrefix(test.trusted)} })
			c.signedIn(agent).post("/token/verify", nil, "X-Forwarded-For", test.forwarded).wantTo("/token")
			if got := c.lastEntry().Address; got != test.want {
				t.Errorf("the record says %q, want %q", got, test.want)
			}
		})
	}
}

func TestEntriesCarryTheConsolesTime(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	b := c.signedIn(agent)
	c.clock.advance(90 * time.Second)
	verifyToken(b)
	if got := c.lastEntry().At; !got.Equal(noon.Add(90*time.Second)) || got.Location() != time.UTC {
		t.Errorf("at %v", got)
	}
}
