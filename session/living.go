package session

import (
	"sync"
	"sync/atomic"
	"time"

	"tokenconsole/internal/database"
	"tokenconsole/internal/genesys"
)

const (
	// livingLife is how long it is believed at most that a session had not ended.
	livingLife = time.Second
	// maxLiving bounds how many sessions are remembered.
	maxLiving = 4096
)

// lived is a session that had not ended.
type lived struct {
	id      string
	person  genesys.UserID
	created int64
}

// living remembers which sessions had not ended at a moment of the database: until something is written to it, or a
// second later, they have not.
type living struct {
	writes atomic.Int64 // of this process to the ledger: what was asked before one is not added after it
	mu     sync.Mutex
	moment database.Moment
	until  time.Time
	known  map[lived]struct{}
}

func livedOf(s Session) lived { return lived{s.ID, s.Person.ID, s.Created.UnixMilli()} }

func (l *living) holds(s Session, at database.Moment) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at != l.moment || !time.Now().Before(l.until) {
		return false
	}
	_, ok := l.known[livedOf(s)]
	return ok
}

// add remembers s, unless this process wrote to the ledger since it had made so many writes.
func (l *living) add(s Session, at database.Moment, writes int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.writes.Load() != writes {
		return
	}
	if now := time.Now(); at != l.moment || !now.Before(l.until) || len(l.known) >= maxLiving {
		l.moment, l.until, l.known = at, now.Add(livingLife), map[lived]struct{}{}
	}
	l.known[livedOf(s)] = struct{}{}
}

// written forgets everything, once something was written.
func (l *living) written() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.writes.Add(1)
	l.known, l.until = nil, time.Time{}
}
