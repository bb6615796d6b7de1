package session

import (
	"context"
	"errors"
	"sync"
	"time"
)

// lookEvery is how often the database is asked which sessions were ended by other
// replicas, while there are answers that go on.
const lookEvery = time.Second

// mostLives is how many answers of one person may go on at once.
const mostLives = 32

// ErrManyLives says that as many answers of a person go on as may.
var ErrManyLives = errors.New("as many answers of this person go on as may")

// lives are the sessions of answers that go on: each answer ends with its session.
// One goroutine looks for all of them, and only while there are any.
type lives struct {
	mu   sync.Mutex
	all  map[*life]bool
	stop context.CancelFunc
}

// life is a session with an answer that goes on.
type life struct {
	Session
	end context.CancelFunc
}

// While returns a context that is over as soon as s is: when it is ended here, a
// moment after it is ended elsewhere, and when it has idled out or is too old. It
// is also over when nobody can tell. The browser may have a newer cookie by then,
// and is let in with it when it asks again. Leave lets go of it. The error is
// ErrManyLives.
func (st *Store) While(ctx context.Context, s Session) (while context.Context, leave context.CancelFunc, err error) {
	st.lives.mu.Lock()
	defer st.lives.mu.Unlock()
	if st.lives.of(s) >= mostLives {
		return nil, nil, ErrManyLives
	}
	while, cancel := context.WithCancel(ctx)
	l := &life{s, cancel}
	if len(st.lives.all) == 0 {
		look, stop := context.WithCancel(context.WithoutCancel(ctx))
		st.lives.all, st.lives.stop = map[*life]bool{}, stop
		go st.look(look, st.options.Now())
	}
	st.lives.all[l] = true
	return while, func() { cancel(); st.lives.leave(l) }, nil
}

// of is how many answers of the person of s go on. The caller holds ls.mu.
func (ls *lives) of(s Session) (n int) {
	for l := range ls.all {
		if l.Region == s.Region && l.Organization.ID == s.Organization.ID && l.Person.ID == s.Person.ID {
			n++
		}
	}
	return n
}

func (ls *lives) leave(l *life) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if delete(ls.all, l); len(ls.all) == 0 {
		ls.stop()
	}
}

// end ends the answers of the sessions that over is true for.
func (ls *lives) end(over func(Session) bool) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	for l := range ls.all {
		if over(l.Session) {
			l.end()
		}
	}
}

// look ends answers whose session is over, until ctx is. What was ended before
// since is known already.
func (st *Store) look(ctx context.Context, since time.Time) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now := st.options.Now()
		ends, err := st.ledger.endedSince(ctx, since.Add(-2*clockTolerance))
		if ctx.Err() != nil {
			return
		}
		st.lives.end(func(s Session) bool { return err != nil || st.tooOld(s, now) || ends.of(s) })
		since = now
	}
}
