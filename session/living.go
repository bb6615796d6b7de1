package session

import (
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"tokenconsole/internal/database"
	"tokenconsole/internal/genesys"
)

const (
	// livingLife is how long it is believed at most that a session had not ended.
	livingLife = time.Second
	// askedAnew is how long before a belief ends one request asks again. The others go on believing: else all would ask at once.
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
	forgotten atomic.Int64 // how often this process forgot everything: what was asked before is not added after it
	mu        sync.Mutex
	moment    database.Moment
	known     map[lived]belief
}

func livedOf(s Session) lived { return lived{s.ID, s.Person.ID, s.Created.UnixMilli()} }

// holds reports whether s may be used without asking. Shortly before a belief ends it has one caller ask again; should that
// fail, all ask when it has ended.
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

// add remembers s, which was found living by a question of that time. It does not if everything was forgotten since the
// question, when that had happened so many times.
func (l *living) add(s Session, at database.Moment, asked time.Time, forgotten int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.forgotten.Load() != forgotten {
		return
	}
	if at != l.moment || l.known == nil {
		l.moment, l.known = at, map[lived]belief{}
	}
	if _, ok := l.known[livedOf(s)]; !ok && len(l.known) >= maxLiving {
		maps.DeleteFunc(l.known, func(_ lived, b belief) bool { return time.Until(b.until) <= 0 })
		if len(l.known) >= maxLiving {
			clear(l.known)
		}
	}
	if until := asked.Add(livingLife); until.After(l.known[livedOf(s)].until) {
		l.known[livedOf(s)] = belief{until: until}
	}
}

// forget forgets everything, and refuses what was asked before: something was written, or a session was found to have ended.
func (l *living) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forgotten.Add(1)
	l.known = nil
}
