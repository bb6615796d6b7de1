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
	// askedAnew is how long before that one request asks again, while the others go on believing: they would all ask at once.
	askedAnew = livingLife / 4
	// maxLiving bounds how many sessions are remembered.
	maxLiving = 4096
)

// lived is a session that had not ended.
type lived struct {
	id      string
	person  genesys.UserID
	created int64
}

// belief is that a session has not ended.
type belief struct {
	until time.Time
	asked bool // again, by one request
}

// living remembers which sessions had not ended at a moment of the database: until something is written to it, or a
// second later, they have not.
type living struct {
	writes atomic.Int64 // of this process to the ledger: what was asked before one is not added after it
	mu     sync.Mutex
	moment database.Moment
	known  map[lived]belief
}

func livedOf(s Session) lived { return lived{s.ID, s.Person.ID, s.Created.UnixMilli()} }

// holds reports whether s is known to live, so that nobody has to be asked.
func (l *living) holds(s Session, at database.Moment) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, ok := l.known[livedOf(s)]
	left := time.Until(b.until)
	if !ok || at != l.moment || left <= 0 {
		return false
	}
	if left < askedAnew && !b.asked {
		l.known[livedOf(s)] = belief{b.until, true}
		return false
	}
	return true
}

// add remembers s, unless this process wrote to the ledger since it had made so many writes.
func (l *living) add(s Session, at database.Moment, writes int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.writes.Load() != writes {
		return
	}
	if at != l.moment || l.known == nil || len(l.known) >= maxLiving {
		l.moment, l.known = at, map[lived]belief{}
	}
	l.known[livedOf(s)] = belief{until: time.Now().Add(livingLife)}
}

// written forgets everything, once something was written.
func (l *living) written() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.writes.Add(1)
	l.known = nil
}
