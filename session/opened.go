package session

import (
	"sync"
	"time"
)

const (
	// openedLife is how long a cookie that was opened need not be opened again.
	openedLife = 10 * time.Second
	// maxOpened bounds what is kept, to about 2 MB.
	maxOpened = 1024
)

// opened remembers for seconds what cookies held, since a page and its background
// calls send the same one again and again. It says nothing about whether a session
// has ended or expired: that is asked for each request.
type opened struct {
	mu    sync.Mutex
	kept  map[string]Session // by the cookie's value
	until time.Time          // when all are forgotten
}

// find returns the session that the cookie was opened to, if that is known.
func (o *opened) find(cookie string, now time.Time) (Session, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !now.Before(o.until) {
		clear(o.kept)
		return Session{}, false
	}
	s, ok := o.kept[cookie]
	return s, ok
}

func (o *opened) keep(cookie string, s Session, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.kept) == 0 || len(o.kept) >= maxOpened {
		o.kept, o.until = map[string]Session{}, now.Add(openedLife)
	}
	o.kept[cookie] = s
}

// forget drops a session that was ended, its token with it.
func (o *opened) forget(id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for cookie, s := range o.kept {
		if s.ID == id {
			delete(o.kept, cookie)
		}
	}
}
