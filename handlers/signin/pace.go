package signin

import (
	"net/netip"
	"time"

	"tokenconsole/internal/pace"
)

// The limits of what one address may leave behind. An office of 500 people who
// sign in within the same minute stays under both.
const (
	mostBegun  = 1000 // sign-ins begun and not finished
	begunSpan  = 10 * time.Minute
	mostFailed = 60 // callbacks that failed
	failedSpan = time.Minute
	mostAgain  = 30 // sign-outs of one session tried again
	againSpan  = time.Minute
	mostKept   = 10_000 // addresses remembered
)

// Paces slow down addresses that begin many sign-ins and finish none, or whose
// callbacks keep failing. They are kept by address and not by person, so that
// nobody can lock out somebody else by giving their name. They are safe for
// concurrent use.
type Paces struct {
	begun, failed *pace.Pace[netip.Prefix]
	tried         *pace.Pace[trial]
}

// A trial is a sign-out that is tried again: whoever has a copy of its farewell elsewhere holds nobody up.
type trial struct {
	session string
	from    netip.Prefix
}

// NewPaces returns paces of which nobody has used anything.
func NewPaces() Paces {
	return Paces{
		begun:  pace.New[netip.Prefix](mostBegun, begunSpan, mostKept),
		failed: pace.New[netip.Prefix](mostFailed, failedSpan, mostKept),
		tried:  pace.New[trial](mostAgain, againSpan, mostKept),
	}
}

// begin counts a sign-in that address begins. It returns how long to wait first,
// zero if it may be begun now.
func (p Paces) begin(address string, now time.Time) time.Duration {
	return p.begun.Use(network(address), now)
}

// finish takes back what begin counted: the sign-in was finished.
func (p Paces) finish(address string, now time.Time) { p.begun.GiveBack(network(address), now) }

// fail counts a callback that failed. It returns how long to wait before the
// next, zero if there is no hurry.
func (p Paces) fail(address string, now time.Time) time.Duration {
	return p.failed.Use(network(address), now)
}

// again counts a sign-out of a session that is tried again. It returns how long to wait first.
func (p Paces) again(session, address string, now time.Time) time.Duration {
	return p.tried.Use(trial{session, network(address)}, now)
}

// network is what counts as one address: with IPv6 a customer has at least 2^64.
func network(address string) netip.Prefix {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return netip.Prefix{}
	}
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	prefix, _ := a.Prefix(bits)
	return prefix
}
