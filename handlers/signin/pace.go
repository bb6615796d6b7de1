package signin

import (
	"net/netip"
	"sync"
	"time"
)

// The limits of what one address may leave behind. An office of 500 people who
// sign in within the same minute stays under both.
const (
	mostBegun  = 1000 // sign-ins begun and not finished
	begunSpan  = 10 * time.Minute
	mostFailed = 60 // callbacks that failed
	failedSpan = time.Minute
	mostKept   = 10_000 // addresses remembered
)

// pace slows down addresses that begin many sign-ins and finish none, or whose
// callbacks keep failing. It is kept by address and not by person, so that nobody
// can lock out somebody else by giving their name. It is safe for concurrent use.
type pace struct {
	mu        sync.Mutex
	addresses map[netip.Prefix]*budget
}

// A budget is what an address has used. Both parts leak away evenly.
type budget struct {
	begun, failed float64
	at            time.Time
}

// leak takes away what has leaked until now.
func (b *budget) leak(now time.Time) {
	passed := now.Sub(b.at)
	if passed <= 0 {
		return
	}
	b.begun = max(0, b.begun-mostBegun*passed.Seconds()/begunSpan.Seconds())
	b.failed = max(0, b.failed-mostFailed*passed.Seconds()/failedSpan.Seconds())
	b.at = now
}

// begin counts a sign-in that address begins. It returns how long to wait first,
// zero if it may be begun now.
func (p *pace) begin(address string, now time.Time) time.Duration {
	return p.use(address, now, func(b *budget) time.Duration {
		if b.begun+1 > mostBegun {
			return wait(b.begun+1-mostBegun, mostBegun, begunSpan)
		}
		b.begun++
		return 0
	})
}

// finish takes back what begin counted: the sign-in was finished.
func (p *pace) finish(address string, now time.Time) {
	p.use(address, now, func(b *budget) time.Duration {
		b.begun = max(0, b.begun-1)
		return 0
	})
}

// fail counts a callback that failed. It returns how long to wait before the
// next, zero if there is no hurry.
func (p *pace) fail(address string, now time.Time) time.Duration {
	return p.use(address, now, func(b *budget) time.Duration {
		if b.failed+1 > mostFailed {
			return wait(b.failed+1-mostFailed, mostFailed, failedSpan)
		}
		b.failed++
		return 0
	})
}

// wait is how long it takes until over of most has leaked away, in whole seconds.
func wait(over, most float64, span time.Duration) time.Duration {
	d := time.Duration(over / most * float64(span))
	return (d + time.Second - 1).Truncate(time.Second)
}

func (p *pace) use(address string, now time.Time, change func(*budget) time.Duration) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := network(address)
	b, ok := p.addresses[key]
	if !ok {
		p.makeRoom(now)
		b = &budget{at: now}
		p.addresses[key] = b
	}
	b.leak(now)
	return change(b)
}

// makeRoom forgets addresses whose budget is unused again, and some others if
// there are still too many: a tenth at once, so that it is rarely done.
func (p *pace) makeRoom(now time.Time) {
	if p.addresses == nil {
		p.addresses = map[netip.Prefix]*budget{}
	}
	if len(p.addresses) < mostKept {
		return
	}
	for key, b := range p.addresses {
		if b.leak(now); b.begun == 0 && b.failed == 0 {
			delete(p.addresses, key)
		}
	}
	for key := range p.addresses {
		if len(p.addresses) < mostKept/10*9 {
			return
		}
		delete(p.addresses, key)
	}
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
