package session

import (
	"maps"
	"sync"
	"time"
)

// owed are ends that the database could not take. This process holds to them at once, and other replicas from when
// they are written. They are lost if the process ends before.
type owed struct {
	mu    sync.Mutex
	ends  ends
	until map[string]time.Time // when they need not be known any more
}

// owe remembers that name ended at a time, and reports whether it was not there before.
func (o *owed) owe(name string, at, until time.Time) (first bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ends == nil {
		o.ends, o.until = ends{}, map[string]time.Time{}
	}
	before, ok := o.ends[name]
	o.ends[name], o.until[name] = max(before, at.UnixMilli()), until
	return !ok
}

// of reports whether s ended, by itself or with all of its person's sessions.
func (o *owed) of(s Session) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.ends) > 0 && o.ends.of(s)
}

// all returns what is owed at now; what need not be known any more is forgotten.
func (o *owed) all(now time.Time) (ends, map[string]time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for name, until := range o.until {
		if until.Before(now) {
			delete(o.ends, name)
			delete(o.until, name)
		}
	}
	return maps.Clone(o.ends), maps.Clone(o.until)
}

// paid forgets the end of name, once it is written with the time at.
func (o *owed) paid(name string, at int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ends[name] <= at {
		delete(o.ends, name)
		delete(o.until, name)
	}
}
