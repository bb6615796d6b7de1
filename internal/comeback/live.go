package comeback

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"tokenconsole/internal/genesys"
)

// Bounds of what is live in one process.
const (
	mostChannels  = 200
	eachPerson    = 8 // channels: as many sessions of one person are live at most
	mostListeners = 4 // a session: open pages
	lingering     = 45 * time.Second
)

// State says whether new tokens are told as they are issued.
type State string

// The states of a live connection.
const (
	Starting State = "starting"
	Told     State = "live"    // of those whom Live.Covers counts
	Refused  State = "refused" // the platform does not permit it, or does not offer it
	Lost     State = "lost"    // it broke off
	Again    State = "again"   // it broke off a moment ago, and is tried again
	Resumed  State = "resumed" // it is there, and nobody heard of what was issued before
	Busy     State = "busy"    // as much is live already as the person or this process may have
)

// Ends reports whether nothing more comes after s.
func (s State) Ends() bool { return s == Refused || s == Lost || s == Busy }

// Live keeps one notification channel for each session that looks at the board. It
// is safe for concurrent use.
type Live struct {
	*Service
	Log *slog.Logger

	// Both are for tests, and have a use without being set.
	settleAfter time.Duration // how long after a channel began the board is read again
	unit        time.Duration // of the pauses before a channel is taken up again

	mu   sync.Mutex
	hubs map[string]*hub // by session
	all  sync.WaitGroup
	over bool
}

// Look is what a page is opened with.
type Look struct {
	Session      string // its id
	Person       string // whose session it is
	Region       string
	Organization string
	Token        genesys.Secret
	Fresh        bool // a person has just looked: the platform may be asked
}

// Listen joins the channel of a session. Only a fresh look opens one, or extends it
// to people who were revoked meanwhile: what a page asks for by itself must not keep
// a token alive. The listener's state is Lost or Busy if there is none.
func (l *Live) Listen(ctx context.Context, look Look) (*Listener, error) {
	var wanted []genesys.UserID
	if look.Fresh {
		board, err := l.Board(ctx, look.Organization)
		if err != nil {
			return nil, err
		}
		wanted = idsOf(board.People)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	h := l.hubs[look.Session]
	if h != nil && look.Fresh && h.isLost() {
		l.drop(h)
		h = nil
	}
	switch {
	case h == nil && !look.Fresh, l.over:
		return nobody(Lost), nil
	case h == nil && !l.hasRoom(look.Person):
		return nobody(Busy), nil
	case h == nil:
		h = newHub(l, look, wanted)
		defer l.start(h)
	}
	return h.join(look, wanted), nil
}

// hasRoom reports whether one more channel may be opened for a person. Their own that
// no page listens to any more makes room. The caller holds l.mu.
func (l *Live) hasRoom(person string) bool {
	own := 0
	for _, h := range l.hubs {
		switch {
		case h.person != person:
		case h.isIdle():
			l.drop(h)
		default:
			own++
		}
	}
	return own < eachPerson && len(l.hubs) < mostChannels
}

// drop ends a channel at once. The caller holds l.mu.
func (l *Live) drop(h *hub) {
	h.cancel()
	delete(l.hubs, h.session)
}

// start starts a channel. The caller holds l.mu.
func (l *Live) start(h *hub) {
	if l.hubs == nil {
		l.hubs = map[string]*hub{}
	}
	l.hubs[h.session] = h
	l.all.Go(func() {
		err := genesys.Safely(h.run)
		l.mu.Lock()
		if l.hubs[h.session] == h { // a look may have opened another
			delete(l.hubs, h.session)
		}
		l.mu.Unlock()
		h.cancel()
		l.Log.Info("a notification channel is over", "why", err.Error())
	})
}

// Covers is of how many people a session is told live when a token is issued to them.
func (l *Live) Covers(session string, people []Person) (n int) {
	l.mu.Lock()
	h := l.hubs[session]
	l.mu.Unlock()
	if h == nil {
		return 0
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, p := range people {
		if h.permitted[p.ID] && (h.state == Told || h.state == Resumed) {
			n++
		}
	}
	return n
}

// Close ends everything that is live, for good.
func (l *Live) Close() {
	l.mu.Lock()
	l.over = true
	for _, h := range l.hubs {
		h.cancel()
	}
	l.mu.Unlock()
	l.all.Wait()
}

// settling is how long after a channel began the board is read once more: when it is
// the next turn to ask, so that it is known what was issued before the channel told.
func (l *Live) settling() time.Duration { return cmp.Or(l.settleAfter, ReadEvery+time.Second) }
